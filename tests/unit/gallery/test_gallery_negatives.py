"""A face of which somebody said "that is not NAME" isn't named NAME, and opens nothing that was shut."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faceapp.errors import BugError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Floats, Match

SPACE = "space"
Entry = tuple[str, str, Floats]


def unit(*values: float) -> Floats:
    v = np.array(values, np.float64)
    return (v / np.linalg.norm(v)).astype(np.float32)


def at(degrees: float) -> Floats:
    """On a circle, so that distances are angles."""
    return unit(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def index_of(entries: list[Entry], negatives: list[Entry]) -> GalleryIndex:
    table = TemplateTable.of(SPACE, entries)
    wrong = TemplateTable.of(SPACE, negatives) if negatives else None
    return GalleryIndex.build(SPACE, TemplateTable(SPACE, table.vectors, table.person_ids, table.names, wrong))


def answer(index: GalleryIndex, probe: Floats, threshold: float = 1.0) -> Match | None:
    return index.match(probe[np.newaxis], threshold)[0]


ADA, BOB = ("ada", "Ada", at(0)), ("bob", "Bob", at(40))


def test_it_reaches_halfway_to_the_template_and_no_farther() -> None:
    index = index_of([ADA, BOB], [("ada", "Ada", at(20))])
    near, far = answer(index, at(9)), answer(index, at(11))
    assert near is not None
    assert (near.nearest.name, near.struck_out) == ("Ada", None)
    assert far is not None
    assert (far.nearest.name, far.runner_up) == ("Bob", None)
    assert far.struck_out is not None
    assert far.struck_out.name == "Ada"
    assert far.struck_out.distance == pytest.approx(2 * math.sin(math.radians(5.5)))
    assert index.struck_out("ada", np.array([at(9), at(11)])).tolist() == [False, True]
    assert index.struck_out("bob", np.array([at(11)])).tolist() == [False]
    assert index.struck_out("nobody", np.array([at(11)])).tolist() == [False]


def test_as_near_to_both_is_struck_out() -> None:
    assert answer(index_of([ADA], [ADA]), at(5)) is None


def test_where_everybody_is_struck_out_nobody_is_named() -> None:
    index = index_of([ADA, BOB], [("ada", "Ada", at(20)), ("bob", "Bob", at(21))])
    assert answer(index, at(20)) is None
    assert answer(index.only("ada"), at(20)) is None, "nor in verify mode"
    assert answer(index.only("ada"), at(2)) is not None


def test_a_negative_is_about_one_person() -> None:
    index = index_of([ADA, ("bob", "Bob", at(1))], [("ada", "Ada", at(3))])
    match = answer(index, at(3))
    assert match is not None
    assert match.name == "Bob"
    one_more = index.plus("aaa", "Aaa", at(90)).plus("bob", "Bob", at(50))
    assert one_more.struck_out("ada", at(3)[np.newaxis]).tolist() == [True], "whoever is added"
    assert one_more.struck_out("bob", at(3)[np.newaxis]).tolist() == [False]


def test_of_whom_there_is_no_template_it_does_not_matter() -> None:
    assert answer(index_of([ADA], [("gone", "Gone", at(3))]), at(3)) is not None
    assert answer(index_of([], [("gone", "Gone", at(3))]), at(3)) is None


def test_of_another_space_or_dimension_it_is_refused() -> None:
    table = TemplateTable.of(SPACE, [ADA])
    for wrong in (TemplateTable.of("other", [ADA]), TemplateTable.of(SPACE, [("ada", "Ada", unit(1, 0, 0))])):
        with pytest.raises(BugError, match="negatives"):
            GalleryIndex.build(SPACE, TemplateTable(SPACE, table.vectors, table.person_ids, table.names, wrong))


_coarse = arrays(np.float64, 4, elements=st.sampled_from([-1.0, 0.0, 1.0]))
_fine = arrays(np.float64, 4, elements=st.floats(-1, 1))
_vectors = st.one_of(_coarse, _fine).filter(lambda v: np.linalg.norm(v) > 0.1).map(lambda v: unit(*v))
_entries = st.lists(st.tuples(st.sampled_from("abcd"), _vectors), max_size=10).map(
    lambda rows: [(p, p.upper(), v) for p, v in rows]
)


@settings(max_examples=200)
@given(_entries, _entries, _vectors)
def test_it_agrees_with_a_naive_loop(entries: list[Entry], negatives: list[Entry], probe: Floats) -> None:
    def nearest(rows: list[Entry], person: str) -> float:
        distances = [float(np.linalg.norm(v.astype(np.float64) - probe)) for p, _, v in rows if p == person]
        return min(distances, default=math.inf)

    people = sorted({p for p, _, _ in entries})
    gaps = [nearest(negatives, p) - nearest(entries, p) for p in people]
    if any(0 < abs(gap) < 1e-6 for gap in gaps):
        return  # within a rounding of the vectors' lengths
    ranked = sorted((nearest(entries, p), p) for p in people)
    if any(abs(distance - 1.0) < 1e-6 for distance, _ in ranked):
        return  # so are those at the threshold
    struck = [(d, p) for d, p in ranked if d <= 1.0 and nearest(negatives, p) <= d]
    kept = [each for each in ranked if each not in struck]
    match = answer(index_of(entries, negatives), probe)
    found = [] if match is None else [c for c in (match.nearest, match.runner_up) if c is not None]
    assert [c.distance for c in found] == pytest.approx([d for d, _ in kept[:2]], abs=1e-6)
    assert {c.person_id for c in found} <= {p for _, p in kept}
    if match is not None and match.struck_out is not None:
        assert match.struck_out.distance == pytest.approx(struck[0][0], abs=1e-6)
    if match is not None and struck and struck[0][0] < found[-1].distance - 1e-6:
        assert match.struck_out is not None, "whoever is nearer than the two is told"
