"""Somebody known already, somebody who looks like them, two people under one name: and what is done about it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from faceapp.access.policy_settings import PolicySettings
from faceapp.enrollment.duplicates import MARGIN, Limits, OnDuplicate, Relation, Unlike, answer, relate, unlike_own
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.types import Candidate, Floats

SPACE = "space"
LIMITS = Limits.of(0.42, 0.5)


def at(distance: float, side: float = 1.0) -> Floats:
    """A vector so far from that of `at(0)`, on one side or the other of it."""
    angle = side * 2 * math.asin(distance / 2)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def index_of(**people: Floats) -> GalleryIndex:
    return GalleryIndex.build(SPACE, TemplateTable.of(SPACE, [(name, name.title(), v) for name, v in people.items()]))


def test_the_margin_is_that_of_a_door() -> None:
    [margin] = [f.default for f in dataclasses.fields(PolicySettings) if f.name == "margin"]
    assert margin == MARGIN
    assert pytest.approx(0.462) == LIMITS.lookalike


@pytest.mark.parametrize(
    ("distance", "kind", "limit"),
    [
        (0.0, "same_person", 0.42),
        (0.41, "same_person", 0.42),
        (0.43, "lookalike", 0.462),
        (0.46, "lookalike", 0.462),
        (0.47, "none", 0.462),
    ],
)
def test_how_near_somebody_is(distance: float, kind: str, limit: float) -> None:
    relation = relate(at(0), index_of(ada=at(distance)), LIMITS)
    assert (relation.kind, relation.limit) == (kind, pytest.approx(limit))
    if kind == "none":
        assert (relation.person_id, relation.distance, relation.others) == (None, None, ())
    else:
        assert relation.person_id == "ada"
        assert relation.distance == pytest.approx(distance, abs=1e-6)
        assert relation.names == "Ada"


def test_where_nobody_is_enrolled_nobody_is_near() -> None:
    assert relate(at(0), GalleryIndex.empty(SPACE), LIMITS).kind == "none"


def test_a_further_photo_of_somebody_is_no_duplicate_of_theirs() -> None:
    index = index_of(ada=at(0.2), bob=at(0.9))
    assert relate(at(0), index, LIMITS, "ada").kind == "none"
    assert relate(at(0), index, LIMITS, "bob").person_id == "ada"


def test_nearest_to_its_own_name_and_near_somebody_else_it_is_a_lookalike() -> None:
    """At a door the two would be a tie."""
    relation = relate(at(0), index_of(ada=at(0.2), bob=at(0.3, -1)), LIMITS, "ada")
    assert (relation.kind, relation.person_id) == ("lookalike", "bob")


def test_nearer_to_somebody_else_than_to_its_own_name() -> None:
    relation = relate(at(0), index_of(ada=at(0.2), bob=at(0.3, -1)), LIMITS, "bob")
    assert (relation.kind, [c.person_id for c in relation.others]) == ("same_person", ["ada"])


def test_two_others_are_both_named_the_nearest_first() -> None:
    relation = relate(at(0), index_of(ada=at(0.3), bob=at(0.2, -1)), LIMITS)
    assert (relation.kind, relation.names) == ("same_person", "Bob and Ada")


def test_whoever_the_face_was_said_not_to_be_is_a_lookalike_and_no_duplicate() -> None:
    table = TemplateTable.of(SPACE, [("ada", "Ada", at(0.2))])
    wrong = TemplateTable.of(SPACE, [("ada", "Ada", at(0.1, -1))])
    index = GalleryIndex.build(SPACE, dataclasses.replace(table, negatives=wrong))
    relation = relate(at(0), index, LIMITS)
    assert relation.kind == "none", "all who are known were struck out"
    table = table.plus(TemplateTable.of(SPACE, [("bob", "Bob", at(0.9))]))
    index = GalleryIndex.build(SPACE, dataclasses.replace(table, negatives=wrong))
    assert (relate(at(0), index, LIMITS).kind, relate(at(0), index, LIMITS).names) == ("lookalike", "Ada")


def test_two_people_under_one_name() -> None:
    index = index_of(ada=at(0))
    unlike = unlike_own(at(0.51), index, LIMITS, "ada")
    assert unlike is not None
    assert (unlike.distance, unlike.limit) == (pytest.approx(0.51, abs=1e-6), 0.5)
    assert unlike_own(at(0.49), index, LIMITS, "ada") is None
    assert unlike_own(at(0.51), index, LIMITS, None) is None, "somebody new"
    assert unlike_own(at(0.51), index, LIMITS, "bob") is None, "without a photo in this space"


ADA, BOB = Candidate("ada", "Ada", 0.3), Candidate("bob", "Bob", 0.35)
NONE = Relation("none", None, None, 0.462)
SAME = Relation("same_person", "ada", 0.3, 0.42, (ADA,))
BOTH = Relation("same_person", "ada", 0.3, 0.42, (ADA, BOB))
ALIKE = Relation("lookalike", "ada", 0.45, 0.462, (Candidate("ada", "Ada", 0.45),))
FAR = Unlike(0.7, 0.5)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("on_duplicate", ["warn", "refuse", "add"])
def test_who_looks_like_nobody_is_stored(on_duplicate: OnDuplicate, strict: bool) -> None:
    given = answer("Eve", NONE, None, on_duplicate, strict)
    assert (given.action, given.warnings) == ("store", ())


def test_somebody_known_is_stored_with_a_warning_refused_or_added_to() -> None:
    assert answer("Eve", SAME, None, "warn", False).warnings == ("this face looks like Ada, enrolled already",)
    refused = answer("Eve", SAME, None, "refuse", False)
    assert (refused.action, refused.code) == ("refuse", "duplicate")
    assert refused.reason.startswith("this face is enrolled already, as Ada: ")
    added = answer("Eve", SAME, None, "add", False)
    assert (added.action, added.add_to, added.warnings) == ("add", ADA, ())


def test_it_is_not_added_where_it_could_be_two() -> None:
    given = answer("Eve", BOTH, None, "add", False)
    assert (given.action, given.code) == ("refuse", "ambiguous")
    assert "Ada and Bob" in given.reason
    assert answer("Eve", BOTH, None, "warn", False).action == "store"


@pytest.mark.parametrize("on_duplicate", ["warn", "refuse", "add"])
def test_a_lookalike_is_stored_and_the_badge_recommended(on_duplicate: OnDuplicate) -> None:
    given = answer("Eve", ALIKE, None, on_duplicate, True)
    assert given.action == "store"
    [warning] = given.warnings
    assert warning.startswith("Ada may be mistaken for this face: ")
    assert "people badge" in warning


def test_unlike_the_names_other_photos_is_a_warning_or_where_strict_a_refusal() -> None:
    warned = answer("Eve", NONE, FAR, "refuse", False)
    assert (warned.action, len(warned.warnings)) == ("store", 1)
    assert warned.warnings[0].startswith("this face is unlike the other photos of Eve: ")
    refused = answer("Eve", NONE, FAR, "warn", True)
    assert (refused.action, refused.code) == ("refuse", "unlike_own")
    assert answer("Eve", SAME, FAR, "add", True).add_to == ADA, "it is Ada's, whatever name it came with"
    assert len(answer("Eve", SAME, FAR, "warn", False).warnings) == 2
