"""On which day people were last seen, and how many templates each has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def photo(space: str) -> NewPhoto:
    return NewPhoto(space, np.array([0.6, 0.8], np.float32), 70, "a.jpg")


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        for name in ("Ada", "Bea"):
            store.add_photo(name, photo("space"))
        yield store


def seen(store: GalleryStore) -> dict[str, str | None]:
    return {p.name: p.last_seen for p in store.people()}


def test_the_latest_day_stays(store: GalleryStore) -> None:
    ada, bea = (p.id for p in store.people())
    before = store.person("Ada")
    assert store.set_seen([ada, "nobody"], TUESDAY) == 1
    assert store.set_seen([ada, bea], MONDAY) == 1, "Ada was seen later"
    assert seen(store) == {"Ada": "2026-11-24", "Bea": "2026-11-23"}
    assert store.person("Ada").updated == before.updated, "or her thumbnail would be drawn again"


def test_it_can_be_forgotten_of_everybody(store: GalleryStore) -> None:
    marker = store.change_marker()
    assert store.forget_seen() == 0
    assert store.change_marker() == marker, "nothing was written"
    store.set_seen([p.id for p in store.people()], MONDAY)
    assert store.forget_seen() == 2
    assert seen(store) == {"Ada": None, "Bea": None}


def test_templates_are_counted_in_one_space(store: GalleryStore) -> None:
    store.add_photo("Ada", photo("space"))
    store.add_photo("Cleo", photo("another"))
    ids = {p.name: p.id for p in store.people()}
    assert store.template_counts("space") == {ids["Ada"]: 2, ids["Bea"]: 1}
    assert store.template_counts("another") == {ids["Cleo"]: 1}
