"""Several cameras without cameras and networks: their state is what the test sets."""

from __future__ import annotations

from collections.abc import Sequence

from faceapp.app.live_types import Notice, Phase
from faceapp.app.several_types import GridCamera, GridStats
from faceapp.types import Frame, FrameResult


class FakeCamera:
    """One of them, as plain attributes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.now_phase: Phase = "running"
        self.now_notices: tuple[Notice, ...] = ()
        self.now_frame: Frame | None = None
        self.now_result: FrameResult | None = None

    def latest_frame(self) -> Frame | None:
        return self.now_frame

    def latest_result(self) -> FrameResult | None:
        return self.now_result

    def phase(self) -> Phase:
        return self.now_phase

    def notices(self) -> tuple[Notice, ...]:
        return self.now_notices


class FakeGrid:
    """All of them; what was asked for is in `calls`."""

    def __init__(self, *names: str) -> None:
        self.fakes = [FakeCamera(name) for name in names]
        self.calls: list[str] = []
        self.now_notices: tuple[Notice, ...] = ()
        self.now_stats = GridStats((), 0.0, 0.0, 0, "CPU, INT8")
        self.now_people: int | None = 1

    @property
    def cameras(self) -> Sequence[GridCamera]:
        return self.fakes

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")

    def notices(self) -> tuple[Notice, ...]:
        return self.now_notices

    def stats(self) -> GridStats:
        return self.now_stats

    def people(self) -> int | None:
        return self.now_people
