"""What came of a run, and what is written about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from faceapp.app.training.arrays import Ids
from faceapp.app.training.judging import NO_GAIN, Judgement
from faceapp.evaluation.metrics import impostor_distances, threshold_at_far
from faceapp.training.plan import Ended, Plan
from faceapp.types import Floats, JsonObject
from faceapp.vision.embedder import PartSpec
from faceapp.zoo.specs import ThresholdTable

FEWEST_FOR_THRESHOLDS = 8
"""Validation people from which on distances are written: fewer say too little about anybody else."""
_FARS = (0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5)
_DEVIATES = {3e-4: 3.43, 1e-4: 3.72, 1e-5: 4.26}
"""So many standard deviations below its mean a normal distribution has that part of it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People and pictures."""

    people: int
    pictures: int
    sha256: str
    """One for all: of the sorted SHA-256 of the pictures."""

    def as_json(self) -> JsonObject:
        return {"people": self.people, "pictures": self.pictures, "sha256": self.sha256}


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A finished run."""

    kind: str
    id: str
    base: str
    started_from: str
    source: str
    device: str
    plan: Plan
    ended: Ended
    seconds: float
    counts: dict[str, Counts]
    """train, validation, test."""
    judged: Judgement
    """Against what it began from."""
    used: Judgement | None
    """Against the embedder in use, where that is another."""
    used_id: str
    general: Judgement | None
    general_source: str
    parity: float
    thresholds: ThresholdTable | None
    shown: PartSpec
    model_sha256: str
    notes: tuple[str, ...] = ()
    logged: list[dict[str, str]] = field(default_factory=list)
    picture: JsonObject = field(default_factory=dict)

    @property
    def significant(self) -> bool:
        """Better on people nobody trained on than what it began from and than what is in use, and nothing forgotten."""
        return self.judged.significant and not self.forgets and (self.used is None or self.used.significant)

    @property
    def forgets(self) -> bool:
        """Worse, beyond chance, on the general set."""
        return self.general is not None and self.general.worse

    def verdict(self) -> str:
        """In one line."""
        if self.judged.significant and self.forgets and self.general is not None:
            return f"{self.judged.verdict()}; but it forgets: on other people {self.general.verdict()}"
        if self.judged.significant and self.used is not None and not self.used.significant:
            over = f"{NO_GAIN} over {self.used_id}, which is in use"
            told = self.used.verdict().replace(NO_GAIN, over, 1)
            return f"{told}; over {self.started_from} {self.judged.verdict()}"
        return self.judged.verdict()

    def as_json(self) -> JsonObject:
        judged = self.judged.as_json()
        return {
            "dimension": self.judged.after.dimension,
            "seconds": round(self.seconds, 1),
            "before": judged.pop("before"),
            "after": judged.pop("after"),
            "significant": self.significant,
            "verdict": self.verdict(),
            "kind": self.kind,
            "id": self.id,
            "base": self.base,
            "before_is": self.started_from,
            "device": self.device,
            "steps": self.ended.steps,
            "best_step": self.ended.best_step,
            "ended": self.ended.why,
            "validation": {"first": self.ended.first, "best": self.ended.best},
            "data": {"source": self.source, **{n: c.as_json() for n, c in self.counts.items()}},
            "test": {k: v for k, v in judged.items() if k != "significant"},
            "general": None if self.general is None else {"source": self.general_source, **self.general.as_json()},
            "forgets": self.forgets,
            "in_use": None if self.used is None else {"id": self.used_id, **self.used.as_json()},
            "parity": self.parity,
            "calibrated": self.thresholds is not None,
            "notes": list(self.notes),
        }


def counts_of(person: Ids, sha256: tuple[str, ...], rows: Ids) -> Counts:
    """Of these pictures."""
    digest = hashlib.sha256("\n".join(sorted(sha256[r] for r in rows.tolist())).encode()).hexdigest()
    return Counts(len({*person[rows].tolist()}), len(rows), digest)


def thresholds_of(vectors: Floats, person: Ids, space: str) -> ThresholdTable | None:
    """Distances by rate, from all impostor pairs of the validation people; None below FEWEST_FOR_THRESHOLDS.

    Rates that so few pairs can't show are extrapolated as if the distances were distributed normally, and never laxer
    than the strictest that was seen: real distances of strangers fall off faster."""
    people = len(np.unique(person))
    if people < FEWEST_FOR_THRESHOLDS:
        return None
    impostors = impostor_distances(vectors, person)
    mean, spread = float(impostors.mean()), float(impostors.std())
    distances: list[float] = []
    for far in _FARS:
        distance = threshold_at_far(impostors, far)
        if far in _DEVIATES:
            distance = min(distance, mean - _DEVIATES[far] * spread)
        distances.append(min([max(distance, 1e-3), *distances[-1:]]))
    source = (
        f"{len(impostors)} pairs of {people} validation people of the training run, from FAR 0.0003 on extrapolated"
    )
    return ThresholdTable(space, _FARS, tuple(distances), source)


def entry_json(trained: Trained, base_photographs: str, licence: str) -> JsonObject:
    """What `entry.json` says: what the manifest will know of the network. No name of anybody is in it."""
    part, t = trained.shown, trained.thresholds
    train = trained.counts["train"]
    learned = (
        f"trained here on {train.pictures} pictures of {train.people} people (SHA-256 of their hashes "
        f"{train.sha256[:16]}), judged on {trained.counts['test'].people} others: {trained.verdict()}"
    )
    crop: dict[str, Any] = {"kind": part.crop.kind, "size": part.crop.size, "margin": part.crop.margin}
    crop["points"] = [list(p) for p in part.crop.reference]
    title = {
        "head": f"{trained.base} with a head of {trained.judged.after.dimension} numbers, trained here",
        "finetune": f"{trained.base}, its last blocks trained here",
        "scratch": "A small network, trained here from nothing",
    }[trained.kind]
    return {
        "version": 1,
        "id": trained.id,
        "title": title,
        "base": None if trained.kind == "scratch" else trained.base,
        "dimension": trained.judged.after.dimension,
        "sha256": trained.model_sha256,
        "licence": licence,
        "photographs": f"{base_photographs} Then {learned}".strip()
        if base_photographs
        else learned[:1].upper() + learned[1:],
        "origin": f"faceapp train {trained.kind}",
        "crop": crop,
        "input": {"colour": part.input.colour, "mean": list(part.input.mean), "std": list(part.input.std)},
        "thresholds": None if t is None else {"fars": list(t.fars), "distances": list(t.distances), "source": t.source},
        "significant": trained.significant,
        "verdict": trained.verdict(),
    }
