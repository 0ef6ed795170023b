"""The recognition thread of several cameras: as `pipeline.recognition`, with one set of networks for all of them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from faceapp.errors import KnownError
from faceapp.pipeline.governor import Governor
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.recognition import RecognitionPhase
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Latencies, Rate
from faceapp.pipeline.waiting import Waiting
from faceapp.types import Frame, FrameResult

T = TypeVar("T")
Recognisers = Sequence[Recogniser]

_IDLE = 0.05
"""Seconds without a frame after which commands are looked at."""
_LONGEST_REST = 0.5
"""Seconds: what is asked meanwhile waits no longer."""
_log = logging.getLogger(__name__)


class SeveralRecognition:
    """Builds a recogniser for each camera and feeds them in turn. Its attributes may be read from any thread; `call` is
    how others reach the recognisers. An exception in a frame becomes `problem`, and the next frame follows."""

    def __init__(
        self,
        build: Callable[[], Recognisers],
        waiting: Waiting,
        results: Sequence[LatestSlot[FrameResult]],
        watch: Callable[[int, FrameResult], None] = lambda _, __: None,
    ) -> None:
        """`build`, on the thread: a recogniser for each slot of `waiting`, in order; `results`: where theirs go.
        `watch` is called on this thread after each frame, with the camera's number."""
        self._build = build
        self._waiting = waiting
        self._results = results
        self._watch = watch
        self._commands: queue.SimpleQueue[tuple[Callable[[Recognisers], Any], Future[Any]]] = queue.SimpleQueue()
        self._asking = threading.Lock()  # so that nothing is asked of a thread that just took its last command
        self._refusing = False
        self._stop = threading.Event()
        self._governor = Governor()
        self._failing: type[Exception] | None = None
        self._thread = threading.Thread(target=self._run, name="recognition", daemon=True)
        self.processed = tuple(Rate() for _ in results)
        """Of each camera."""
        self.latencies = Latencies()
        self.phase: RecognitionPhase = "building"
        self.problem: str | None = None
        """Why it failed, or what went wrong in the last frame."""

    @property
    def slowed(self) -> int:
        """See `RecognitionThread.slowed`: all cameras share one pace, as they share the machine."""
        return self._governor.level

    def start(self) -> None:
        """Load the networks, on the thread, then recognise."""
        self._thread.start()

    def call(self, command: Callable[[Recognisers], T]) -> Future[T]:
        """Run `command` with the recognisers, between two frames. What it raises is in the future, and in the log.
        Cancelled where recognition failed or was told to stop."""
        future: Future[T] = Future()
        with self._asking:
            if self._refusing:
                future.cancel()
            else:
                self._commands.put((command, future))
        return future

    def stop(self, timeout: float = 2.0) -> bool:
        """End after the frame in work, or once the networks are loaded; False where that takes longer than `timeout`
        seconds. What was asked and not begun is cancelled at once."""
        self._stop.set()
        self._refuse_commands()
        self._waiting.close()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            recognisers = self._build()
        except KnownError as e:
            self._fail(str(e))
            return
        except Exception as e:  # noqa: BLE001 - whatever a driver raises, the window must say so
            _log.exception("the recognisers cannot be built")
            self._fail(f"recognition cannot start ({type(e).__name__}): see the log, run `faceapp doctor`")
            return
        self.phase = "running"
        while not self._stop.is_set():
            self._obey(recognisers)
            got = self._waiting.take(_IDLE)
            if got is not None:
                self._obey(recognisers)  # what was asked while it waited counts for this frame already
                self._recognise(recognisers, *got)
            elif self._waiting.closed:
                self._stop.wait(_IDLE)  # all have ended; their names still follow the gallery
        self.phase = "stopped"

    def _recognise(self, recognisers: Recognisers, camera: int, frame: Frame) -> None:
        try:
            result = recognisers[camera].process(frame)
            self._results[camera].put(result)
            self.processed[camera].tick(result.finished_ns)
            self.latencies.add(result.latency_ms)
            self._watch(camera, result)
            self._keep_up(recognisers, result)
        except Exception as e:  # noqa: BLE001 - one bad frame must not end the session
            known = isinstance(e, KnownError)
            if self._failing is not type(e):  # once, not thirty times a second
                _log.error("camera %d, frame %d: %s", camera, frame.id, e, exc_info=None if known else e)
            self._failing = type(e)
            self.problem = str(e) if known else f"faces cannot be recognised ({type(e).__name__}): see the log"
        else:
            self.problem = self._failing = None

    def _keep_up(self, recognisers: Recognisers, result: FrameResult) -> None:
        """Do less for a frame where they come late, and more again where there is time."""
        if self._governor.saw(result.latency_ms, result.finished_ns):
            _log.info("recognition goes at pace %d", self._governor.level)
            for recogniser in recognisers:
                recogniser.ease(self._governor.pace)
        rest = self._governor.pace.rest * sum(result.stages_ms.values()) / 1e3
        if rest > 0:
            self._stop.wait(min(rest, _LONGEST_REST))

    def _obey(self, recognisers: Recognisers) -> None:
        while True:
            try:
                command, future = self._commands.get_nowait()
            except queue.Empty:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(command(recognisers))
            except Exception as e:  # noqa: BLE001 - belongs to whoever waits for the future
                _log.error("a command failed: %s", e, exc_info=None if isinstance(e, KnownError) else e)
                future.set_exception(e)

    def _fail(self, problem: str) -> None:
        _log.warning("recognition: %s", problem)
        self.problem = problem
        self.phase = "failed"
        self._refuse_commands()

    def _refuse_commands(self) -> None:
        """Take no more questions, and leave none unanswered."""
        with self._asking:
            self._refusing = True
        while True:
            try:
                self._commands.get_nowait()[1].cancel()
            except queue.Empty:
                return
