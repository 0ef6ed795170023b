"""How a network is to be trained, and what is told while it is: plain values, without PyTorch."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from faceapp.errors import UsageError

Loss: TypeAlias = Literal["triplet", "contrastive", "arcface"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
Selection: TypeAlias = Literal["all", "random", "hard", "semi-hard", "distance-weighted"]
Why: TypeAlias = Literal["finished", "stopped early", "interrupted"]
SELECTIONS: tuple[Selection, ...] = get_args(Selection)


SMALL_SIDE = 64
"""Pixels of the side of a crop that the small network sees."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a run learns from its data. Raises UsageError for what can't be."""

    steps: int = 1000
    loss: Loss = "triplet"
    selection: Selection = "semi-hard"
    margin: float = 0.2
    """Of squared distances for the triplet loss, of distances for the contrastive, radians for ArcFace."""
    scale: float = 64.0
    """ArcFace's s: how sharply it tells people apart. Its paper's is for 85,000 people; few want less."""
    people_per_batch: int = 16
    pictures_each: int = 6
    rate: float = 1e-3
    """Of learning, at its highest: it falls to nothing along half a cosine."""
    decay: float = 1e-4
    """Of the weights (AdamW)."""
    check_every: int = 50
    """Steps between two looks at the validation people, and two checkpoints."""
    patience: int = 8
    """Looks without improvement after which it stops early."""
    last: bool = False
    """Of a run that goes to its end, the last weights are kept, not those of the best look: a network that is learned
    from nothing is best once the rate has fallen, and which look is best on a few people is luck."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("steps", "check_every", "patience"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name.replace('_', ' ')} must be 1 or more")
        if self.loss not in LOSSES or self.selection not in SELECTIONS:
            raise UsageError(f"loss is one of {', '.join(LOSSES)}, selection one of {', '.join(SELECTIONS)}")
        if self.people_per_batch < 2 or self.pictures_each < 2:
            raise UsageError("a batch needs two people with two pictures each, at least")
        if not (0 < self.margin <= 4 and 0 < self.rate <= 1 and 0 <= self.decay < 1 and self.scale > 0):
            raise UsageError("margin and scale are above 0, rate between 0 and 1, decay from 0 to 1")

    @property
    def fingerprint(self) -> str:
        """Of all of it: a checkpoint of another plan can't be resumed."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Progress:
    """Told after each step."""

    step: int
    """Steps done."""
    steps: int
    loss: float
    """Mean over the batch's triplets, pairs or pictures."""
    active: float
    """Share of the batch's genuine pairs for which the selection found a triplet that still teaches something (all: of
    its triplets; hard: of its anchors). Where another loss is learned: of triplets with FaceNet's margin."""
    positive: float
    """Mean distance within a person, in this batch."""
    negative: float
    """Mean distance between people, in this batch."""
    validation: float | None
    """The validation people's figure, where this step looked."""
    best: float | None
    warning: str | None = None
    """Why this may come to nothing."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    why: Why
    steps: int
    best_step: int
    best: float
    """The validation people's figure at `best_step`, whose weights are kept: the best, or the last (`Plan.last`)."""
    first: float
    """The same before the first step."""
