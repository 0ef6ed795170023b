"""Who is this, among everybody enrolled? Closed set: rank and CMC. Open set: detection and identification rate.

Closed set (Phillips et al. 2011): each probe's people in the order of their nearest gallery photo; the cumulative match
characteristic at rank r is the part of probes whose own person is among the first r. Open set (ISO/IEC 19795): at the
threshold that names at most a part f of the strangers (FPIR), the part of probes that are named, and rightly (DIR).
How sure: `searches`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.evaluation.intervals import Interval
from faceapp.evaluation.metrics import Distances
from faceapp.evaluation.searches import Searches
from faceapp.types import Floats, JsonObject

FPIRS = (0.01, 0.001)
_LONGEST_CMC = 50


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What is searched in what: numbers of people are 0 to P - 1."""

    gallery: Floats
    """(G, D) unit rows."""
    owner: NDArray[np.intp]
    """(G,): whose gallery photo it is; each of 0 to P - 1 at least once."""
    probes: Floats
    """(Q, D); a row of zeros where no face was found."""
    probe_owner: NDArray[np.intp]
    """(Q,): who it is."""
    strangers: Floats | None
    """(S, D) of people who are not enrolled, zeros where no face was found. None: every probe once more, searched with
    its own person taken out of the gallery."""
    stranger_owner: NDArray[np.intp] | None = None
    """(S,): who it is, 0 to their number - 1. None: each is somebody else, or there are none of their own."""
    not_enrolled: int = 0
    """People who are not in it because none of their photos shows a face."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The photos behind the distances: rows of the gallery, -1 where there is none (no face, or nobody else)."""

    own: NDArray[np.intp]
    """(Q,): the nearest of the probe's own person."""
    other: NDArray[np.intp]
    """(Q,): the nearest of anybody else,"""
    other_distance: Distances
    """(Q,): and how far that is; infinity where there is none."""
    stranger: NDArray[np.intp]
    """(S,): the nearest to each stranger."""


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a fixed threshold comes to."""

    what: str
    threshold: float
    named: int
    """Probes named rightly."""
    wrongly: int
    """Probes given somebody else's name."""
    strangers_named: int
    named_interval: Interval | None
    """95 %, of the rate; None where people are too few."""
    strangers_interval: Interval | None

    def as_json(self) -> JsonObject:
        return {
            "what": self.what,
            "threshold": self.threshold,
            "named": self.named,
            "wrongly": self.wrongly,
            "strangers_named": self.strangers_named,
            "intervals": {
                name: None if i is None else list(i)
                for name, i in (("named", self.named_interval), ("strangers_named", self.strangers_interval))
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """The figures of one embedder."""

    people: int
    templates: int
    probes: int
    strangers: int
    """Searches for somebody who isn't there."""
    taken_out: bool
    """True where those strangers are the probes themselves, their person taken out."""
    failed: int
    """Probes and strangers without a face."""
    not_enrolled: int
    """People none of whose photos shows a face: in no other figure, though at a door they would be failures, too."""
    cmc: tuple[float, ...]
    """At rank 1, 2, ...: as many as there are people, at most 50."""
    dir_at_fpir: Mapping[float, float]
    thresholds: Mapping[float, float]
    """By FPIR."""
    reached: Mapping[float, float]
    """The FPIR that is really reached there, by the one asked for."""
    intervals: Mapping[str, Interval]
    at: tuple[AtThreshold, ...]
    searches: Searches
    """Each of them; probes and strangers in the trial's order."""
    neighbours: Neighbours

    @property
    def mated(self) -> Distances:
        """(Q,): distance of each probe to its own person."""
        return self.searches.own

    @property
    def nearest_wrong(self) -> Distances:
        """(S,): distance of each stranger to the nearest person."""
        return self.searches.nearest

    @property
    def unsure(self) -> tuple[float, ...]:
        """The FPIRs at which there are too few strangers to say how sure DIR is."""
        return tuple(f for f in self.dir_at_fpir if not self.searches.enough(f))

    def rank(self, r: int) -> float:
        """The part of probes whose person is among the first `r`."""
        return self.cmc[min(r, len(self.cmc)) - 1]

    def as_json(self) -> JsonObject:
        """Not rounded."""
        return {
            "people": self.people,
            "templates": self.templates,
            "probes": self.probes,
            "strangers": self.strangers,
            "strangers_are": "the probes, with their own person taken out" if self.taken_out else "people not enrolled",
            "failed": self.failed,
            "not_enrolled": self.not_enrolled,
            "rank1": self.rank(1),
            "rank5": self.rank(5),
            "cmc": list(self.cmc),
            "dir_at_fpir": {f"{f:g}": v for f, v in self.dir_at_fpir.items()},
            "threshold_at_fpir": {f"{f:g}": v for f, v in self.thresholds.items()},
            "fpir_reached": {f"{f:g}": v for f, v in self.reached.items()},
            "too_few_strangers_at_fpir": [f"{f:g}" for f in self.unsure],
            "intervals": {n: list(i) for n, i in self.intervals.items()},
            "at": [a.as_json() for a in self.at],
        }


def identify(trial: Trial, thresholds: Sequence[tuple[str, float]] = ()) -> Identification:
    """Search everybody. `thresholds`: words and distance of fixed settings to try as well."""
    apart = _distances(trial.probes, trial.gallery)
    by_person = _by_person(apart, trial)
    rows = np.arange(len(trial.probes))
    own = by_person[rows, trial.probe_owner]
    mine = trial.owner[None, :] == trial.probe_owner[:, None]
    own_photo = np.where(mine, apart, np.inf).argmin(axis=1)
    to_others = np.where(mine, np.inf, apart)
    other_photo = to_others.argmin(axis=1)
    nearest_other = to_others[rows, other_photo]
    others = by_person.copy()
    others[rows, trial.probe_owner] = np.inf
    # A tie counts against us; a probe without a face is behind everybody.
    ranks = np.where(np.isfinite(own), 1 + (others <= own[:, None]).sum(axis=1), by_person.shape[1] + 1)
    wrong, whose, photo = np.empty(0), np.empty(0, np.intp), np.empty(0, np.intp)
    if trial.strangers is not None:
        to_strangers = _distances(trial.strangers, trial.gallery)
        wrong, photo = to_strangers.min(axis=1, initial=np.inf), to_strangers.argmin(axis=1)
        whose = np.arange(len(wrong)) if trial.stranger_owner is None else trial.stranger_owner
    elif by_person.shape[1] > 1:
        wrong, photo, whose = nearest_other, other_photo, trial.probe_owner
    cmc = tuple(float((ranks <= r).mean()) for r in range(1, min(_LONGEST_CMC, by_person.shape[1]) + 1))
    searches = Searches(ranks, own, trial.probe_owner, wrong, whose, trial.strangers is None)
    cuts = {f: searches.threshold(f) for f in FPIRS} if len(wrong) else {}
    intervals = {f"rank{r}": searches.rank_interval(r) for r in (1, 5)} | searches.dir_intervals(tuple(cuts))
    return Identification(
        people=by_person.shape[1],
        templates=len(trial.gallery),
        probes=len(trial.probes),
        strangers=len(wrong),
        taken_out=trial.strangers is None,
        failed=int((~trial.probes.any(axis=1)).sum())
        + (0 if trial.strangers is None else int((~trial.strangers.any(axis=1)).sum())),
        not_enrolled=trial.not_enrolled,
        cmc=cmc,
        dir_at_fpir={f: float(searches.named(t).mean()) for f, t in cuts.items()},
        thresholds=cuts,
        reached={f: searches.reached(f) for f in cuts},
        intervals={n: i for n, i in intervals.items() if i is not None},
        at=tuple(
            AtThreshold(
                what,
                t,
                int(searches.named(t).sum()),
                int(((ranks > 1) & (nearest_other <= t)).sum()),
                int((wrong <= t).sum()),
                searches.named_interval(t),
                searches.strangers_interval(t),
            )
            for what, t in thresholds
        ),
        searches=searches,
        neighbours=Neighbours(
            np.where(np.isfinite(own), own_photo, -1),
            np.where(np.isfinite(nearest_other), other_photo, -1),
            nearest_other,
            np.where(np.isfinite(wrong), photo, -1),
        ),
    )


def _distances(probes: Floats, gallery: Floats) -> Distances:
    """(Q, G): of each probe to each gallery photo; infinity where it has no face."""
    found = probes.any(axis=1)
    result = np.full((len(probes), len(gallery)), np.inf)
    if found.any():
        dots = probes[found].astype(np.float64) @ gallery.T.astype(np.float64)
        result[found] = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * dots))
    return result


def _by_person(distances: Distances, trial: Trial) -> Distances:
    """(Q, P): to the nearest gallery photo of each person."""
    order = np.argsort(trial.owner, kind="stable")
    starts = np.searchsorted(trial.owner[order], np.arange(int(trial.owner.max()) + 1))
    nearest: Distances = np.minimum.reduceat(distances[:, order], starts, axis=1)
    return nearest
