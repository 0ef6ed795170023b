"""Verification metrics over distances: small is alike.

A pair whose face was not found has distance infinity: an error in the accuracy, beyond every threshold in the rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FoldedAccuracy:
    """LFW's View 2 figure: the threshold is chosen on nine folds and applied to the tenth."""

    mean: float
    std: float
    """Standard deviation over the folds."""
    thresholds: tuple[float, ...]
    accuracies: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """The whole trade-off: a point for each distinct distance, from "accept nobody" to "accept everybody"."""

    far: NDArray[np.float64]
    """(K,): part of the impostor pairs accepted, rising from 0 to 1."""
    tar: NDArray[np.float64]
    """(K,): part of the genuine pairs accepted, rising from 0 to 1."""
    thresholds: NDArray[np.float64]
    """(K,): accept where distance <= threshold; the first is -inf."""

    def auc(self) -> float:
        """Area under the curve: how often a genuine pair is nearer than an impostor pair, a tie counting half."""
        return float(np.trapezoid(self.tar, self.far))

    def eer(self) -> float:
        """Equal error rate: where as many impostors are accepted as genuine pairs refused, on the straight line between
        the two points beside it."""
        gap = self.far - (1.0 - self.tar)
        k = int(np.argmax(gap >= 0))
        if k == 0 or gap[k] == gap[k - 1]:
            return float(self.far[k])
        part = -gap[k - 1] / (gap[k] - gap[k - 1])
        return float(self.far[k - 1] + part * (self.far[k] - self.far[k - 1]))


def roc(distances: Distances, same: Truths) -> Roc:
    """The curve of distances float64 (N,), same bool (N,), with at least one pair of each kind."""
    order = np.argsort(distances, kind="stable")
    d, s = distances[order], same[order]
    last = np.flatnonzero(np.concatenate([d[1:] > d[:-1], [True]]))  # of each group of equal distances
    genuine, impostors = np.cumsum(s)[last], np.cumsum(~s)[last]
    return Roc(
        np.concatenate([[0.0], impostors / impostors[-1]]),
        np.concatenate([[0.0], genuine / genuine[-1]]),
        np.concatenate([[-np.inf], d[last]]),
    )


def best_threshold(distances: Distances, same: Truths) -> float:
    """The threshold with the most right answers (accept where distance <= threshold), the middle of its gap.
    distances float64 (N,), same bool (N,)."""
    order = np.argsort(distances, kind="stable")
    d, s = distances[order], same[order]
    # Accepting the first k pairs is right for the genuine ones among them and for the impostors after them.
    right = np.concatenate([[0], np.cumsum(s)]) + (~s).sum() - np.concatenate([[0], np.cumsum(~s)])
    cuts = np.flatnonzero(np.concatenate([[True], d[1:] > d[:-1], [True]]) & np.concatenate([[True], np.isfinite(d)]))
    k = int(cuts[np.argmax(right[cuts])])
    finite = d[np.isfinite(d)]
    if not finite.size:
        return 0.0
    low = d[k - 1] if k else finite[0] - 1e-6
    high = d[k] if k < len(d) and np.isfinite(d[k]) else low
    return float((low + high) / 2)


def folded_accuracy(distances: Distances, same: Truths, fold: NDArray[np.intp]) -> FoldedAccuracy:
    """Accuracy by folds. distances float64 (N,) with inf where a face is missing, same bool (N,), fold int (N,) of at
    least two different ones."""
    accuracies, thresholds = [], []
    for k in np.unique(fold):
        here = fold == k
        t = best_threshold(distances[~here], same[~here])
        thresholds.append(t)
        accuracies.append(float(right_answers(distances[here], same[here], t).mean()))
    return FoldedAccuracy(float(np.mean(accuracies)), float(np.std(accuracies)), tuple(thresholds), tuple(accuracies))


def right_answers(distances: Distances, same: Truths, thresholds: float | Distances) -> Truths:
    """(N,): where the answer at the threshold (one, or one for each pair) is right; never where a face is missing."""
    right: Truths = ((distances <= thresholds) == same) & np.isfinite(distances)
    return right


def threshold_at_far(impostors: Distances, far: float) -> float:
    """The largest threshold that accepts at most floor(far x N) of the impostor distances float64 (N,)."""
    allowed = int(np.floor(far * len(impostors) + 1e-9))
    d = np.sort(impostors)
    if allowed >= len(d):
        return float(d[-1])
    # Just under the first distance that must be refused; equal distances are refused together.
    return float(np.nextafter(d[allowed], -np.inf))


def tar_at_far(distances: Distances, same: Truths, far: float) -> float:
    """Share of genuine pairs accepted at the threshold of `threshold_at_far`."""
    t = threshold_at_far(distances[~same], far)
    return float((distances[same] <= t).mean())


def impostor_distances(embeddings: NDArray[np.float32], people: NDArray[np.intp]) -> Distances:
    """Distances of all pairs of different people. embeddings float32 (N, D) unit rows, people int (N,)."""
    dots = embeddings.astype(np.float64) @ embeddings.T.astype(np.float64)
    i, j = np.triu_indices(len(people), 1)
    keep = people[i] != people[j]
    return np.asarray(np.sqrt(np.maximum(0.0, 2.0 - 2.0 * dots[i[keep], j[keep]])))
