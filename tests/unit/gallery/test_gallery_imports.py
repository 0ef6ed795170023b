"""How far an import came, and that the same picture is kept once for each person."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import BugError
from faceapp.gallery import imports
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import NewPhoto, TemplateTable
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats

SPACE = "test-space"


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir, busy_seconds=0.05) as opened:
        yield opened


def vector(seed: int) -> Floats:
    v = np.random.default_rng(seed).standard_normal(16)
    return (v / np.linalg.norm(v)).astype(np.float32)


def photo(seed: int = 0, content: str | None = None) -> NewPhoto:
    return NewPhoto(SPACE, vector(seed), 70.0, f"{seed}.jpg", content=content)


def test_an_import_that_was_cut_short_goes_on(store: GalleryStore) -> None:
    run = store.begin_import("source")
    assert not run.resumed
    store.note_rejected(run.id, "one", "no_face")
    store.note_rejected(run.id, "one", "several_faces")  # by another process at the same time: the first counts
    again = store.begin_import("source")
    assert (again.id, again.resumed, dict(again.rejected)) == (run.id, True, {"one": "no_face"})
    assert not store.begin_import("another").resumed
    store.finish_import(run.id, 7)
    fresh = store.begin_import("source")
    assert not fresh.resumed
    assert fresh.id != run.id
    assert not fresh.rejected


def test_old_imports_are_forgotten(store: GalleryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.begin_import("source")
    store.note_rejected(run.id, "one", "no_face")

    class Later(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override] # always asked for UTC
            return datetime.now(UTC) + imports.KEPT * 1.1

    monkeypatch.setattr(imports, "datetime", Later)
    assert not store.begin_import("source").resumed
    store.note_rejected(run.id, "two", "no_face")  # of a run that is gone: no error


def test_the_same_picture_is_kept_once_for_a_person(store: GalleryStore) -> None:
    asked: list[bool] = []
    first = store.add_photo("Ada", photo(1, "same"), first=lambda _, new: asked.append(new))
    assert not first.repeated
    again = store.add_photo(" ADA ", photo(1, "same"), first=lambda _, new: asked.append(new))
    assert (again.repeated, again.photo_id, again.new_person) == (True, first.photo_id, False)
    assert asked == [True], "nothing was enrolled, so nothing is to be logged"
    assert not store.add_photo("Bo", photo(1, "same")).repeated
    assert not store.add_photo("Ada", photo(1, "other")).repeated
    assert not store.add_photo("Ada", photo(1)).repeated
    assert not store.add_photo("Ada", photo(1)).repeated
    assert {p.name: p.photos for p in store.people()} == {"Ada": 4, "Bo": 1}
    assert store.has_picture("ada", "same", SPACE)
    assert not store.has_picture("ada", "same", "another space")
    assert not store.has_picture("Cy", "same", SPACE)


def test_a_picture_of_an_earlier_embedder_gets_its_template(store: GalleryStore) -> None:
    store.add_photo("Ada", photo(1, "same"))
    assert store.add_photo("Ada", replace(photo(2, "same"), space="newer")).repeated
    assert store.has_picture("Ada", "same", "newer")
    [row] = store.photos(store.person("Ada").id)
    assert row.spaces == ("newer", SPACE)


def test_what_is_imported_is_forgotten_with_the_person(store: GalleryStore) -> None:
    added = store.add_photo("Ada", photo(1, "same"))
    store.delete(added.person.id)
    assert not store.has_picture("Ada", "same", SPACE)
    assert store.add_photo("Ada", photo(1, "same")).new_person


def test_an_index_grows_as_if_it_were_built_anew() -> None:
    rng = np.random.default_rng(7)
    rows: list[tuple[str, str, Floats]] = []
    grown = GalleryIndex.empty(SPACE)
    for seed in range(60):
        person = f"id-{rng.integers(12)}"
        rows.append((person, person.upper(), vector(seed)))
        grown = grown.plus(*rows[-1])
        built = GalleryIndex.build(SPACE, TemplateTable.of(SPACE, rows))
        assert (grown.person_ids, grown.templates) == (built.person_ids, built.templates)
        probes = np.array([vector(1000 + seed), rows[-1][2]])
        assert grown.match(probes, 1.0) == built.match(probes, 1.0)
        distances = grown.distance_to(person, probes)
        assert distances is not None
        assert math.isclose(distances[1], 0, abs_tol=1e-6)
    with pytest.raises(BugError, match="dimensions"):
        grown.plus("id", "name", np.array([1, 0], np.float32))
    with pytest.raises(BugError, match="unit length"):
        grown.plus("id", "name", np.zeros(16, np.float32))


def test_what_somebody_passed_over_stays_so_for_the_same_source(
    store: GalleryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.note_skipped("source", "none", "skipped")  # of no import that is known: nothing to remember it with
    run = store.begin_import("source")
    assert not run.rejected
    store.note_rejected(run.id, "one", "several_faces")
    store.note_rejected(run.id, "two", "several_faces")
    store.note_skipped("source", "one", "skipped")
    assert dict(store.begin_import("source").rejected) == {"one": "skipped", "two": "several_faces"}
    store.finish_import(run.id, 2)
    store.note_skipped("source", "two", "skipped")  # after its end
    fresh = store.begin_import("source")
    assert (fresh.resumed, dict(fresh.rejected)) == (False, {"one": "skipped", "two": "skipped"})
    assert not store.begin_import("another").rejected
    store.finish_import(fresh.id, 2)

    class Later(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override] # always asked for UTC
            return datetime.now(UTC) + imports.KEPT + imports.KEPT

    monkeypatch.setattr(imports, "datetime", Later)
    assert not store.begin_import("source").rejected, "and is forgotten with it"
