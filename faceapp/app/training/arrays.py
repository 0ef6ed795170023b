"""Names for the arrays of this room."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.intp]
"""Rows, or whose each row is."""
