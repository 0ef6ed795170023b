"""What the gallery remembers about itself: one value for each name, in the table `meta`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.gallery.database import Database
from faceapp.gallery.models import meta


class Notes:
    """Each method is one short transaction, for any thread. The key's mark is `sealing`'s own."""

    _database: Database

    def noted(self, name: str) -> str | None:
        """What was noted under `name`; None where nothing was."""
        with self._database.reading() as connection:
            value: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
        return value

    def note(self, name: str, value: str) -> None:
        """Note `value` under `name`, in place of what was there."""
        with self._database.writing() as connection:
            statement = upsert(meta).values(name=name, value=value)
            connection.execute(statement.on_conflict_do_update(set_={"value": value}))
