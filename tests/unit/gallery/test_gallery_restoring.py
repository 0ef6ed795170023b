from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import InputError, UnavailableError
from faceapp.gallery import register, restoring
from faceapp.gallery.backups import FOLDER, backups, make_backup
from faceapp.gallery.database import FILE_NAME
from faceapp.gallery.restoring import restore
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from tests.fakes.older_galleries import old_gallery


def photo(seed: int, crop: bytes | None = None) -> NewPhoto:
    vector = np.random.default_rng(seed).normal(size=16)
    return NewPhoto("space:1", (vector / np.linalg.norm(vector)).astype(np.float32), 70.0, f"{seed}.jpg", crop=crop)


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as opened:
        yield opened


def names(data_dir: Path) -> list[str]:
    with GalleryStore.open(data_dir) as store:
        return [p.name for p in store.people()]


def left_in(data_dir: Path) -> set[str]:
    return {p.name for p in data_dir.iterdir() if p.name.startswith((".", "gallery.db.before"))}


def test_the_gallery_is_as_it_was_and_an_open_one_sees_it(store: GalleryStore, data_dir: Path) -> None:
    store.add_photo("Ada", photo(1, b"Ada's face"))
    backup = make_backup(store.path, data_dir / FOLDER)
    store.add_photo("Bob", photo(2))
    marker = store.change_marker()
    done = restore(data_dir, backup)
    assert (done.people, done.forgotten) == (1, 0)
    assert store.change_marker() != marker, "a running session notices"
    assert [p.name for p in store.people()] == ["Ada"]
    assert len(store.templates("space:1")) == 1, "and can open what is sealed"
    assert done.before is not None
    assert left_in(data_dir) == set()
    restore(data_dir, done.before)
    assert [p.name for p in store.people()] == ["Ada", "Bob"], "what was replaced can be had back"


def test_who_was_deleted_since_stays_so(store: GalleryStore, data_dir: Path, tmp_path: Path) -> None:
    ada = store.add_photo("Ada Lovelace", photo(1, b"Ada's face" * 100)).person
    store.add_photo("Bob", photo(2))
    elsewhere = make_backup(store.path, tmp_path / "usb")
    store.delete(ada.id)
    done = restore(data_dir, elsewhere)
    assert done.forgotten > 0
    assert names(data_dir) == ["Bob"]
    store.close()
    ours = b"".join(p.read_bytes() for p in data_dir.rglob("*") if p.is_file())
    assert b"Ada Lovelace" not in ours


def test_a_lost_database_forgets_no_deletion(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada", photo(1)).person
        store.add_photo("Bob", photo(2))
        elsewhere = make_backup(store.path, tmp_path / "usb")
        store.delete(ada.id)
    for file in data_dir.glob(f"{FILE_NAME}*"):
        if file.name != register.FILE_NAME:
            file.unlink()
    done = restore(data_dir, elsewhere)
    assert done.before is None
    assert names(data_dir) == ["Bob"]
    with GalleryStore.open(data_dir) as store:
        assert ada.id in {d.id for d in store.deletions()}, "the table knows again"


def test_a_damaged_gallery_is_replaced(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", photo(1))
        backup = make_backup(store.path, data_dir / FOLDER)
    (data_dir / FILE_NAME).write_bytes(b"no database" * 1000)
    assert restore(data_dir, backup).before is None
    assert names(data_dir) == ["Ada"]
    assert left_in(data_dir) == set()


def test_an_older_backup_in_the_clear_is_migrated_and_sealed(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Zoe", photo(9))
    (yan,) = old_gallery(tmp_path / "older", "0002", "Yan")
    assert restore(data_dir, tmp_path / "older" / FILE_NAME).people == 1
    assert names(data_dir) == ["Yan"]
    assert left_in(data_dir) == set()
    assert yan.crop not in b"".join(p.read_bytes() for p in data_dir.rglob("*") if p.is_file())


def test_another_key_is_told_in_one_line(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(tmp_path / "other site") as other:
        other.add_photo("Zoe", photo(9))
        foreign = make_backup(other.path, tmp_path / "usb")
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", photo(1))
    with pytest.raises(UnavailableError, match="another key") as caught:
        restore(data_dir, foreign)
    assert "\n" not in str(caught.value)
    assert names(data_dir) == ["Ada"]
    assert left_in(data_dir) == set()


def test_a_newer_schema_is_told_in_one_line(store: GalleryStore, data_dir: Path) -> None:
    store.add_photo("Ada", photo(1))
    backup = make_backup(store.path, data_dir / FOLDER)
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(UnavailableError, match="newer faceapp") as caught:
        restore(data_dir, backup)
    assert str(backup) in str(caught.value)
    assert left_in(data_dir) == set()


def test_a_backup_cut_off_is_refused_and_nothing_is_changed(store: GalleryStore, data_dir: Path) -> None:
    store.add_photo("Ada", photo(1, b"face" * 5000))
    backup = make_backup(store.path, data_dir / FOLDER)
    store.add_photo("Bob", photo(2))
    backup.write_bytes(backup.read_bytes()[:20_000])
    with pytest.raises(InputError, match="damaged"):
        restore(data_dir, backup)
    assert names(data_dir) == ["Ada", "Bob"]


def test_what_cannot_be_logged_is_not_restored(store: GalleryStore, data_dir: Path) -> None:
    store.add_photo("Ada", photo(1))
    backup = make_backup(store.path, data_dir / FOLDER)
    store.add_photo("Bob", photo(2))

    def refuse() -> None:
        raise UnavailableError("the log is full")

    with pytest.raises(UnavailableError, match="log is full"):
        restore(data_dir, backup, first=refuse)
    assert names(data_dir) == ["Ada", "Bob"]
    assert backups(data_dir / FOLDER) == [backup]


def test_a_gallery_that_others_keep_busy_stays_as_it_is(
    store: GalleryStore, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_photo("Ada", photo(1))
    backup = make_backup(store.path, data_dir / FOLDER)
    store.add_photo("Bob", photo(2))
    monkeypatch.setattr(restoring, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match=r"in use|locked"):
            restore(data_dir, backup)
        other.execute("ROLLBACK")
    assert [p.name for p in store.people()] == ["Ada", "Bob"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_what_was_restored_is_private(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", photo(1))
        elsewhere = make_backup(store.path, tmp_path / "usb")
    (data_dir / FILE_NAME).unlink()
    elsewhere.chmod(0o644)
    restore(data_dir, elsewhere)
    assert (data_dir / FILE_NAME).stat().st_mode & 0o077 == 0
