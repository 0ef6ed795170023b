"""The distances among the photographs of some people, and the rates of mistakes they come to, with intervals.

**How many tries pairs are.** n people make n(n-1)/2 pairs, but those aren't so many tries: where a share q of all
people can't be told from each other, a share q^2 of pairs is mistaken, and yet n people show none of it as long as at
most one of them is of that group, which happens in one sample of forty as long as nq < 5.6. So no mistake among n
people rules out a rate above (5.6/n)^2 and no smaller one: that of (n/3)^2 tries (`independent_pairs`). Of searches
there are half as many as people, as each mistake takes two. What no sample of such a size shows, and nothing here
promises, is a rare person who is like a large part of all others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import InputError
from faceapp.evaluation.metrics import Distances
from faceapp.evaluation.proportions import TAIL, Rates, with_intervals
from faceapp.types import Floats

Ids = NDArray[np.intp]
Counts = NDArray[np.int64]

THRESHOLDS: Distances = np.arange(1, 401) / 200
"""(K,): where rates are computed, twice as finely as a window's slider moves, up to the largest distance there is."""
MOST_PHOTOS, MOST_OF_ONE = 4_000, 10
"""Photos that are compared with one another (8 million pairs), and of one person: more says little more."""
FEWEST_PEOPLE = 3
_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """All distances among the photos of some people."""

    people: int
    several: int
    """Of them, with two photos or more."""
    genuine: Distances
    """(G,): pairs of photos of one person."""
    genuine_owner: Ids
    impostor: int
    """Pairs of photos of two people."""
    accepted: Counts
    """(people and strangers, K): of each one's pairs with others, how many lie within each threshold."""
    pairs: Counts
    """(people and strangers,): how many pairs those are. Each pair is two people's."""
    owner: Ids
    """(P,): whose each photo is, 0 to people - 1; from there on strangers."""
    own: Distances
    """(P,): from the nearest other photo of the same person; inf where there is none."""
    other: Distances
    """(P,): from the nearest photo of anybody else who is enrolled."""
    other_owner: Ids
    other_second: Distances
    """(P,): from the nearest photo of anybody but those two."""

    @property
    def photos(self) -> int:
        """Of people, without strangers'."""
        return int((self.owner < self.people).sum())

    @property
    def accepts(self) -> Counts:
        """(K,): impostor pairs within each threshold."""
        result: Counts = self.accepted.sum(axis=0) // 2
        return result


def drawn(people: Ids, most: int = MOST_PHOTOS, most_of_one: int = MOST_OF_ONE, seed: int = 0) -> Ids:
    """Positions of the photos to measure, rising: at most `most_of_one` of each person, and of as many people, drawn at
    random, as have `most` in all. `people` int (N,)."""
    order = np.random.default_rng(seed).permutation(np.unique(people))
    kept: list[Ids] = []
    count = 0
    for person in order:
        rows = np.flatnonzero(people == person)[:most_of_one]
        if count + len(rows) > most:
            break
        kept.append(rows)
        count += len(rows)
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, np.intp)


def measure(vectors: Floats, people: Ids, strangers: Floats | None = None, whose: Ids | None = None) -> Sample:
    """Compare everybody with everybody. `vectors` float32 (N, D) unit rows, `people` int (N,), any numbers;
    `strangers` (S, D) are compared with the people, not with each other, `whose` int (S,) they are.
    Raises InputError for fewer than FEWEST_PEOPLE people."""
    ids, owner = np.unique(people, return_inverse=True)
    n = len(ids)
    if n < FEWEST_PEOPLE:
        who = "1 person is" if n == 1 else f"{n} people are"
        raise InputError(f"{who} too few to calibrate with: {people_needed(1e-3)} or more are needed")
    probes, of_probe = vectors, owner.astype(np.intp)
    if strangers is not None and whose is not None and len(strangers):
        _, numbers = np.unique(whose, return_inverse=True)
        probes = np.concatenate([vectors, strangers])
        of_probe = np.concatenate([owner, n + numbers]).astype(np.intp)
    gallery, of_row = vectors.astype(np.float64), owner.astype(np.intp)
    count, rows = len(probes), len(gallery)
    genuine: list[tuple[Distances, Ids]] = []
    impostors, bins = int(of_probe.max()) + 1, len(THRESHOLDS) + 1
    found = np.zeros(impostors * bins, np.int64)  # by person and threshold: distances would be many millions
    own, other, second = (np.full(count, np.inf) for _ in range(3))
    other_owner = np.zeros(count, np.intp)
    for start in range(0, count, _ROWS):
        here = of_probe[start : start + _ROWS]
        d = np.sqrt(np.clip(2.0 - 2.0 * (probes[start : start + _ROWS].astype(np.float64) @ gallery.T), 0.0, 4.0))
        numbers = np.arange(start, start + len(here))[:, None]
        same = here[:, None] == of_row[None, :]
        itself = numbers == np.arange(rows)[None, :]
        # Each pair once: a person's photo with those before it, a stranger's with all.
        once = (np.arange(rows)[None, :] < numbers) | (numbers >= rows)
        i, j = np.nonzero(same & once)
        genuine.append((d[i, j], here[i]))
        i, j = np.nonzero(~same & once)
        first = np.searchsorted(THRESHOLDS, d[i, j], side="left")
        for whose_pair in (here[i], of_row[j]):
            found += np.bincount(whose_pair * bins + first, minlength=len(found))
        part = slice(start, start + len(here))
        own[part] = np.where(same & ~itself, d, np.inf).min(axis=1)
        others = np.where(same, np.inf, d)
        other[part] = others.min(axis=1)
        other_owner[part] = of_row[others.argmin(axis=1)]
        second[part] = np.where(of_row[None, :] == other_owner[part, None], np.inf, others).min(axis=1)
    genuine_distances, genuine_owner = (np.concatenate(c) for c in zip(*genuine, strict=True))
    several = int((np.bincount(owner) > 1).sum())
    counts = np.cumsum(found.reshape(impostors, bins), axis=1)
    return Sample(
        people=n,
        several=several,
        genuine=genuine_distances,
        genuine_owner=genuine_owner,
        impostor=int(counts[:, -1].sum()) // 2,
        accepted=counts[:, :-1],
        pairs=counts[:, -1],
        owner=of_probe,
        own=own,
        other=other,
        other_owner=other_owner,
        other_second=second,
    )


