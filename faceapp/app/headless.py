"""`live --headless`: a source from its first frame to its last, as events."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Self

from faceapp.app.following import Following
from faceapp.app.gallery_thread import LOOK_EVERY
from faceapp.app.guest import guest_table, with_guest
from faceapp.app.parts import Parts
from faceapp.camera.choose import is_demo, parse_source
from faceapp.errors import KnownError, UsageError
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.headless import HeadlessRun
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import FrameResult, JsonObject, TrackedFace

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done, at the end."""

    run: HeadlessRun
    names: dict[str, int]
    """In how many frames each name was seen."""
    notices: tuple[str, ...]

    def as_json(self) -> JsonObject:
        """The event that closes the list."""
        return self.run.as_json()


class Interruption:
    """While it is entered, SIGINT and SIGTERM ask a run to end in order; the second one raises KeyboardInterrupt.

    For a camera they are the only end there is. Only the main thread may take signals: elsewhere nothing is changed.
    """

    def __init__(self) -> None:
        self.asked = False
        self._stop: Callable[[], None] | None = None
        self._before: dict[int, Any] = {}

    def stops(self, stop: Callable[[], None]) -> None:
        """What to call; at once where a signal came already. It must take no lock: a signal comes at any moment."""
        self._stop = stop
        if self.asked:
            stop()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        if self._stop is not None:
            self._stop()


def run(
    parts: Parts,
    spec: str,
    drop: bool,
    frames: int | None,
    event: Callable[[JsonObject], None],
    note: Callable[[str], None] = lambda _: None,
    interruption: Interruption | None = None,
) -> Summary:
    """Process a source to its end, to `frames` frames of it, or until `interruption` asks for the end. `event` gets a
    JSON object for every processed frame and the summary last, `note` a line when a camera is lost and when it is back.
    Raises the source's KnownError where it can't be opened or is lost for good."""
    source = parse_source(spec)
    if not drop and source.live:
        raise UsageError("--no-drop needs a source that ends: a file, a folder or demo:")
    detector, embedder = parts.detector(), parts.embedder()
    guest = guest_table(detector, embedder) if is_demo(spec) else None

    def searched(known: GalleryIndex) -> GalleryIndex:
        if guest is None:
            return known
        return with_guest(known, guest, parts.automatic_threshold(known.templates))

    following = Following(parts)
    known = following.now()
    index = searched(known)
    recogniser = Recogniser(
        detector=detector,
        embedder=embedder,
        index=index,
        threshold=parts.identify_threshold(index.templates),
        same_person=parts.thresholds().verify,
        min_face=parts.settings.min_face,
    )

    if parts.settings.inbox:
        note("unknown faces are collected by the live window alone, not here")

    def changed(error: KnownError | None) -> None:
        note(f"{source.name} is back" if error is None else f"{error}; trying again")

    going = HeadlessRun(source, recogniser, drop, frames, changed)
    if interruption is not None:
        interruption.stops(going.stop)
    names: Counter[str] = Counter()
    first_ns: int | None = None
    looked = time.monotonic()
    with following:
        for result in going:
            first_ns = result.captured_ns if first_ns is None else first_ns
            event(frame_event(result, first_ns))
            names.update({f.match.name for f in result.faces if f.match and f.match.name})
            if time.monotonic() - looked >= LOOK_EVERY:
                looked = time.monotonic()
                try:
                    newest = following.now()
                    if newest is not known:  # another process has enrolled or deleted somebody
                        known, index = newest, searched(newest)
                        recogniser.search(index, parts.identify_threshold(index.templates))
                except KnownError as e:  # somebody holds the database: the next look tries again
                    _log.warning("gallery: %s", e)
    # What was done is told before the gallery is looked at again: somebody may hold it by now.
    event(Summary(going, {}, ()).as_json())
    return Summary(going, dict(names.most_common()), _last_look(parts))


def _last_look(parts: Parts) -> tuple[str, ...]:
    try:
        again = [p.name for p in parts.gallery().people_without(parts.space())]
    except KnownError as e:
        return (f"who must be photographed again is not known: {e}",)
    return (f"to be photographed again for {parts.embedder().id}: {', '.join(again)}",) if again else ()


def frame_event(result: FrameResult, first_ns: int) -> JsonObject:
    """A processed frame, as `--events` tells it; `first_ns`: when the first one was taken."""
    return {
        "type": "frame",
        "frame": result.frame_id,
        "t": round((result.captured_ns - first_ns) / 1e9, 4),
        "faces": [_face(f, result.size) for f in result.faces],
    }


def _face(face: TrackedFace, size: tuple[int, int]) -> JsonObject:
    width, height = size
    x1, y1, x2, y2 = face.face.box.as_list()
    box = [max(0.0, x1), max(0.0, y1), min(float(width), x2), min(float(height), y2)]
    return {
        "box": [round(v, 1) for v in box],
        "track": face.track,
        "name": face.match.name if face.match else None,
        "distance": round(face.match.nearest.distance, 4) if face.match else None,
        "observed": face.observed,
    }
