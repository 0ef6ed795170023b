"""Which cameras can be chosen."""

from __future__ import annotations

from faceapp.app.live_types import CameraInfo
from faceapp.camera.choose import DEMO, parse_source
from faceapp.camera.device import list_cameras
from faceapp.errors import KnownError


def cameras_to_choose(spec: str) -> list[CameraInfo]:
    """The cameras found, the source in use (`spec`), the demonstration last."""
    found = [CameraInfo(c.spec, c.name) for c in list_cameras()]
    if spec != DEMO and all(c.spec != spec for c in found):
        try:
            name = parse_source(spec).name
        except KnownError:
            name = "not available"
        found.append(CameraInfo(spec, name))
    return [*found, CameraInfo(DEMO, "Demonstration")]
