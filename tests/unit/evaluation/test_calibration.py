"""Calibration against distances computed by hand and plain loops, and the laws it must keep."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceapp.errors import InputError
from faceapp.evaluation import samples as module
from faceapp.evaluation.calibration import Calibration, Chosen, curve_of, rates_at
from faceapp.evaluation.proportions import with_intervals
from faceapp.evaluation.samples import (
    THRESHOLDS,
    drawn,
    false_accepts,
    false_names,
    false_rejects,
    independent_pairs,
    independent_searches,
    measure,
    misses,
    people_needed,
    people_needed_to_search,
)
from faceapp.zoo.specs import Targets, ThresholdTable

TARGETS = Targets(verify_far=1e-3, identify_fpir=0.002, door_far=1e-4)


def at_angles(*degrees: float) -> np.ndarray:
    """Unit vectors in the plane: their distances are chords, 2 sin(a/2)."""
    radians = np.radians(degrees)
    return np.column_stack([np.cos(radians), np.sin(radians)]).astype(np.float32)


def chord(degrees: float) -> float:
    return float(2 * np.sin(np.radians(degrees) / 2))


def crowd(people: int, photos: int = 3, noise: float = 0.5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """People as random directions in 32 dimensions, photos of each around theirs."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(people, 32)), photos, axis=0)
    vectors = centres + noise * random.normal(size=centres.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), np.arange(people).repeat(
        photos
    )


def calibration(people: int = 200, seed: int = 0, **changes: Any) -> Calibration:
    vectors, owner = crowd(people, seed=seed)
    sample = measure(vectors, owner)
    values: dict[str, Any] = {
        "made": "2026-11-22T00:00:00+00:00",
        "source": "gallery",
        "people": sample.people,
        "several": sample.several,
        "photos": sample.photos,
        "gallery": (people, len(owner)),
        "strangers": 0,
        "genuine": len(sample.genuine),
        "impostor": sample.impostor,
        "fingerprint": "",
        "targets": TARGETS,
        "space": "space",
        "curve": curve_of([sample]),
        "door": False,
    }
    return Calibration(**{**values, **changes})


# Distances


def test_all_distances_of_four_photos_of_three_people() -> None:
    sample = measure(at_angles(0, 10, 40, 100), np.array([7, 7, 3, 9]))
    assert (sample.people, sample.several, sample.photos) == (3, 1, 4)
    assert sample.genuine == pytest.approx([chord(10)], abs=1e-6)
    apart = sorted(map(chord, (40, 30, 100, 90, 60)))
    assert sample.impostor == 5
    assert sample.accepts.tolist() == np.searchsorted(apart, THRESHOLDS, side="right").tolist()
    assert sample.pairs.tolist() == [3, 4, 3], "by person: of 3, 7 and 9"
    assert np.argmax(sample.accepted[2] > 0) == np.argmax(chord(60) <= THRESHOLDS)
    assert sample.own == pytest.approx([chord(10), chord(10), np.inf, np.inf], abs=1e-6)
    assert sample.other == pytest.approx([chord(40), chord(30), chord(30), chord(60)], abs=1e-6)
    assert sample.other_second == pytest.approx([chord(100), chord(90), chord(60), chord(90)], abs=1e-6)


def test_a_batch_more_or_less_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, people = crowd(9)
    whole = measure(vectors, people, vectors[:4] * -1, np.array([5, 5, 6, 7]))
    monkeypatch.setattr(module, "_ROWS", 4)
    parts = measure(vectors, people, vectors[:4] * -1, np.array([5, 5, 6, 7]))
    assert np.array_equal(parts.accepted, whole.accepted)
    assert parts.other == pytest.approx(whole.other, abs=1e-9)
    assert parts.own == pytest.approx(whole.own, abs=1e-9)
    assert parts.impostor == 9 * 8 // 2 * 9 + 4 * 27


