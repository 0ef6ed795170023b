"""The gallery's tables of how far an import came: the part of `GalleryStore` that reads and changes them.

What was enrolled is known by the photos themselves (`NewPhoto.content`), and written with them in one transaction. Here
stands only what a picture was rejected for, so that an import that was cut short needn't look at those again, and of
which picture somebody said that none of its faces is wanted, so that nobody is asked again. Sources and pictures are
keyed hashes, reasons are codes: nothing here says who was imported from where.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.gallery.database import Database
from faceapp.gallery.models import import_item, import_run, person, photo, template
from faceapp.gallery.names import name_key

KEPT = timedelta(days=30)
"""After which an import that was never finished begins anew, and one that was is forgotten."""
REJECTED, SKIPPED = "rejected", "skipped"
"""What became of a picture: looked at and refused, until the import is finished; or passed over by somebody's choice,
which holds for the next import of the same source too."""


@dataclass(frozen=True, slots=True)
class ImportRun:
    """An import that is going on."""

    id: str
    resumed: bool
    """True where an earlier one of the same source was cut short, and this one goes on."""
    rejected: Mapping[str, str] = field(default_factory=dict)
    """Item and reason code of what the earlier one rejected, and of what was passed over by choice."""


class Imports:
    """How far imports came. As everything in the store: each method is one short transaction, for any thread."""

    _database: Database

    def begin_import(self, source_key: str) -> ImportRun:
        """Go on with the unfinished import of this source, or begin one. `source_key`: a keyed hash."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(delete(import_run).where(import_run.c.started < _text(now - KEPT)))
            unfinished = (import_run.c.source_key == source_key) & import_run.c.finished.is_(None)
            run_id: str | None = connection.scalar(
                select(import_run.c.id).where(unfinished).order_by(import_run.c.started.desc()).limit(1)
            )
            if run_id is None:
                run_id = uuid.uuid4().hex
                row = {"id": run_id, "source_key": source_key, "started": _text(now), "done": 0}
                connection.execute(insert(import_run).values(row))
                resumed = False
            else:
                resumed = True
            # Of this run what it rejected; of all runs of this source what was passed over.
            wanted = (import_item.c.run_id == run_id) | (import_item.c.outcome == SKIPPED)
            items = (
                select(import_item.c.item, import_item.c.reason)
                .join(import_run)
                .where(import_run.c.source_key == source_key, wanted)
                .order_by(import_item.c.outcome)  # what was passed over counts: it comes last
            )
            return ImportRun(run_id, resumed, {item: reason or "" for item, reason in connection.execute(items)})

    def note_rejected(self, run_id: str, item: str, code: str) -> None:
        """Remember that `item`, a keyed hash, was rejected for the reason `code`."""
        with self._database.writing() as connection:
            if connection.scalar(select(import_run.c.id).where(import_run.c.id == run_id)) is None:
                return  # another process has finished the same import
            row = {"run_id": run_id, "item": item, "outcome": REJECTED, "reason": code}
            connection.execute(upsert(import_item).values(row).on_conflict_do_nothing())

    def note_skipped(self, source_key: str, item: str, code: str) -> None:
        """Remember that `item` of this source, a keyed hash, was passed over by choice: for as long as its import is
        remembered, finished or not."""
        with self._database.writing() as connection:
            newest = select(import_run.c.id).where(import_run.c.source_key == source_key)
            run_id = connection.scalar(newest.order_by(import_run.c.started.desc()).limit(1))
            if run_id is None:
                return  # it was a month ago
            row = {"run_id": run_id, "item": item, "outcome": SKIPPED, "reason": code}
            changed = {"outcome": SKIPPED, "reason": code}
            known = (
                upsert(import_item).values(row).on_conflict_do_update(index_elements=["run_id", "item"], set_=changed)
            )
            connection.execute(known)

    def finish_import(self, run_id: str, done: int) -> None:
        """The source was gone through, all `done` pictures of it: the next import of it begins anew."""
        of_run = (import_item.c.run_id == run_id) & (import_item.c.outcome == REJECTED)
        with self._database.writing() as connection:
            connection.execute(delete(import_item).where(of_run))
            values = {"finished": _text(datetime.now(UTC)), "done": done}
            connection.execute(update(import_run).where(import_run.c.id == run_id).values(values))

    def has_picture(self, name: str, content: str, space: str) -> bool:
        """Whether the person `name` has this very picture (`NewPhoto.content`), with a template in `space`."""
        query = (
            select(photo.c.id)
            .join(person)
            .join(template)
            .where(person.c.name_key == name_key(name), photo.c.content == content, template.c.space == space)
        )
        with self._database.reading() as connection:
            return connection.scalar(query.limit(1)) is not None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
