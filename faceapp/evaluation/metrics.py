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
    """Accuracy by folds. distances float64 (N,) with inf where a face is missing, same bool (N,), fold int (N,)."""
    accuracies, thresholds = [], []
    for k in np.unique(fold):
        here = fold == k
        t = best_threshold(distances[~here], same[~here])
        answers = distances[here] <= t
        right = (answers == same[here]) & np.isfinite(distances[here])
        thresholds.append(t)
        accuracies.append(float(right.mean()))
    return FoldedAccuracy(float(np.mean(accuracies)), float(np.std(accuracies)), tuple(thresholds), tuple(accuracies))


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
