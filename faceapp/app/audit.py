"""The audit log of a data directory: opened with the site's key, written to, and read with today's names.

The log itself holds random ids only. Names are looked up in the gallery when it is read: who was renamed appears under
the new name, who was merged into somebody under both names, and who was deleted as somebody deleted, for good.
"""

from __future__ import annotations

import logging
import os
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from faceapp import paths
from faceapp.access.audit import AuditLog
from faceapp.access.chain import CHECKPOINT, Entry, Link, Scalar
from faceapp.access.records import PEOPLE, UNKNOWN
from faceapp.access.verification import Problem
from faceapp.app import logs
from faceapp.app.log_mark import mark_begun, missing_log
from faceapp.app.site_keys import site_keys
from faceapp.errors import InputError, UsageError
from faceapp.security.keys import SiteKeys
from faceapp.types import JsonObject

ACTION = "action"
"""The kind of an entry about what an administrator did."""
ADMINISTRATOR, SOMEBODY = "administrator", "unknown"
PIN_SET, PIN_WRONG = "pin_set", "pin_wrong"
DELETED = "somebody deleted"
"""How a person is shown whom the gallery doesn't know any more."""
MERGED = "somebody merged"
"""How a person is shown who was merged into another one, and whose name can't be read."""
REMOVED = "(removed since)"
"""The same for a group, in place of its name."""

_NOBODY_ENROLLED = {"guest": "the demonstration's guest"}
"""As `app/guest.py` calls her, which brings the networks' libraries with it."""
_ID = re.compile(r"[0-9a-f]{32}")
_GROUP = re.compile(r"group_[a-z]+ ([0-9a-f]{32})\b")
_log = logging.getLogger(__name__)
_END = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


def folder_of(chosen: str | os.PathLike[str] | None) -> Path:
    """The data directory, `chosen` or the usual one. Opens faceapp's own log file there, and nothing else."""
    folder = paths.data_dir(chosen)
    if folder.exists():  # who only looks makes no folder
        logs.configure(folder)
    return folder


def open_log(data_dir: Path) -> AuditLog:
    """The log of `data_dir`, begun where there is none. Raises UnavailableError, in one line, where it or the site's
    key can't be used, and where there is a log, or a badge, whose key is gone."""
    log = AuditLog.open(data_dir, site_keys(data_dir).audit)
    log_id = log.log_id()
    if log_id is not None:
        mark_begun(data_dir, log_id)
        missing = missing_log(data_dir, log_id)
        if missing is not None:
            _log.error("%s", missing)
    return log


def existing_log(data_dir: Path) -> AuditLog | None:
    """The log of `data_dir` to look at; None, and nothing is written, where there is none. Raises UnavailableError
    where there is a log whose key is gone."""
    keys = SiteKeys.open_existing(data_dir)
    return None if keys is None else AuditLog.open_existing(data_dir, keys.audit)


def log_action(data_dir: Path, action: str, person_id: str | None = None, actor: str | None = None) -> Entry:
    """Write down that `actor` (None: who usually does that) did `action`, a short code such as `allow`, to the person
    `person_id` where it was about one. It is on the disk when this returns. Raises UnavailableError where it can't be.
    """
    return open_log(data_dir).append(ACTION, **_action(action, person_id, actor))


def log_action_if_kept(data_dir: Path, action: str, person_id: str | None = None) -> None:
    """As `log_action` where the site keeps a log, as every site with a door does. Others get none through this."""
    log = existing_log(data_dir)
    if log is not None:
        log.append(ACTION, **_action(action, person_id))


def log_actions_if_kept(data_dir: Path, actions: Mapping[str, str]) -> None:
    """As `log_action_if_kept`, about many people at once: `actions` by their ids. All are written, or none."""
    log = existing_log(data_dir)
    if log is not None:
        log.append_all(ACTION, [_action(action, person_id) for person_id, action in actions.items()])


def _action(action: str, person_id: str | None, actor: str | None = None) -> dict[str, Scalar]:
    usual = SOMEBODY if action == PIN_WRONG else ADMINISTRATOR
    fields: dict[str, Scalar] = {"action": action, "actor": actor or usual}
    return fields if person_id is None else {**fields, "person": person_id}


# Reading


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as a list shows it."""

    entry: Entry
    name: str | None
    """Of the person it is about, today's; DELETED for one who is gone; None where it is about nobody who is known."""
    deleted: bool
    group: str | None = None
    """Name of the group that an action was about, today's; None for one that was removed."""
    group_id: str | None = None

    def as_json(self) -> JsonObject:
        """One flat object: number, time, kind, the entry's own fields, the names; of a group where it is about one."""
        e = self.entry
        name = None if self.deleted else self.name
        group = {} if self.group_id is None else {"group": self.group}
        return {"n": e.number, "at": e.at, "kind": e.kind, **e.fields, "name": name, "deleted": self.deleted, **group}

    def action(self, named: bool) -> str:
        """What an administrator did, for people; empty where nobody did anything. `named`: with the group's name in
        place of its id."""
        text = str(self.entry.fields.get("action", ""))
        if self.group_id is None or not named:
            return text.replace("_", " ")
        before, _, after = text.partition(self.group_id)
        if self.group is None and before == "group_remove ":
            return "group remove"
        group = REMOVED if self.group is None else f'"{self.group}"'
        return f"{before.replace('_', ' ')}{group}{after.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to show. All that is given must fit."""

    since: datetime | None = None
    person_id: str | None = None
    """Also where they were only the runner-up: it is about them, too."""
    kind: str | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether `entry` is one of them."""
        return (
            (self.kind is None or entry.kind == self.kind)
            and (self.person_id is None or self.person_id in (entry.fields.get(field) for field in PEOPLE))
            and (self.since is None or datetime.fromisoformat(entry.at) >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Names:
    """Today's names by id."""

    people: Mapping[str, str]
    groups: Mapping[str, str]


