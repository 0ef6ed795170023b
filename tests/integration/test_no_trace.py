"""Who is forgotten is forgotten in every file of the data directory: deleted, withdrawn, at the end of their consent.

The bytes are those that lay there before: names, templates and pictures, plain and sealed, in the gallery, its WAL, its
backups and copies, the log, the window's memory. The search is shown to find them first.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp import paths
from faceapp.access.chain import Entry
from faceapp.app import audit_pictures, logs, people_log
from faceapp.app.audit import open_log
from faceapp.app.consent import expire, new_consent
from faceapp.app.site_keys import site_keys
from faceapp.cli.main import main
from faceapp.gallery.backups import FOLDER, make_backup
from faceapp.gallery.database import FILE_NAME
from faceapp.gallery.restoring import restore
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.sealing import bound_track_crop, bound_track_face
from faceapp.gallery.store import GalleryStore
from faceapp.security.vault import Vault
from faceapp.types import Floats
from faceapp.zoo.manifest import load_manifest

SPACE = load_manifest(paths.manifest_dir()).embedder("facenet+dlib").space
NAME = "Žofie Nováková-Ångström"
TOMORROW = date.today() + timedelta(days=1)
PIECE = 48
"""Bytes that are looked for together: SQLite splits what is longer than a page."""


def unit(seed: int) -> Floats:
    vector = np.random.default_rng(seed).normal(size=128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def photo(seed: int, source: str) -> NewPhoto:
    crop = np.random.default_rng(1000 + seed).bytes(20_000)
    return NewPhoto(SPACE, unit(seed), 70.0, source, crop=crop, content=f"{seed:064x}")


class Needles:
    """What must not be found any more."""

    def __init__(self) -> None:
        self._pieces: dict[bytes, str] = {}

    def add(self, what: str, data: bytes) -> None:
        for at in range(0, max(1, len(data) - PIECE + 1), PIECE * 8):
            self._pieces[data[at : at + PIECE]] = what

    def found_in(self, folder: Path) -> set[tuple[str, str]]:
        """What is there, and in which file."""
        found = set()
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                found |= {(what, path.name) for piece, what in self._pieces.items() if piece in content}
        return found


@pytest.fixture
def needles(data_dir: Path, tmp_path: Path) -> Iterator[Needles]:
    """A site with a log, backups and a copy, and somebody in all of it; Bob must stay."""
    found = Needles()
    open_log(data_dir)
    logs.configure(data_dir)
    with GalleryStore.open(data_dir) as store:
        people_log.add_photo(store, data_dir, "Bob", photo(90, "bob.jpg"))
        consent = new_consent("I, Žofie, agree to the door of the house", TOMORROW)
        who = people_log.add_photo(store, data_dir, NAME, photo(1, "Zofie_0001.jpg"), consent).person
        make_backup(store.path, data_dir / FOLDER)
        store.add_photo(NAME, photo(2, "Zofie_0002.jpg"))
        store.add_negative(who.id, SPACE, unit(3))
        alias = store.add_photo("Zofie by another name", photo(4, "Alias_0001.jpg")).person
        make_backup(store.path, data_dir / FOLDER)
        store.merge(alias.id, who.id)
        make_backup(store.path, data_dir / FOLDER)
        logging.getLogger("faceapp.test").error("a library's own words: no such file %r", f"/photos/{NAME}.jpg")
        _keep_picture(data_dir, who.id, found)
        _see_unrecognised(store, "aa" * 16, unit(2), found)
        _see_unrecognised(store, "bb" * 16, unit(90), None)
    (data_dir / f"{FILE_NAME}.before-0003").write_bytes((data_dir / FOLDER).glob("gallery-*").__next__().read_bytes())
    for file in (data_dir / FILE_NAME, *(data_dir / FOLDER).glob("gallery-*.db")):
        _sealed_in(file, found)
    for seed in (1, 2, 4):
        found.add("plain template", unit(seed).tobytes())
        picture = photo(seed, "").crop
        assert picture is not None
        found.add("plain picture", picture)
    found.add("plain negative", unit(3).tobytes())
    for text in (NAME, "Zofie_0001", "Zofie_0002", "Alias_0001", "Zofie by another name", "agree to the door"):
        found.add(f'"{text}"', text.encode())
    before = found.found_in(data_dir)
    assert {what for what, _ in before} >= {
        "sealed template.vector",
        "sealed photo.crop",
        f'"{NAME}"',
        "sealed picture",
    }
    assert {file for _, file in before} >= {FILE_NAME, logs.FILE_NAME, f"{FILE_NAME}.before-0003"}
    assert sum(file.startswith("gallery-") for _, file in before) > 3, "all backups hold something"
    yield found
    logs.close()


def _sealed_in(file: Path, found: Needles) -> None:
    with closing(sqlite3.connect(file)) as connection:
        theirs = "person_id IN (SELECT id FROM person WHERE name != 'Bob')"
        of_photos = f"SELECT vector FROM template JOIN photo ON photo.id = photo_id WHERE {theirs}"  # noqa: S608
        for what, query in (
            ("template.vector", of_photos),
            ("photo.crop", f"SELECT crop FROM photo WHERE {theirs}"),  # noqa: S608
            ("negative.vector", "SELECT vector FROM negative"),
            ("merge.name", "SELECT name FROM merge"),
        ):
            for (value,) in connection.execute(query):
                found.add(f"sealed {what}", value)


def _keep_picture(data_dir: Path, person_id: str, found: Needles) -> None:
    """As the door's thread would, with the entry of a grant."""
    entry: Entry = open_log(data_dir).append("intention", person=person_id, reason="granted")
    folder = data_dir / audit_pictures.FOLDER
    folder.mkdir(mode=0o700)
    jpeg = np.random.default_rng(7).bytes(3000)
    sealed = Vault.of(site_keys(data_dir)).seal(jpeg, audit_pictures.bound(entry.number))
    (folder / f"{entry.number}.bin").write_bytes(sealed)
    found.add("sealed picture", sealed)


