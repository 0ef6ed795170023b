"""What a site's own photographs say about its thresholds, and for which rates they can't speak.

From embeddings of people with ids: *impostor* distances (photos of two people), *genuine* ones (two photos of one),
and, for a search through everybody, each photo's distance from the nearest other photo of its person and from the
nearest photo of anybody else. Rates come with the intervals of `proportions`.

**What a sample can promise.** Pairs of photographs aren't independent, so a rate is promised only where it would
show: with no mistake among N pairs of *people*, a rate above 3/N is ruled out with 95 % certainty ("rule of three":
Hanley and Lippman-Hand 1983), and nothing below 3/N is. Of searches there are as many independent ones as people.
Under that, `chosen` keeps the manifest's distance, which was measured on more or other people, unless the site's own
is stricter already at the smallest rate it can speak for.

**Unknown faces.** Whoever was within the threshold was named, so faces from the inbox lie beyond it, and among them
may be colleagues who weren't known. Counted as strangers they can therefore make a threshold stricter, never laxer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import InputError
from faceapp.evaluation.metrics import Distances, threshold_at_far
from faceapp.evaluation.proportions import Rate, Rates, with_intervals
from faceapp.types import Floats
from faceapp.zoo.specs import Targets, ThresholdTable

Ids = NDArray[np.intp]
By: TypeAlias = Literal["site", "bounded", "manifest"]

THRESHOLDS: Distances = np.arange(1, 200) / 100
"""Where rates are computed: every hundredth, as finely as a window's slider moves."""
MOST_PHOTOS, MOST_OF_ONE = 4_000, 10
"""Photos that are compared with one another (8 million pairs), and of one person: more says little more."""
FEWEST_PEOPLE = 3
_RULE_OF_THREE = 3.0
_PER_DECADE = 8
_LARGEST_RATE = 0.5
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
    impostor: Distances
    """(M,): pairs of photos of two people."""
    impostor_owners: tuple[Ids, Ids]
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
    impostor: list[tuple[Distances, Ids, Ids]] = []
    own, other, second = (np.full(count, np.inf) for _ in range(3))
    other_owner = np.zeros(count, np.intp)
    for start in range(0, count, _ROWS):
        here = of_probe[start : start + _ROWS]
        d = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (probes[start : start + _ROWS].astype(np.float64) @ gallery.T)))
        numbers = np.arange(start, start + len(here))[:, None]
        same = here[:, None] == of_row[None, :]
        itself = numbers == np.arange(rows)[None, :]
        # Each pair once: a person's photo with those before it, a stranger's with all.
        once = (np.arange(rows)[None, :] < numbers) | (numbers >= rows)
        i, j = np.nonzero(same & once)
        genuine.append((d[i, j], here[i]))
        i, j = np.nonzero(~same & once)
        impostor.append((d[i, j], here[i], of_row[j]))
        part = slice(start, start + len(here))
        own[part] = np.where(same & ~itself, d, np.inf).min(axis=1)
        others = np.where(same, np.inf, d)
        other[part] = others.min(axis=1)
        other_owner[part] = of_row[others.argmin(axis=1)]
        second[part] = np.where(of_row[None, :] == other_owner[part, None], np.inf, others).min(axis=1)
    genuine_distances, genuine_owner = (np.concatenate(c) for c in zip(*genuine, strict=True))
    impostor_distances, left, right = (np.concatenate(c) for c in zip(*impostor, strict=True))
    several = int((np.bincount(owner) > 1).sum())
    pairs = genuine_distances, genuine_owner, impostor_distances, (left, right)
    return Sample(n, several, *pairs, of_probe, own, other, other_owner, second)


# Rates at thresholds


def false_accepts(sample: Sample, thresholds: Distances = THRESHOLDS) -> Rates:
    """1:1: pairs of photos of two people that are accepted. At most as many independent tries as pairs of people."""
    left, right = sample.impostor_owners
    n = int(sample.owner.max()) + 1
    hits = _hits(sample.impostor, left, thresholds, n) + _hits(sample.impostor, right, thresholds, n)
    sizes = np.bincount(left, minlength=n) + np.bincount(right, minlength=n)
    rate, variance = _left_out(sample.impostor, hits, sizes, thresholds)
    return with_intervals(rate, variance, pairs_of(sample.people), rising=True)


def false_rejects(sample: Sample, thresholds: Distances = THRESHOLDS) -> Rates | None:
    """1:1: pairs of photos of one person that are refused; None where nobody has two photos."""
    return _rejects(sample.genuine, sample.genuine_owner, sample.several, thresholds)


