"""Made templates lie as real ones do, and a search is held against comparing with everybody."""

from __future__ import annotations

import numpy as np
import pytest

from faceapp.app.bench import population, searching
from faceapp.app.bench.population import Population, distances


def test_templates_are_as_far_apart_as_photographs() -> None:
    genuine, impostor = distances(600)
    middle = slice(population.QUANTILES.index(0.05), population.QUANTILES.index(0.95) + 1)
    assert genuine[middle] == pytest.approx(population.GENUINE[middle], abs=0.02)
    assert impostor[middle] == pytest.approx(population.IMPOSTOR[middle], abs=0.04)


def test_the_same_seed_draws_the_same_people() -> None:
    one, other, another = (Population(seed) for seed in (1, 1, 2))
    people = one.people(5)
    assert np.array_equal(people, other.people(5))
    assert not np.array_equal(people, another.people(5))
    templates = one.photographs(people)
    assert templates.shape == (5, population.DIMENSION)
    assert np.linalg.norm(templates, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert not np.array_equal(templates, one.photographs(people)), "two photographs of one person are two"


def test_a_search_is_measured_and_held_against_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PROBES", 20)
    figures = searching.search(400)
    assert figures["same_as_brute_force"] == figures["probes"] == 20
    assert figures["ms"]["count"] == 20
    assert figures["enrolment_visible_ms"] > 0
