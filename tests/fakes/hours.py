"""Weekly windows for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from faceapp.types import Hours

times = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda t: t[0] != t[1])
"""When a window opens and closes, minutes after midnight; a good part of them overnight."""

windows = st.builds(lambda days, t: Hours(days, *t), st.frozensets(st.integers(0, 6), min_size=1), times)
"""Any weekly window."""
