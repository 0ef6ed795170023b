"""`live --headless` with several cameras: the same as with one, each event with its camera's number."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faceapp.app.following import Following
from faceapp.app.gallery_thread import LOOK_EVERY
from faceapp.app.headless import Interruption, frame_event
from faceapp.app.parts import Parts
from faceapp.app.several import SharedNetworks, names_of
from faceapp.camera.choose import parse_source, source_maker
from faceapp.errors import KnownError, UsageError
from faceapp.gallery.index import GalleryIndex
from faceapp.pipeline.several_run import SeveralRun
from faceapp.types import JsonObject

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SeveralSummary:
    """What was done, at the end."""

    run: SeveralRun
    sources: tuple[str, ...]
    names: dict[str, int]
    """In how many frames each name was seen, of all cameras."""

    @property
    def exit_status(self) -> int:
        """0, or that of the first camera that was lost for good."""
        return next((error.exit_status for error in self.run.failed.values()), 0)

    def as_json(self) -> JsonObject:
        """The event that closes the list."""
        data = self.run.as_json()
        for n, camera in enumerate(data["cameras"]):
            error = self.run.failed.get(n)
            camera.update(source=self.sources[n], error=None if error is None else str(error))
        return data


def run(
    parts: Parts,
    specs: Sequence[str],
    drop: bool,
    frames: int | None,
    event: Callable[[JsonObject], None],
    note: Callable[[str], None] = lambda _: None,
    interruption: Interruption | None = None,
) -> SeveralSummary:
    """Process all sources to their ends, to `frames` frames of each, or until `interruption` asks for the end. `event`
    gets a JSON object for every processed frame and the summary last, `note` a line when a camera is lost and when it
    is back. A camera that is lost for good doesn't end the others: the summary says why."""
    names = names_of(specs)
    if not drop and any(parse_source(spec).live for spec in specs):
        raise UsageError("--no-drop needs sources that end: files, folders or demo:")
    shared = SharedNetworks(parts, specs)
    following = Following(parts)
    known = _search(following, shared, None)

    def changed(camera: int, error: KnownError | None) -> None:
        note(f"{names[camera]} is back" if error is None else f"{error}; trying again")

    going = SeveralRun([source_maker(spec) for spec in specs], shared.recognisers, drop, frames, changed)
    if interruption is not None:
        interruption.stops(going.stop)
    seen: Counter[str] = Counter()
    first: dict[int | None, int] = {}
    looked = time.monotonic()
    with following:
        for camera, result in going:
            # What happens at one time has one time, whichever camera saw it; a film that is not played has its own.
            first_ns = first.setdefault(None if drop else camera, result.captured_ns)
            told = frame_event(result, first_ns)
            event({"type": told.pop("type"), "camera": camera, **told})
            seen.update({f.match.name for f in result.faces if f.match and f.match.name})
            if time.monotonic() - looked >= LOOK_EVERY:
                looked = time.monotonic()
                try:
                    known = _search(following, shared, known)
                except KnownError as e:  # somebody holds the database: the next look tries again
                    _log.warning("gallery: %s", e)
    summary = SeveralSummary(going, tuple(names), dict(seen.most_common()))
    event(summary.as_json())
    return summary


def _search(following: Following, shared: SharedNetworks, known: GalleryIndex | None) -> GalleryIndex:
    """Search the gallery as it is now, where it isn't `known` any more."""
    newest = following.now()
    if newest is not known:
        shared.search(newest)
    return newest
