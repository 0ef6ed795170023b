"""The snapshots that a very large gallery is searched from: the part of `GalleryStore` that writes and opens them.

A snapshot holds templates and names, sealed as they are in the gallery (`search.snapshot`), and says which state of the
gallery it was made from (`changes.Mark`). It is never needed: whatever is wrong with one, it is dropped, and written
anew from the gallery. It goes when somebody was deleted, with a change of the key and with a restore; who was deleted
while it was being written is noticed when it is opened.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, func, select

from faceapp.errors import InputError, UnavailableError
from faceapp.files import PREFIX, locked
from faceapp.gallery.changes import Changes, Mark, TemplateChanges, known, newest
from faceapp.gallery.index import EXACT_UP_TO, GalleryIndex
from faceapp.gallery.models import deletion, template
from faceapp.gallery.negatives import keyed, negatives
from faceapp.gallery.queries import owned_templates
from faceapp.gallery.rows import as_matrix
from faceapp.gallery.sealing import bound_template
from faceapp.gallery.search.heads import SAMPLE
from faceapp.security.vault import Vault
from faceapp.types import Floats

FOLDER = "search"
"""Within the data directory."""
_LOCK = "lock"
_PORTION = 4_096
_log = logging.getLogger(__name__)


def drop_snapshots(data_dir: Path) -> None:
    """Remove all snapshots, finished or not. Raises UnavailableError where one can't be removed."""
    for file in (data_dir / FOLDER).glob("*"):
        if file.name == _LOCK:
            continue
        try:
            file.unlink(missing_ok=True)
        except OSError as e:
            raise UnavailableError(f"{file} cannot be removed ({e.strerror}): mend its permissions") from e


class Snapshots(TemplateChanges):
    """As everything in the store: for any thread."""

    def snapshot_file(self, space: str) -> Path:
        """Where the snapshot of a space is, if there is one."""
        return self._database.path.parent / FOLDER / hashlib.sha256(space.encode()).hexdigest()[:16]

    def has_snapshot(self, space: str) -> bool:
        """Whether a file is there, as far as can be told."""
        try:
            return self.snapshot_file(space).exists()
        except OSError:
            return False

    def write_snapshot(self, space: str, going: Callable[[], bool] = lambda: True) -> None:
        """Write the snapshot of a space, reading the gallery once from end to end: the templates are never in memory
        together. Raises InputError where there are so few that they are searched exactly, `going` says no meanwhile,
        another process is at it, or somebody was deleted for good; UnavailableError where it can't be written."""
        from faceapp.gallery.search import snapshot  # faiss is slow to import and rarely needed

        file = self.snapshot_file(space)
        try:
            file.parent.mkdir(exist_ok=True, mode=0o700)
            with locked(file.parent / _LOCK, 0), self._database.reading() as connection:
                for part in file.parent.glob(f"{PREFIX}*"):  # of a power cut
                    part.unlink(missing_ok=True)
                vault, mark = keyed(self._database), newest(connection)
                count = connection.scalar(select(func.count()).where(template.c.space == space)) or 0
                if count <= EXACT_UP_TO:
                    raise InputError("so few are searched exactly, without a snapshot")
                sample = next(_read(connection, vault, space, limit=SAMPLE))[2]
                portions = _read(connection, vault, space, going=going)
                deleted = _deleted(connection)
                snapshot.write(file, vault, space, str(mark), sample, count, portions, _step(going))
                with self._database.reading() as later:  # a deletion may have dropped the snapshots before this one
                    if _deleted(later) != deleted or not known(later, mark):
                        file.unlink(missing_ok=True)
                        raise InputError("the snapshot holds somebody who was deleted meanwhile")
        except (TimeoutError, FileNotFoundError) as e:
            raise InputError("the snapshot is being written by another process, or was dropped") from e
        except OSError as e:
            raise UnavailableError(f"{file} cannot be written ({e.strerror}): free some space") from e

    def index_of_snapshot(self, space: str) -> tuple[GalleryIndex, Mark] | None:
        """The index of a space by its snapshot and what changed since, and the state that it is of. None where there is
        no snapshot that can be used, or so few are left that they are searched exactly: whatever lies there is removed,
        where that is possible."""
        try:
            return self._opened(space, self.snapshot_file(space))
        except OSError as e:
            _log.warning("the search snapshot cannot be used: %s", e.strerror)
            return None

    def _opened(self, space: str, file: Path) -> tuple[GalleryIndex, Mark] | None:
        if not file.exists():
            return None
        from faceapp.gallery.search import snapshot
        from faceapp.gallery.search.large import LargeIndex

        changes: Changes | None = None

        def wanted(mark: str) -> bool:
            nonlocal changes
            number, _, stamp = mark.partition(" ")
            changes = self.changes(space, Mark(int(number), stamp))
            return changes is not None

        with self._database.reading() as connection:
            vault = keyed(self._database)
            wrong = negatives(connection, vault, space)
        try:
            found = snapshot.read(file, vault, space, wanted)
        except (UnavailableError, ValueError, KeyError, RuntimeError, MemoryError) as e:  # RuntimeError: faiss
            _log.warning("the search snapshot is written anew: %s", e)
            found = None
        if found is None or changes is None:
            file.unlink(missing_ok=True)
            return None
        crowd, _ = found
        theirs = Counter(changes.table.person_ids)
        if any(len(crowd.templates_of(p)) > theirs[p] for p in changes.people):
            file.unlink(missing_ok=True)  # it holds something of somebody that was deleted
        index = LargeIndex.over(space, crowd, wrong).changed(changes.table, changes.people)
        if index.templates <= EXACT_UP_TO:
            file.unlink(missing_ok=True)
            return None
        return index, changes.mark


def _deleted(connection: Connection) -> int:
    """How many deletions the register has: it never has fewer."""
    return connection.scalar(select(func.count()).select_from(deletion)) or 0


def _step(going: Callable[[], bool]) -> Callable[[], None]:
    def step() -> None:
        if not going():
            raise InputError("the snapshot isn't wanted any more")

    return step


def _read(
    connection: Connection, vault: Vault, space: str, going: Callable[[], bool] = lambda: True, limit: int | None = None
) -> Iterator[tuple[list[str], list[str], Floats]]:
    """Templates in portions. With `limit` one portion of so many: by the photos' ids, which are random."""
    query = owned_templates(space)
    if limit is not None:
        query = query.order_by(template.c.photo_id).limit(limit)
    for rows in connection.execute(query).partitions(limit or _PORTION):
        _step(going)()
        vectors = [vault.open(sealed, bound_template(photo_id, owner, space)) for sealed, photo_id, owner, _ in rows]
        yield [r.id for r in rows], [r.name for r in rows], np.ascontiguousarray(as_matrix(vectors))