def _see_unrecognised(store: GalleryStore, track: str, vector: Floats, found: Needles | None) -> None:
    """As a face that nobody matched, in the inbox."""
    face = track[::-1] + "0"
    crop = store.vault.seal(np.random.default_rng(5).bytes(900), bound_track_crop(track))
    sealed = store.vault.seal(vector.tobytes(), bound_track_face(face, track, SPACE))
    with closing(sqlite3.connect(store.path)) as connection:
        at = "2026-03-01T08:00:00+00:00"
        connection.execute("INSERT INTO inbox_track VALUES (?, ?, ?, 'cam', 'new', NULL, 50, ?)", (track, at, at, crop))
        connection.execute("INSERT INTO inbox_face VALUES (?, ?, ?, 128, ?)", (face, track, SPACE, sealed))
        connection.commit()
    if found is not None:
        found.add("sealed inbox crop", crop)
        found.add("sealed inbox face", sealed)


def by_deletion(data_dir: Path) -> None:
    assert main(["people", "delete", NAME, "--yes"]) == 0


def by_withdrawal(data_dir: Path) -> None:
    assert main(["people", "consent", NAME, "--withdraw"]) == 0


def by_expiry(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        assert expire(store, data_dir, TOMORROW + timedelta(days=1)).names == (NAME,)


def with_others(data_dir: Path) -> None:
    """As the people page does, together with somebody who is in no backup."""
    with GalleryStore.open(data_dir) as store:
        other = store.add_photo("Somebody else", photo(40, "else.jpg")).person.id
        who = store.person(NAME).id
        assert people_log.delete_all(store, data_dir, dict.fromkeys((other, who), people_log.DELETED)).erased


@pytest.mark.parametrize("forget", [by_deletion, by_withdrawal, by_expiry, with_others])
def test_nothing_of_them_is_found_in_any_file(
    data_dir: Path, needles: Needles, forget: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    forget(data_dir)
    capsys.readouterr()
    assert needles.found_in(data_dir) == set()
    assert main(["people", "list", "--json"]) == 0
    assert [p["name"] for p in json.loads(capsys.readouterr().out)["people"]] == ["Bob"]
    assert main(["audit", "verify"]) == 0
    assert main(["gallery", "check"]) == 0, capsys.readouterr().out
    assert len(list((data_dir / FOLDER).glob("gallery-*.db"))) == 3, "Bob's backups are still there"
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as connection:
        assert connection.execute("SELECT id FROM inbox_track").fetchall() == [("bb" * 16,)], "another's face stays"


def test_an_older_backup_brings_nothing_back(data_dir: Path, needles: Needles, tmp_path: Path) -> None:
    elsewhere = tmp_path / "usb.db"
    elsewhere.write_bytes(max((data_dir / FOLDER).glob("gallery-*.db")).read_bytes())
    by_deletion(data_dir)
    restore(data_dir, elsewhere)
    with GalleryStore.open(data_dir) as store:
        assert [p.name for p in store.people()] == ["Bob"]
    assert needles.found_in(data_dir) == set()


def test_the_log_keeps_its_length_and_everybody_else(data_dir: Path, needles: Needles) -> None:
    log = data_dir / logs.FILE_NAME
    with log.open("a", encoding="utf-8") as file:
        file.write("Bobby and Bob stay\n")
    size = log.stat().st_size
    logs.blot_out(data_dir, [NAME, "Bob"])
    text = log.read_text(encoding="utf-8")
    assert log.stat().st_size == size
    assert "Bobby and *** stay" in text
    assert "a library's own words" in text


def test_pictures_with_decisions_go_after_their_time(data_dir: Path, needles: Needles) -> None:
    assert audit_pictures.expire(data_dir, 30) == 0
    assert audit_pictures.expire(data_dir, 30, datetime.now(UTC) + timedelta(days=31)) == 1
    assert not audit_pictures.kept(data_dir)
