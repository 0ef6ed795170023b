"""Ranks and open-set rates against plain loops, and what is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from faceapp.evaluation.identification import Trial, identify


def points(angles: list[float]) -> np.ndarray:
    """Unit vectors in the plane, degrees: as far apart as their angles."""
    radians = np.radians(angles)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def chord(degrees: float) -> float:
    return float(2 * np.sin(np.radians(degrees) / 2))


def test_ranks_are_counted_over_people_not_photos() -> None:
    trial = Trial(points([0, 1, 40]), np.array([0, 0, 1]), points([30, 25, 2]), np.array([1, 0, 0]), points([80]))
    found = identify(trial)
    assert (found.people, found.templates, found.probes, found.strangers) == (2, 3, 3, 1)
    assert found.cmc == pytest.approx((2 / 3, 1.0))
    assert found.rank(5) == 1.0
    assert found.mated == pytest.approx([chord(10), chord(24), chord(1)], abs=1e-5)
    assert found.nearest_wrong == pytest.approx([chord(40)], abs=1e-5)


def test_without_strangers_everybody_is_one_once() -> None:
    trial = Trial(points([0, 90]), np.array([0, 1]), points([10, 70]), np.array([0, 1]), None)
    found = identify(trial)
    assert found.taken_out
    assert found.nearest_wrong == pytest.approx([chord(80), chord(70)], abs=1e-5)


def test_a_probe_without_a_face_is_a_miss_and_a_stranger_without_one_no_alarm() -> None:
    nobody = np.zeros((1, 2), np.float32)
    probes, strangers = np.concatenate([points([5]), nobody]), np.concatenate([points([60]), nobody])
    found = identify(
        Trial(points([0, 90]), np.array([0, 1]), probes, np.array([0, 1]), strangers), [("wide", 1.9), ("narrow", 0.01)]
    )
    assert found.cmc == (0.5, 0.5)
    assert found.failed == 2
    assert [(a.named, a.wrongly, a.strangers_named) for a in found.at] == [(1, 0, 1), (0, 0, 0)]


def test_a_tie_with_somebody_else_is_no_recognition() -> None:
    same = identify(Trial(points([0, 0]), np.array([0, 1]), points([10]), np.array([0]), points([90])))
    assert same.cmc == (0.0, 1.0)


def test_on_many_random_people_it_equals_plain_loops() -> None:
    random = np.random.default_rng(5)
    centres = random.normal(size=(30, 16))

    def photos(people: np.ndarray, noise: float) -> np.ndarray:
        x = people + random.normal(size=people.shape) * noise
        return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)

    owner = np.repeat(np.arange(30), 2)
    order = random.permutation(60)
    gallery, probes = photos(centres[owner[order]], 0.7), photos(centres[np.repeat(np.arange(30), 5)], 0.7)
    strangers = photos(random.normal(size=(200, 16)), 0.7)
    trial = Trial(gallery, owner[order], probes, np.repeat(np.arange(30), 5), strangers)
    found = identify(trial, [("fixed", 0.6)])

    gallery, probes, strangers = (v.astype(np.float64) for v in (gallery, probes, strangers))
    ranks, own, alarms = [], [], []
    for probe, person in zip(probes, trial.probe_owner, strict=True):
        best = {
            p: min(np.linalg.norm(g - probe) for g, o in zip(gallery, trial.owner, strict=True) if o == p)
            for p in range(30)
        }
        ranks.append(sorted(best, key=lambda p: best[p]).index(person) + 1)
        own.append(best[person])
    for stranger in strangers:
        alarms.append(min(np.linalg.norm(g - stranger) for g in gallery))
    assert found.cmc == pytest.approx([np.mean([r <= k for r in ranks]) for k in range(1, 31)])
    for fpir in (0.01, 0.001):
        threshold = sorted(alarms)[int(fpir * 200)]  # the first that must not be named
        expected = np.mean([r == 1 and d < threshold for r, d in zip(ranks, own, strict=True)])
        assert found.dir_at_fpir[fpir] == pytest.approx(expected)
        assert (found.nearest_wrong <= found.thresholds[fpir]).sum() <= int(fpir * 200)
    assert found.nearest_wrong == pytest.approx(alarms, abs=1e-6)
    assert found.at[0].strangers_named == sum(a <= 0.6 for a in alarms)
    assert found.at[0].named == sum(r == 1 and d <= 0.6 for r, d in zip(ranks, own, strict=True))
    assert found.intervals["rank1"][0] <= found.rank(1) <= found.intervals["rank1"][1]