def false_names(sample: Sample, thresholds: Distances = THRESHOLDS) -> Rates:
    """1:K: searches for somebody who is not enrolled that name one who is (false positive identification rate, ISO/IEC
    19795-1). Each photo is searched for among everybody else's. At most as many independent tries as people."""
    n = int(sample.owner.max()) + 1
    hits = _hits(sample.other, sample.owner, thresholds, n)
    # Without somebody their photos aren't searched for, and those they attract go to the next.
    hits += _hits(sample.other, sample.other_owner, thresholds, n)
    hits -= _hits(sample.other_second, sample.other_owner, thresholds, n)
    rate, variance = _left_out(sample.other, hits, np.bincount(sample.owner, minlength=n), thresholds)
    return with_intervals(rate, variance, sample.people, rising=True)


def misses(sample: Sample, thresholds: Distances = THRESHOLDS) -> Rates | None:
    """1:K: searches for somebody who is enrolled that don't name them: too far, or somebody else is nearer. None where
    nobody has two photos."""
    known = np.isfinite(sample.own) & (sample.owner < sample.people)
    named = np.where(sample.own <= sample.other, sample.own, np.inf)[known]
    return _rejects(named, sample.owner[known], sample.several, thresholds)


def _rejects(distances: Distances, owner: Ids, people: int, thresholds: Distances) -> Rates | None:
    if not len(distances):
        return None
    sizes = np.bincount(owner)
    rate, variance = _left_out(distances, _hits(distances, owner, thresholds), sizes, thresholds)
    return with_intervals(1 - rate, variance, people, rising=False)


def _hits(d: Distances, owner: Ids, thresholds: Distances, people: int = 0) -> NDArray[np.float64]:
    """(people, K): how many of each person's distances each threshold accepts."""
    n, k = max(people, int(owner.max()) + 1), len(thresholds)
    first = np.searchsorted(thresholds, d, side="left")
    counts = np.bincount(owner * (k + 1) + first, minlength=n * (k + 1)).reshape(n, k + 1)
    return np.cumsum(counts[:, :k], axis=1).astype(np.float64)


def _left_out(
    d: Distances, hits: NDArray[np.float64], sizes: NDArray[np.intp], thresholds: Distances
) -> tuple[Distances, Distances]:
    """The accepted share (K,) and the jackknife variance of it (Efron and Stein 1981), leaving out one person at a
    time: `hits` (n, K) and `sizes` (n,) are what goes with each."""
    total = np.searchsorted(np.sort(d), thresholds, side="right").astype(np.float64)
    share = total / len(d)
    there = (sizes > 0) & (sizes < len(d))
    n = int(there.sum())
    if n < 2:
        return share, share * (1 - share)
    without = (total - hits[there]) / (len(d) - sizes[there, None])
    return share, (n - 1) / n * ((without - share) ** 2).sum(axis=0)


# What a sample can say


def pairs_of(people: int) -> int:
    """How many pairs so many people make."""
    return people * (people - 1) // 2


def smallest_far(people: int) -> float:
    """The smallest 1:1 rate that so many people can speak for."""
    return min(1.0, _RULE_OF_THREE / max(1, pairs_of(people)))


def people_needed(far: float) -> int:
    """How many people it takes to speak for a 1:1 rate."""
    return math.ceil((1 + math.sqrt(1 + 8 * math.ceil(_RULE_OF_THREE / far - 1e-9))) / 2 - 1e-12)


def smallest_fpir(people: int) -> float:
    """The smallest rate of searches that so many people, each searched for, can speak for."""
    return min(1.0, _RULE_OF_THREE / max(1, people))


