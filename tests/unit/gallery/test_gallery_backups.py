from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import InputError, UnavailableError
from faceapp.files import locked
from faceapp.gallery import backups, register
from faceapp.gallery.register import Deletion
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def photo(seed: int, crop: bytes | None = None) -> NewPhoto:
    vector = np.random.default_rng(seed).normal(size=16)
    return NewPhoto("space:1", (vector / np.linalg.norm(vector)).astype(np.float32), 70.0, f"{seed}.jpg", crop=crop)


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as opened:
        yield opened


@pytest.fixture
def folder(data_dir: Path) -> Path:
    return data_dir / backups.FOLDER


def people_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM person ORDER BY name_key")]


def of(id: str) -> list[Deletion]:
    return [Deletion(id, "person", NOON.isoformat())]


def test_a_backup_is_the_gallery_as_it_is_and_private(store: GalleryStore, folder: Path) -> None:
    store.add_photo("Ada", photo(1))
    store.add_photo("Bob", photo(2))
    made = backups.make_backup(store.path, folder, NOON)
    assert made.name == "gallery-20260301T120000Z.db"
    assert people_in(made) == ["Ada", "Bob"]
    assert {p.name for p in folder.iterdir()} == {made.name, backups.LOCK_NAME}, "one file, nothing beside it"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    found = backups.describe(made)
    assert (found.people, found.path, found.bytes) == (2, made, made.stat().st_size)


def test_two_backups_of_one_second_are_two(store: GalleryStore, folder: Path) -> None:
    one, two = (backups.make_backup(store.path, folder, NOON) for _ in range(2))
    assert one != two
    assert backups.backups(folder) == [one, two]


def test_a_backup_is_of_when_it_was_made_whenever_it_was_rewritten(store: GalleryStore, folder: Path) -> None:
    store.add_photo("Bob", photo(2))
    ada = store.add_photo("Ada", photo(1)).person
    made = [backups.make_backup(store.path, folder, NOON + timedelta(days=d)) for d in (0, 1, 1)]
    assert backups.forget(folder, of(ada.id)) == made
    days = ["2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00", "2026-03-02T12:00:00+00:00"]
    assert [backups.describe(path).made for path in made] == days
    for name in ("mine.db", "gallery-20261399T120000Z.db"):
        other = made[0].with_name(name)
        made[0].rename(other)
        os.utime(other, (0, 0))
        assert backups.describe(other).made == "1970-01-01T00:00:00+00:00"
        made[0] = other


def test_a_backup_carries_nothing_of_freed_pages(store: GalleryStore, folder: Path) -> None:
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE scrap (text)")
        connection.execute("INSERT INTO scrap VALUES (?)", ("a stale page " * 1000,))
        connection.commit()
        connection.execute("DROP TABLE scrap")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"a stale page" in store.path.read_bytes(), "or this test shows nothing"
    assert b"a stale page" not in backups.make_backup(store.path, folder).read_bytes()


def test_the_oldest_go_first(store: GalleryStore, folder: Path) -> None:
    made = [backups.make_backup(store.path, folder, NOON + timedelta(days=d)) for d in range(5)]
    note = folder / "gallery-notes.db"
    note.write_text("mine")
    assert backups.rotate(folder, 2) == made[:3]
    assert backups.backups(folder) == made[3:]
    assert note.exists(), "what isn't a backup of ours stays"


def test_nothing_to_rotate_makes_no_folder(folder: Path) -> None:
    assert backups.rotate(folder, 2) == []
    assert backups.forget(folder, of("ab" * 16)) == []
    assert not folder.exists()


def test_who_was_deleted_goes_from_every_backup(store: GalleryStore, folder: Path) -> None:
    bob = store.add_photo("Bob", photo(2)).person
    without = backups.make_backup(store.path, folder, NOON)
    ada = store.add_photo("Ada Lovelace", photo(1, crop=b"picture of Ada" * 500)).person
    withs = [backups.make_backup(store.path, folder, NOON + timedelta(days=d)) for d in (1, 2)]
    assert all(b"Ada Lovelace" in p.read_bytes() for p in withs), "or this test shows nothing"
    assert backups.forget(folder, of(ada.id)) == withs
    everything = b"".join(p.read_bytes() for p in folder.iterdir())
    assert b"Ada Lovelace" not in everything
    assert ada.id.encode() not in everything
    assert people_in(without) == people_in(withs[0]) == people_in(withs[1]) == [bob.name]
    assert backups.forget(folder, of(ada.id)) == []


