"""Everybody against everybody agrees with a naive loop, and is done in seconds."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from faceapp.enrollment import near_pairs as module
from faceapp.enrollment.near_pairs import NearPair, near_pairs
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Floats


def unit_vectors(count: int, dimension: int, seed: int = 0) -> Floats:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: Floats = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def table_of(vectors: Floats, ids: list[str]) -> TemplateTable:
    return TemplateTable("space", vectors, tuple(ids), tuple(i.upper() for i in ids))


def naive(table: TemplateTable, limit: float) -> list[tuple[float, str, str]]:
    found: dict[tuple[str, str], float] = {}
    rows = list(zip(table.person_ids, table.vectors.astype(np.float64), strict=True))
    for (a, va), (b, vb) in itertools.combinations(rows, 2):
        if a != b:
            key = min(a, b), max(a, b)
            found[key] = min(float(np.linalg.norm(va - vb)), found.get(key, 9.0))
    return sorted((d, a, b) for (a, b), d in found.items() if d <= limit)


@pytest.mark.parametrize("block", [1, 7, 1024])
@pytest.mark.parametrize("limit", [0.2, 0.7, 1.2, 2.0])
def test_it_agrees_with_a_naive_loop(block: int, limit: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    ids = [f"p{n:02d}" for n in np.random.default_rng(1).integers(0, 25, 60)]  # one to five photos each, mixed
    table = table_of(unit_vectors(60, 4), ids)
    expected = naive(table, limit)
    found = near_pairs(table, limit)
    assert [(p.a, p.b) for p in found] == [(a, b) for _, a, b in expected]
    assert [p.distance for p in found] == pytest.approx([d for d, _, _ in expected], abs=1e-6)
    assert all((p.name_a, p.name_b) == (p.a.upper(), p.b.upper()) for p in found)
    assert near_pairs(table, limit, most=3) == found[:3]


def test_the_limit_itself_is_near_and_the_same_photo_twice_is_at_zero() -> None:
    a, b = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    table = table_of(np.array([a, a, b]), ["bob", "ada", "eve"])
    assert near_pairs(table, 0.5) == [NearPair("ada", "bob", "ADA", "BOB", 0.0)]
    assert len(near_pairs(table, float(np.sqrt(2)))) == 3


@pytest.mark.parametrize("count", [0, 1])
def test_where_there_are_no_two_people_there_is_no_pair(count: int) -> None:
    assert near_pairs(table_of(unit_vectors(count, 4), ["ada"] * count), 2.0) == []
    assert near_pairs(table_of(unit_vectors(3, 4), ["ada"] * 3), 2.0) == []


def test_ten_thousand_people_take_seconds() -> None:
    """Every pair of them is far apart but a hundred, each of somebody and their double."""
    vectors = unit_vectors(10_000, 640)
    doubled = vectors[:100] + 0.01 * unit_vectors(100, 640, seed=1)
    vectors[9_900:] = doubled / np.linalg.norm(doubled, axis=1, keepdims=True)
    begun = time.process_time()
    found = near_pairs(table_of(vectors, [f"{n:05d}" for n in range(10_000)]), 0.4653)
    assert [(p.a, p.b) for p in sorted(found, key=lambda p: p.a)] == [
        (f"{n:05d}", f"{n + 9_900:05d}") for n in range(100)
    ]
    assert time.process_time() - begun < 20, "CPU seconds: ten on two cores"


def test_a_gallery_of_one_face_under_many_names_ends_too() -> None:
    vectors = np.repeat(unit_vectors(1, 8), 300, axis=0)
    found = near_pairs(table_of(vectors, [f"{n:03d}" for n in range(300)]), 0.4, most=50)
    assert len(found) == 50
    assert {p.distance for p in found} == {0.0}
