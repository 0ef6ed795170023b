"""What the recognition threads of one and of several cameras have in common: they build what recognises, own it, and do
what they are asked between two frames."""

from __future__ import annotations

import logging
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from faceapp.errors import KnownError
from faceapp.pipeline.governor import Governor
from faceapp.pipeline.recogniser import Recogniser
from faceapp.pipeline.statistics import Latencies
from faceapp.types import FrameResult

T = TypeVar("T")
Owned = TypeVar("Owned")
"""What the thread builds and owns: a recogniser, or one for each camera."""
RecognitionPhase: TypeAlias = Literal["building", "running", "failed", "stopped"]

IDLE = 0.05
"""Seconds without a frame after which commands are looked at."""
_LONGEST_REST = 0.5
"""Seconds: what is asked meanwhile waits no longer."""
_log = logging.getLogger(__name__)


class Recognising(ABC, Generic[Owned]):
    """A thread that recognises. Its attributes may be read from any thread; `call` is how others reach what it owns.
    An exception in a frame becomes `problem` and the thread goes on with the next frame."""

    def __init__(self, build: Callable[[], Owned]) -> None:
        """`build` is called on the thread."""
        self._build = build
        self._commands: queue.SimpleQueue[tuple[Callable[[Owned], Any], Future[Any]]] = queue.SimpleQueue()
        self._asking = threading.Lock()  # so that nothing is asked of a thread that just took its last command
        self._refusing = False
        self._stop = threading.Event()
        self._failing: type[Exception] | None = None
        self._thread = threading.Thread(target=self._run, name="recognition", daemon=True)
        self._governor = Governor()
        self.latencies = Latencies()
        self.phase: RecognitionPhase = "building"
        self.problem: str | None = None
        """Why it failed, or what went wrong in the last frame."""

    @abstractmethod
    def _turn(self, owned: Owned) -> None:
        """Wait for a frame, `IDLE` seconds at most, and recognise it."""

    @abstractmethod
    def _close(self) -> None:
        """Take no more frames; who waits for one is woken."""

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

    def call(self, command: Callable[[Owned], T]) -> Future[T]:
        """Run `command` with what the thread owns, between two frames. What it raises is in the future, and in the log,
        as nobody need look at the future. Cancelled where recognition failed or was told to stop."""
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
        self._close()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            owned = self._build()
        except KnownError as e:
            self._fail(str(e))
            return
        except Exception as e:  # noqa: BLE001 - whatever a driver raises, the window must say so
            _log.exception("what recognises cannot be built")
            self._fail(f"recognition cannot start ({type(e).__name__}): see the log, run `faceapp doctor`")
            return
        self.phase = "running"
        while not self._stop.is_set():
            self._obey(owned)
            self._turn(owned)
        self.phase = "stopped"

    def _went_wrong(self, where: str, error: Exception) -> None:
        """Say what went wrong in a frame. `where`: which one, for the log."""
        known = isinstance(error, KnownError)
        if self._failing is not type(error):  # once, not thirty times a second
            _log.error("%s: %s", where, error, exc_info=None if known else error)
        self._failing = type(error)
        self.problem = str(error) if known else f"faces cannot be recognised ({type(error).__name__}): see the log"

    def _went_well(self) -> None:
        self.problem = self._failing = None

    def _keep_up(self, recognisers: Sequence[Recogniser], result: FrameResult) -> None:
        """Do less for a frame where they come late, and more again where there is time; not where a recogniser never
        eases. All cameras share one pace, as they share the machine."""
        if not all(recogniser.eases for recogniser in recognisers):
            return
        if self._governor.saw(result.latency_ms, result.finished_ns):
            _log.info("recognition goes at pace %d", self._governor.level)
            for recogniser in recognisers:
                recogniser.ease(self._governor.pace)
        rest = self._governor.pace.rest * sum(result.stages_ms.values()) / 1e3
        if rest > 0:
            self._stop.wait(min(rest, _LONGEST_REST))

    def _obey(self, owned: Owned) -> None:
        while True:
            try:
                command, future = self._commands.get_nowait()
            except queue.Empty:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(command(owned))
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
