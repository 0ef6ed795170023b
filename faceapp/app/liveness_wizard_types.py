"""Trying the liveness in the window: what its wizard drives and shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

TrialKind: TypeAlias = Literal["live", "print", "phone", "tablet"]
"""A living person, or the instrument of an attack."""
TRIAL_KINDS: tuple[TrialKind, ...] = ("live", "print", "phone", "tablet")

TrialPhase: TypeAlias = Literal["idle", "recording", "reading"]


@dataclass(frozen=True, slots=True)
class TrialState:
    """How far a trial is. Replaced whole."""

    phase: TrialPhase = "idle"
    kind: TrialKind = "live"
    """What is being recorded or read."""
    progress: float = 0.0
    """Of that, 0 to 1."""
    seen: str = ""
    """What is made of the face at the moment, one sentence; empty without one."""
    problem: str = ""
    """Why nothing came of the last one, in one line."""
    taken: tuple[tuple[TrialKind, int], ...] = ()
    """Presentations so far, by kind."""

    def count(self, kind: TrialKind) -> int:
        """Presentations of one kind."""
        return dict(self.taken).get(kind, 0)


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One rate."""

    title: str
    text: str
    """No more than the sample supports."""
    enough: bool


class TrialControl(Protocol):
    """Presentations to this camera, judged as they come. Pictures are dropped at once, answers forgotten at the end."""

    def model(self) -> str:
        """What is tried, for people; empty where no liveness model is installed."""
        ...

    def begin(self, kind: TrialKind) -> None:
        """Watch the camera for some seconds: one presentation. Returns at once."""
        ...

    def read(self, kind: TrialKind, path: Path) -> None:
        """Judge a clip, a picture or a folder of them instead. Returns at once."""
        ...

    def stop(self) -> None:
        """Leave what is being recorded or read: what is not whole doesn't count."""
        ...

    def undo(self, kind: TrialKind) -> None:
        """Forget the last presentation of a kind."""
        ...

    def state(self) -> TrialState:
        """Cheap: poll it."""
        ...

    def lines(self) -> tuple[TrialLine, ...]:
        """What the presentations so far say."""
        ...

    def save(self, file: Path) -> None:
        """Write the report: figures, no picture and no name. Raises a KnownError where it can't be written."""
        ...

    def forget(self) -> None:
        """Drop everything, and end what runs."""
        ...
