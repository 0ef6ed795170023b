"""The index agrees with a naive loop, and refuses what it must not compare."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faceapp.errors import BugError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Embedding, Floats

SPACE = "test-space"
Entry = tuple[str, str, Floats]


def unit(*values: float) -> Floats:
    v = np.array(values, np.float64)
    return (v / np.linalg.norm(v)).astype(np.float32)


def index_of(*entries: Entry) -> GalleryIndex:
    return GalleryIndex.build(SPACE, TemplateTable.of(SPACE, entries))


def naive(entries: list[Entry], probe: Floats) -> list[tuple[float, str]]:
    """(distance, person) of each person's nearest template, nearest first, ties by id."""
    best: dict[str, float] = {}
    for person, _, vector in entries:
        distance = math.sqrt(sum((float(a) - float(b)) ** 2 for a, b in zip(vector, probe, strict=True)))
        best[person] = min(distance, best.get(person, math.inf))
    return sorted((d, p) for p, d in best.items())


# A coarse grid makes equal vectors and ties frequent; full floats make near-ties.
_coarse = arrays(np.float64, 4, elements=st.sampled_from([-1.0, 0.0, 1.0]))
_fine = arrays(np.float64, 4, elements=st.floats(-1, 1))
_vectors = st.one_of(_coarse, _fine).filter(lambda v: np.linalg.norm(v) > 0.1).map(lambda v: unit(*v))
_entries = st.lists(st.tuples(st.sampled_from("abcdef"), _vectors), max_size=12).map(
    lambda rows: [(p, p.upper(), v) for p, v in rows]
)


@settings(max_examples=150)
@given(_entries, st.lists(_vectors, min_size=1, max_size=4))
def test_match_agrees_with_a_naive_loop(entries: list[Entry], probes: list[Floats]) -> None:
    index = index_of(*entries)
    matches = index.match(np.array(probes), 1.0)
    assert index.people == len({e[0] for e in entries})
    assert len(matches) == len(probes)
    for probe, match in zip(probes, matches, strict=True):
        expected = naive(entries, probe)
        if match is None:
            assert not expected
            continue
        found = [c for c in (match.nearest, match.runner_up) if c is not None]
        assert len(found) == min(2, len(expected))
        for candidate, (distance, _) in zip(found, expected, strict=False):
            assert candidate.distance == pytest.approx(distance, abs=3e-7)
            assert candidate.name == candidate.person_id.upper()
            # Two people may change places within a rounding of the vectors' lengths, never beyond it.
            assert {p: d for d, p in expected}[candidate.person_id] == pytest.approx(distance, abs=3e-7)
        assert len({c.person_id for c in found}) == len(found)
        assert [c.distance for c in found] == sorted(c.distance for c in found)


@settings(max_examples=40)
@given(_entries, _vectors)
def test_verification_agrees_with_a_naive_loop(entries: list[Entry], probe: Floats) -> None:
    index = index_of(*entries)
    expected = {p: d for d, p in naive(entries, probe)}
    for person in "abcdef":
        distances = index.distance_to(person, probe[np.newaxis])
        if person in expected:
            assert distances is not None
            assert distances.shape == (1,)
            assert distances[0] == pytest.approx(expected[person], abs=3e-7)
        else:
            assert distances is None


def test_many_people_with_many_templates_in_any_order() -> None:
    rng = np.random.default_rng(7)
    vectors = rng.standard_normal((600, 64))
    entries = [(f"p{rng.integers(150):03}", "name", unit(*v)) for v in vectors]
    index = index_of(*entries)
    probes = np.array([unit(*v) for v in rng.standard_normal((20, 64))])
    for probe, match in zip(probes, index.match(probes, 1.0), strict=True):
        assert match is not None
        assert match.runner_up is not None
        (d1, p1), (d2, p2) = naive(entries, probe)[:2]
        assert (match.nearest.person_id, match.runner_up.person_id) == (p1, p2)
        assert (match.nearest.distance, match.runner_up.distance) == pytest.approx((d1, d2), abs=3e-7)


def test_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    index = index_of(*((f"p{i % 20}", "n", unit(*v)) for i, v in enumerate(rng.standard_normal((50, 16)))))
    probes = np.array([unit(*v) for v in rng.standard_normal((11, 16))])
    whole = index.match(probes, 1.0)
    monkeypatch.setattr("faceapp.gallery.index._CELLS", 120)
    monkeypatch.setattr("faceapp.gallery.index._ROWS", 2)
    assert index.match(probes, 1.0) == whole


def test_the_same_photo_under_two_names_is_a_tie_in_the_order_of_ids() -> None:
    v = unit(*np.random.default_rng(1).standard_normal(640))
    other = unit(*np.random.default_rng(2).standard_normal(640))
    [match] = index_of(("c", "Cy", v), ("x", "X", other), ("a", "Al", v), ("b", "Bo", v)).match(v[np.newaxis], 1.0)
    assert match is not None
    assert match.runner_up is not None
    assert (match.nearest.person_id, match.runner_up.person_id) == ("a", "b")
    assert match.nearest.distance == match.runner_up.distance == 0.0