def test_what_is_kept_does_not_grow_with_the_pairs() -> None:
    vectors, people = crowd(150, photos=4)
    sample = measure(vectors, people)
    assert sample.impostor == 150 * 149 // 2 * 16
    names = "genuine", "accepted", "pairs", "own", "other", "other_second"
    kept = sum(getattr(sample, name).nbytes for name in names)
    assert kept < 8 * (150 * len(THRESHOLDS) + 10 * len(people)), "not a number for each of the 178,800 pairs"


def test_the_rates_are_the_plain_shares() -> None:
    vectors, people = crowd(12, noise=1.0)
    sample = measure(vectors, people)
    d = np.linalg.norm(vectors[:, None].astype(float) - vectors[None].astype(float), axis=2)
    pairs = list(itertools.combinations(range(len(people)), 2))
    accepts, names, rejects, miss = (f(sample) for f in (false_accepts, false_names, false_rejects, misses))
    assert rejects is not None
    assert miss is not None
    for k in range(0, len(THRESHOLDS), 9):
        t = THRESHOLDS[k]
        two = [d[i, j] <= t for i, j in pairs if people[i] != people[j]]
        one = [d[i, j] > t for i, j in pairs if people[i] == people[j]]
        found, missed = [], []
        for i in range(len(people)):
            others = d[i][people != people[i]].min()
            own = min(d[i][j] for j in range(len(people)) if people[j] == people[i] and j != i)
            found.append(others <= t)
            missed.append(own > t or others < own)
        assert accepts.value[k] == pytest.approx(np.mean(two))
        assert rejects.value[k] == pytest.approx(np.mean(one))
        assert names.value[k] == pytest.approx(np.mean(found))
        assert miss.value[k] == pytest.approx(np.mean(missed))


def test_leaving_one_out_is_measuring_without_them() -> None:
    vectors, people = crowd(8, noise=1.0)
    sample = measure(vectors, people)
    for rates, units in ((false_accepts, 64 / 9), (false_names, 4)):
        whole = rates(sample).value
        others = [people != person for person in range(8)]
        without = np.array([rates(measure(vectors[rows], people[rows])).value for rows in others])
        variance = 7 / 8 * np.sum((without - whole) ** 2, axis=0)
        expected = with_intervals(whole, variance, units, rising=True)
        assert rates(sample).high == pytest.approx(expected.high)
        assert rates(sample).low == pytest.approx(expected.low)


def test_nobody_with_two_photos_says_nothing_of_refusals() -> None:
    sample = measure(at_angles(0, 60, 120), np.arange(3))
    assert false_rejects(sample) is None
    assert misses(sample) is None
    at = rates_at(curve_of([sample]), 0.5)
    assert at.misses is None
    assert at.false_accepts.value == 0


@pytest.mark.parametrize(("people", "line"), [(0, "0 people are"), (1, "1 person is"), (2, "2 people are")])
def test_too_few_people_are_told_kindly(people: int, line: str) -> None:
    with pytest.raises(InputError, match=f"^{line} too few to calibrate with: 183 or more are needed$"):
        measure(at_angles(*range(people)), np.arange(people))


# What can be said


def nothing_seen(units: float) -> float:
    """The upper end where no mistake was seen."""
    return with_intervals(np.zeros(1), np.zeros(1), units, rising=True).at(0).high


def test_so_many_people_are_needed() -> None:
    assert [people_needed(far) for far in (0.01, 1e-3, 1e-4)] == [58, 183, 577]
    assert [people_needed_to_search(rate) for rate in (0.05, 0.01, 0.002)] == [144, 735, 3686]
    for far in (0.1, 0.03, 1e-3, 7e-5):
        n, searched = people_needed(far), people_needed_to_search(far)
        assert nothing_seen(independent_pairs(n)) <= far < nothing_seen(independent_pairs(n - 1))
        assert nothing_seen(independent_searches(searched)) <= far < nothing_seen(independent_searches(searched - 1))