def names_by_id(data_dir: Path) -> Names:
    """Today's names. Raises UnavailableError where the gallery can't be read."""
    from faceapp.gallery.store import GalleryStore

    store = GalleryStore.open_existing(data_dir)
    if store is None:
        return Names(_NOBODY_ENROLLED, {})
    with store:
        people = {**_NOBODY_ENROLLED, **{person.id: person.name for person in store.people()}}
        # Without the gallery's key it can't be read what they were called.
        called = {} if store.locked else {merge.id: merge.name for merge in store.merges()}
        for merged, into in store.merged_into(tuple(people)).items():
            people[merged] = f"{called.get(merged, MERGED)}, now {people[into]}"
        return Names(people, {group.id: group.name for group in store.groups()})


def id_of(data_dir: Path, name: str) -> str:
    """The id of who is called `name`, or was before they were merged into somebody, or `name` itself where it is an id:
    nobody's name says who was deleted. Raises InputError for an unknown name."""
    if _ID.fullmatch(name):
        return name
    from faceapp.gallery.names import name_key
    from faceapp.gallery.store import GalleryStore

    store = GalleryStore.open_existing(data_dir)
    if store is None:
        raise InputError(f'there is nobody named "{name}": nobody is enrolled yet')
    with store:
        try:
            return store.person(name).id
        except InputError:
            merged = [] if store.locked else [m.id for m in store.merges() if name_key(m.name) == name_key(name)]
            if not merged:
                raise
            return merged[0]


@dataclass(frozen=True, slots=True)
class Listing:
    """What `listed` found."""

    rows: list[AuditRow]
    """Oldest first."""
    gaps: bool
    """True where entries are missing among those looked at: a hint, `verify` gives the proof."""


def listed(log: AuditLog, names: Names, wanted: Wanted, last: int | None = None) -> Listing:
    """The entries that are `wanted`, the `last` so many of them. Lines that don't prove themselves are left out."""
    end = log.end()
    fitting: deque[Entry] = deque(maxlen=last)
    before: int | None = None
    gaps = False
    for entry in log.entries():
        gaps |= before is not None and entry.number != before + 1
        before = entry.number
        if wanted.fits(entry):
            fitting.append(entry)
    gaps |= end is None or (before or 0) < end.number
    return Listing([_row(entry, names) for entry in fitting], gaps)


def _row(entry: Entry, names: Names) -> AuditRow:
    found = _GROUP.match(str(entry.fields.get("action", "")))
    group_id = None if found is None else found[1]
    group = None if group_id is None else names.groups.get(group_id)
    person_id = entry.fields.get("person")
    if person_id is None or person_id == UNKNOWN:
        return AuditRow(entry, None, False, group, group_id)
    name = names.people.get(str(person_id))
    return AuditRow(entry, DELETED if name is None else name, name is None, group, group_id)


# Verifying


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found."""

    problems: list[Problem]
    """Empty: the log is whole."""
    end: Link | None
    """Its end, to be written down; None where the anchor doesn't say."""
    entries: int


def end_text(end: Link) -> str:
    """An end as people write it down: `NUMBER:MAC`."""
    return f"{end.number}:{end.mac}"


def parse_end(text: str) -> Link:
    """The end that somebody wrote down. Raises UsageError for anything else."""
    found = _END.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError("an end is NUMBER:MAC as `faceapp audit verify` prints it, 64 hexadecimal digits after the :")
    return Link(int(found[1]), found[2])


def verify(data_dir: Path, log: AuditLog | None, written_down: Link | None = None) -> Verified:
    """Look at the whole log (None: there is none), whether it is the one that was begun, and whether it still holds the
    end that was `written_down` earlier: an older copy of log and anchor that was put back proves itself, and lacks it.
    """
    if log is None:
        _, problem = _compared((), written_down)
        missing = missing_log(data_dir, None)
        return Verified([*_problems(missing), *([problem] if problem else [])], None, 0)
    end = log.end()  # first: what is written meanwhile belongs to a later end
    found = log.verify()
    count, problem = _compared(log.entries(), written_down)
    log_id = log.log_id()
    missing = None if log_id is None else missing_log(data_dir, log_id)
    return Verified([*_problems(missing), *found, *([problem] if problem else [])], end, count)


def _problems(missing: str | None) -> list[Problem]:
    return [] if missing is None else [Problem(None, missing)]


def _compared(entries: Iterable[Entry], wanted: Link | None) -> tuple[int, Problem | None]:
    """How many entries there are, and what is wrong with the `wanted` one."""
    count, pruned, of_number = 0, 0, None
    for entry in entries:
        if entry.kind == CHECKPOINT:
            pruned = max(pruned, entry.number)
        else:
            count += 1
        if wanted is not None and entry.link.number == wanted.number:
            of_number = entry.link
    if wanted is None or of_number == wanted:
        return count, None
    what = f"entry {wanted.number}, whose end was written down,"
    if of_number is not None:
        return count, Problem(None, f"{what} is another one now: this is not the same log, or it was written anew")
    if wanted.number < pruned:
        return count, Problem(None, f"{what} was pruned and cannot be compared: write down a newer end")
    return count, Problem(None, f"{what} is not there: the log was put back to an older copy, or cut off")
