"""95 % intervals by bootstrap over people.

People are drawn with replacement, as many as there are; a genuine pair counts as often as its person was drawn, an
impostor pair as often as one person times as often as the other (Owen 2007, "The pigeonhole bootstrap": on the safe
side, as it varies both). Drawing pairs instead would take the many pairs of one person for independent, and its
intervals would be too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.evaluation.metrics import Distances, Roc, Truths

RESAMPLES = 1000
_SEED = 20_261_122
"""Fixed, so that the same data gives the same interval."""

ENOUGH = 10
"""Impostor pairs, times the false-accept rate, from which on an interval of TAR at that rate is given. Below, a handful
of pairs decides the threshold, and drawing them anew says little about how far off it is: at 0.1 % an interval from 600
impostor pairs held the truth in 48 of 100 crowds, one from 1,200 in 74."""

Weights = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class PeopleOfPairs:
    """Numbers of the people of N pairs, 0 to `count` - 1."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    count: int

    @staticmethod
    def number(left: Sequence[str], right: Sequence[str]) -> PeopleOfPairs:
        """From the people's names."""
        order = {name: k for k, name in enumerate(dict.fromkeys([*left, *right]))}
        return PeopleOfPairs(
            np.array([order[n] for n in left], np.intp), np.array([order[n] for n in right], np.intp), len(order)
        )

    def weights(self, drawn: NDArray[np.int64], same: Truths) -> Weights:
        """How often each pair counts where person k was drawn `drawn[k]` times."""
        one = drawn[self.left].astype(np.float64)
        return np.where(same, one, one * drawn[self.right])


def draws(count: int, resamples: int = RESAMPLES, stream: int = 0) -> NDArray[np.int64]:
    """(resamples, count): how often each of `count` people was drawn, the same numbers at each call. `stream`: another
    for other people, who are drawn independently."""
    random = np.random.default_rng(_SEED + stream)
    return random.multinomial(count, np.full(count, 1.0 / count), size=resamples)


class Curve:
    """The figures of N pairs for any weights of them, sorted once. `right` bool (N,): whether the answer at the chosen
    threshold was right; that threshold stays what it was; those of EER and of TAR at a FAR
    are found anew for the weights."""

    def __init__(self, distances: Distances, same: Truths, right: Truths) -> None:
        self._order = np.argsort(distances, kind="stable")
        d = distances[self._order]
        self._last = np.flatnonzero(np.concatenate([d[1:] > d[:-1], [True]]))
        self._thresholds = d[self._last]
        self._same = same
        self._right = right
        self._genuine_part = float(same.mean())

    def figures(self, weights: Weights, fars: Sequence[float]) -> dict[str, float] | None:
        """accuracy, auc, eer and `tar@F` for each F of `fars`; None where a kind of pairs has no weight at all. The two
        kinds keep their shares of the accuracy, whatever was drawn."""
        w, s = weights[self._order], self._same[self._order]
        genuine, impostors = np.cumsum(w * s)[self._last], np.cumsum(w * ~s)[self._last]
        if genuine[-1] <= 0 or impostors[-1] <= 0:
            return None
        far = np.concatenate([[0.0], impostors / impostors[-1]])
        tar = np.concatenate([[0.0], genuine / genuine[-1]])
        curve = Roc(far, tar, np.concatenate([[-np.inf], self._thresholds]))
        g = float((weights * self._right * self._same).sum() / genuine[-1])
        i = float((weights * self._right * ~self._same).sum() / impostors[-1])
        result = {
            "accuracy": self._genuine_part * g + (1 - self._genuine_part) * i,
            "auc": curve.auc(),
            "eer": curve.eer(),
        }
        reached = int(np.isfinite(self._thresholds).sum()) + 1  # pairs without a face are beyond every threshold
        for f in fars:
            allowed = np.floor(f * impostors[-1] + 1e-9) / impostors[-1]
            k = int(np.searchsorted(far[:reached], allowed + 1e-12, side="right")) - 1
            result[f"tar@{f:g}"] = float(tar[k])
        return result


def enough(same: Truths, far: float) -> bool:
    """Whether there are impostor pairs enough to say how sure TAR at FAR `far` is."""
    return bool((~same).sum() * far >= ENOUGH - 1e-9)


def interval(values: Sequence[float]) -> Interval:
    """The middle 95 % of the resamples (percentile method)."""
    low, high = np.percentile(np.asarray(values, np.float64), [2.5, 97.5])
    return float(low), float(high)


def rate_range(values: Sequence[float], people: int) -> Interval:
    """As `interval`, of a rate. Where every draw gives 0, or 1, drawing can't tell how far off that may be: then the
    exact interval (Clopper and Pearson 1934) as if each person were one trial."""
    low, high = interval(values)
    unseen = float(0.025 ** (1 / people))
    if low == high == 1.0:
        return unseen, 1.0
    if low == high == 0.0:
        return 0.0, 1.0 - unseen
    return low, high


def pair_intervals(
    distances: Distances, same: Truths, right: Truths, people: PeopleOfPairs, fars: Sequence[float]
) -> Mapping[str, Interval]:
    """95 % intervals of `Curve.figures`; empty where people or pairs are too few to draw from, without `tar@F` where
    impostor pairs are (`enough`)."""
    fars = [far for far in fars if enough(same, far)]
    curve = Curve(distances, same, right)
    rows = [curve.figures(people.weights(drawn, same), fars) for drawn in draws(people.count)]
    good = [row for row in rows if row is not None]
    if len(good) < RESAMPLES // 2 or people.count < 3:
        return {}
    return {name: rate_range([row[name] for row in good], people.count) for name in good[0]}


def rate_interval(hits: Truths, person: NDArray[np.intp]) -> Interval | None:
    """95 % interval of the part of True among `hits` (N,), drawn over the people `person` (N,); None below three."""
    count = int(person.max()) + 1 if len(person) else 0
    if count < 3:
        return None
    weights = draws(count)[:, person]
    totals = weights.sum(axis=1)
    return rate_range(((weights * hits).sum(axis=1)[totals > 0] / totals[totals > 0]).tolist(), count)