@pytest.mark.parametrize("people", [20, 78, 183, 577])
def test_a_group_that_nobody_can_be_told_from_is_ruled_out_as_far_as_it_would_show(people: int) -> None:
    """A share q of all people are one face to the network: q * q of the pairs are mistaken, and none of them is seen
    where at most one of the people is of that group. That must be rare where the upper end lies below q * q."""
    q = math.sqrt(nothing_seen(independent_pairs(people)))
    unseen = (1 - q) ** people + people * q * (1 - q) ** (people - 1)
    assert unseen <= 0.025
    assert unseen > 0.01, "and no more is asked for than is needed"


def with_a_group(random: np.random.Generator, people: int, share: float) -> np.ndarray:
    """One photo each; some are hard to tell from each other."""
    rows = random.normal(size=(people, 100))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[random.random(people) < share] *= 0.6
    group = np.linalg.norm(rows, axis=1) < 0.8
    rows[group, 0] += 0.8
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def evenly(random: np.random.Generator, people: int, share: float) -> np.ndarray:
    """Nobody is harder to tell apart than anybody else."""
    rows = random.normal(size=(people, 12))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("draw", [evenly, with_a_group])
def test_what_is_promised_is_kept_in_all_but_a_few_calibrations(draw: Any) -> None:
    """Sixty people and a rate of one in a hundred, 60 times over: the true rate at the promised distance is measured
    on people who were in none of them."""
    random, share, far = np.random.default_rng(3), 0.11, 0.01
    everybody = measure(draw(random, 1500, share), np.arange(1500))
    true = everybody.accepts / everybody.impostor
    broken = covered = 0
    for _ in range(60):
        rates = false_accepts(measure(draw(random, 60, share), np.arange(60)))
        k = int((rates.high <= far).sum()) - 1
        broken += k >= 0 and true[k] > far
        at = int(np.argmax(true >= far))
        covered += bool(rates.high[at] >= true[at])
    assert broken <= 3
    assert covered >= 57


def test_one_person_who_looks_like_everybody_widens_the_interval() -> None:
    """The same share of false accepts, once spread over pairs and once all of one person's."""
    vectors = np.eye(41, dtype=np.float32)
    spread, wolf = vectors.copy(), vectors.copy()
    for k in range(0, 40, 2):
        spread[k, k + 1] = 1.0  # 20 pairs of two neighbours
    wolf[40, :20] = 1.0  # one who is near to 20
    results = []
    for near, t in ((spread, 0.99), (wolf, 1.26)):
        rows = near / np.linalg.norm(near, axis=1, keepdims=True)
        rates = false_accepts(measure(rows.astype(np.float32), np.arange(41)))
        results.append(rates.at(int(np.argmax(t <= THRESHOLDS))))
    assert results[0].value == results[1].value == pytest.approx(20 / 820)
    assert results[1].high > 1.2 * results[0].high


def test_the_thresholds_are_the_largest_that_can_be_promised() -> None:
    c = calibration()
    verify = c.chosen(1e-3, None)
    assert (verify.by, verify.promised) == ("site", True)
    assert (
        c.rates_at(verify.distance).false_accepts.high <= 1e-3 < c.rates_at(verify.distance + 0.005).false_accepts.high
    )
    searches = calibration(targets=Targets(1e-3, 0.05, 1e-4)).chosen_to_search(600, None)
    assert (searches.by, searches.promised) == ("site", True)
    assert c.rates_at(searches.distance).false_names.high <= 0.05
    assert not calibration(people=120).chosen(1e-3, None).promised


def test_beyond_the_sample_the_manifest_stays_unless_the_site_is_stricter() -> None:
    c = calibration()
    own = c.promised(1e-3)
    assert own is not None
    strict, lax = (ThresholdTable("space", (1e-2, 1e-5), (own + d + 0.1, own + d), "others") for d in (-0.4, 0.4))
    assert c.chosen(1e-4, strict) == Chosen(strict.distance_at(1e-4), "manifest", False)
    assert c.chosen(1e-4, lax) == Chosen(own, "bounded", False)
    assert c.chosen(1e-3, strict).by == c.chosen(1e-3, lax).by == "site"
    assert c.chosen_to_search(600, strict).by == "manifest"
    found = c.chosen_to_search(600, lax)
    assert (found.by, found.promised) == ("bounded", False)
    assert found.distance <= own


