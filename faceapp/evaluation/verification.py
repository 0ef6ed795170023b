"""The figures of a list of pairs: LFW's protocol, the curve, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from faceapp.errors import InputError
from faceapp.evaluation.intervals import Interval, PeopleOfPairs, enough, pair_intervals
from faceapp.evaluation.metrics import (
    Distances,
    FoldedAccuracy,
    Roc,
    Truths,
    best_threshold,
    folded_accuracy,
    right_answers,
    roc,
    tar_at_far,
)
from faceapp.evaluation.people import People
from faceapp.evaluation.protocols import Pairs
from faceapp.types import JsonObject

FARS = (0.01, 0.001)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """One embedder on one list of pairs."""

    pairs: Pairs
    distances: Distances
    """(N,), infinity where a face is missing."""
    accuracy: FoldedAccuracy
    applied: Distances
    """(N,): the threshold by which each pair was judged."""
    right: Truths
    """(N,): whether the answer was right."""
    curve: Roc
    tar: Mapping[float, float]
    """By FAR."""
    intervals: Mapping[str, Interval]
    """95 %, by name of the figure: see `intervals.Curve.figures`."""

    @property
    def failed(self) -> int:
        """Pairs of which a face was not found."""
        return int(np.isinf(self.distances).sum())

    @property
    def unsure(self) -> tuple[float, ...]:
        """The FARs at which there are too few impostor pairs to say how sure TAR is."""
        return tuple(far for far in self.tar if not enough(self.pairs.same, far))

    @property
    def threshold(self) -> float:
        """The mean of the folds' thresholds."""
        return float(np.mean(self.accuracy.thresholds))

    def as_json(self) -> JsonObject:
        """The promised figures and the intervals, not rounded."""
        intervals: JsonObject = {n: list(i) for n, i in self.intervals.items() if not n.startswith("tar@")}
        rates = {f"{f:g}": list(self.intervals[f"tar@{f:g}"]) for f in self.tar if f"tar@{f:g}" in self.intervals}
        return {
            "pairs": len(self.distances),
            "failed": self.failed,
            "accuracy": self.accuracy.mean,
            "accuracy_std": self.accuracy.std,
            "threshold": self.threshold,
            "auc": self.curve.auc(),
            "eer": self.curve.eer(),
            "tar_at_far": {f"{far:g}": tar for far, tar in self.tar.items()},
            "too_few_impostor_pairs_at_far": [f"{far:g}" for far in self.unsure],
            "intervals": {**intervals, **({"tar_at_far": rates} if rates else {})},
            "folds": [
                {"accuracy": a, "threshold": t}
                for a, t in zip(self.accuracy.accuracies, self.accuracy.thresholds, strict=True)
            ],
        }


def verification(
    pairs: Pairs, distances: Distances, people: People, training: tuple[Distances, Truths] | None = None
) -> Verification:
    """The figures of `pairs` at these distances float64 (N,). Thresholds come from the other folds, or where `training`
    (distances and truths of other pairs, LFW's View 1) is given, from that alone. Raises InputError for pairs that
    can't be judged."""
    check_kinds(pairs)
    if training is None:
        accuracy = folded_accuracy(distances, pairs.same, pairs.fold)
        of_fold = dict(zip(np.unique(pairs.fold).tolist(), accuracy.thresholds, strict=True))
        applied = np.array([of_fold[k] for k in pairs.fold.tolist()])
    else:
        threshold = best_threshold(*training)
        mean = float(right_answers(distances, pairs.same, threshold).mean())
        accuracy = FoldedAccuracy(mean, 0.0, (threshold,), (mean,))
        applied = np.full(len(distances), threshold)
    right = right_answers(distances, pairs.same, applied)
    numbered = PeopleOfPairs.number([people.of[p] for p in pairs.left], [people.of[p] for p in pairs.right])
    return Verification(
        pairs,
        distances,
        accuracy,
        applied,
        right,
        roc(distances, pairs.same),
        {far: tar_at_far(distances, pairs.same, far) for far in FARS},
        pair_intervals(distances, pairs.same, right, numbered, FARS),
    )


def check_kinds(pairs: Pairs) -> None:
    """Raises InputError where there are too few pairs to choose a threshold and try it."""
    genuine = int(pairs.same.sum())
    if genuine < 2 or len(pairs.same) - genuine < 2 or len(np.unique(pairs.fold)) < 2:
        raise InputError(
            f"too few pairs, {genuine} of one person and {len(pairs.same) - genuine} of two: at least two of each "
            "kind, in two folds, are needed"
        )


def distances_of(pairs: Pairs, distance: Callable[[str, str], float]) -> Distances:
    """float64 (N,) by a function of two paths."""
    return np.array([distance(a, b) for a, b in zip(pairs.left, pairs.right, strict=True)], np.float64)
