"""The recognition thread: it owns every session, takes the newest frame, and does what it is asked between frames."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Literal, TypeAlias, TypeVar

from faceapp.errors import KnownError
from faceapp.pipeline.governor import Governor
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.slot import LatestSlot
from faceapp.pipeline.statistics import Latencies, Rate
from faceapp.types import Frame, FrameResult

T = TypeVar("T")
RecognitionPhase: TypeAlias = Literal["building", "running", "failed", "stopped"]
Watcher: TypeAlias = Callable[[Recogniser, Frame, FrameResult], None]

_IDLE = 0.05
"""Seconds without a frame after which commands are looked at."""
_LONGEST_REST = 0.5
"""Seconds: what is asked meanwhile waits no longer."""
_log = logging.getLogger(__name__)


class RecognitionThread:
    """Builds a recogniser and feeds it. Its attributes may be read from any thread; `call` is how others reach the
    recogniser. An exception in a frame becomes `problem` and the thread goes on with the next frame."""

    def __init__(self, build: Callable[[], Recogniser], results: LatestSlot[FrameResult], watch: Watcher) -> None:
        """`watch` is called on this thread after each frame, with the recogniser, the frame and the result."""
        self._build = build
        self._results = results
        self._watch = watch
        self._work: LatestSlot[Frame] = LatestSlot()
        self._commands: queue.SimpleQueue[tuple[Callable[[Recogniser], Any], Future[Any]]] = queue.SimpleQueue()
        self._asking = threading.Lock()  # so that nothing is asked of a thread that just took its last command
        self._refusing = False
        self._stop = threading.Event()
        self._failing: type[Exception] | None = None
        self._thread = threading.Thread(target=self._run, name="recognition", daemon=True)
        self.processed = Rate()
        self.failed = 0
        """Frames taken that have no result: something went wrong, or their source was left in that moment."""
        self.latencies = Latencies()
        self._governor = Governor()
        self.phase: RecognitionPhase = "building"
        self.problem: str | None = None
        """Why it failed, or what went wrong in the last frame."""

    @property
    def slowed(self) -> int:
        """0 where all that is wanted is done for every frame, more where less is (`governor.PACES`)."""
        return self._governor.level

    @property
    def started(self) -> bool:
        """True from `start` on."""
        return self._thread.ident is not None

    def start(self) -> None:
        """Load the networks, on the thread, then recognise."""
        self._thread.start()

    def attach(self, work: LatestSlot[Frame]) -> None:
        """Take frames from `work` from now on. The tracks of the source before are forgotten, and so is its trouble."""

        def change(recogniser: Recogniser) -> None:
            # Both at once and on this thread: else a frame of the new source could meet the old one's tracks.
            recogniser.reset()
            self._governor.reset()
            recogniser.ease(self._governor.pace)
            self._work.discard()
            self._work = work
            self.problem = self._failing = None

        self.call(change)

    def call(self, command: Callable[[Recogniser], T]) -> Future[T]:
        """Run `command` with the recogniser, between two frames. What it raises is in the future, and in the log, as
        nobody need look at the future. Cancelled where recognition failed or was told to stop."""
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
        self._work.close()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            recogniser = self._build()
        except KnownError as e:
            self._fail(str(e))
            return
        except Exception as e:  # noqa: BLE001 - whatever a driver raises, the window must say so
            _log.exception("the recogniser cannot be built")
            self._fail(f"recognition cannot start ({type(e).__name__}): see the log, run `faceapp doctor`")
            return
        self.phase = "running"
        while not self._stop.is_set():
            self._obey(recogniser)
            work = self._work
            frame = work.take(_IDLE)
            if frame is not None:
                self._obey(recogniser)  # what was asked while it waited counts for this frame already
                if work is self._work:
                    self._recognise(recogniser, frame)
                else:  # a picture of the source that was just left
                    self.failed += 1
            elif work.closed:
                self._stop.wait(_IDLE)  # the source has ended; another may come
        self.phase = "stopped"

    def _recognise(self, recogniser: Recogniser, frame: Frame) -> None:
        result: FrameResult | None = None
        try:
            result = recogniser.process(frame)
            self._results.put(result)
            self.processed.tick(result.finished_ns)
            self.latencies.add(result.latency_ms)
            self._watch(recogniser, frame, result)
            self._keep_up(recogniser, result)
        except Exception as e:  # noqa: BLE001 - one bad frame must not end the session
            self.failed += result is None
            known = isinstance(e, KnownError)
            if self._failing is not type(e):  # once, not thirty times a second
                _log.error("frame %d: %s", frame.id, e, exc_info=None if known else e)
            self._failing = type(e)
            self.problem = str(e) if known else f"faces cannot be recognised ({type(e).__name__}): see the log"
        else:
            self.problem = self._failing = None

    def _keep_up(self, recogniser: Recogniser, result: FrameResult) -> None:
        """Do less for a frame where they come late, and more again where there is time."""
        if not recogniser.eases:
            return
        if self._governor.saw(result.latency_ms, result.finished_ns):
            _log.info("recognition goes at pace %d", self._governor.level)
            recogniser.ease(self._governor.pace)
        rest = self._governor.pace.rest * sum(result.stages_ms.values()) / 1e3
        if rest > 0:
            self._stop.wait(min(rest, _LONGEST_REST))

    def _obey(self, recogniser: Recogniser) -> None:
        while True:
            try:
                command, future = self._commands.get_nowait()
            except queue.Empty:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(command(recogniser))
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