def table_of(distances: list[Distances], space: str, wanted: float, source: str) -> ThresholdTable:
    """The distance at each rate from `_LARGEST_RATE` down to that of none at all, the strictest of several sets of
    `distances` that are to be refused. `wanted`: a rate that is to be exact."""
    count = len(distances[0])
    steps = _LARGEST_RATE * 10.0 ** (-np.arange(0, 10 * _PER_DECADE) / _PER_DECADE)
    exact = [f for f in (wanted, 1 / (count + 1)) if f * (count + 1) >= 1]
    apart = [float(f) for f in steps if f * count >= 1 and all(abs(f / e - 1) > 1e-6 for e in exact)]
    rates = tuple(sorted({*apart, *exact}, reverse=True))
    found = tuple(max(0.0, min(threshold_at_far(d, f) for d in distances)) for f in rates)
    return ThresholdTable(space, rates, found, source)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The rates at `thresholds`."""

    thresholds: Distances
    false_accepts: Rates
    false_rejects: Rates | None
    false_names: Rates
    misses: Rates | None
    searched: int
    """How many people each search went through."""


def curve_of(samples: list[Sample], further: Sequence[float] = ()) -> Curve:
    """The rates of the first sample, or another's, with strangers in it, where those are worse; at THRESHOLDS and
    `further` ones."""
    at = np.unique([*THRESHOLDS, *further])
    accepts, names = (_worst([rates(s, at) for s in samples]) for rates in (false_accepts, false_names))
    base = samples[0]
    return Curve(at, accepts, false_rejects(base, at), names, misses(base, at), base.people - 1)


def _worst(rates: list[Rates]) -> Rates:
    return Rates(*(np.max([getattr(r, end) for r in rates], axis=0) for end in ("value", "low", "high")))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A distance, and whose it is."""

    distance: float
    by: By
    """site: the calibration's own, for a rate it can speak for (or, without a manifest's, its strictest). bounded: the
    calibration's at the smallest rate it can speak for, because the manifest's is laxer. manifest: the manifest's."""
    promised: bool
    """Whether the calibration can speak for the rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What was measured, and what follows from it."""

    made: str
    """ISO 8601, UTC."""
    source: str
    """`gallery` or `folder`."""
    people: int
    several: int
    photos: int
    gallery: tuple[int, int]
    """People and photos of the gallery it is of, whether they were all compared or not; (0, 0) for a folder."""
    strangers: int
    """People of the inbox who were compared as well."""
    genuine: int
    impostor: int
    """Pairs of photos."""
    fingerprint: str
    """SHA-256 of the sorted ids of the photos."""
    targets: Targets
    table: ThresholdTable
    """1:1: distances by the rate of comparisons."""
    searches: ThresholdTable
    """1:K: distances by the rate of searches through all the photos."""
    curve: Curve
    door: bool
    """Whether it is in force at the door."""

    @property
    def space(self) -> str:
        return self.table.space

    @property
    def smallest_far(self) -> float:
        """The smallest 1:1 rate it can speak for."""
        return smallest_far(self.people)

    def chosen(self, far: float, manifest: ThresholdTable | None) -> Chosen:
        """The distance for a 1:1 rate: its own where it can speak for that; else the manifest's, never laxer than its
        own at the smallest rate it can speak for; where there is no manifest's, its own as far as it goes."""
        if far >= self.smallest_far:
            return Chosen(self.table.distance_at(far), "site", True)
        if manifest is None:
            return Chosen(self.table.distance_at(far), "site", False)
        own, theirs = self.table.distance_at(self.smallest_far), manifest.distance_at(far)
        return Chosen(own, "bounded", False) if own < theirs else Chosen(theirs, "manifest", False)

    def search_far(self, templates: int) -> float:
        """1:K as a 1:1 rate: each template is a chance to be wrong."""
        return min(self.targets.verify_far, self.targets.identify_fpir / max(1, templates))

    def search_rate(self, templates: int) -> float:
        """The rate of searches that is wanted of a gallery as large as the photos compared, so that one of so many
        templates has the rate of the targets. A smaller gallery gets nothing off."""
        return self.targets.identify_fpir * min(1.0, self.photos / max(1, templates))

    def chosen_to_search(self, templates: int, manifest: ThresholdTable | None) -> Chosen:
        """The distance for searches through so many templates, by the same rule as `chosen`. Never laxer than that for
        one comparison."""
        rate = self.search_rate(templates)
        if rate >= smallest_fpir(self.people):
            verify = self.chosen(self.targets.verify_far, manifest)
            return Chosen(min(self.searches.distance_at(rate), verify.distance), "site", True)
        far = self.search_far(templates)
        bounds = self.table.distance_at(self.smallest_far), self.searches.distance_at(smallest_fpir(self.people))
        if manifest is None:
            return Chosen(min(self.table.distance_at(far), *bounds), "site", False)
        own, theirs = min(bounds), manifest.distance_at(far)
        return Chosen(own, "bounded", False) if own < theirs else Chosen(theirs, "manifest", False)

    def people_needed_to_search(self, templates: int) -> int:
        """How many people it would take to speak for searches through so many templates."""
        return math.ceil(_RULE_OF_THREE / self.search_rate(templates) - 1e-9)

    def rates_at(self, threshold: float) -> RatesAt:
        """The rates at any threshold, those of the nearest hundredth that is no nicer."""
        return rates_at(self.curve, threshold)


@dataclass(frozen=True, slots=True)
class RatesAt:
    """The rates at one threshold."""

    false_accepts: Rate
    false_rejects: Rate | None
    false_names: Rate
    misses: Rate | None


def rates_at(curve: Curve, threshold: float) -> RatesAt:
    """Between two hundredths, mistakes about strangers are those of the laxer one, refusals those of the stricter."""
    last = len(curve.thresholds) - 1
    lax = min(last, int(np.searchsorted(curve.thresholds, threshold - 1e-9)))
    strict = int(np.searchsorted(curve.thresholds, threshold + 1e-9, side="right")) - 1
    nobody = Rate(1.0, 1.0, 1.0)  # stricter than the strictest that was looked at

    def refused(rates: Rates | None) -> Rate | None:
        return None if rates is None else nobody if strict < 0 else rates.at(strict)

    return RatesAt(
        curve.false_accepts.at(lax), refused(curve.false_rejects), curve.false_names.at(lax), refused(curve.misses)
    )
