"""A liveness trial that says what the test wants, and notes what it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from faceapp.app.liveness_wizard_types import TrialKind, TrialLine, TrialState
from faceapp.errors import UnavailableError


class FakeTrials:
    """Has what the test puts into `now`."""

    def __init__(self) -> None:
        self.name = "MiniFASNetV2"
        self.now = TrialState()
        self.said: tuple[TrialLine, ...] = ()
        self.calls: list[object] = []
        self.refuse: str | None = None

    def model(self) -> str:
        return self.name

    def begin(self, kind: TrialKind) -> None:
        self.calls.append(("begin", kind))
        self.now = replace(self.now, phase="recording", kind=kind, problem="")

    def read(self, kind: TrialKind, path: Path) -> None:
        self.calls.append(("read", kind, path))
        self.now = replace(self.now, phase="reading", kind=kind, problem="")

    def stop(self) -> None:
        self.calls.append("stop")
        self.now = replace(self.now, phase="idle")

    def undo(self, kind: TrialKind) -> None:
        self.calls.append(("undo", kind))

    def state(self) -> TrialState:
        return self.now

    def lines(self) -> tuple[TrialLine, ...]:
        return self.said

    def save(self, file: Path) -> None:
        if self.refuse is not None:
            raise UnavailableError(self.refuse)
        self.calls.append(("save", file))

    def forget(self) -> None:
        self.calls.append("forget")
        self.now = TrialState()
