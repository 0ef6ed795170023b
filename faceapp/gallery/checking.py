"""Is what the gallery's file holds whole? The part of `GalleryStore` that looks at everything, and mends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
from sqlalchemy import select

from faceapp.errors import KnownError
from faceapp.gallery.database import Database, explained
from faceapp.gallery.models import deletion, metadata, photo, template
from faceapp.gallery.register import TABLES
from faceapp.gallery.rows import UNIT_TOLERANCE
from faceapp.gallery.sealing import sealed_values
from faceapp.security.vault import Vault

_MOST = 20
"""Problems of SQLite's own check that are named."""


class Checks:
    """What is wrong, a line each. Reads only; for any thread."""

    _database: Database

    def broken(self) -> Iterator[str]:
        """Pages and references that don't hang together."""
        with explained(self._database.path), closing(self._database.connect()) as connection:
            for (line,) in connection.execute(f"PRAGMA integrity_check({_MOST})"):
                if line != "ok":
                    yield f"the database is damaged ({' '.join(str(line).split())}): restore a backup"
            tables = [row[0] for row in connection.execute("PRAGMA foreign_key_check")]
        for table in sorted(set(tables)):
            yield f"{tables.count(table)} of {table} belong to nothing: restore a backup"

    def unreadable(self, vault: Vault) -> Iterator[str]:
        """What is sealed and doesn't open with `vault`, and templates that are none."""
        dimensions: dict[str, int] = {}
        with self._database.reading() as connection:
            for value in sealed_values(connection):
                try:
                    plain = vault.open(value.sealed, value.bound)
                except KnownError:
                    yield f"{value.what} {value.row} was altered, or is of another key: delete it or restore a backup"
                    continue
                if value.space is not None:
                    problem = _no_template(plain, dimensions.setdefault(value.space, len(plain)))
                    if problem:
                        yield f"{value.what} {value.row} {problem}: delete it or restore a backup"
            columns = select(template.c.photo_id, template.c.space, template.c.dimension)
            for photo_id, space, dimension in connection.execute(columns):
                if 4 * dimension != dimensions.get(space, 4 * dimension):
                    yield f"template.vector {photo_id} has {dimension} dimensions on its label: restore a backup"

    def left_over(self) -> Iterator[str]:
        """Photos that can never be recognised by, and what is there although it was deleted."""
        bare = select(photo.c.id).where(photo.c.crop.is_(None), photo.c.id.not_in(select(template.c.photo_id)))
        with self._database.reading() as connection:
            for photo_id in connection.scalars(bare):
                yield f"photo {photo_id} has neither a template nor a picture: photograph the person again"
            for kind, name in TABLES.items():
                table = metadata.tables[name]
                there = select(table.c.id).join(deletion, deletion.c.id == table.c.id).where(deletion.c.kind == kind)
                for id in connection.scalars(there):
                    yield f"{kind} {id} was deleted and is there again: `faceapp gallery restore` forgets it"


def _no_template(plain: bytes, length: int) -> str | None:
    """What is wrong with the bytes of a template whose space has `length` of them; None: nothing."""
    if len(plain) != length or len(plain) % 4 or not plain:
        return f"has {len(plain) // 4} dimensions, others of its space {length // 4}"
    size = float(np.linalg.norm(np.frombuffer(plain, "<f4").astype(np.float64)))
    return None if abs(size - 1.0) <= UNIT_TOLERANCE else f"is not of unit length ({size:.3g})"
