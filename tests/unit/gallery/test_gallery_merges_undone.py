"""What a merge that is taken back gives to whom: consent, last-seen days, negatives, and in which order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from faceapp.gallery.consent_rows import NewConsent
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

SPACE = "space"


def add(store: GalleryStore, name: str, seed: int) -> str:
    vector = np.random.default_rng(seed).normal(size=8)
    photo = NewPhoto(SPACE, (vector / np.linalg.norm(vector)).astype(np.float32), 70, "a.jpg")
    return store.add_photo(name, photo).person.id


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        yield store


@pytest.fixture
def ids(store: GalleryStore) -> tuple[str, str, str]:
    """Ann, Annie, Anna."""
    return add(store, "Ann", 1), add(store, "Annie", 2), add(store, "Anna", 3)


def seen(store: GalleryStore) -> dict[str, str | None]:
    return {p.name: p.last_seen for p in store.people()}


# Consent


def test_a_consent_that_was_lent_goes_back(store: GalleryStore, ids: tuple[str, str, str]) -> None:
    ann, annie, _ = ids
    store.set_consent(annie, NewConsent("Annie agrees"))
    store.merge(annie, ann)
    lent = store.consent(ann)
    assert lent is not None
    assert lent.text == "Annie agrees"
    store.undo_merge(annie)
    assert store.consent(ann) is None
    assert store.consent(annie) == dataclasses.replace(lent, person_id=annie)


def test_a_consent_given_since_stays(store: GalleryStore, ids: tuple[str, str, str]) -> None:
    ann, annie, _ = ids
    store.set_consent(annie, NewConsent("Annie agrees"))
    store.merge(annie, ann)
    given = store.set_consent(ann, NewConsent("Ann agrees herself"))
    store.undo_merge(annie)
    assert store.consent(ann) == given
    after = store.consent(annie)
    assert after is not None
    assert after.text == "Annie agrees"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_consent_that_was_lent_on_stays_with_nobody(
    store: GalleryStore, ids: tuple[str, str, str], order: tuple[int, int]
) -> None:
    ann, annie, anna = ids
    store.set_consent(annie, NewConsent("Annie agrees"))
    store.merge(annie, ann)
    store.merge(ann, anna)
    for n in order:
        store.undo_merge((annie, ann)[n])
    assert {p.name for p in store.people() if store.consent(p.id)} == {"Annie"}


# Last seen


def test_each_has_their_own_day_again(store: GalleryStore, ids: tuple[str, str, str]) -> None:
    ann, annie, _ = ids
    store.set_seen([ann], date(2025, 1, 1))
    store.set_seen([annie], date(2026, 11, 20))
    store.merge(annie, ann)
    assert seen(store)["Ann"] == "2026-11-20"
    store.undo_merge(annie)
    assert seen(store) == {"Ann": "2025-01-01", "Annie": "2026-11-20", "Anna": None}


def test_a_later_day_since_stays(store: GalleryStore, ids: tuple[str, str, str]) -> None:
    ann, annie, _ = ids
    store.set_seen([ann], date(2025, 1, 1))
    store.set_seen([annie], date(2026, 11, 20))
    store.merge(annie, ann)
    store.set_seen([ann], date(2026, 11, 21))
    store.undo_merge(annie)
    assert seen(store) == {"Ann": "2026-11-21", "Annie": "2026-11-20", "Anna": None}


@pytest.mark.parametrize("chain", [False, True])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_everybody_has_their_own_day_in_the_end(
    store: GalleryStore, ids: tuple[str, str, str], order: tuple[int, ...], chain: bool
) -> None:
    days = {"Ann": "2025-01-01", "Annie": "2026-11-20", "Anna": "2026-05-05", "Nan": None}
    people = (*ids, add(store, "Nan", 4))
    for id, day in zip(people, days.values(), strict=True):
        if day is not None:
            store.set_seen([id], date.fromisoformat(day))
    ann, annie, anna, nan = people
    for away, into in [(annie, ann), (ann, anna), (anna, nan)] if chain else [(annie, ann), (anna, ann), (nan, ann)]:
        store.merge(away, into)
    away = (annie, ann, anna) if chain else (annie, anna, nan)
    for n in order:
        store.undo_merge(away[n])
    assert seen(store) == days


def test_where_the_site_forgets_the_days_undoing_brings_none_back(
    store: GalleryStore, ids: tuple[str, str, str]
) -> None:
    ann, annie, _ = ids
    store.set_seen([ann], date(2025, 1, 1))
    store.set_seen([annie], date(2026, 11, 20))
    store.merge(annie, ann)
    assert store.forget_seen() == 1
    store.undo_merge(annie)
    assert set(seen(store).values()) == {None}


# What went back before


def test_what_went_back_to_one_is_not_taken_along_by_another(store: GalleryStore, ids: tuple[str, str, str]) -> None:
    ann, annie, anna = ids
    vector = np.eye(8, dtype=np.float32)[0]
    store.add_negative(annie, SPACE, vector)
    store.merge(annie, ann)
    store.merge(ann, anna)
    store.undo_merge(annie)
    store.merge(annie, anna)
    store.undo_merge(ann)
    assert [(p.name, p.photos) for p in store.people()] == [("Ann", 1), ("Anna", 2)]
    assert (store.negatives_of(ann), store.negatives_of(anna)) == (0, 1)
    assert [(m.name, m.into_name) for m in store.merges()] == [("Annie", "Anna")]
    store.undo_merge(annie)
    assert store.negatives_of(annie) == 1
