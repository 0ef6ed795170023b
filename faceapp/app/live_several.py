"""A live session of several cameras: one recognition for all of them, and what the grid of pictures drives.

One thread, the GUI's, calls the methods; all return at once. Names only: people are enrolled and managed in the live
window of one camera, and what is changed there, or on the command line, counts here within a second.
"""

from __future__ import annotations

import atexit
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.last_seen import SeenWatch
from faceapp.app.live_types import Notice, Phase
from faceapp.app.notices import other_notices, sentence, source_notices
from faceapp.app.parts import Parts
from faceapp.app.people import summaries
from faceapp.app.reembedding import Reembedding
from faceapp.app.several import SharedNetworks, names_of
from faceapp.app.several_types import GridStats
from faceapp.app.upkeep import Upkeep
from faceapp.camera.choose import is_live, normal_source, source_maker
from faceapp.errors import BugError, KnownError
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.several import SeveralRecognition
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.threads import Stops, share_the_interpreter, stop_all
from faceapp.pipeline.waiting import Waiting
from faceapp.pipeline.watched import WatchedCapture
from faceapp.types import Frame, FrameResult

T = TypeVar("T")
STOP_WITHIN = 0.9
"""Seconds `stop` waits for the threads in all."""
FINISH_WITHIN = 10.0
"""Seconds the program waits, at its very end, for each that had more to do."""

_log = logging.getLogger(__name__)


class CameraOfSeveral:
    """One camera: its capture, the slot of its pictures for the window, its results. See `GridCamera`."""

    def __init__(self, spec: str, name: str, work: LatestSlot[Frame]) -> None:
        """Starts nothing."""
        self.name = name
        self.live = is_live(spec)
        self.preview: LatestSlot[Frame] = LatestSlot()
        self.results: LatestSlot[FrameResult] = LatestSlot()
        # One that isn't there is waited for: the others have been switched on for somebody to look at them.
        self.capture = WatchedCapture(source_maker(spec, loop_demo=True), [self.preview, work], retry_opening=True)
        self._error: KnownError | None = None

    def start(self) -> None:
        """Open the camera, on its thread."""
        try:
            self.capture.start()
        except KnownError as e:
            self._error = e

    def phase(self) -> Phase:
        """See `LiveControl.phase`."""
        if self._error is not None:
            return "failed"
        match self.capture.phase:
            case "failed" | "ended" | "stopped" as phase:
                return phase
            case _ if self.preview.peek() is None:
                return "starting"
        return "running"

    def notices(self) -> tuple[Notice, ...]:
        """What is the matter with it now."""
        return tuple(source_notices(self._error, self.capture, self.capture.kind, time.monotonic_ns()))

    def latest_frame(self) -> Frame | None:
        """The newest captured frame."""
        return self.preview.peek()

    def latest_result(self) -> FrameResult | None:
        """The newest result."""
        return self.results.peek()


