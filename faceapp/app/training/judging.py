"""Before and after on people nobody trained on: figures, intervals drawn over people, and a paired test.

All genuine and impostor pairs of the test people count (of very many impostor pairs a drawn part). The accuracy is that
of as many impostor pairs as genuine ones, at the threshold that was best on the validation people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from faceapp.app.training.arrays import Ids
from faceapp.evaluation.comparison import McNemar, mcnemar
from faceapp.evaluation.intervals import Curve, Interval, PeopleOfPairs, draws, interval, rate_range
from faceapp.evaluation.metrics import (
    Distances,
    Truths,
    best_threshold,
    right_answers,
    roc,
    tar_at_far,
)
from faceapp.types import Floats, JsonObject

FARS = (0.01, 0.001)
MOST_IMPOSTORS = 60_000
_STRICT_FROM = 10_000
"""Impostor pairs from which on the smaller of `FARS` can be told."""
NO_GAIN = "no significant gain"


@dataclass(frozen=True, slots=True, eq=False)
class AllPairs:
    """Pairs of N pictures, each once."""

    left: Ids
    right: Ids
    same: Truths
    even: Truths
    """The genuine pairs and as many of the others: what the accuracy is of."""
    people: PeopleOfPairs

    def distances(self, vectors: Floats) -> Distances:
        """Euclidean, (P,). vectors float32 (N, D) of unit length."""
        v = vectors.astype(np.float64)
        dots = np.einsum("ij,ij->i", v[self.left], v[self.right])
        return np.asarray(np.sqrt(np.maximum(0.0, 2.0 - 2.0 * dots)))


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """One network on the test people."""

    dimension: int
    accuracy: float
    threshold: float
    eer: float
    auc: float
    tar: Mapping[float, float]
    intervals: Mapping[str, Interval]
    """95 %, over people; empty where they are too few."""

    def as_json(self) -> JsonObject:
        return {
            "dimension": self.dimension,
            "accuracy": self.accuracy,
            "tar_at_far": {f"{f:g}": v for f, v in self.tar.items()},
            "eer": self.eer,
            "auc": self.auc,
            "threshold": self.threshold,
            "intervals": {n: list(i) for n, i in self.intervals.items()},
        }


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Two networks on the same people."""

    people: int
    genuine: int
    impostor: int
    before: Figures
    after: Figures
    differences: Mapping[str, tuple[float, Interval | None]]
    """After less before, by name of the figure; the interval is the paired one."""
    answers: McNemar
    figure: str
    """The one difference by which a gain is judged."""
    p: float | None
    """Of that difference, two-sided, from the same draws of people; None where they are too few."""

    @property
    def significant(self) -> bool:
        """Better, beyond chance."""
        return self._beyond(1)

    @property
    def worse(self) -> bool:
        """Worse, beyond chance."""
        return self._beyond(-1)

    def _beyond(self, sign: int) -> bool:
        within = self.differences[self.figure][1]
        return within is not None and min(sign * within[0], sign * within[1]) > 0

    def verdict(self) -> str:
        """In words."""
        name = figure_name(self.figure)
        value, within = self.differences[self.figure]
        told = f"{name} {100 * value:+.2f} points"
        if within is not None:
            told += f" ({100 * within[0]:+.2f} to {100 * within[1]:+.2f})"
        if self.significant:
            return f"a significant gain: {told}"
        return f"{NO_GAIN}: {told}" + (", a significant loss" if self.worse else "")

    def as_json(self) -> JsonObject:
        return {
            "people": self.people,
            "pairs": {"genuine": self.genuine, "impostor": self.impostor},
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "differences": {
                n: {"value": v, "interval": None if i is None else list(i)} for n, (v, i) in self.differences.items()
            },
            "mcnemar": {
                "only_before": self.answers.only_first,
                "only_after": self.answers.only_second,
                "p": self.answers.p,
            },
            "judged_by": self.figure,
            "p": self.p,
            "significant": self.significant,
            "worse": self.worse,
        }


def figure_name(name: str) -> str:
    """`tar@0.01` for people."""
    return (
        f"TAR at FAR {100 * float(name[4:]):g} %"
        if name.startswith("tar@")
        else {"eer": "equal error rate"}.get(name, name)
    )


def all_pairs(person: Ids, seed: int = 0, most: int = MOST_IMPOSTORS) -> AllPairs:
    """Every pair of pictures, at most `most` impostor pairs of them, drawn. person (N,)."""
    left, right = np.triu_indices(len(person), 1)
    same = person[left] == person[right]
    draw = np.random.default_rng([seed, 11])
    others = np.flatnonzero(~same)
    if len(others) > most:
        kept = np.sort(np.concatenate([np.flatnonzero(same), draw.choice(others, most, replace=False)]))
        left, right, same = left[kept], right[kept], same[kept]
        others = np.flatnonzero(~same)
    even = same.copy()
    even[draw.choice(others, min(len(others), int(same.sum())), replace=False)] = True
    numbers = np.unique(person, return_inverse=True)[1].astype(np.intp)
    people = PeopleOfPairs(numbers[left], numbers[right], int(numbers.max()) + 1)
    return AllPairs(left.astype(np.intp), right.astype(np.intp), same, even, people)


