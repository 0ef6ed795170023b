"""Two embedders on the same pairs: is the difference more than chance?

Accuracy: McNemar's test, exact, on the pairs that one got right and the other wrong. It takes pairs as independent,
so beside it stands the paired bootstrap over people (`evaluation.intervals`): the 95 % interval of each difference,
from the same draws for both. A difference whose interval contains zero is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faceapp.evaluation.intervals import Curve, Interval, PeopleOfPairs, draws, enough, interval
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
        {n: Difference(v, None) if n in unsure else _difference(v, n, rows, numbered) for n, v in values.items()},
    )


def _difference(
    value: float, name: str, rows: Sequence[tuple[dict[str, float], dict[str, float]]], people: PeopleOfPairs
) -> Difference:
    if people.count < 3 or len(rows) < len(draws(people.count)) // 2:
        return Difference(value, None)
    return Difference(value, interval([b[name] - a[name] for a, b in rows]))
