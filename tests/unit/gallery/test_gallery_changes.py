"""Whose templates changed is written down, whatever changed them, and an index that goes by it is the whole one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import faceapp.gallery.changes as module
from faceapp.app.keys import rotate
from faceapp.gallery.backups import make_backup
from faceapp.gallery.changes import Mark
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.restoring import restore
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats, Match

SPACE = "space"


def vector(seed: int) -> Floats:
    v = np.random.default_rng(seed).standard_normal(8)
    return (v / np.linalg.norm(v)).astype(np.float32)


def photo(seed: int, space: str = SPACE) -> NewPhoto:
    return NewPhoto(space, vector(seed), 70, f"{seed}.jpg", crop=b"jpeg")


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as store:
        for seed, name in enumerate(("Ada", "Bo", "Cy", "Ada")):
            store.add_photo(name, photo(seed))
        yield store


def told(match: Match | None) -> object:
    found = (None, None, None) if match is None else (match.nearest, match.runner_up, match.struck_out)
    return [c and (c.person_id, c.name, round(c.distance, 5)) for c in found]


def id_of(store: GalleryStore, name: str) -> str:
    return store.person(name).id


def changed(store: GalleryStore, since: Mark) -> set[str]:
    found = store.changes(SPACE, since)
    assert found is not None
    return set(found.people)


def embed_again(store: GalleryStore) -> None:
    store.add_templates(SPACE, {store.photos(id_of(store, "Bo"))[0].id: vector(9)})


WAYS: list[tuple[Callable[[GalleryStore], object], set[str]]] = [
    (lambda s: s.add_photo("Dora", photo(5)), {"Dora"}),
    (lambda s: s.add_photo("Ada", photo(5)), {"Ada"}),
    (lambda s: s.delete(id_of(s, "Bo")), {"Bo"}),
    (lambda s: s.rename(id_of(s, "Bo"), "Boris"), {"Bo"}),
    (lambda s: s.merge(id_of(s, "Bo"), id_of(s, "Cy")), {"Bo", "Cy"}),
    (lambda s: s.undo_merge(s.merge(id_of(s, "Bo"), id_of(s, "Cy")).id), {"Bo", "Cy"}),
    (lambda s: s.add_negative(id_of(s, "Ada"), SPACE, vector(0)), {"Ada"}),
    (lambda s: (s.add_negative(id_of(s, "Ada"), SPACE, vector(0)), s.forget_negatives(id_of(s, "Ada"))), {"Ada"}),
    (embed_again, {"Bo"}),
    (lambda s: s.drop_spaces_but("another"), {"Ada", "Bo", "Cy"}),
    (lambda s: s.add_photo("Dora", photo(5, "another")), set()),
    (lambda s: s.set_active(id_of(s, "Ada"), False), set()),
]


@pytest.mark.parametrize(("change", "whose"), WAYS)
def test_an_index_that_goes_by_the_changes_is_the_whole_one(
    store: GalleryStore, change: Callable[[GalleryStore], object], whose: set[str]
) -> None:
    ids = {name: id_of(store, name) for name in ("Ada", "Bo", "Cy")}
    table, before = store.templates_now(SPACE)
    index = GalleryIndex.build(SPACE, table)
    change(store)
    found = store.changes(SPACE, before)
    assert found is not None
    ids |= {row.name: row.id for row in store.people() if row.name == "Dora"}
    assert found.people == {ids[name] for name in whose}
    index = index.changed(found.table, found.people)
    whole = GalleryIndex.build(SPACE, store.templates(SPACE))
    probes = np.stack([vector(seed) for seed in range(10)])
    assert [told(m) for m in index.match(probes, 0.9)] == [told(m) for m in whole.match(probes, 0.9)]
    assert (index.person_ids, index.templates) == (whole.person_ids, whole.templates)
    assert store.changes(SPACE, found.mark) is not None
    assert changed(store, found.mark) == set()


def test_sealing_anew_changes_nobody(store: GalleryStore, data_dir: Path) -> None:
    before = store.mark()
    assert rotate(data_dir).sealed == 8
    assert store.mark() == before


def test_of_too_many_or_too_long_ago_everything_is_to_be_read(
    store: GalleryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.mark()
    store.add_photo("Dora", photo(5))
    store.add_photo("Eve", photo(6))
    assert len(changed(store, before)) == 2
    monkeypatch.setattr(module, "MOST", 1)
    assert store.changes(SPACE, before) is None
    assert store.changes(SPACE, Mark(before.number, "another")) is None
    assert store.changes(SPACE, Mark(before.number + 99, before.stamp)) is None


def test_another_history_is_not_taken_for_this_one(store: GalleryStore, data_dir: Path, tmp_path: Path) -> None:
    shared = store.mark()
    backup = make_backup(store.path, tmp_path)
    store.add_photo("Dora", photo(5))
    lost = store.mark()
    restore(data_dir, backup)
    while store.mark().number < lost.number:
        store.add_photo("Eve", photo(6))
    assert store.changes(SPACE, lost) is None
    assert store.changes(SPACE, shared) is None


def test_what_was_long_ago_is_forgotten(store: GalleryStore) -> None:
    with store._database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO template_change (number) VALUES (100000)")
        assert connection.exec_driver_sql("SELECT count(*) FROM template_change").scalar() == 1
