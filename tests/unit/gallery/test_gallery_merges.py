"""Two people who are one, and taking that back; faces that are not NAME, in the gallery's file."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.negatives import MOST
from faceapp.gallery.rows import NewPhoto, PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats, Hours

SPACE = "space"
MAC = "ab" * 32


def at(degrees: float) -> Floats:
    angle = math.radians(degrees)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def photo(degrees: float = 0, content: str | None = None) -> NewPhoto:
    return NewPhoto(SPACE, at(degrees), 70, "a.jpg", crop=f"crop {degrees}".encode(), content=content)


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        yield store


@pytest.fixture
def ada(store: GalleryStore) -> PersonRow:
    """Two photos."""
    store.add_photo("Ada", photo(0))
    return store.add_photo("Ada", photo(10)).person


@pytest.fixture
def ada2(store: GalleryStore) -> PersonRow:
    """The same woman under another name."""
    return store.add_photo("Augusta King", photo(20)).person


def vectors(store: GalleryStore) -> dict[str, list[float]]:
    """Degrees of everybody's templates, by name."""
    table = store.templates(SPACE)
    found: dict[str, list[float]] = {}
    for name, (x, y) in zip(table.names, table.vectors, strict=True):
        found.setdefault(name, []).append(round(math.degrees(math.atan2(y, x))))
    return {name: sorted(degrees) for name, degrees in found.items()}


# Merging


