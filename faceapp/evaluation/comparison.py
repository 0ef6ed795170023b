"""Two embedders on the same pairs, or the same searches: is the difference more than chance?

Accuracy: McNemar's test, exact, on the pairs that one got right and the other wrong. It takes pairs as independent,
so beside it stands the paired bootstrap over people (`evaluation.intervals`): the 95 % interval of each difference,
from the same draws for both. A difference whose interval contains zero is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faceapp.evaluation.identification import Identification
from faceapp.evaluation.intervals import RESAMPLES, Curve, Interval, PeopleOfPairs, draws, enough, interval
from faceapp.evaluation.metrics import Truths
from faceapp.evaluation.people import People
from faceapp.evaluation.verification import FARS, Verification
from faceapp.types import JsonObject


@dataclass(frozen=True, slots=True)
class McNemar:
    """Pairs on which two embedders differ."""

    only_first: int
    """Right by the first alone."""
    only_second: int
    p: float
    """Two-sided: how probable a split at least as uneven is where both are equally good."""


def mcnemar(first: Truths, second: Truths) -> McNemar:
    """McNemar's exact test (1947; the binomial form) on right answers bool (N,) to the same pairs."""
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    n, fewer = a + b, min(a, b)
    tail = term = 1  # n over 0
    for k in range(fewer):
        term = term * (n - k) // (k + 1)  # n over k + 1, in whole numbers
        tail += term
    return McNemar(a, b, 1.0 if a == b else min(1.0, 2 * tail / 2**n))


@dataclass(frozen=True, slots=True)
class Difference:
    """The second embedder's figure less the first's."""

    value: float
    interval: Interval | None
    """95 %; None where people or impostor pairs are too few."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two embedders on the same pairs."""

    first: str
    second: str
    answers: McNemar
    differences: Mapping[str, Difference]
    """accuracy, and `tar@F` for each F of `FARS`."""

    def as_json(self) -> JsonObject:
        return {
            "a": self.first,
            "b": self.second,
            "mcnemar": {"only_a": self.answers.only_first, "only_b": self.answers.only_second, "p": self.answers.p},
            "differences": {
                name: {"value": d.value, "interval": None if d.interval is None else list(d.interval)}
                for name, d in self.differences.items()
            },
        }


def compare(names: tuple[str, str], first: Verification, second: Verification, people: People) -> Comparison:
    """The second against the first, both on the same pairs."""
    pairs = first.pairs
    numbered = PeopleOfPairs.number([people.of[p] for p in pairs.left], [people.of[p] for p in pairs.right])
    curves = [Curve(v.distances, pairs.same, v.right) for v in (first, second)]
    rows: list[tuple[dict[str, float], dict[str, float]]] = []
    for drawn in draws(numbered.count):
        weights = numbered.weights(drawn, pairs.same)
        a, b = (curve.figures(weights, FARS) for curve in curves)
        if a is not None and b is not None:
            rows.append((a, b))
    unsure = {f"tar@{far:g}" for far in FARS if not enough(pairs.same, far)}
    values = {"accuracy": second.accuracy.mean - first.accuracy.mean}
    values |= {f"tar@{far:g}": second.tar[far] - first.tar[far] for far in FARS}
    return Comparison(
        *names,
        mcnemar(first.right, second.right),
        {n: _difference(v, n, () if n in unsure else rows, numbered.count) for n, v in values.items()},
    )


@dataclass(frozen=True, slots=True)
class SearchComparison:
    """Two embedders on the same searches."""

    first: str
    second: str
    answers: Mapping[str, McNemar]
    """Of probes that were named rightly, by the names of `differences`. It takes searches for independent, and each
    embedder's threshold for given."""
    differences: Mapping[str, Difference]
    """rank1, and `dir@F` for each FPIR F."""

    def as_json(self) -> JsonObject:
        return {
            "a": self.first,
            "b": self.second,
            "differences": {
                name: {
                    "value": d.value,
                    "interval": None if d.interval is None else list(d.interval),
                    "mcnemar": {"only_a": a.only_first, "only_b": a.only_second, "p": a.p},
                }
                for name, d, a in ((n, d, self.answers[n]) for n, d in self.differences.items())
            },
        }


def compare_searches(names: tuple[str, str], first: Identification, second: Identification) -> SearchComparison:
    """The second against the first, both on the same searches in the same gallery."""
    a, b = first.searches, second.searches
    fpirs = tuple(first.dir_at_fpir)
    sure = [f for f in fpirs if a.enough(f)]
    # The same numbers of people give the same draws, so the rows belong together.
    rows = list(zip(a.drawn(sure), b.drawn(sure), strict=True))
    people = len(set(a.person.tolist()))
    values = {"rank1": second.rank(1) - first.rank(1)}
    values |= {f"dir@{f:g}": second.dir_at_fpir[f] - first.dir_at_fpir[f] for f in fpirs}
    answers = {"rank1": mcnemar(a.rank == 1, b.rank == 1)}
    answers |= {f"dir@{f:g}": mcnemar(a.named(first.thresholds[f]), b.named(second.thresholds[f])) for f in fpirs}
    known = {"rank1", *(f"dir@{f:g}" for f in sure)}
    return SearchComparison(
        *names, answers, {n: _difference(v, n, rows if n in known else (), people) for n, v in values.items()}
    )


def _difference(
    value: float, name: str, rows: Sequence[tuple[dict[str, float], dict[str, float]]], people: int
) -> Difference:
    if people < 3 or len(rows) < RESAMPLES // 2:
        return Difference(value, None)
    return Difference(value, interval([b[name] - a[name] for a, b in rows]))