def test_the_runner_up_is_another_person() -> None:
    index = index_of(("a", "Ada", unit(1, 0)), ("a", "Ada", unit(1, 0.01)), ("b", "Bob", unit(0, 1)))
    [match] = index.match(unit(1, 0)[np.newaxis], 0.5)
    assert match is not None
    assert match.nearest.name == "Ada"
    assert match.runner_up is not None
    assert match.runner_up.name == "Bob"
    assert match.runner_up.distance == pytest.approx(math.sqrt(2))
    assert match.accepted
    assert index_of(("a", "Ada", unit(1, 0))).match(unit(1, 0)[np.newaxis], 0.5)[0].runner_up is None  # type: ignore[union-attr]


def test_distances_stay_precise_near_zero() -> None:
    a, b = unit(1, 0, 0), unit(1, 1e-4, 0)
    [match] = index_of(("a", "Ada", a)).match(b[np.newaxis], 1.0)
    assert match is not None
    assert match.nearest.distance == pytest.approx(1e-4, rel=1e-3)


def test_nobody_known_matches_nobody() -> None:
    empty = GalleryIndex.empty(SPACE)
    assert empty.people == empty.templates == 0
    assert empty.match(np.array([unit(1, 0), unit(0, 1)]), 1.0) == [None, None]
    assert empty.match([Embedding(unit(1, 0), SPACE)], 1.0) == [None]
    assert empty.distance_to("a", unit(1, 0)[np.newaxis]) is None
    assert index_of(("a", "Ada", unit(1, 0))).match([], 1.0) == []


def test_another_space_is_refused() -> None:
    index = index_of(("a", "Ada", unit(1, 0)))
    stranger = [Embedding(unit(1, 0), SPACE), Embedding(unit(1, 0), "another")]
    with pytest.raises(BugError, match="another"):
        index.match(stranger, 1.0)
    with pytest.raises(BugError, match="another"):
        index.distance_to("a", stranger)
    with pytest.raises(BugError, match="another"):
        GalleryIndex.empty("another").match([Embedding(unit(1, 0), SPACE)], 1.0)
    with pytest.raises(BugError):
        GalleryIndex.build("another", TemplateTable.of(SPACE, []))


@pytest.mark.parametrize("probe", [[0.0, 0.0], [math.nan, 0.0], [math.inf, 0.0], [2.0, 0.0], [1.0, 0.0, 0.0]])
def test_what_is_no_embedding_is_refused(probe: list[float]) -> None:
    index = index_of(("a", "Ada", unit(1, 0)))
    with pytest.raises(BugError):
        index.match(np.array([probe], np.float32), 1.0)
    with pytest.raises(BugError):
        index.match([Embedding(np.array(probe, np.float32), SPACE)], 1.0)


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(BugError):
        index_of(("a", "Ada", unit(1, 0))).match(unit(1, 0)[np.newaxis], math.nan)


def test_an_index_never_changes() -> None:
    table = TemplateTable.of(SPACE, [("a", "Ada", unit(1, 0)), ("b", "Bob", unit(0, 1))])
    index = GalleryIndex.build(SPACE, table)
    before = index.match(unit(1, 0)[np.newaxis], 1.0)
    table.vectors[:] = table.vectors[::-1].copy()
    assert index.match(unit(1, 0)[np.newaxis], 1.0) == before
    with pytest.raises(ValueError, match="read-only"):
        index._vectors[0, 0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        index.space = "another"  # type: ignore[misc]


def test_a_guest_joins_without_being_stored() -> None:
    stored = TemplateTable.of(SPACE, [("a", "Ada", unit(1, 0))])
    guest = TemplateTable.of(SPACE, [("guest", "Eileen", unit(0, 1))])
    [match] = GalleryIndex.build(SPACE, stored.plus(guest)).match(unit(0, 1)[np.newaxis], 1.0)
    assert match is not None
    assert match.name == "Eileen"
    assert len(stored) == 1
    nobody = TemplateTable.of(SPACE, [])
    assert len(nobody.plus(guest)) == len(guest.plus(nobody)) == 1
    with pytest.raises(BugError):
        stored.plus(TemplateTable.of("another", []))
    with pytest.raises(BugError):
        stored.plus(TemplateTable.of(SPACE, [("b", "Bob", unit(0, 1, 0))]))
    with pytest.raises(BugError):
        TemplateTable(SPACE, np.zeros((1, 2), np.float32), (), ())


def test_an_index_of_one_person_finds_that_person_alone() -> None:
    index = index_of(("a", "Ada", unit(1, 0, 0)), ("b", "Bo", unit(0, 1, 0)), ("a", "Ada", unit(0, 0, 1)))
    probe = unit(0, 1, 0.1)
    alone = index.only("a")
    assert (alone.people, alone.templates, alone.person_ids) == (1, 2, ("a",))
    (match,) = alone.match(probe[None], 0.5)
    distances = index.distance_to("a", probe[None])
    assert match is not None
    assert distances is not None
    assert (match.nearest.person_id, match.nearest.name, match.runner_up) == ("a", "Ada", None)
    assert match.nearest.distance == distances[0]
    assert index.only("nobody").match(probe[None], 0.5) == [None]