def test_photos_move_and_open_again(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    theirs = store.photos(ada2.id)[0].id
    merged = store.merge(ada2.id, ada.id)
    assert (merged.name, merged.into_name, merged.photos) == ("Augusta King", "Ada", 1)
    assert [(p.name, p.photos) for p in store.people()] == [("Ada", 3)]
    assert vectors(store) == {"Ada": [0, 10, 20]}
    assert store.crop(theirs) == b"crop 20"
    assert store.merges() == [merged]


def test_undone_everybody_has_what_was_theirs(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    theirs = store.photos(ada2.id)[0].id
    store.merge(ada2.id, ada.id)
    store.add_photo("Ada", photo(30))
    back = store.undo_merge(ada2.id)
    assert (back.id, back.name, back.created) == (ada2.id, "Augusta King", ada2.created)
    assert vectors(store) == {"Ada": [0, 10, 30], "Augusta King": [20]}
    assert store.crop(theirs) == b"crop 20"
    assert store.merges() == []
    with pytest.raises(InputError, match="cannot be undone any more"):
        store.undo_merge(ada2.id)


def test_rights_stay_those_of_the_one_who_stays_and_come_back(
    store: GalleryStore, ada: PersonRow, ada2: PersonRow
) -> None:
    store.set_right(ada.id, "deny")
    store.set_right(ada2.id, "allow", [Hours(frozenset({1}), 60, 120)])
    store.set_badge_required(ada2.id, True)
    store.add_badge(ada2.id, MAC)
    for group in ("Staff", "Gone"):
        store.join_group(store.add_group(group, allowed=True).id, ada2.id)
    before, kept = store.right(ada2.id), store.right(ada.id)
    assert before is not None
    store.merge(ada2.id, ada.id)
    assert store.right(ada.id) == kept
    assert store.person_of_badge(MAC) is None
    store.remove_group(store.group("Gone").id)
    store.undo_merge(ada2.id)
    after = store.right(ada2.id)
    assert after is not None
    assert (after.own, after.hours, after.badges, after.groups) == (before.own, before.hours, 1, ("Staff",))
    assert after.badge_required
    assert store.right(ada.id) == kept


def test_a_badge_that_was_given_to_somebody_else_meanwhile_stays_theirs(
    store: GalleryStore, ada: PersonRow, ada2: PersonRow
) -> None:
    store.add_badge(ada2.id, MAC)
    store.merge(ada2.id, ada.id)
    store.add_badge(ada.id, MAC)
    store.undo_merge(ada2.id)
    assert store.person_of_badge(MAC) == ada.id


def test_the_same_picture_under_both_names(store: GalleryStore) -> None:
    ada = store.add_photo("Ada", photo(0, content="c")).person
    other = store.add_photo("Augusta", photo(0, content="c")).person
    store.merge(other.id, ada.id)
    assert store.person("Ada").photos == 2
    store.undo_merge(other.id)
    assert [p.photos for p in store.people()] == [1, 1]


def test_merging_on_and_undoing_in_any_order(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    third = store.add_photo("A. King", photo(40)).person
    store.merge(ada2.id, ada.id)
    store.merge(ada.id, third.id)
    assert vectors(store) == {"A. King": [0, 10, 20, 40]}
    assert [(m.name, m.into_name) for m in store.merges()] == [("Ada", "A. King"), ("Augusta King", "A. King")]
    store.undo_merge(ada.id)
    assert vectors(store) == {"A. King": [40], "Ada": [0, 10, 20]}
    store.undo_merge(ada2.id)
    assert vectors(store) == {"A. King": [40], "Ada": [0, 10], "Augusta King": [20]}
    store.merge(ada2.id, ada.id)
    store.merge(ada.id, third.id)
    store.undo_merge(ada2.id)
    assert vectors(store) == {"A. King": [0, 10, 40], "Augusta King": [20]}
    store.undo_merge(ada.id)
    assert vectors(store) == {"A. King": [40], "Ada": [0, 10], "Augusta King": [20]}


def test_what_cannot_be_merged_or_undone(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    with pytest.raises(InputError, match="themselves"):
        store.merge(ada.id, ada.id)
    for pair in ((ada.id, "f" * 32), ("f" * 32, ada.id)):
        with pytest.raises(InputError, match="not in the gallery any more"):
            store.merge(*pair)
    store.merge(ada2.id, ada.id)
    newcomer = store.add_photo("augusta  king", photo(80)).person
    with pytest.raises(InputError, match="by now: rename them first"):
        store.undo_merge(ada2.id)
    store.rename(newcomer.id, "Grace")
    assert store.undo_merge(ada2.id).name == "Augusta King"


def test_whoever_took_consent_back_does_not_live_on_under_another_name(
    store: GalleryStore, ada: PersonRow, ada2: PersonRow
) -> None:
    store.withdraw_consent(ada2.id)
    with pytest.raises(InputError, match="delete them instead"):
        store.merge(ada2.id, ada.id)
    assert [row.person_id for row in store.due(date(2026, 1, 1))] == [ada2.id]


def test_what_is_refused_in_the_log_does_not_happen(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    def no(person_id: str, into_id: str) -> None:
        assert (person_id, into_id) == (ada2.id, ada.id)
        raise UnavailableError("no log")

    with pytest.raises(UnavailableError):
        store.merge(ada2.id, ada.id, first=no)
    assert len(store.people()) == 2
    store.merge(ada2.id, ada.id)
    with pytest.raises(UnavailableError):
        store.undo_merge(ada2.id, first=no)
    assert len(store.people()) == 1


def test_the_name_is_sealed_and_goes_with_whom_they_were_merged_into(
    store: GalleryStore, ada: PersonRow, ada2: PersonRow, data_dir: Path
) -> None:
    store.merge(ada2.id, ada.id)
    assert store.scrub()
    assert not [f.name for f in data_dir.iterdir() if f.is_file() and b"Augusta" in f.read_bytes()]
    store.delete(ada.id)
    assert store.merges() == []
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        register = set(connection.execute("SELECT id, kind FROM deletion").fetchall())
    assert {(ada.id, "person"), (ada2.id, "person")} <= register, "an older backup has them under their own id"


# That is not NAME


def test_a_negative_keeps_them_apart_until_it_is_forgotten(store: GalleryStore, ada: PersonRow, data_dir: Path) -> None:
    assert store.templates(SPACE).negatives is None
    store.add_negative(ada.id, SPACE, at(20))
    assert store.negatives_of(ada.id) == 1
    with GalleryStore.open(data_dir) as other:  # whoever builds an index has it
        index = GalleryIndex.build(SPACE, other.templates(SPACE))
    assert index.match(at(18)[None], 1.0) == [None]
    assert index.match(at(12)[None], 1.0) != [None]
    assert store.templates("other").negatives is None
    assert store.forget_negatives(ada.id) == 1
    assert store.templates(SPACE).negatives is None
    assert store.forget_negatives(ada.id) == 0


def test_a_negative_is_sealed_and_bound_to_its_person(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    store.add_negative(ada.id, SPACE, at(33))
    with closing(sqlite3.connect(store.path)) as connection, connection:
        [sealed] = connection.execute("SELECT vector FROM negative").fetchone()
        assert at(33).tobytes() not in sealed
        connection.execute("UPDATE negative SET person_id = ?", (ada2.id,))
    with pytest.raises(UnavailableError, match="altered"):
        store.templates(SPACE)


def test_a_negative_goes_with_its_person(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    store.add_negative(ada.id, SPACE, at(33))
    store.delete(ada.id)
    assert store.templates(SPACE).negatives is None
    assert store.negatives_of(ada.id) == 0
    for change in (lambda: store.add_negative(ada.id, SPACE, at(1)), lambda: store.forget_negatives(ada.id)):
        with pytest.raises(InputError, match="not in the gallery any more"):
            change()
    assert store.negatives_of(ada2.id) == 0


def test_there_are_not_too_many(store: GalleryStore, ada: PersonRow, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 100
    monkeypatch.setattr("faceapp.gallery.negatives.MOST", 2)
    for _ in range(2):
        store.add_negative(ada.id, SPACE, at(33))
    with pytest.raises(InputError, match="--forget"):
        store.add_negative(ada.id, SPACE, at(33))


def test_negatives_follow_a_merge_and_come_back(store: GalleryStore, ada: PersonRow, ada2: PersonRow) -> None:
    store.add_negative(ada2.id, SPACE, at(60))
    store.merge(ada2.id, ada.id)
    table = store.templates(SPACE).negatives
    assert table is not None
    assert table.person_ids == (ada.id,)
    store.undo_merge(ada2.id)
    table = store.templates(SPACE).negatives
    assert table is not None
    assert (table.person_ids, table.names) == ((ada2.id,), ("Augusta King",))
