"""Consent in the gallery's file: one row for each person who gave it, gone with the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from faceapp.errors import InputError
from faceapp.gallery.consent_rows import ConsentRow, NewConsent
from faceapp.gallery.database import Database
from faceapp.gallery.models import consent, person
from faceapp.gallery.rights import GONE


class Consents:
    """Who agreed to what, and until when. As everything in the store: each method is one short transaction, for any
    thread. Nothing here deletes a person: `due` says whose consent has ended, and `GalleryStore.delete` does it."""

    _database: Database

    def consent(self, person_id: str) -> ConsentRow | None:
        """What a person agreed to; None where nothing is on record, or they were deleted."""
        with self._database.reading() as connection:
            row = connection.execute(select(consent).where(consent.c.person_id == person_id)).one_or_none()
        return None if row is None else _row(row)

    def consents(self) -> dict[str, ConsentRow]:
        """Every consent on record, by person id."""
        with self._database.reading() as connection:
            return {row.person_id: _row(row) for row in connection.execute(select(consent))}

    def set_consent(
        self, person_id: str, new: NewConsent, *, first: Callable[[str], object] | None = None
    ) -> ConsentRow:
        """Put a consent on record in place of the one there was. `first` is called with the id when all is well and
        nothing is changed yet; what it raises keeps it so. Raises InputError where the person was deleted."""
        with self._database.writing() as connection:
            _require(connection, person_id)
            if first is not None:
                first(person_id)
            return put_consent(connection, person_id, new)

    def withdraw_consent(self, person_id: str, *, first: Callable[[str], object] | None = None) -> None:
        """Write down that consent is taken back, so that the person is due for deletion whatever happens next. Who had
        none on record can take it back as well. `first` as in `set_consent`. Raises InputError where the person was
        deleted."""
        with self._database.writing() as connection:
            _require(connection, person_id)
            if first is not None:
                first(person_id)
            now = _now()
            nothing = ConsentRow(person_id, "none", "nobody", now, None, now, None)
            taken = upsert(consent).values(_values(nothing))
            connection.execute(taken.on_conflict_do_update(index_elements=["person_id"], set_={"withdrawn": now}))

    def due(self, today: date) -> list[ConsentRow]:
        """Whose consent had ended by the beginning of `today`, local, or was taken back."""
        ended = or_(consent.c.withdrawn.is_not(None), consent.c.until < today.isoformat())
        with self._database.reading() as connection:
            rows = connection.execute(select(consent).where(ended).order_by(consent.c.person_id))
            return [_row(row) for row in rows]

    def ending(self, today: date, before: date) -> list[ConsentRow]:
        """Whose consent still counts `today` and ends on or before `before`, the soonest first."""
        soon = and_(consent.c.withdrawn.is_(None), consent.c.until.between(today.isoformat(), before.isoformat()))
        with self._database.reading() as connection:
            rows = connection.execute(select(consent).where(soon).order_by(consent.c.until, consent.c.person_id))
            return [_row(row) for row in rows]


def put_consent(connection: Connection, person_id: str, new: NewConsent, *, given: str | None = None) -> ConsentRow:
    """Write `new` as the consent of a person, within somebody's transaction. `given`: when, ISO 8601 in UTC, where it
    was not just now but at another installation."""
    row = ConsentRow(
        person_id=person_id,
        purpose=new.purpose,
        given_by=new.given_by,
        given=given or _now(),
        until=None if new.until is None else new.until.isoformat(),
        withdrawn=None,
        text=new.text,
    )
    values = _values(row)
    connection.execute(upsert(consent).values(values).on_conflict_do_update(index_elements=["person_id"], set_=values))
    return row


def _values(row: ConsentRow) -> dict[str, str | None]:
    return {name: getattr(row, name) for name in ConsentRow.__slots__}


def _row(row: Row[object]) -> ConsentRow:
    return ConsentRow(*(getattr(row, name) for name in ConsentRow.__slots__))


def _require(connection: Connection, person_id: str) -> None:
    if connection.scalar(select(person.c.id).where(person.c.id == person_id)) is None:
        raise InputError(GONE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
