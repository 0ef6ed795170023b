"""What keeps a kiosk's door shut besides the door itself: camera, networks, gallery. And since when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from faceapp.access.chain import Scalar
from faceapp.access.door_thread import DoorThread
from faceapp.app.gallery_thread import GalleryThread
from faceapp.pipeline.recognition import RecognitionThread
from faceapp.pipeline.watched import WatchedCapture

NO_RESULT_NS = 3_000_000_000
"""Pictures come, and for so long none of them was recognised: the networks are stuck."""

_CAMERA = {
    "lost": "the camera is lost: check its cable or network",
    "stalled": "the camera sends no pictures: check its cable or network",
    "frozen": "the camera has been sending the same picture for two seconds: restart it",
}


class Faults:
    """Looks at the threads. `shut` and `lines` may be asked by any thread, `look` belongs to one."""

    def __init__(
        self, capture: WatchedCapture, recognition: RecognitionThread, gallery: GalleryThread, door: DoorThread
    ) -> None:
        self._capture = capture
        self._recognition = recognition
        self._gallery = gallery
        self._door = door
        self._since_ns: int | None = None
        self._noted: frozenset[str] = frozenset()

    def shut(self, now_ns: int) -> bool:
        """Whether the door must stay shut because of something else than itself."""
        return bool(self._found(now_ns))

    def lines(self, now_ns: int) -> list[str]:
        """What is wrong, a line each, the door included."""
        lines = list(self._found(now_ns).values())
        trouble = self._door.trouble()
        return lines if trouble is None else [*lines, trouble]

    def look(self, now_ns: int, note: Callable[[str, Mapping[str, Scalar]], None]) -> int | None:
        """Since when the kiosk has been out of order, the door included; None: it isn't. Changes are noted."""
        found = frozenset(self._found(now_ns))
        for what in found - self._noted:
            note("out_of_order", {"detail": what})
        for what in self._noted - found:
            note("recovered", {"detail": what})
        self._noted = found
        if not found and self._door.status() != "out_of_order":
            self._since_ns = None
        elif self._since_ns is None:
            self._since_ns = now_ns
        return self._since_ns

    def _found(self, now_ns: int) -> dict[str, str]:
        found = {}
        camera = self._capture.fault(now_ns)
        if camera is not None:
            error = self._capture.error
            found["camera"] = str(error) if error is not None else _CAMERA[camera]
        elif self._capture.phase in ("ended", "failed"):
            found["camera"] = "the film has ended: choose another source"
        if self._recognition.problem is not None:
            found["recognition"] = self._recognition.problem
        elif camera is None and self._stuck(now_ns):
            found["recognition"] = "faces are not being recognised: see the log, then start the kiosk again"
        if self._gallery.problem is not None:
            found["gallery"] = self._gallery.problem
        return found

    def _stuck(self, now_ns: int) -> bool:
        """Whether frames come and nothing is made of them."""
        last = self._recognition.processed.last_ns
        return (
            self._recognition.phase == "running"
            and last is not None
            and self._capture.phase == "running"
            and now_ns - last > NO_RESULT_NS
        )
