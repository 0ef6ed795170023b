"""The search in two stages gives the answers of the search in one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faceapp.app.bench.population import Population
from faceapp.gallery.index import WITH_HEADS, GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.heads import ROUNDING, Heads
from faceapp.types import Floats, Match

SPACE = "test-space"
MANY = 17
"""More probes than go through the two stages."""


def table(vectors: Floats, people: int, negatives: TemplateTable | None = None) -> TemplateTable:
    ids = tuple(f"p{i % people:05}" for i in range(len(vectors)))
    return TemplateTable(SPACE, vectors, ids, tuple(i.upper() for i in ids), negatives)


def in_one_stage(index: GalleryIndex, probe: Floats, threshold: float) -> Match | None:
    return index.match(np.repeat(probe[np.newaxis], MANY, axis=0), threshold)[0]


def rows(seed: int, count: int, dimension: int, rank: int) -> Floats:
    random = np.random.default_rng(seed)
    found = random.standard_normal((count, rank)) @ random.standard_normal((rank, dimension))
    found += random.standard_normal((1, dimension)) * random.choice([0, 3])
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([2, 70, 130]), st.integers(1, 130))
def test_two_stages_answer_as_one(
    monkeypatch: pytest.MonkeyPatch, seed: int, count: int, dimension: int, rank: int
) -> None:
    monkeypatch.setattr("faceapp.gallery.index.WITH_HEADS", 1)
    vectors = rows(seed, count + 3, dimension, rank)
    vectors[count // 2] = vectors[0]  # a tie
    wrong = table(vectors[:2], 2)
    index = GalleryIndex.build(SPACE, table(vectors[:count], 1 + count // 2, wrong if seed % 2 else None))
    for probe in (*vectors[count:], vectors[0]):
        assert index.match(probe[np.newaxis], 1.2) == [in_one_stage(index, probe, 1.2)]


def test_in_a_gallery_of_many_likenesses() -> None:
    population = Population()
    people = population.people(WITH_HEADS)
    vectors = np.concatenate([population.photographs(people), population.photographs(people[:500])])
    index = GalleryIndex.build(SPACE, table(vectors, WITH_HEADS))
    probes = np.concatenate([population.photographs(people[::1000]), population.photographs(population.people(20))])
    together = index.match(probes, 0.45)
    assert together == [index.match(p[np.newaxis], 0.45)[0] for p in probes]
    assert 0 < sum(m is not None and m.accepted for m in together) < len(probes)
    larger = index.plus("one-more", "One more", probes[-1])
    [found] = larger.match(probes[-1:], 0.45)
    assert found == in_one_stage(larger, probes[-1], 0.45)
    assert found is not None
    assert (found.name, found.nearest.distance) == ("One more", 0.0)


@pytest.mark.parametrize("rank", [3, 64, 100, 400])
def test_no_dot_product_is_beyond_its_bound(rank: int) -> None:
    vectors = rows(rank, 600, 512, rank)
    heads = Heads.of(vectors[:300])
    for probe in vectors[300::20]:
        _, most = heads.scores(probe)
        exact = vectors[:300].astype(np.float64) @ probe.astype(np.float64)
        assert (most >= exact).all()
        if rank < 64:  # nothing is left out, so nothing but rounding is
            assert float((most - exact).max()) < 2.5 * ROUNDING
