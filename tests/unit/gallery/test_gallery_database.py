"""Opening the gallery: privacy of the files, schema revisions, and everything that is no gallery of ours."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from faceapp.errors import BugError, UnavailableError
from faceapp.gallery import database, models
from faceapp.gallery.database import SCHEMA, Schema
from faceapp.gallery.opening import open_database
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import Box
from tests.fakes.older_galleries import AT, SPACE, old_gallery

NEW = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg", b"crop")

KEY_FILES = ["installation.json", "security.lock"]
"""What the key of a data directory leaves in it."""

NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "HEAD"
def upgrade():
    with op.batch_alter_table("person", recreate="always") as batch:  # the way that drops and copies a table
        batch.add_column(sa.Column("motto", sa.Text))
    op.execute("UPDATE person SET motto = 'onward'")
    MORE
"""


def schema_with_another_revision(directory: Path, more: str = "") -> Schema:
    """The real migrations and one more after them: what an update of faceapp brings."""
    migrations = directory / "migrations"
    shutil.copytree(SCHEMA.migrations, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "r9999_mottoes.py").write_text(NEXT.replace("HEAD", models.HEAD).replace("MORE", more))
    return Schema("9999", migrations)


def columns(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def modes(directory: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in directory.iterdir()}


def test_a_new_gallery_is_at_the_newest_revision_and_private(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", NEW)
        ours = {"gallery.db", "gallery.db-wal", "gallery.db-shm", *KEY_FILES}
        assert modes(data_dir) == dict.fromkeys(ours, 0o600)
        assert data_dir.stat().st_mode & 0o777 == 0o700
        assert store.copies() == []
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(models.HEAD,)]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_gallery_others_could_read_is_made_private(data_dir: Path) -> None:
    GalleryStore.open(data_dir).close()
    (data_dir / "gallery.db").chmod(0o644)
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", NEW)
        assert set(modes(data_dir).values()) == {0o600}


def test_the_connections_are_set_up(data_dir: Path) -> None:
    opened = open_database(data_dir, create=True)
    assert opened is not None
    with opened.writing() as connection:
        for pragma, value in (("foreign_keys", 1), ("secure_delete", 1), ("synchronous", 2), ("journal_mode", "wal")):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    opened.close()


def test_looking_creates_nothing(data_dir: Path) -> None:
    assert GalleryStore.open_existing(data_dir) is None
    assert not data_dir.exists()
    GalleryStore.open(data_dir).close()
    store = GalleryStore.open_existing(data_dir)
    assert store is not None
    store.close()


def test_people_survive_closing(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada", NEW).person
    with GalleryStore.open(data_dir) as store:
        assert store.people() == [ada]
    assert sorted(f.name for f in data_dir.iterdir()) == ["gallery.db", *KEY_FILES]  # the WAL is folded in


@pytest.mark.parametrize("name", ["with space", "100% ?#&", "ünï"])
def test_folders_of_any_name(tmp_path: Path, name: str) -> None:
    with GalleryStore.open(tmp_path / name / "data") as store:
        store.add_photo("Ada", NEW)
    assert (tmp_path / name / "data" / "gallery.db").is_file()


# Revisions


def test_the_migrations_make_what_the_models_say(data_dir: Path) -> None:
    opened = open_database(data_dir, create=True)
    assert opened is not None
    with opened.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), models.metadata) == []
    opened.close()
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        cascades = {
            (table, row[2], row[6])
            for table in models.metadata.tables
            for row in connection.execute(f"PRAGMA foreign_key_list({table})")
        }
    owned = {"photo", "door_right", "membership", "badge", "consent", "negative", "merge"}
    others = {("template", "photo"), ("membership", "door_group"), ("inbox_face", "inbox_track")}
    others |= {("import_item", "import_run")}
    assert cascades == {(*pair, "CASCADE") for pair in {(table, "person") for table in owned} | others}


