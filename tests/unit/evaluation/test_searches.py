"""Searches, drawn anew: against plain loops, and what the strangers' luck does to an interval."""

from __future__ import annotations

import numpy as np
import pytest

from faceapp.evaluation.comparison import compare_searches
from faceapp.evaluation.identification import Identification, Trial, identify
from faceapp.evaluation.intervals import draws
from faceapp.evaluation.searches import Searches


def world(people: int, each: int, strangers: int, photos: int, shift: float = 0.0, seed: int = 3) -> Searches:
    """Everybody found; each person and each stranger has a luck of their own."""
    random = np.random.default_rng(seed)
    own = 0.45 + shift + np.repeat(random.normal(0, 0.06, people), each) + random.normal(0, 0.06, people * each)
    near = 0.75 + np.repeat(random.normal(0, 0.05, strangers), photos) + random.normal(0, 0.05, strangers * photos)
    whose = np.repeat(np.arange(people), each)
    return Searches(np.ones(len(own), np.intp), own, whose, near, np.repeat(np.arange(strangers), photos), False)


def test_a_draw_is_what_a_plain_loop_makes_of_it() -> None:
    s = world(12, 3, 15, 8)
    rows = s.drawn([0.05])
    for k in (0, 17, 400):
        mine, theirs = draws(12)[k], draws(15, stream=1)[k]
        near = sorted(d for d, w in zip(s.nearest, s.stranger, strict=True) for _ in range(theirs[w]))
        limit = near[int(0.05 * len(near))]  # the first that must not be named
        hits = [d < limit for d, p in zip(s.own, s.person, strict=True) for _ in range(mine[p])]
        assert rows[k]["dir@0.05"] == pytest.approx(np.mean(hits))
        assert rows[k]["rank1"] == 1.0


def test_the_strangers_luck_widens_the_interval() -> None:
    s = world(60, 5, 100, 10, shift=0.1)  # the threshold lies among them
    low, high = s.dir_intervals([0.01])["dir@0.01"]
    fixed = s.named_interval(s.threshold(0.01))
    assert fixed is not None
    assert high - low > 1.1 * (fixed[1] - fixed[0])
    assert low < s.named(s.threshold(0.01)).mean() < high


def test_few_strangers_have_no_interval() -> None:
    s = world(20, 9, 40, 10)  # as many as CFP's split
    assert not s.enough(0.01)
    assert s.dir_intervals([0.01, 0.001]) == {}
    assert s.reached(0.01) == 0.01
    assert s.reached(0.001) == 0.0
    nobody_named = s.strangers_interval(0.3)
    assert nobody_named == (0.0, pytest.approx(1 - 0.025 ** (1 / 40)))
    one = s.strangers_interval(float(s.nearest.min()))
    assert one is not None
    assert one[0] < 1 / 400 < nobody_named[1] < one[1], "one who was named makes nobody surer than none"


def test_those_taken_out_are_drawn_together() -> None:
    together = world(30, 4, 30, 40)
    taken = Searches(together.rank, together.own, together.person, together.nearest, together.stranger, True)
    assert draws(30)[5].tolist() != draws(30, stream=1)[5].tolist()
    assert taken.drawn([0.01])[5] != together.drawn([0.01])[5]
    assert Searches(*(x[:0] for x in (together.rank, together.own, together.person)), *(
        together.nearest, together.stranger), False).drawn([0.01]) == []  # fmt: skip


def crowd(noise: float) -> Identification:
    """Forty people, and a hundred strangers with ten photos each, seen by an embedder that is as good as its noise."""
    random = np.random.default_rng(8)

    def photos(centres: np.ndarray, each: int) -> np.ndarray:
        x = np.repeat(centres, each, axis=0)
        x = x + random.normal(size=x.shape) * noise
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)

    centres, others = random.normal(size=(40, 24)), random.normal(size=(100, 24))
    whose, unknown = np.repeat(np.arange(40), 6), np.repeat(np.arange(100), 10)
    return identify(
        Trial(photos(centres, 1), np.arange(40), photos(centres, 6), whose, photos(others, 10), unknown), [("at", 0.7)]
    )


def test_a_better_embedder_is_shown_to_name_more() -> None:
    poor, good = crowd(0.9), crowd(0.5)
    found = compare_searches(("poor", "good"), poor, good)
    assert set(found.differences) == {"rank1", "dir@0.01", "dir@0.001"}
    interval = found.differences["dir@0.01"].interval
    assert interval is not None
    assert 0 < interval[0] <= found.differences["dir@0.01"].value <= interval[1]
    assert found.differences["dir@0.001"].interval is None
    assert found.answers["dir@0.01"].p < 1e-6
    row = found.as_json()["differences"]["dir@0.01"]
    assert row["mcnemar"]["only_b"] > row["mcnemar"]["only_a"]
    same = compare_searches(("a", "a"), good, good)
    assert (same.answers["rank1"].p, same.differences["dir@0.01"].interval) == (1.0, (0.0, 0.0))


def test_the_photos_behind_the_distances() -> None:
    found = crowd(0.5)
    near = found.neighbours
    assert near.own.tolist() == np.repeat(np.arange(40), 6).tolist()
    assert np.all(near.other != near.own)
    assert np.all((near.other_distance > found.mated) | (found.searches.rank > 1))
    at = found.at[0]
    assert at.strangers_interval is not None
    assert at.strangers_interval[0] <= at.strangers_named / found.strangers <= at.strangers_interval[1]
