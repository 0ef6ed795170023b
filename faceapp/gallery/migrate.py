"""Bringing an older gallery to the newest schema with Alembic. Imported only when there is something to do."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from faceapp.errors import BugError, UnavailableError
from faceapp.gallery.database import CLEAR, COPY_INFIX, Database, Schema, explained


def require_known(path: Path, revision: str | None, schema: Schema) -> None:
    """Raises UnavailableError for a gallery at a revision we know nothing of: a newer faceapp wrote it."""
    if revision is not None and revision not in _known(schema):
        raise UnavailableError(f"{path} was written by a newer faceapp: update faceapp")


def bring_to_head(database: Database, schema: Schema) -> None:
    """Migrate `database` to `schema`, in one transaction that also keeps every other writer out of the copy.

    An older gallery is copied first, to `gallery.db.before-<revision>` (0600); an empty one is not, nor one that is not
    sealed: such a copy would lie there in the clear. Raises
    UnavailableError for a newer one and for a disk that can't hold the copy; a migration that fails changes nothing.
    """
    with database.migrating() as connection:
        revision = _revision(connection)  # again: another process may have migrated since we looked
        if revision == schema.head:
            return
        require_known(database.path, revision, schema)
        if revision is not None and revision not in CLEAR:
            _keep_copy(database.path, revision)
        config = _config(schema)
        config.attributes["connection"] = connection
        command.upgrade(config, schema.head)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise BugError(f"the migration to {schema.head} breaks {len(broken)} references")


def _config(schema: Schema) -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.migrations).replace("%", "%%"))
    return config


def _known(schema: Schema) -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config(schema)).walk_revisions())


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _keep_copy(path: Path, revision: str) -> None:
    """A copy of the committed state, complete or not there at all.

    Written by VACUUM INTO: one consistent snapshot as SQLite's backup API makes it, but of the rows alone. Pages copied
    as they are could carry remains of people whose deletion was cut short.
    """
    copy = path.with_name(f"{path.name}{COPY_INFIX}{revision}")
    part = copy.with_name(copy.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            explained(part),
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as source,
        ):
            source.execute("VACUUM INTO ?", (str(part),))
        part.replace(copy)
    except OSError as e:
        raise UnavailableError(
            f"the copy {copy} cannot be written ({e.strerror}), so the gallery stays as it is: free some space"
        ) from e
