"""What a site's own photographs say about its thresholds, and for which rates they can't speak.

From embeddings of people with ids: *impostor* distances (photos of two people), *genuine* ones (two photos of one),
and, for a search through everybody, each photo's distance from the nearest other photo of its person and from the
nearest photo of anybody else. Rates come with the intervals of `proportions`, at each half hundredth of a distance.

**What a sample can promise.** A rate is promised at the largest distance whose interval ends at that rate or below, so
that the true one is above it in one calibration of forty; the distance that merely *had* so few mistakes would be too
lax in more than half of them. Where not even the strictest distance's interval ends there, nothing is promised, and
`chosen` keeps the manifest's distance, which was measured on more or other people, unless the site's people show that
it is too lax (there the interval begins above the rate).

**How many tries** a sample is for that is said in `samples`, and what it can't show.

**Unknown faces.** Whoever was within the threshold was named, so faces from the inbox lie beyond it, and among them
may be colleagues who weren't known. Counted as strangers they can therefore make a threshold stricter, never laxer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from faceapp.evaluation.metrics import Distances
from faceapp.evaluation.proportions import Rate, Rates
from faceapp.evaluation.samples import (
    THRESHOLDS,
    Sample,
    false_accepts,
    false_names,
    false_rejects,
    misses,
    people_needed_to_search,
)
from faceapp.zoo.specs import Targets, ThresholdTable

By: TypeAlias = Literal["site", "bounded", "manifest"]


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


def curve_of(samples: list[Sample]) -> Curve:
    """The rates of the first sample, or another's, with strangers in it, where those are worse; at THRESHOLDS."""
    accepts, names = (_worst([rates(s) for s in samples]) for rates in (false_accepts, false_names))
    base = samples[0]
    return Curve(THRESHOLDS, accepts, false_rejects(base), names, misses(base), base.people - 1)


def _worst(rates: list[Rates]) -> Rates:
    return Rates(*(np.max([getattr(r, end) for r in rates], axis=0) for end in ("value", "low", "high")))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A distance, and whose it is."""

    distance: float
    by: By
    """site: the calibration's own, for a rate it can promise (or, without a manifest's, as strict as it can tell).
    bounded: the calibration's, because the manifest's is laxer. manifest: the manifest's."""
    promised: bool
    """Whether the calibration can promise the rate."""


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
    space: str
    """The embedding space the distances belong to."""
    curve: Curve
    door: bool
    """Whether it is in force at the door."""

    @property
    def smallest_far(self) -> float:
        """The smallest 1:1 rate it can promise."""
        return float(self.curve.false_accepts.high[0])

    def promised(self, far: float) -> float | None:
        """The largest distance at which it can promise a 1:1 rate; None where it can't."""
        return self._within(self.curve.false_accepts.high, far)

    def chosen(self, far: float, manifest: ThresholdTable | None) -> Chosen:
        """The distance for a 1:1 rate: its own where it can promise that; else the manifest's, unless the people show
        that it is too lax, and never laxer than its own for the rate of verification; where there is no manifest's, the
        one up to which no larger share was mistaken."""
        own = self.promised(far)
        return Chosen(own, "site", True) if own is not None else self._not_promised(far, manifest, [])

    def _not_promised(self, far: float, manifest: ThresholdTable | None, further: list[float]) -> Chosen:
        """`further`: bounds besides."""
        accepts = self.curve.false_accepts
        verify = self.promised(self.targets.verify_far)
        bound = min(self._within(accepts.low, far) or 0.0, *([] if verify is None else [verify]), *further, 2.0)
        if manifest is None:
            return Chosen(min(bound, self._within(accepts.value, far) or 0.0), "site", False)
        theirs = manifest.distance_at(far)
        return Chosen(bound, "bounded", False) if bound < theirs else Chosen(theirs, "manifest", False)

    def _within(self, ends: Distances, rate: float) -> float | None:
        """The largest threshold whose rate, or end of the interval, is at most `rate`."""
        count = int((ends <= rate).sum())  # they rise
        return float(self.curve.thresholds[count - 1]) if count else None

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
        rate, names = self.search_rate(templates), self.curve.false_names
        own = self._within(names.high, rate)
        if own is not None:
            return Chosen(min(own, self.chosen(self.targets.verify_far, manifest).distance), "site", True)
        return self._not_promised(self.search_far(templates), manifest, [self._within(names.low, rate) or 0.0])

    def people_needed_to_search(self, templates: int) -> int:
        """How many people it would take to promise the rate of searches through so many templates."""
        return people_needed_to_search(self.search_rate(templates))

    def rates_at(self, threshold: float) -> RatesAt:
        """The rates at any threshold, those of the nearest half hundredth that is no nicer."""
        return rates_at(self.curve, threshold)


@dataclass(frozen=True, slots=True)
class RatesAt:
    """The rates at one threshold."""

    false_accepts: Rate
    false_rejects: Rate | None
    false_names: Rate
    misses: Rate | None


def rates_at(curve: Curve, threshold: float) -> RatesAt:
    """Between two that were looked at, mistakes about strangers are those of the laxer one, refusals those of the
    stricter."""
    last = len(curve.thresholds) - 1
    lax = min(last, int(np.searchsorted(curve.thresholds, threshold - 1e-9)))
    strict = int(np.searchsorted(curve.thresholds, threshold + 1e-9, side="right")) - 1
    nobody = Rate(1.0, 1.0, 1.0)  # stricter than the strictest that was looked at

    def refused(rates: Rates | None) -> Rate | None:
        return None if rates is None else nobody if strict < 0 else rates.at(strict)

    return RatesAt(
        curve.false_accepts.at(lax), refused(curve.false_rejects), curve.false_names.at(lax), refused(curve.misses)
    )
