"""Consent: put on record, shown, taken back, and ended when its time is over. Who withdraws it, or whose consent has
ended, is deleted with every trace, and the audit log says which it was.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from faceapp.app import people_log
from faceapp.app.parts import Parts
from faceapp.gallery.consent_rows import PURPOSE, THEMSELVES, ConsentRow, NewConsent, state_of
from faceapp.gallery.store import GalleryStore
from faceapp.types import JsonObject

EXPIRED, WITHDRAWN = "expired", "consent_withdrawn"
"""Actions in the audit log."""
NOTHING_ON_RECORD = "no consent on record"
"""How a person without is marked."""
NOTICE = timedelta(days=30)
"""How long before its end a consent is listed as ending soon."""

_log = logging.getLogger(__name__)


def new_consent(
    text: str, until: date | None = None, given_by: str | None = None, purpose: str | None = None
) -> NewConsent:
    """Consent as it is given now. `text`: what the person agreed to; `until`: the last day on which it counts; None:
    until it is withdrawn. Raises InputError for an empty or endless text and for a day that is over."""
    given = NewConsent(text.strip(), until, (given_by or THEMSELVES).strip(), (purpose or PURPOSE).strip())
    given.require_lasting(today())
    return given


def today() -> date:
    """The day it is here."""
    return date.today()


# Shown


def describe_consent(consent: ConsentRow | None, on: date | None = None) -> JsonObject:
    """What lists show of it: `consent` (none, given, expired, withdrawn) and `consent_until`."""
    return {
        "consent": state_of(consent, on or today()),
        "consent_until": None if consent is None else consent.until,
    }


def describe_in_full(consent: ConsentRow | None, on: date | None = None) -> JsonObject:
    """As `describe_consent`, with purpose, text, who gave it and when."""
    return {
        **describe_consent(consent, on),
        "consent_purpose": None if consent is None else consent.purpose,
        "consent_by": None if consent is None else consent.given_by,
        "consent_given": None if consent is None else consent.given,
        "consent_text": None if consent is None else consent.text,
    }


def in_words(row: JsonObject) -> str:
    """The keys of `describe_consent` in a few words."""
    until = row["consent_until"]
    match row["consent"]:
        case "none":
            return NOTHING_ON_RECORD
        case "given":
            return f"until {until}" if until else "until withdrawn"
        case "expired":
            return f"ended {until}: is about to be deleted"
    return "withdrawn: is about to be deleted"


# Changed


@dataclass(frozen=True, slots=True)
class Removed:
    """Who was deleted because they agreed no longer."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    erased: bool
    """False where bytes of them linger for now: another program is using the gallery, or the disk is full."""
    not_logged: str | None
    """Why it isn't in the audit log; None where it is, or where the site keeps none."""


def withdraw(store: GalleryStore, data_dir: Path, person_id: str) -> Removed:
    """Delete a person, because they take their consent back. Should that fail half-way, the next `expire` ends it.
    Raises InputError where the person was deleted, UnavailableError where the gallery can't be written."""
    store.withdraw_consent(person_id)
    return _remove(store, data_dir, {person_id: WITHDRAWN})


def expire(store: GalleryStore, data_dir: Path, on: date | None = None) -> Removed:
    """Delete everybody whose consent has ended by the day `on` (None: today) or was withdrawn. Raises UnavailableError
    where the gallery can't be written."""
    due = store.due(on or today())
    return _remove(store, data_dir, {c.person_id: EXPIRED if c.withdrawn is None else WITHDRAWN for c in due})


def due(store: GalleryStore, on: date | None = None) -> list[JsonObject]:
    """Whom `expire` would delete, by name."""
    return _with_names(store, store.due(on or today()), on)


def ending(store: GalleryStore, on: date | None = None) -> list[JsonObject]:
    """Whose consent ends within `NOTICE`, the soonest first: time to ask them again."""
    day = on or today()
    return _with_names(store, store.ending(day, day + NOTICE), on)


def _with_names(store: GalleryStore, rows: list[ConsentRow], on: date | None) -> list[JsonObject]:
    names = {p.id: p.name for p in store.people()}
    known = [r for r in rows if r.person_id in names]
    return [{"id": r.person_id, "name": names[r.person_id], **describe_consent(r, on)} for r in known]


def _remove(store: GalleryStore, data_dir: Path, why: dict[str, str]) -> Removed:
    names = {p.id: p.name for p in store.people() if p.id in why}
    if not names:
        return Removed((), (), True, None)
    done = people_log.delete_all(store, data_dir, {id: why[id] for id in names})
    _log.info("%d people were deleted: their consent has ended", len(names))
    return Removed(tuple(names), tuple(names.values()), done.erased, done.not_logged)


# For the command line


def record_by_name(parts: Parts, name: str, consent: NewConsent) -> JsonObject:
    """Put a consent on record for `name`. Raises InputError for an unknown name."""
    store = parts.gallery()
    person = store.person(name)
    row = people_log.record_consent(store, parts.data_dir, person.id, consent)
    return {"id": person.id, "name": person.name, **describe_in_full(row)}


def show_by_name(parts: Parts, name: str) -> JsonObject:
    """The consent on record for `name`. Raises InputError for an unknown name."""
    store = parts.gallery()
    person = store.person(name)
    return {"id": person.id, "name": person.name, **describe_in_full(store.consent(person.id))}


def withdraw_by_name(parts: Parts, name: str) -> Removed:
    """As `withdraw`. Raises InputError for an unknown name."""
    store = parts.gallery()
    return withdraw(store, parts.data_dir, store.person(name).id)
