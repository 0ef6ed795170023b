"""Networks that say how long they ran, so that what is left of a frame's time is known to be ours."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from faceapp.app.parts import Parts
from faceapp.pipeline.recogniser import Found, Recogniser
from faceapp.settings import Settings
from faceapp.types import Frame, FrameResult
from faceapp.vision.session import ModelSession, Tensor
from faceapp.zoo.manifest import Manifest
from faceapp.zoo.store import ModelStore


class Spent(threading.local):
    """Time spent, in nanoseconds. Each thread sees its own."""

    def __init__(self) -> None:
        self.clock = 0
        """By the clock."""
        self.thread = 0
        """Processor time of the calling thread: without the time it waited for a core that others had."""
        self.runs = 0


class TimedSession:
    """A `ModelSession` that adds what its runs take to a `Spent`."""

    def __init__(self, session: ModelSession, spent: Spent) -> None:
        self._session = session
        self._spent = spent

    @property
    def provider(self) -> str:
        return self._session.provider

    @property
    def input_names(self) -> tuple[str, ...]:
        return self._session.input_names

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        clock, thread = time.perf_counter_ns(), time.thread_time_ns()
        outputs = self._session.run(inputs)
        self._spent.thread += time.thread_time_ns() - thread
        self._spent.clock += time.perf_counter_ns() - clock
        self._spent.runs += 1
        return outputs


class TimedParts(Parts):
    """Parts whose networks are timed."""

    def __init__(self, settings: Settings, data_dir: Path, manifest: Manifest, models: ModelStore) -> None:
        super().__init__(settings, data_dir, manifest, models)
        self.spent = Spent()
        """What all networks' runs have taken so far."""

    @property
    def all_timed(self) -> bool:
        """False with a detector of InsightFace's: their class takes no session but ONNX Runtime's own."""
        return self.manifest.detector(self.settings.detector).kind != "scrfd"

    def _session(self, network: str) -> ModelSession:
        session = super()._session(network)
        if not isinstance(session, TimedSession) and self.all_timed:
            session = self._sessions[network] = TimedSession(session, self.spent)
        return session


_Took: TypeAlias = tuple[int, int, int]
"""Nanoseconds: by the clock, the same without networks, and processor time of the thread without them."""


@dataclass(frozen=True, slots=True)
class FrameTime:
    """What one frame took, in milliseconds."""

    whole: float
    outside: float
    """By the clock, and not in a network."""
    outside_thread: float
    """The same in processor time of the recognising threads: waiting for a core excluded."""
    stages: Mapping[str, float]


class TimedRecogniser(Recogniser):
    """A recogniser that notes what each frame took, both its halves together."""

    def __init__(self, spent: Spent, **parts: Any) -> None:
        """`spent`: what its networks' runs take; `parts`: as for `Recogniser`."""
        super().__init__(**parts)
        self._spent = spent
        self._finding: deque[_Took] = deque()
        """Of frames whose faces are found and not yet named."""
        self.times: list[FrameTime] = []

    def find(self, frame: Frame) -> Found:
        watch = _Watch(self._spent)
        found = super().find(frame)
        self._finding.append(watch.took())
        return found

    def name(self, found: Found) -> FrameResult:
        watch = _Watch(self._spent)
        result = super().name(found)
        whole, outside, thread = (a + b for a, b in zip(self._finding.popleft(), watch.took(), strict=True))
        self.times.append(FrameTime(whole / 1e6, outside / 1e6, thread / 1e6, result.stages_ms))
        return result


class _Watch:
    """From its making on, on one thread."""

    def __init__(self, spent: Spent) -> None:
        self._spent = spent
        self._networks = spent.clock, spent.thread
        self._begun = time.perf_counter_ns(), time.thread_time_ns()

    def took(self) -> _Took:
        thread = time.thread_time_ns() - self._begun[1] - (self._spent.thread - self._networks[1])
        whole = time.perf_counter_ns() - self._begun[0]
        return whole, whole - (self._spent.clock - self._networks[0]), thread
