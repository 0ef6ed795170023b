"""What lies in the gallery's file: nothing of a face that can be read without the key, and nothing that was put there
from somewhere else."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection

from faceapp.errors import InputError, UnavailableError
from faceapp.gallery import models
from faceapp.gallery.rows import Added, NewPhoto
from faceapp.gallery.sealing import _SEALED, move_photos
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import SiteKeys
from faceapp.security.vault import Vault
from faceapp.types import Floats
from tests.fakes.keys import key_file
from tests.fakes.older_galleries import SPACE, OldPerson, old_gallery


def vector(seed: int, dimension: int = 128) -> Floats:
    v = np.random.default_rng(seed).standard_normal(dimension)
    unit: Floats = (v / np.linalg.norm(v)).astype(np.float32)
    return unit


def photo(seed: int) -> NewPhoto:
    return NewPhoto(SPACE, vector(seed), 70, "a.jpg", np.random.default_rng(seed).bytes(3000))


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as opened:
        yield opened


def everything_in(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(directory.rglob("*")) if file.is_file())


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_a_stolen_directory_shows_no_face(store: GalleryStore, data_dir: Path, tmp_path: Path) -> None:
    new = photo(1)
    added = store.add_photo("Ada", new)
    stolen = tmp_path / "stolen"
    shutil.copytree(data_dir, stolen)
    assert new.crop is not None
    pieces = [new.vector.tobytes()[at : at + 16] for at in range(0, 512, 16)]
    pieces += [new.crop[at : at + 16] for at in range(0, 3000, 16)]
    found = everything_in(stolen)
    assert [piece for piece in pieces if piece in found] == []
    assert key_file(data_dir).read_bytes() not in found
    assert store.crop(added.photo_id) == new.crop
    assert store.templates(SPACE).vectors[0].tolist() == pytest.approx(new.vector.tolist())


def test_without_the_key_people_are_listed_and_nothing_is_touched(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        added = store.add_photo("Ada", photo(1))
    key = key_file(data_dir)
    held = key.read_bytes()
    for spoil in (key.unlink, lambda: key.write_bytes(bytes(32)), lambda: key.write_bytes(b"rubbish")):
        spoil()
        before = everything_in(data_dir)
        with GalleryStore.open(data_dir) as store:
            assert store.locked
            assert [p.name for p in store.people()] == ["Ada"]
            assert [p.has_crop for p in store.photos(added.person.id)] == [True]
            for attempt in needing_the_key(store, added):
                with pytest.raises(UnavailableError) as told:
                    attempt()
                assert str(key) in str(told.value)
                assert "\n" not in str(told.value)
        assert everything_in(data_dir) == before
        key.write_bytes(held)
    with GalleryStore.open(data_dir) as store:
        assert not store.locked
        assert len(store.templates(SPACE)) == 1


def needing_the_key(store: GalleryStore, added: Added) -> list[Callable[[], object]]:
    return [
        lambda: store.vault,
        lambda: store.templates(SPACE),
        lambda: store.crop(added.photo_id),
        lambda: store.add_photo("Bob", photo(2)),
        lambda: store.add_templates(SPACE, {added.photo_id: vector(3)}),
        lambda: store.rename(added.person.id, "Eve"),
        lambda: store.delete(added.person.id),
        lambda: store.set_right(added.person.id, "allow"),
        lambda: store.settled_right(added.person.id),
    ]


def test_what_was_put_in_from_another_row_is_refused(store: GalleryStore) -> None:
    ada, bob = (store.add_photo(name, photo(n)) for n, name in enumerate(("Ada", "Bob")))
    pair = (bob.photo_id, ada.photo_id)
    swap = "UPDATE template SET vector = (SELECT vector FROM template WHERE photo_id = ?) WHERE photo_id = ?"
    change(store.path, swap, *pair)
    change(store.path, "UPDATE photo SET crop = (SELECT crop FROM photo WHERE id = ?) WHERE id = ?", *pair)
    with pytest.raises(UnavailableError, match=r"altered.*template\.vector"):
        store.templates(SPACE)
    with pytest.raises(UnavailableError, match=r"altered.*photo\.crop"):
        store.crop(ada.photo_id)
    assert store.crop(bob.photo_id)


@pytest.mark.parametrize(
    "swap",
    ["UPDATE photo SET person_id = (SELECT id FROM person WHERE name = 'Bob')", "UPDATE template SET space = 'other'"],
)
def test_a_template_of_another_person_or_space_is_refused(store: GalleryStore, swap: str) -> None:
    store.add_photo("Bob", NewPhoto("elsewhere", vector(9), 70, "a.jpg"))
    store.add_photo("Ada", photo(1))
    change(store.path, swap + " WHERE rowid = 2")
    for space in (SPACE, "other"):
        if swap.endswith("'other'") == (space == "other"):
            with pytest.raises(UnavailableError, match="altered"):
                store.templates(space)


def test_photos_move_with_what_is_sealed(store: GalleryStore) -> None:
    ada, bob = (store.add_photo(name, photo(n)) for n, name in enumerate(("Ada", "Bob")))
    with store._database.writing() as connection:
        move_photos(connection, store.vault, [ada.photo_id, bob.photo_id, "gone"], bob.person.id)
    table = store.templates(SPACE)
    assert table.names == ("Bob", "Bob")
    assert store.crop(ada.photo_id) == photo(0).crop
    assert {p.id for p in store.photos(bob.person.id)} == {ada.photo_id, bob.photo_id}


# Galleries in the clear


def clear_bytes(people: list[OldPerson]) -> list[bytes]:
    return [piece for p in people for piece in (p.vector.tobytes()[:24], p.crop[:24], p.crop[-24:])]


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_what_earlier_versions_kept_in_the_clear_is_sealed_without_a_trace(data_dir: Path, revision: str) -> None:
    people = old_gallery(data_dir, revision, *(f"Person {n}" for n in range(40)))
    for copy in ("gallery.db.before-0001", "gallery.db.before-0002.part"):
        shutil.copy(data_dir / "gallery.db", data_dir / copy)
    assert all(piece in everything_in(data_dir) for piece in clear_bytes(people))
    with GalleryStore.open(data_dir) as store:
        left = everything_in(data_dir)
        assert [piece for piece in clear_bytes(people) if piece in left] == []
        assert store.copies() == []
        assert len(store.templates(SPACE)) == 40
        assert store.crop(people[7].photo_id) == people[7].crop


def test_a_sealing_that_was_cut_short_begins_again(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = old_gallery(data_dir, "0002", "Ada", "Bob")
    with monkeypatch.context() as patch:

        def killed(*_: object) -> bytes:
            raise KeyboardInterrupt

        patch.setattr(Vault, "seal", killed)
        with pytest.raises(KeyboardInterrupt):
            GalleryStore.open(data_dir)
    with GalleryStore.open(data_dir) as store:
        assert len(store.templates(SPACE)) == 2
        assert store.crop(people[0].photo_id) == people[0].crop
    assert not [piece for piece in clear_bytes(people) if piece in everything_in(data_dir)]


def test_badges_are_not_orphaned_by_sealing(data_dir: Path) -> None:
    old_gallery(data_dir, "0002", "Ada", badges=True)
    with pytest.raises(UnavailableError, match=r"site\.key is missing, and the gallery's badges cannot be known"):
        GalleryStore.open(data_dir)
    (data_dir / "site.key").write_bytes(bytes(range(32)))
    with GalleryStore.open(data_dir) as store:
        assert len(store.templates(SPACE)) == 1
    assert SiteKeys.open(data_dir) == SiteKeys.of(bytes(range(32)))


# Another key


def test_another_key_is_followed_by_those_who_have_it_open(store: GalleryStore, data_dir: Path) -> None:
    from faceapp.app.keys import rotate

    ada = store.add_photo("Ada", photo(1))
    before = store.vault
    assert rotate(data_dir).sealed == 2
    bob = store.add_photo("Bob", photo(2))
    assert store.vault.fingerprint != before.fingerprint
    assert len(store.templates(SPACE)) == 2
    with GalleryStore.open(data_dir) as fresh:
        assert fresh.crop(bob.photo_id) == photo(2).crop
        assert fresh.crop(ada.photo_id) == photo(1).crop
        assert fresh.vault.fingerprint == store.vault.fingerprint


def test_every_sealed_column_is_sealed_anew(store: GalleryStore, data_dir: Path) -> None:
    """Those that say in the models that they are, and no other."""
    source = Path(models.__file__).read_text(encoding="utf-8")
    assert source.count("# sealed") + source.count("pages. Sealed.") == len(_SEALED)
    assert {c.value.type.__class__.__name__ for c in _SEALED} == {"LargeBinary"}
    blobs = {str(c) for t in models.metadata.tables.values() for c in t.c if type(c.type).__name__ == "LargeBinary"}
    assert {str(c.value) for c in _SEALED} == blobs


def test_what_goes_with_a_photo_goes_in_with_it_or_not_at_all(store: GalleryStore) -> None:
    def refused(_: Connection, added: Added) -> None:
        assert added.new_person
        raise InputError("no consent")

    with pytest.raises(InputError, match="no consent"):
        store.add_photo("Ada", photo(1), within=refused)
    assert store.people() == []
