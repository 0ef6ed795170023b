"""What came of searching for people among those enrolled, kept so that people can be drawn anew from it.

The rate at which strangers are named (FPIR) sets the threshold, so the strangers' luck is part of how sure a detection
and identification rate (DIR) is: with 400 photos of 40 strangers, four of them decide where the threshold for 1 % lies.
So in each draw of the bootstrap both the enrolled and the strangers are drawn anew, and the threshold is found anew
from those strangers. Who is in the gallery stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faceapp.evaluation.intervals import ENOUGH, Interval, draws, rate_interval, rate_range
from faceapp.evaluation.metrics import Distances, Truths, threshold_at_far
from faceapp.evaluation.proportions import clopper_pearson

_STRANGERS = 1
"""Their stream of draws."""
_FEWEST = 3
"""People of a kind to draw from."""


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """Q searches for people who are enrolled, S for strangers."""

    rank: NDArray[np.intp]
    """(Q,): the own person's, from 1."""
    own: Distances
    """(Q,): to the own person; infinity without a face."""
    person: NDArray[np.intp]
    """(Q,): whose search it is, 0 to P - 1."""
    nearest: Distances
    """(S,): of a stranger to the nearest person."""
    stranger: NDArray[np.intp]
    """(S,): whose."""
    taken_out: bool
    """The strangers are the same people, each taken out of the gallery: they are drawn together, not apart."""

    def threshold(self, fpir: float) -> float:
        """The largest that names at most so many of the strangers."""
        return threshold_at_far(self.nearest, fpir)

    def named(self, threshold: float) -> Truths:
        """(Q,): named, and rightly."""
        hits: Truths = (self.rank == 1) & (self.own <= threshold)
        return hits

    def rank_interval(self, rank: int) -> Interval | None:
        """95 % interval of the part whose person is among the first `rank`."""
        return rate_interval(self.rank <= rank, self.person)

    def reached(self, fpir: float) -> float:
        """The part of the strangers who really are named at that threshold: with few of them, less than was asked."""
        return float((self.nearest <= self.threshold(fpir)).mean())

    def enough(self, fpir: float) -> bool:
        """Whether there are strangers enough to say how sure DIR at `fpir` is. In simulated crowds intervals from an
        eighth of that held the truth in 78 of 100, from two fifths in 80, from as many in 93."""
        return len(self.nearest) * fpir >= ENOUGH - 1e-9

    def drawn(self, fpirs: Sequence[float]) -> list[dict[str, float]]:
        """`rank1` and `dir@F` for each F of `fpirs`, in each draw; empty where there are too few people of a kind."""
        people, strangers = _count(self.person), _count(self.stranger)
        if min(people, strangers) < _FEWEST:
            return []
        order = np.argsort(self.nearest, kind="stable")
        nearest, whose = self.nearest[order], self.stranger[order]
        first = self.rank == 1
        enrolled = draws(people)
        others = enrolled if self.taken_out else draws(strangers, stream=_STRANGERS)
        rows = []
        for mine, theirs in zip(enrolled, others, strict=True):
            weights = mine[self.person]
            named = np.cumsum(theirs[whose])
            if not weights.any() or not named[-1]:
                continue
            row = {"rank1": float((weights * first).sum() / weights.sum())}
            for f in fpirs:
                # The first stranger too many: who is as near as that, or nearer than that by nothing, isn't named.
                too_many = int(np.searchsorted(named, np.floor(f * named[-1] + 1e-9), side="right"))
                limit = nearest[too_many] if too_many < len(nearest) else np.inf
                row[f"dir@{f:g}"] = float((weights * (first & (self.own < limit))).sum() / weights.sum())
            rows.append(row)
        return rows

    def dir_intervals(self, fpirs: Sequence[float]) -> dict[str, Interval]:
        """95 % intervals of `dir@F`, where there are strangers enough."""
        sure = [f for f in fpirs if self.enough(f)]
        rows = self.drawn(sure) if sure else []
        fewest = min(_count(self.person), _count(self.stranger))
        return {f"dir@{f:g}": rate_range([row[f"dir@{f:g}"] for row in rows], fewest) for f in sure if rows}

    def named_interval(self, threshold: float) -> Interval | None:
        """95 % interval of the part named, and rightly, at a threshold that stays."""
        return rate_interval(self.named(threshold), self.person)

    def strangers_interval(self, threshold: float) -> Interval | None:
        """95 % interval of the part of the strangers who are named at it: the exact one, as if each stranger were one
        try, however many photos of them there are. Drawing people would say less than 1 % where one photo of 400 was
        named, and 9 % where none was: so rare a thing it can't judge."""
        people = _count(self.stranger)
        if people < _FEWEST:
            return None
        rate = float((self.nearest <= threshold).mean())
        low, high = clopper_pearson(np.array([rate * people]), np.array([float(people)]))
        return float(low[0]), float(high[0])


def _count(person: NDArray[np.intp]) -> int:
    return int(person.max()) + 1 if len(person) else 0