def test_opening_a_current_gallery_does_not_import_alembic(data_dir: Path) -> None:
    GalleryStore.open(data_dir).close()
    code = (
        "import sys, pathlib\n"
        "from faceapp.gallery.store import GalleryStore\n"
        "GalleryStore.open(pathlib.Path(sys.argv[1])).close()\n"
        "assert not {'alembic', 'sqlalchemy.orm'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(data_dir)], check=True, timeout=60)


def test_an_older_gallery_is_copied_and_migrated(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada", NEW).person
    schema = schema_with_another_revision(tmp_path)
    with GalleryStore.open(data_dir, schema=schema) as store:
        assert store.people() == [ada]
        assert len(store.templates("space")) == 1  # rebuilding `person` has not cascaded
        assert store.photos(ada.id)[0].has_crop
        [copy] = store.copies()
    assert copy == data_dir / f"gallery.db.before-{models.HEAD}"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "motto" in columns(data_dir / "gallery.db", "person")
    assert "motto" not in columns(copy, "person")
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        assert connection.execute("SELECT name, motto FROM person").fetchall() == [("Ada", "onward")]

    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copy(copy, restored / "gallery.db")
    shutil.copy(data_dir / "installation.json", restored)  # it says which key
    with GalleryStore.open(restored) as store:
        assert store.people() == [ada]
        assert len(store.templates("space")) == 1


def test_people_of_a_gallery_of_issue_three_come_along(data_dir: Path) -> None:
    ada, bob = old_gallery(data_dir, "0002", "Ada", "Bob", badges=True)
    (data_dir / "site.key").write_bytes(bytes(range(32)))  # badges have made one
    with GalleryStore.open(data_dir) as store:
        assert [(p.id, p.name, p.created, p.photos) for p in store.people()] == [
            (p.id, p.name, AT, 1) for p in (ada, bob)
        ]
        [photo] = store.photos(ada.id)
        assert (photo.id, photo.quality, photo.box, photo.spaces) == (ada.photo_id, 70.0, Box(1, 2, 3, 4), (SPACE,))
        table = store.templates(SPACE)
        assert dict(zip(table.names, table.vectors.tolist(), strict=True)) == {
            p.name: pytest.approx(p.vector.tolist()) for p in (ada, bob)
        }
        assert [store.crop(p.photo_id) for p in (ada, bob)] == [ada.crop, bob.crop]
        assert store.right(ada.id).badges == 1
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        assert connection.execute("SELECT DISTINCT override, issues, content FROM photo").fetchall() == [
            (0, None, None)
        ]
    assert columns(data_dir / "gallery.db", "photo")[-1] == "crop"


def test_a_copy_holds_nothing_of_people_whose_deletion_was_cut_short(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada-" + "x" * 40, NEW).person
        with closing(sqlite3.connect(store.path)) as other:
            other.execute("PRAGMA secure_delete=OFF")
            other.execute("PRAGMA foreign_keys=ON")
            other.execute("DELETE FROM person WHERE id = ?", (ada.id,))
            other.commit()
    assert b"Ada-xxxx" in (data_dir / "gallery.db").read_bytes()
    with GalleryStore.open(data_dir, schema=schema_with_another_revision(tmp_path)) as store:
        [copy] = store.copies()
    assert b"Ada-xxxx" not in copy.read_bytes()


def test_a_new_gallery_runs_through_every_revision_without_a_copy(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir, schema=schema_with_another_revision(tmp_path)) as store:
        assert store.copies() == []
    assert "motto" in columns(data_dir / "gallery.db", "person")


def test_a_migration_that_fails_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada", NEW).person
    schema = schema_with_another_revision(tmp_path, more="raise RuntimeError('a bug in a migration')")
    with pytest.raises(RuntimeError, match="a bug in a migration"):
        GalleryStore.open(data_dir, schema=schema)
    assert "motto" not in columns(data_dir / "gallery.db", "person")
    with GalleryStore.open(data_dir) as store:
        assert store.people() == [ada]
        assert len(store.copies()) == 1


def test_a_migration_that_breaks_references_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada", NEW).person
    schema = schema_with_another_revision(tmp_path, more="op.execute('DELETE FROM person')")
    with pytest.raises(BugError, match="references"):
        GalleryStore.open(data_dir, schema=schema)
    with GalleryStore.open(data_dir) as store:
        assert store.people() == [ada]


def test_a_newer_gallery_is_refused_and_left_alone(data_dir: Path, tmp_path: Path) -> None:
    GalleryStore.open(data_dir, schema=schema_with_another_revision(tmp_path)).close()
    before = (data_dir / "gallery.db").read_bytes()
    with pytest.raises(UnavailableError, match=r"^.*gallery\.db was written by a newer faceapp: update faceapp$"):
        GalleryStore.open(data_dir)
    with pytest.raises(UnavailableError):
        GalleryStore.open_existing(data_dir)
    assert (data_dir / "gallery.db").read_bytes() == before
    assert sorted(f.name for f in data_dir.iterdir()) == ["gallery.db", *KEY_FILES]


def test_an_older_gallery_that_is_locked_is_not_migrated(data_dir: Path, tmp_path: Path) -> None:
    GalleryStore.open(data_dir).close()
    with closing(sqlite3.connect(data_dir / "gallery.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="is locked by another program"):
            GalleryStore.open(data_dir, busy_seconds=0.05, schema=schema_with_another_revision(tmp_path))
        other.execute("ROLLBACK")
    assert "motto" not in columns(data_dir / "gallery.db", "person")


# What is no gallery


def one_line_error(data_dir: Path) -> str:
    for opening in (GalleryStore.open, GalleryStore.open_existing):
        with pytest.raises(UnavailableError) as caught:
            opening(data_dir)
        assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_that_is_no_database(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "gallery.db").write_bytes(b"my shopping list: " + bytes(range(256)) * 40)
    assert "damaged or not a gallery" in one_line_error(data_dir)


def test_a_database_of_something_else(data_dir: Path) -> None:
    data_dir.mkdir()
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
    assert "something else" in one_line_error(data_dir)


def test_a_gallery_cut_short(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        for n in range(30):
            store.add_photo(f"Person {n}", NEW)
    whole = (data_dir / "gallery.db").read_bytes()
    (data_dir / "gallery.db").write_bytes(whole[: len(whole) // 3])
    with (
        pytest.raises(UnavailableError, match=r"^.*is damaged or not a gallery.*$"),
        GalleryStore.open(data_dir) as store,
    ):
        store.templates("space")


def test_an_empty_file_becomes_a_gallery(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "gallery.db").touch()  # what a power cut right after the first start leaves
    with GalleryStore.open(data_dir) as store:
        assert store.people() == []


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match=r"^.*choose another folder$"):
        GalleryStore.open(tmp_path / "file" / "data")
    (tmp_path / "data" / "gallery.db").mkdir(parents=True)
    assert "choose another folder" in one_line_error(tmp_path / "data")


def test_our_own_mistakes_are_not_explained_away(data_dir: Path) -> None:
    with (
        closing(sqlite3.connect(":memory:")) as connection,  # Python 3.13 warns about one left open
        pytest.raises(sqlite3.OperationalError, match="syntax"),
        database.explained(data_dir),
    ):
        connection.execute("SELEKT")
