"""Who is this, among everybody enrolled? Closed set: rank and CMC. Open set: detection and identification rate.

Closed set (Phillips et al. 2011): each probe's people in the order of their nearest gallery photo; the cumulative match
characteristic at rank r is the part of probes whose own person is among the first r. Open set (ISO/IEC 19795): at the
threshold that names at most a part f of the strangers (FPIR), the part of probes that are named, and rightly (DIR).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.evaluation.intervals import Interval, rate_interval
from faceapp.evaluation.metrics import Distances, threshold_at_far
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
    not_enrolled: int = 0
    """People who are not in it because none of their photos shows a face."""


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

    def as_json(self) -> JsonObject:
        return {
            "what": self.what,
            "threshold": self.threshold,
            "named": self.named,
            "wrongly": self.wrongly,
            "strangers_named": self.strangers_named,
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
    intervals: Mapping[str, Interval]
    at: tuple[AtThreshold, ...]
    mated: Distances
    """(Q,): distance of each probe to its own person."""
    nearest_wrong: Distances
    """(S,): distance of each stranger to the nearest person."""

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
            "intervals": {n: list(i) for n, i in self.intervals.items()},
            "at": [a.as_json() for a in self.at],
        }


def identify(trial: Trial, thresholds: Sequence[tuple[str, float]] = ()) -> Identification:
    """Search everybody. `thresholds`: words and distance of fixed settings to try as well."""
    by_person = _nearest(trial.probes, trial)
    rows = np.arange(len(trial.probes))
    own = by_person[rows, trial.probe_owner]
    others = by_person.copy()
    others[rows, trial.probe_owner] = np.inf
    # A tie counts against us; a probe without a face is behind everybody.
    ranks = np.where(np.isfinite(own), 1 + (others <= own[:, None]).sum(axis=1), by_person.shape[1] + 1)
    nearest_other = others.min(axis=1, initial=np.inf)
    if trial.strangers is None:
        wrong = nearest_other if by_person.shape[1] > 1 else np.empty(0)
    else:
        wrong = _nearest(trial.strangers, trial).min(axis=1, initial=np.inf)
    cmc = tuple(float((ranks <= r).mean()) for r in range(1, min(_LONGEST_CMC, by_person.shape[1]) + 1))
    cuts = {f: threshold_at_far(wrong, f) for f in FPIRS} if len(wrong) else {}
    hits = {f: (ranks == 1) & (own <= t) for f, t in cuts.items()}
    intervals = {"rank1": rate_interval(ranks == 1, trial.probe_owner)}
    intervals["rank5"] = rate_interval(ranks <= 5, trial.probe_owner)
    intervals |= {f"dir@{f:g}": rate_interval(h, trial.probe_owner) for f, h in hits.items()}
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
        dir_at_fpir={f: float(h.mean()) for f, h in hits.items()},
        thresholds=cuts,
        intervals={n: i for n, i in intervals.items() if i is not None},
        at=tuple(
            AtThreshold(
                what,
                t,
                int(((ranks == 1) & (own <= t)).sum()),
                int(((ranks > 1) & (nearest_other <= t)).sum()),
                int((wrong <= t).sum()),
            )
            for what, t in thresholds
        ),
        mated=own,
        nearest_wrong=wrong,
    )


def _nearest(probes: Floats, trial: Trial) -> Distances:
    """(Q, P): distance of each probe to the nearest gallery photo of each person; infinity where it has no face."""
    people = int(trial.owner.max()) + 1
    order = np.argsort(trial.owner, kind="stable")
    starts = np.searchsorted(trial.owner[order], np.arange(people))
    found = probes.any(axis=1)
    result = np.full((len(probes), people), np.inf)
    dots = probes[found].astype(np.float64) @ trial.gallery[order].T.astype(np.float64)
    if len(dots):
        distances = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * dots))
        result[found] = np.minimum.reduceat(distances, starts, axis=1)
    return result
