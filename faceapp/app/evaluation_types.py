"""What the window's evaluation page sees: plain data, and the two protocols it talks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Phase: TypeAlias = Literal["measuring", "ready", "empty", "failed"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate at a threshold, for people."""

    what: str
    value: str
    sure: str
    """The interval that is right in 95 of 100 such samples."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a threshold lies on a curve, rates from 0 to 1, with their intervals."""

    accepts: tuple[float, float, float]
    """Value, lower and upper end."""
    refuses: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Trade:
    """Mistakes about strangers against mistakes about one's own people, over all thresholds."""

    title: str
    accepts: Numbers
    refuses: Numbers


class Measured(Protocol):
    """What the people enrolled say."""

    @property
    def summary(self) -> str:
        """Who was compared, in a sentence or two."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What to know before trusting the figures, a sentence each."""

    @property
    def edges(self) -> Numbers:
        """(B + 1,): of the histogram's bins, distances."""

    @property
    def same(self) -> Numbers:
        """(B,): part of the pairs of one person in each bin; all 0 where there are none."""

    @property
    def different(self) -> Numbers:
        """(B,): of the pairs of two people."""

    @property
    def trades(self) -> tuple[Trade, ...]:
        """The curves; none where nobody has two photos."""

    @property
    def people(self) -> int: ...

    @property
    def door(self) -> float | None:
        """The distance by which the door opens, which this page doesn't change; None where there is none."""

    def spot(self, trade: int, threshold: float) -> Spot:
        """Where a threshold lies on a curve."""

    def figures(self, threshold: float) -> tuple[Figure, ...]:
        """The rates at a threshold."""

    def sentence(self, threshold: float, people: int, passages: int) -> str:
        """What a threshold for names means here, with so many people and passages a day."""

    def door_sentence(self, people: int, passages: int) -> str:
        """What the door's own threshold means; empty where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationState:
    """How far measuring has come."""

    phase: Phase
    text: str = ""
    """One line for people, unless it is ready."""
    measured: Measured | None = None
    """When ready."""


class EvaluationControl(Protocol):
    """Measures the people enrolled, away from the window's thread."""

    def measure(self) -> None:
        """Begin, or begin anew where the gallery has changed since. Returns at once."""
        ...

    def state(self) -> EvaluationState:
        """How it is now. Cheap: poll it."""
        ...

    def source(self) -> str:
        """Where the automatic threshold comes from: `the model's own figures`, or `calibrated on 120 people`."""
        ...