class SeveralSession:
    """Drives several sources. See `GridControl`."""

    def __init__(self, parts: Parts, specs: Sequence[str]) -> None:
        """Starts nothing. Raises UsageError for too many cameras or one that is named twice, InputError for a file that
        isn't there."""
        names = names_of(specs)
        self._parts = parts
        self._specs = [normal_source(spec) for spec in specs]
        self._thread_parts = parts.fork()
        self._waiting = Waiting(len(specs))
        self.cameras = tuple(
            CameraOfSeveral(spec, name, work)
            for spec, name, work in zip(self._specs, names, self._waiting.slots, strict=True)
        )
        self._shared: SharedNetworks | None = None
        self._provider = "starting"
        self._stopped = False
        upkeep = Upkeep(parts.data_dir, parts.settings)
        self._seen = upkeep.seen
        self._watches = {n: SeenWatch(upkeep.seen) for n, camera in enumerate(self.cameras) if camera.live}
        self._gallery = GalleryThread(
            parts.open_gallery,
            parts.space(),
            self._gallery_changed,
            summaries,
            lambda _store, _person: None,  # no list of people is shown here
            upkeep=upkeep.when_due,
        )
        self._reembedding = Reembedding(self._gallery, self._ask, parts.space())
        results = [camera.results for camera in self.cameras]
        self._recognition = SeveralRecognition(self._build, self._waiting, results, self._watch)

    @property
    def window_file(self) -> Path:
        """Where the window keeps its place and theme."""
        return self._parts.data_dir / "window.ini"

    def start(self) -> None:
        """Open the cameras and the models in the background."""
        if self._stopped:
            raise BugError("a session that was stopped cannot be started: make another one")
        share_the_interpreter()
        self._gallery.start()
        self._recognition.start()
        for camera in self.cameras:
            camera.start()

    def stop(self) -> None:
        """End all threads, within about a second even where a read is stuck."""
        if self._stopped:
            return
        self._stopped = True
        if self._seen.waiting:
            self._gallery.submit(self._seen.write)
        captures = [camera.capture for camera in self.cameras]
        threads: list[Stops] = [*captures, self._recognition, self._gallery]
        for thread in stop_all(threads, STOP_WITHIN):
            _log.warning("%s goes on alone", type(thread).__name__)
            if thread not in captures:
                # It will end: the program waits for it, without a window, as for the live window's.
                atexit.register(thread.stop, FINISH_WITHIN)

    def notices(self) -> tuple[Notice, ...]:
        """The conditions that hold for all cameras, the worst first."""
        view, settings = self._gallery.view, self._parts.settings
        found = other_notices(
            self._recognition.problem,
            self._gallery.problem,
            None,
            self._reembedding.left,
            [p.name for p in view.people if not p.usable] if view is not None else [],
            fell_back=False,
            foreign_threshold=settings.identify_threshold is not None and self._parts.own_threshold(settings) is None,
        )
        if settings.inbox:
            line = "unknown faces are collected by the live window of one camera alone, not here"
            found.append(Notice("inbox", "info", sentence(line)))
        return tuple(found)

    def stats(self) -> GridStats:
        """The counters so far."""
        now = time.monotonic_ns()
        p50, p95 = self._recognition.latencies.percentiles()
        rates = zip(self.cameras, self._recognition.processed, strict=True)
        return GridStats(
            fps=tuple(rate.per_second(now) for camera, rate in rates if camera.phase() == "running"),
            latency_p50_ms=p50,
            latency_p95_ms=p95,
            frames_dropped=sum(slot.dropped for slot in self._waiting.slots),
            provider=self._provider,
            slowed=self._recognition.slowed,
        )

    def people(self) -> int | None:
        """How many are enrolled; None while that isn't known."""
        view = self._gallery.view
        return None if view is None else len(view.people)

    # Below: not for windows

    def _build(self) -> Sequence[Recogniser]:
        """On the recognition thread: load the networks."""
        self._shared = SharedNetworks(self._thread_parts, self._specs, warm=True)
        self._provider = self._thread_parts.provider_text()
        self._search(self._shared.recognisers)
        self._reembedding.allow(True)
        self._reembedding.look()
        return self._shared.recognisers

    def _watch(self, camera: int, result: FrameResult) -> None:
        """On the recognition thread: note who is here. In a film nobody is here today."""
        if camera in self._watches:
            self._watches[camera].watch(result)

    def _ask(self, command: Callable[[Recogniser], T]) -> Future[T]:
        return self._recognition.call(lambda recognisers: command(recognisers[0]))

    def _gallery_changed(self) -> None:
        """On the gallery thread."""
        self._recognition.call(self._search)
        self._reembedding.look()

    def _search(self, _: Sequence[Recogniser]) -> None:
        """On the recognition thread: put the newest index in force."""
        view = self._gallery.view
        if view is not None and self._shared is not None:
            self._shared.search(view.index)