def validation_figure(vectors: Floats, pairs: AllPairs) -> tuple[float, float]:
    """What a run is steered by, and the TAR at FAR 1 % that is shown. The former is the mean TAR over FARs from 0.1 to
    10 %, in even steps of the logarithm: less a matter of luck than any one of them."""
    distances = pairs.distances(vectors)
    steps = np.logspace(-3, -1, 9)
    mean = float(np.mean([tar_at_far(distances, pairs.same, f) for f in steps]))
    return mean, tar_at_far(distances, pairs.same, FARS[0])


def judge(person: Ids, before: tuple[Floats, float], after: tuple[Floats, float], seed: int = 0) -> Judgement:
    """Compare two embeddings of the same pictures of test people `person` (N,): each as vectors (N, D) and the
    threshold its accuracy is taken at."""
    pairs = all_pairs(person, seed)
    sides = [_Side(pairs, *side) for side in (before, after)]
    figures, rows = _drawn(pairs, sides)
    values = [s.figures for s in sides]
    names = ("accuracy", "eer", *(f"tar@{f:g}" for f in FARS))
    differences: dict[str, tuple[float, Interval | None]] = {}
    for name in names:
        within = interval([b[name] - a[name] for a, b in rows]) if rows else None
        differences[name] = (values[1][name] - values[0][name], within)
    impostor = int((~pairs.same).sum())
    by = f"tar@{FARS[1] if impostor >= _STRICT_FROM else FARS[0]:g}"
    answers = mcnemar(*(s.right[pairs.even] for s in sides))
    return Judgement(
        people=pairs.people.count,
        genuine=int(pairs.same.sum()),
        impostor=impostor,
        before=figures[0],
        after=figures[1],
        differences=differences,
        answers=answers,
        figure=by,
        p=_p(rows, by),
    )


def threshold_of(person: Ids, vectors: Floats, seed: int = 0) -> float:
    """The distance with the most right answers on as many impostor pairs as genuine ones."""
    pairs = all_pairs(person, seed)
    return best_threshold(pairs.distances(vectors)[pairs.even], pairs.same[pairs.even])


class _Side:
    """One embedding on the pairs."""

    def __init__(self, pairs: AllPairs, vectors: Floats, threshold: float) -> None:
        self.dimension = vectors.shape[1]
        self.threshold = threshold
        distances = pairs.distances(vectors)
        self.right = right_answers(distances, pairs.same, threshold)
        self.all = Curve(distances, pairs.same, self.right)
        self.even = Curve(distances[pairs.even], pairs.same[pairs.even], self.right[pairs.even])
        curve = roc(distances, pairs.same)
        self.figures = {
            "accuracy": float(self.right[pairs.even].mean()),
            "eer": curve.eer(),
            "auc": curve.auc(),
            **{f"tar@{f:g}": tar_at_far(distances, pairs.same, f) for f in FARS},
        }


def _drawn(
    pairs: AllPairs, sides: list[_Side]
) -> tuple[list[Figures], list[tuple[dict[str, float], dict[str, float]]]]:
    rows: list[tuple[dict[str, float], dict[str, float]]] = []
    numbers = PeopleOfPairs(pairs.people.left[pairs.even], pairs.people.right[pairs.even], pairs.people.count)
    resamples = draws(pairs.people.count) if pairs.people.count >= 3 else ()
    for drawn in resamples:
        weights, even = pairs.people.weights(drawn, pairs.same), numbers.weights(drawn, pairs.same[pairs.even])
        found: list[dict[str, float]] = []
        for side in sides:
            rates, answers = side.all.figures(weights, FARS), side.even.figures(even, ())
            if rates is None or answers is None:
                break
            found.append({**rates, "accuracy": answers["accuracy"]})
        else:
            rows.append((found[0], found[1]))
    if len(rows) < len(resamples) // 2:
        rows = []
    figures = []
    for k, side in enumerate(sides):
        within = {n: rate_range([row[k][n] for row in rows], pairs.people.count) for n in side.figures} if rows else {}
        f: dict[str, Any] = side.figures
        tar = {far: f[f"tar@{far:g}"] for far in FARS}
        figures.append(Figures(side.dimension, f["accuracy"], side.threshold, f["eer"], f["auc"], tar, within))
    return figures, rows


def _p(rows: list[tuple[dict[str, float], dict[str, float]]], name: str) -> float | None:
    if not rows:
        return None
    d = np.array([b[name] - a[name] for a, b in rows])
    return float(min(1.0, 2 * min((d <= 0).mean(), (d >= 0).mean())))