# Rates at thresholds


def false_accepts(sample: Sample) -> Rates:
    """1:1: pairs of photos of two people that are accepted. At most `independent_pairs` tries."""
    hits = sample.accepted.astype(np.float64)
    rate, variance = _left_out(sample.accepts, sample.impostor, hits, sample.pairs)
    return with_intervals(rate, variance, independent_pairs(sample.people), rising=True)


def false_rejects(sample: Sample) -> Rates | None:
    """1:1: pairs of photos of one person that are refused; None where nobody has two photos."""
    return _rejects(sample.genuine, sample.genuine_owner, sample.several)


def false_names(sample: Sample) -> Rates:
    """1:K: searches for somebody who is not enrolled that name one who is (false positive identification rate, ISO/IEC
    19795-1). Each photo is searched for among everybody else's. At most `independent_searches` tries."""
    n = int(sample.owner.max()) + 1
    hits = _hits(sample.other, sample.owner, n)
    total = hits.sum(axis=0)
    # Without somebody their photos aren't searched for, and those they attract go to the next.
    hits += _hits(sample.other, sample.other_owner, n)
    hits -= _hits(sample.other_second, sample.other_owner, n)
    rate, variance = _left_out(total, len(sample.other), hits, np.bincount(sample.owner, minlength=n))
    return with_intervals(rate, variance, independent_searches(sample.people), rising=True)


def misses(sample: Sample) -> Rates | None:
    """1:K: searches for somebody who is enrolled that don't name them: too far, or somebody else is nearer. None where
    nobody has two photos."""
    known = np.isfinite(sample.own) & (sample.owner < sample.people)
    named = np.where(sample.own <= sample.other, sample.own, np.inf)[known]
    return _rejects(named, sample.owner[known], sample.several)


def _rejects(distances: Distances, owner: Ids, people: int) -> Rates | None:
    if not len(distances):
        return None
    hits = _hits(distances, owner)
    rate, variance = _left_out(hits.sum(axis=0), len(distances), hits, np.bincount(owner))
    return with_intervals(1 - rate, variance, people, rising=False)


def _hits(d: Distances, owner: Ids, people: int = 0) -> NDArray[np.float64]:
    """(people, K): how many of each person's distances each threshold accepts."""
    n, k = max(people, int(owner.max()) + 1), len(THRESHOLDS)
    first = np.searchsorted(THRESHOLDS, d, side="left")
    counts = np.bincount(owner * (k + 1) + first, minlength=n * (k + 1)).reshape(n, k + 1)
    return np.cumsum(counts[:, :k], axis=1).astype(np.float64)


def _left_out(
    total: NDArray[np.int64] | NDArray[np.float64], count: int, hits: NDArray[np.float64], sizes: Counts | Ids
) -> tuple[Distances, Distances]:
    """The accepted share (K,), `total` (K,) of `count`, and the jackknife variance of it (Efron and Stein 1981),
    leaving out one person at a time: `hits` (n, K) and `sizes` (n,) are what goes with each."""
    share: Distances = total / count
    there = (sizes > 0) & (sizes < count)
    n = int(there.sum())
    if n < 2:
        return share, share * (1 - share)
    without = (total - hits[there]) / (count - sizes[there, None])
    return share, (n - 1) / n * ((without - share) ** 2).sum(axis=0)


# What a sample can say


def pairs_of(people: int) -> int:
    """How many pairs so many people make."""
    return people * (people - 1) // 2


def independent_pairs(people: int) -> float:
    """For how many independent tries all pairs of so many people may count, where no mistake was seen."""
    return max(1.0, (people / 3) ** 2)


def independent_searches(people: int) -> float:
    """The same, of a search for each of so many people among the others."""
    return max(1.0, people / 2)


def people_needed(far: float) -> int:
    """How many people it takes to promise a 1:1 rate, where no mistake is seen."""
    return math.ceil(3 * math.sqrt(_tries_needed(far)) - 1e-9)


def people_needed_to_search(rate: float) -> int:
    """The same for a rate of searches."""
    return math.ceil(2 * _tries_needed(rate) - 1e-9)


def _tries_needed(rate: float) -> float:
    """So many tries without a mistake rule out a larger rate."""
    return math.log(TAIL) / math.log1p(-rate)
