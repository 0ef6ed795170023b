"""Which unknown faces are one person: tracks clustered by their embeddings. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from faceapp.types import Floats


def cluster(tracks: Sequence[Floats], threshold: float) -> list[list[int]]:
    """Group tracks, each (N, D) with unit rows of one space, by person: the positions of each group's, in rising order,
    the groups by their first. A track without rows is a group of its own.

    Average linkage: the two nearest groups are joined as long as the mean distance over all pairs of their tracks is at
    most `threshold`. Complete linkage would part one person's frontal and turned tracks, single linkage chains
    strangers. What came first doesn't matter: the tracks are sorted by their own numbers before anything else.
    """
    order = sorted((i for i in range(len(tracks)) if len(tracks[i])), key=lambda i: tracks[i].tobytes())
    groups = [[i] for i in order]
    distances = mean_distances([tracks[i] for i in order], [tracks[i] for i in order])
    np.fill_diagonal(distances, np.inf)
    while len(order) > 1:
        a, b = sorted(divmod(int(np.argmin(distances)), len(order)))
        if not distances[a, b] <= threshold:
            break
        # The mean over all pairs of tracks, from the two means (Lance and Williams 1967, group average).
        of_a, of_b = len(groups[a]), len(groups[b])
        joined = (of_a * distances[a] + of_b * distances[b]) / (of_a + of_b)
        distances[a], distances[:, a], distances[a, a] = joined, joined, np.inf
        distances[b], distances[:, b] = np.inf, np.inf
        groups[a] += groups[b]
        groups[b] = []
    alone = [[i] for i in range(len(tracks)) if not len(tracks[i])]
    return sorted(sorted(group) for group in [*groups, *alone] if group)


def nearest(track: Floats, groups: Sequence[Sequence[Floats]], threshold: float) -> int | None:
    """Which of `groups` of tracks a track (N, D) belongs to: the nearest by mean distance, if that is at most
    `threshold`; the first of those equally near. Each group has a track, each track a row, all of one space."""
    if not groups:
        return None
    means = [float(mean_distances([track], group).mean()) for group in groups]
    best = int(np.argmin(means))
    return best if means[best] <= threshold else None


def mean_distances(some: Sequence[Floats], others: Sequence[Floats]) -> NDArray[np.float64]:
    """(len(some), len(others)): for each two tracks, the mean distance of their embeddings, 0 to 2."""
    if not some or not others:
        return np.zeros((len(some), len(others)))
    a, b = np.concatenate(some).astype(np.float64), np.concatenate(others).astype(np.float64)
    apart = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (a @ b.T)))
    sizes_a, sizes_b = np.array([len(t) for t in some]), np.array([len(t) for t in others])
    sums = np.add.reduceat(apart, np.concatenate([[0], np.cumsum(sizes_a)[:-1]]), axis=0)
    sums = np.add.reduceat(sums, np.concatenate([[0], np.cumsum(sizes_b)[:-1]]), axis=1)
    means: NDArray[np.float64] = sums / np.outer(sizes_a, sizes_b)
    return means