@given(st.floats(0.05, 1.5), st.floats(0, 0.5), st.integers(1, 100_000))
@settings(max_examples=40)
def test_nothing_is_laxer_than_what_was_measured(low: float, more: float, templates: int) -> None:
    """Whatever the manifest says: a stricter rate never has a laxer distance, a search never than one comparison."""
    c = FIXED
    for manifest in (None, ThresholdTable("space", (1e-2, 1e-5), (low + more, low), "others")):
        distances = [c.chosen(far, manifest).distance for far in (1e-3, 4e-4, 1e-4, 1e-6)]
        assert all(a >= b for a, b in itertools.pairwise(distances))
        if manifest is not None:
            assert all(d <= manifest.distance_at(f) for d, f in zip(distances[1:], (4e-4, 1e-4, 1e-6), strict=True))
        assert c.chosen_to_search(templates, manifest).distance <= c.chosen(1e-3, manifest).distance
        assert c.chosen_to_search(templates + 1, manifest).distance <= c.chosen_to_search(templates, manifest).distance


FIXED = calibration()


# Strangers


def test_strangers_make_it_stricter_never_laxer() -> None:
    vectors, owner = crowd(40)
    base = measure(vectors, owner)
    far_away = -vectors[:30]  # an inbox of nobody like anybody
    near, _ = crowd(40, photos=1, noise=0.9)  # an inbox full of colleagues that weren't known
    for strangers in (far_away, near):
        both = measure(vectors, owner, strangers, np.arange(len(strangers)))
        assert both.photos == base.photos
        curve, plain = curve_of([base, both]), curve_of([base])
        assert np.all(curve.false_accepts.high >= plain.false_accepts.high)
        assert np.all(curve.false_names.value >= plain.false_names.value)
    assert np.any(curve.false_accepts.high > plain.false_accepts.high)


# Drawing


def test_a_large_gallery_is_drawn_by_person() -> None:
    people = np.repeat(np.arange(300), 4)
    kept = drawn(people, most=400)
    assert len(kept) == 400
    assert np.all(np.bincount(people[kept])[np.unique(people[kept])] == 4)
    assert np.array_equal(kept, drawn(people, most=400)), "the same each time"
    assert np.array_equal(drawn(np.array([0] * 50 + [1] * 2), most_of_one=10), [*range(10), 50, 51])
    assert np.array_equal(drawn(np.zeros(0, np.intp)), [])


# Reading the curve


def apart(vectors: np.ndarray, owner: np.ndarray, threshold: float) -> float:
    d = np.linalg.norm(vectors[:, None].astype(float) - vectors[None].astype(float), axis=2)
    return float(np.mean(d[owner[:, None] != owner[None, :]] <= threshold))


@given(st.floats(0.01, 2.0))
def test_between_two_steps_the_worse_counts(threshold: float) -> None:
    vectors, owner = crowd(12, noise=1.0)
    sample = measure(vectors, owner)
    at = rates_at(SMALL, threshold)
    assert at.false_rejects is not None
    assert at.misses is not None
    assert at.false_accepts.value >= apart(vectors, owner, threshold) - 1e-12
    assert at.false_rejects.value >= np.mean(sample.genuine > threshold) - 1e-12


SMALL = curve_of([measure(*crowd(12, noise=1.0))])


def test_at_the_largest_distance_everybody_is_accepted() -> None:
    opposite = curve_of([measure(at_angles(0, 90, 180), np.arange(3))])
    assert rates_at(opposite, 2.0).false_accepts.value == 1.0
    assert rates_at(opposite, 1.99).false_accepts.value == pytest.approx(2 / 3)


def test_stricter_than_the_strictest_refuses_everybody() -> None:
    at = rates_at(SMALL, 0.001)
    assert at.misses is not None
    assert at.misses.value == 1.0
