from __future__ import annotations

import numpy as np
import pytest

from faceapp.evaluation.comparison import compare, mcnemar
from faceapp.evaluation.people import People, people_of
from faceapp.evaluation.protocols import Pairs
from faceapp.evaluation.verification import Verification, verification


def answers(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.array([True] * (both + first) + [False] * (second + neither))
    b = np.array([True] * both + [False] * first + [True] * second + [False] * neither)
    return a, b


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 1, 1.0), (0, 6, 2 / 64), (1, 9, 2 * 11 / 1024), (9, 1, 2 * 11 / 1024)],
)
def test_mcnemar_is_the_exact_binomial(first: int, second: int, p: float) -> None:
    found = mcnemar(*answers(100, first, second, 3))
    assert (found.only_first, found.only_second) == (first, second)
    assert found.p == pytest.approx(p)


def test_mcnemar_bears_thousands() -> None:
    assert 0.0 < mcnemar(*answers(0, 2000, 2300, 0)).p < 1e-4


def crowd(noise: float, seed: int = 0) -> tuple[Pairs, People, Verification]:
    random = np.random.default_rng(1)
    people, each = 40, 25
    left = [f"p{k}/{n}" for k in range(people) for n in range(each)] * 2
    right = [f"p{k}/{n + each}" for k in range(people) for n in range(each)]
    right += [f"p{(k + 1 + n) % people}/{n}" for k in range(people) for n in range(each)]
    same = np.arange(len(left)) < people * each
    pairs = Pairs(tuple(left), tuple(right), same, np.tile(np.repeat(np.arange(10), people * each // 10), 2))
    base = np.where(same, 0.8, 1.2) + random.normal(0, 0.1, len(left))
    who = people_of(pairs)
    return pairs, who, verification(pairs, base + np.random.default_rng(seed + 7).normal(0, noise, len(left)), who)


def test_a_clearly_better_embedder_is_shown_to_be_so() -> None:
    _, people, poor = crowd(0.3)
    _, _, good = crowd(0.0)
    found = compare(("poor", "good"), poor, good, people)
    assert found.answers.p < 1e-6
    for name in ("accuracy", "tar@0.01"):
        interval = found.differences[name].interval
        assert interval is not None
        assert interval[0] > 0
    row = found.as_json()
    assert (row["a"], row["b"]) == ("poor", "good")
    assert row["mcnemar"]["only_b"] > row["mcnemar"]["only_a"]


def test_equally_good_ones_are_not() -> None:
    _, people, first = crowd(0.1, 1)
    _, _, second = crowd(0.1, 2)
    found = compare(("a", "b"), first, second, people)
    assert found.answers.p > 0.05
    interval = found.differences["accuracy"].interval
    assert interval is not None
    assert interval[0] < 0 < interval[1]


def test_compared_with_itself_nothing_differs() -> None:
    _, people, one = crowd(0.1)
    found = compare(("a", "a"), one, one, people)
    assert found.answers.p == 1.0
    assert found.differences["tar@0.01"].interval == (0.0, 0.0)
    assert found.differences["tar@0.001"].interval is None, "1,000 impostor pairs can't say how sure that is"
