"""A gallery too large to compare with everybody: the same answers, exact distances, and changes that count at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from faceapp.app.bench.population import Population
from faceapp.errors import BugError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.codes import FEW_LEFT
from faceapp.gallery.search.crowd import IN_ORDER
from faceapp.gallery.search.large import LargeIndex
from faceapp.types import Floats

SPACE, PEOPLE, THRESHOLD = "test-space", 2_500, 0.42


def ids(count: int) -> tuple[str, ...]:
    return tuple(f"p{n % PEOPLE:05}" for n in range(count))


@pytest.fixture(scope="module")
def templates() -> Floats:
    """Of 2,500 people, the first 500 with two; then twenty more photographs of those, then twenty strangers."""
    population = Population()
    people = population.people(PEOPLE)
    of = [people, people[:500], people[:500:25], population.people(20)]
    return np.concatenate([population.photographs(some) for some in of])


@pytest.fixture(scope="module")
def table(templates: Floats) -> TemplateTable:
    known = ids(3_000)
    wrong = TemplateTable(SPACE, templates[3_000:3_002], known[0:50:25], known[0:50:25])
    return TemplateTable(SPACE, templates[:3_000], known, tuple(i.upper() for i in known), wrong)


@pytest.fixture(scope="module")
def probes(templates: Floats) -> Floats:
    return templates[3_000:]


@pytest.fixture(scope="module")
def exact(table: TemplateTable) -> GalleryIndex:
    return GalleryIndex.build(SPACE, table)


@pytest.fixture(scope="module")
def large(table: TemplateTable) -> LargeIndex:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("faceapp.gallery.index.IN_ONE_STAGE", 2_999)
        patched.setattr("faceapp.gallery.index.EXACT_UP_TO", 2_999)
        index = GalleryIndex.build(SPACE, table)
    assert isinstance(index, LargeIndex)
    return index


def test_the_same_answers_as_by_comparing_with_everybody(
    exact: GalleryIndex, large: LargeIndex, probes: Floats
) -> None:
    assert large.match(probes, THRESHOLD) == exact.match(probes, THRESHOLD)
    assert any(m is not None and m.struck_out is not None for m in large.match(probes, THRESHOLD))
    assert (large.people, large.templates, large.person_ids) == (PEOPLE, 3_000, exact.person_ids)
    assert large.match(probes[:0], THRESHOLD) == []


def test_one_person_is_compared_with_as_ever(exact: GalleryIndex, large: LargeIndex, probes: Floats) -> None:
    for person in ("p00000", "p00025", "p02000"):
        mine, theirs = large.distance_to(person, probes), exact.distance_to(person, probes)
        assert mine is not None
        assert theirs is not None
        assert mine.tolist() == theirs.tolist()
        assert large.struck_out(person, probes).tolist() == exact.struck_out(person, probes).tolist()
        assert large.only(person).match(probes, THRESHOLD) == exact.only(person).match(probes, THRESHOLD)
    assert large.distance_to("nobody", probes) is None
    assert not large.struck_out("nobody", probes).any()
    assert large.only("nobody").people == 0


def test_who_comes_is_found_at_once(exact: GalleryIndex, large: LargeIndex, probes: Floats) -> None:
    more, same = large.plus("new", "New", probes[-1]), exact.plus("new", "New", probes[-1])
    assert more.match(probes[:-1], THRESHOLD) == same.match(probes[:-1], THRESHOLD)
    for index in (more, same):
        [match] = index.match(probes[-1:], THRESHOLD)
        assert match is not None
        # The square root of what rounding leaves of a zero.
        assert (match.name, match.nearest.distance) == ("New", pytest.approx(0, abs=1e-6))
    again, both = more.plus("p00050", "P00050", probes[2]), same.plus("p00050", "P00050", probes[2])
    others = np.delete(probes, [2, -1], axis=0)  # those two are in it themselves
    assert again.match(others, THRESHOLD) == both.match(others, THRESHOLD)
    assert (again.people, again.templates) == (PEOPLE + 1, 3_002)
    with pytest.raises(BugError, match="dimensions"):
        large.plus("new", "New", probes[0, :10])


def test_who_goes_is_found_no_more(table: TemplateTable, large: LargeIndex, probes: Floats) -> None:
    gone = {m.nearest.person_id for m in large.match(probes[::2], THRESHOLD) if m is not None}
    rows = [row for row, person_id in enumerate(table.person_ids) if person_id not in gone]
    left = TemplateTable(
        SPACE,
        table.vectors[rows],
        tuple(table.person_ids[r] for r in rows),
        tuple(table.names[r] for r in rows),
        table.negatives,
    )
    expected = GalleryIndex.build(SPACE, left)
    fewer = large.plus("p00050", "P00050", probes[2]).without([*gone, "nobody"])
    assert fewer.match(probes, THRESHOLD) == expected.match(probes, THRESHOLD)
    assert fewer.people == PEOPLE - len(gone)
    assert not gone & set(fewer.person_ids)
    assert large.people == PEOPLE, "an index never changes"


def test_somebody_with_very_many_templates_hides_nobody(table: TemplateTable) -> None:
    crowded = TemplateTable.of(SPACE, [("many", "Many", table.vectors[7])] * 1_500)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("faceapp.gallery.index.IN_ONE_STAGE", 2_999)
        patched.setattr("faceapp.gallery.index.EXACT_UP_TO", 2_999)
        index = GalleryIndex.build(SPACE, replace(table, negatives=None).plus(crowded))
    probe = table.vectors[7:8]
    [match] = index.match(probe, THRESHOLD)
    assert match is not None
    assert match.runner_up is not None
    assert {match.nearest.person_id, match.runner_up.person_id} == {"many", "p00007"}
    [third] = index.without(["many", "p00007"]).match(probe, THRESHOLD)
    assert third is not None
    assert third.nearest.distance > 0.2


def but(table: TemplateTable, gone: set[str]) -> TemplateTable:
    rows = [row for row, person_id in enumerate(table.person_ids) if person_id not in gone]
    who, names = ([of[r] for r in rows] for of in (table.person_ids, table.names))
    return TemplateTable(SPACE, table.vectors[rows], tuple(who), tuple(names))


@pytest.mark.parametrize("few_left", [FEW_LEFT, 10], ids=["gone through", "looked for"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_however_many_go_nobody_who_stays_is_lost(
    share: float, few_left: int, table: TemplateTable, large: LargeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    population = Population()
    people = population.people(PEOPLE)
    probes = np.concatenate([population.photographs(people[::25]), population.photographs(population.people(100))])
    gone = set(np.random.default_rng(7).permutation(sorted(set(table.person_ids)))[: int(share * PEOPLE)].tolist())
    expected = GalleryIndex.build(SPACE, but(table, gone)).match(probes, THRESHOLD)
    # As many looked at as of a real crowd: of 3,000 templates 1,024 would be a third.
    monkeypatch.setattr("faceapp.gallery.search.crowd.LOOKED_AT", 256)
    monkeypatch.setattr("faceapp.gallery.search.codes.FEW_LEFT", few_left)
    found = replace(large, _negatives={}).without(gone).match(probes, THRESHOLD)
    assert [m and m.nearest for m in found] == [m and m.nearest for m in expected]


@pytest.mark.parametrize("in_order", [IN_ORDER, (3, 6)], ids=["by the heads", "by the codes"])
def test_a_sure_answer_passes_nobody_over(
    in_order: tuple[int, int],
    table: TemplateTable,
    exact: GalleryIndex,
    large: LargeIndex,
    probes: Floats,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("faceapp.gallery.search.crowd.IN_ORDER", in_order)
    # Of so few that somebody is passed over.
    monkeypatch.setattr("faceapp.gallery.search.crowd.LOOKED_AT", 4)
    monkeypatch.setattr("faceapp.gallery.search.codes.FEW_LEFT", 0)
    expected, found = exact.match(probes, THRESHOLD), large.match(probes, THRESHOLD)
    assert [m and m.runner_up for m in found] != [m and m.runner_up for m in expected]
    sure = large.match(probes, THRESHOLD, sure=True)
    named = [n for n, m in enumerate(found) if m is not None and m.accepted]
    assert len(named) > 10
    assert [sure[n] for n in named] == [expected[n] for n in named]
    everybody = large.match(probes, 2.0, sure=True)
    assert [m and (m.nearest, m.runner_up) for m in replace(large, _negatives={}).match(probes, 2.0, sure=True)] == [
        m and (m.nearest, m.runner_up) for m in replace(exact, _negatives={}).match(probes, 2.0)
    ]
    assert everybody == exact.match(probes, 2.0)
    gone = {m.runner_up.person_id for m in expected[:20] if m is not None and m.runner_up is not None}
    fewer = replace(large, _negatives={}).without(gone).plus("new", "New", probes[1])
    left = GalleryIndex.build(SPACE, but(table, gone)).plus("new", "New", probes[1])
    assert fewer.match(probes, 2.0, sure=True) == left.match(probes, 2.0)
