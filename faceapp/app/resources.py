"""Icons, style sheets and fonts for the windows, which know no room deeper than this one."""

from __future__ import annotations

from pathlib import Path

from faceapp import paths


def resource(*parts: str) -> Path:
    """A file below `resources/`, in a checkout as well as in an installed package."""
    return paths.resource(*parts)
