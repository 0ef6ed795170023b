"""The search in two stages gives the answers of the search in one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceapp.app.bench.population import Population
from faceapp.gallery.index import IN_ONE_STAGE, GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.heads import HEAD, Heads, Making, axes
from faceapp.gallery.search.large import LargeIndex
from faceapp.types import Floats, Match

SPACE = "test-space"


def table(vectors: Floats, people: int, negatives: TemplateTable | None = None) -> TemplateTable:
    ids = tuple(f"p{i % people:05}" for i in range(len(vectors)))
    return TemplateTable(SPACE, vectors, ids, tuple(i.upper() for i in ids), negatives)


def in_one_stage(table: TemplateTable, probes: Floats, threshold: float) -> list[Match | None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("faceapp.gallery.index.IN_ONE_STAGE", 1_000_000)
        return GalleryIndex.build(SPACE, table).match(probes, threshold)


def in_two_stages(table: TemplateTable) -> LargeIndex:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("faceapp.gallery.index.IN_ONE_STAGE", 0)
        index = GalleryIndex.build(SPACE, table)
    assert isinstance(index, LargeIndex)
    assert index.crowd.codes is None
    return index


def rows(seed: int, count: int, dimension: int, rank: int) -> Floats:
    random = np.random.default_rng(seed)
    found = random.standard_normal((count, rank)) @ random.standard_normal((rank, dimension))
    found += random.standard_normal((1, dimension)) * random.choice([0, 3])
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([2, 70, 130]), st.integers(1, 130))
def test_two_stages_answer_as_one(seed: int, count: int, dimension: int, rank: int) -> None:
    vectors = rows(seed, count + 3, dimension, rank)
    vectors[count // 2] = vectors[0]  # a tie
    wrong = table(vectors[:2], 2)
    known = table(vectors[:count], 1 + count // 2, wrong if seed % 2 else None)
    probes = np.concatenate([vectors[count:], vectors[:1]])
    assert in_two_stages(known).match(probes, 1.2) == in_one_stage(known, probes, 1.2)


@pytest.mark.parametrize("in_order", [(512, 4_096), (4, 8)], ids=["decided by the heads", "not decided"])
def test_in_a_gallery_of_many_likenesses(in_order: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.gallery.search.crowd.IN_ORDER", in_order)
    population = Population()
    people = population.people(4_000)
    vectors = np.concatenate([population.photographs(people), population.photographs(people[:500])])
    known = table(vectors, 4_000)
    index = in_two_stages(known)
    probes = np.concatenate([population.photographs(people[::200]), population.photographs(population.people(20))])
    found = index.match(probes, 0.45)
    assert found == in_one_stage(known, probes, 0.45)
    assert 0 < sum(m is not None and m.accepted for m in found) < len(probes)
    [match] = index.plus("one-more", "One more", probes[-1]).match(probes[-1:], 0.45)
    assert match is not None
    assert (match.name, match.nearest.distance) == ("One more", pytest.approx(0, abs=1e-6))
    gone = {m.nearest.person_id for m in found if m is not None}
    left = TemplateTable.of(
        SPACE, [row for row in zip(known.person_ids, known.names, known.vectors, strict=True) if row[0] not in gone]
    )
    assert index.without(gone).match(probes, 0.45) == in_one_stage(left, probes, 0.45)


def test_whoever_has_thousands_of_templates_hides_nobody() -> None:
    vectors = rows(5, 60, 40, 40)
    many = np.concatenate([vectors, np.repeat(vectors[:1], 5_000, axis=0)])
    known = TemplateTable(SPACE, many, tuple(["other"] * 60 + ["many"] * 5_000), ("x",) * 5_060)
    assert in_two_stages(known).match(vectors[:3], 1.0) == in_one_stage(known, vectors[:3], 1.0)


def test_many_people_are_searched_in_two_stages() -> None:
    vectors = np.repeat(rows(1, 3, 8, 8), 1 + IN_ONE_STAGE // 3, axis=0)
    index = GalleryIndex.build(SPACE, table(vectors, len(vectors)))
    assert isinstance(index, LargeIndex)
    assert index.people == len(vectors)


@pytest.mark.parametrize("rank", [3, HEAD, 100, 250])
def test_no_dot_product_is_beyond_its_bound(rank: int) -> None:
    vectors = rows(rank, 600, 256, rank)
    making = Making(vectors[:300], axes(vectors[:300], 256), 300)
    for at in range(0, 300, 100):
        making.add(vectors[at : at + 100])
    heads = making.made()
    assert np.array_equal(Heads.coded(heads.basis, heads.offset, heads.step, heads.codes).codes, heads.codes)
    for probe in vectors[300::20]:
        found, most = heads.likely(probe, 300)
        exact = vectors[found].astype(np.float64) @ probe.astype(np.float64)
        assert sorted(found.tolist()) == list(range(300))
        assert (most >= exact).all()
        assert (np.diff(most) <= 0).all()
        if rank <= HEAD:  # nothing is left out, so nothing but what bytes lose is
            assert float((most - exact).max()) < 0.03