def test_photos_and_tracks_go_as_well_and_older_schemas_lack_some(store: GalleryStore, folder: Path) -> None:
    added = store.add_photo("Ada", photo(1))
    store.add_photo("Ada", photo(2))
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("INSERT INTO inbox_track VALUES ('cafe0123', 'a', 'b', 'cam', 'new', NULL, 1.0, NULL)")
        connection.commit()
    made = backups.make_backup(store.path, folder, NOON)
    older = backups.make_backup(store.path, folder, NOON + timedelta(days=1))
    with closing(sqlite3.connect(older)) as connection:
        connection.executescript("DROP TABLE inbox_face; DROP TABLE inbox_track; VACUUM")
    gone = [Deletion(added.photo_id, "photo", "x"), Deletion("cafe0123", "track", "x")]
    assert backups.forget(folder, gone) == [made, older]
    with closing(sqlite3.connect(made)) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("photo", "inbox_track")]  # noqa: S608
    assert counts == [1, 0]


def test_a_backup_that_cannot_be_read_is_removed_with_whoever_is_in_it(store: GalleryStore, folder: Path) -> None:
    ada = store.add_photo("Ada Lovelace", photo(1, crop=b"picture" * 5000)).person
    made = backups.make_backup(store.path, folder, NOON)
    made.write_bytes(made.read_bytes()[:9000])
    assert backups.forget(folder, of(ada.id)) == [made]
    assert not made.exists()


def test_what_an_interruption_left_is_cleared_away(store: GalleryStore, folder: Path) -> None:
    made = backups.make_backup(store.path, folder, NOON)
    left = made.with_name("gallery-20260301T110000Z.db.part")
    left.write_bytes(b"half")
    assert backups.backups(folder) == [made]
    backups.make_backup(store.path, folder, NOON)
    assert not left.exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda b: b[: len(b) // 2], "damaged"),
        (lambda b: b[:3000], "damaged"),
        (lambda _: b"no database at all" * 300, "damaged"),
        (lambda _: b"", "something else"),
        (lambda b: b[:8192] + bytes(4096) + b[12288:], "damaged"),
    ],
)
def test_what_is_no_whole_backup_is_told_in_one_line(
    store: GalleryStore, folder: Path, tmp_path: Path, spoil: object, says: str
) -> None:
    for seed in range(20):
        store.add_photo("Ada", photo(seed, crop=b"picture" * 500))
    made = backups.make_backup(store.path, folder, NOON)
    assert callable(spoil)
    (tmp_path / "spoilt.db").write_bytes(spoil(made.read_bytes()))
    with pytest.raises(InputError, match=says) as caught:
        backups.describe(tmp_path / "spoilt.db")
    assert "\n" not in str(caught.value)


def test_a_missing_backup_and_another_database(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no backup"):
        backups.describe(tmp_path / "none.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE recipe (x)")
    with pytest.raises(InputError, match="something else"):
        backups.describe(tmp_path / "other.db")


def test_a_folder_that_cannot_be_written_and_one_that_is_busy(
    store: GalleryStore, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="choose another folder"):
        backups.make_backup(store.path, tmp_path / "file" / "below")
    folder.mkdir()
    monkeypatch.setattr(backups, "BUSY_SECONDS", 0.05)
    with locked(folder / backups.LOCK_NAME, 1), pytest.raises(UnavailableError, match="in use by another"):
        backups.make_backup(store.path, folder)
    assert backups.backups(folder) == []


def test_a_full_disk_leaves_no_half_a_backup(
    store: GalleryStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("faceapp.gallery.backups.os.fsync", full)
    with pytest.raises(UnavailableError, match="No space left"):
        backups.make_backup(store.path, folder)
    assert [p.name for p in folder.iterdir()] == [backups.LOCK_NAME]


# The register of deletions


def test_the_registers_file_only_grows_and_says_each_once(data_dir: Path) -> None:
    data_dir.mkdir()
    one, two = Deletion("aa" * 16, "person", "2026-03-01T12:00:00+00:00"), Deletion("bb" * 16, "track", "2026-03-02")
    register.write_file(data_dir, [one])
    register.write_file(data_dir, [one, two])
    assert register.of_file(data_dir) == [one, two]
    assert stat.S_IMODE((data_dir / register.FILE_NAME).stat().st_mode) == 0o600


def test_half_a_line_costs_only_itself(data_dir: Path) -> None:
    data_dir.mkdir()
    one, two = Deletion("aa" * 16, "person", "2026-03-01"), Deletion("bb" * 16, "photo", "2026-03-02")
    register.write_file(data_dir, [one])
    with (data_dir / register.FILE_NAME).open("ab") as file:
        file.write(b"person cc")
    register.write_file(data_dir, [two])
    assert register.of_file(data_dir) == [one, two]


def test_a_register_that_cannot_be_written_is_told(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / register.FILE_NAME).mkdir()
    with pytest.raises(UnavailableError, match="register of deletions"):
        register.write_file(data_dir, [Deletion("aa" * 16, "person", "2026-03-01")])
