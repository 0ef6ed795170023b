"""The bootstrap over people: right where theory says what is right, and wider than one over pairs."""

import numpy as np
import pytest

from faceapp.evaluation.intervals import ENOUGH, Curve, PeopleOfPairs, draws, pair_intervals, rate_interval
from faceapp.evaluation.metrics import roc, tar_at_far

FARS = (0.01, 0.1)


def crowd(people: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, PeopleOfPairs]:
    """`each` genuine pairs of everybody, alike in how hard they are, and as many impostor pairs."""
    random = np.random.default_rng(seed)
    hard = random.normal(0, 0.2, people)
    left = np.repeat(np.arange(people), each)
    genuine = 0.8 + hard[left] + random.normal(0, 0.05, left.size)
    right = (left + random.integers(1, people, left.size)) % people
    impostors = 1.2 + random.normal(0, 0.1, left.size)
    distances = np.concatenate([genuine, impostors])
    same = np.arange(len(distances)) < left.size
    numbered = PeopleOfPairs(np.concatenate([left, left]), np.concatenate([left, right]), people)
    return distances, same, numbered


def test_with_every_weight_one_the_figures_are_the_plain_ones() -> None:
    distances, same, _ = crowd(20, 10)
    distances[[0, 3, 250]] = np.inf
    right = ((distances <= 1.0) == same) & np.isfinite(distances)
    found = Curve(distances, same, right).figures(np.ones(len(distances)), FARS)
    assert found is not None
    assert found["accuracy"] == pytest.approx(right.mean())
    assert found["auc"] == pytest.approx(roc(distances, same).auc(), abs=1e-12)
    assert found["eer"] == pytest.approx(roc(distances, same).eer(), abs=1e-12)
    for far in FARS:
        assert found[f"tar@{far:g}"] == pytest.approx(tar_at_far(distances, same, far))


def test_whole_weights_are_pairs_that_are_there_so_often() -> None:
    distances, same, people = crowd(8, 5)
    right = (distances <= 1.0) == same
    drawn = np.array([0, 2, 1, 1, 3, 0, 1, 0])
    weights = people.weights(drawn, same)
    times = weights.astype(int)
    found = Curve(distances, same, right).figures(weights, (0.1,))
    assert found is not None
    assert found["auc"] == pytest.approx(roc(np.repeat(distances, times), np.repeat(same, times)).auc(), abs=1e-12)
    assert found["tar@0.1"] == pytest.approx(tar_at_far(np.repeat(distances, times), np.repeat(same, times), 0.1))


def test_an_impostor_pair_counts_as_often_as_both_were_drawn() -> None:
    people = PeopleOfPairs.number(["a", "a", "b"], ["a", "b", "c"])
    assert people.weights(np.array([2, 3, 0]), np.array([True, False, False])).tolist() == [2, 6, 0]


def test_the_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    distances, same, people = crowd(30, 10)
    right = (distances <= 1.0) == same
    first = pair_intervals(distances, same, right, people, FARS)
    assert first == pair_intervals(distances, same, right, people, FARS)
    assert first["accuracy"][0] < right.mean() < first["accuracy"][1]


def test_many_pairs_of_few_people_make_nobody_surer() -> None:
    few, many = (crowd(12, each) for each in (10, 100))
    widths = []
    for distances, same, people in (few, many):
        low, high = pair_intervals(distances, same, (distances <= 1.0) == same, people, FARS)["accuracy"]
        widths.append(high - low)
    assert widths[1] > 0.6 * widths[0], "ten times the pairs would make pairs drawn by themselves three times as sure"


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    random = np.random.default_rng(1)
    person = np.repeat(np.arange(40), 5)
    held = 0
    for _ in range(60):
        hits = random.random(40).repeat(5) * 0.5 + random.random(200) * 0.5 < 0.5  # true rate one half
        low, high = rate_interval(hits, person) or (0.0, 0.0)
        held += low <= 0.5 <= high
    assert 51 <= held <= 60


def test_about_95_of_100_intervals_of_tar_hold_the_truth_where_one_is_given() -> None:
    random = np.random.default_rng(3)
    people, each, far = 50, 20, 0.01  # as few impostor pairs as an interval is given for

    def trial(n: int) -> tuple[np.ndarray, np.ndarray, PeopleOfPairs]:
        left = np.repeat(np.arange(n), each)
        right = (left + random.integers(1, n, left.size)) % n
        easy = random.normal(0, 0.15, n)
        genuine = 0.8 + easy[left] + random.normal(0, 0.15, left.size)
        impostors = 1.3 + (easy[left] + easy[right]) / 2 + random.normal(0, 0.1, left.size)
        same = np.arange(2 * left.size) < left.size
        both = PeopleOfPairs(np.concatenate([left, left]), np.concatenate([left, right]), n)
        return np.concatenate([genuine, impostors]), same, both

    distances, same, _ = trial(20_000)
    truth, held = tar_at_far(distances, same, far), 0
    for _ in range(20):
        distances, same, numbered = trial(people)
        assert (~same).sum() * far == ENOUGH
        low, high = pair_intervals(distances, same, same, numbered, (far,))[f"tar@{far:g}"]
        held += low <= truth <= high
    assert held >= 17


def test_too_few_impostor_pairs_give_no_interval_of_tar() -> None:
    distances, same, people = crowd(20, 10)  # 200 impostor pairs
    found = pair_intervals(distances, same, (distances <= 1.0) == same, people, (0.001, 0.01, 0.05, 0.1))
    assert set(found) == {"accuracy", "auc", "eer", "tar@0.05", "tar@0.1"}


def test_too_few_people_give_no_interval() -> None:
    distances, same, people = crowd(2, 10)
    assert pair_intervals(distances, same, (distances <= 1.0) == same, people, FARS) == {}
    assert rate_interval(np.array([True, False]), np.array([0, 1])) is None


def test_a_perfect_score_is_not_certain() -> None:
    low, high = rate_interval(np.ones(200, np.bool_), np.repeat(np.arange(20), 10)) or (0.0, 0.0)
    assert (low, high) == (pytest.approx(0.025 ** (1 / 20)), 1.0)
    assert low < 0.84, "twenty people can't show more than that"
    assert rate_interval(np.zeros(200, np.bool_), np.repeat(np.arange(20), 10)) == (0.0, pytest.approx(1 - low))


def test_everybody_is_drawn_as_often_as_there_are_people() -> None:
    assert (draws(7).sum(axis=1) == 7).all()
