"""Two people who are one: the part of `GalleryStore` that merges them, and takes that back.

What a merge needs to be undone stands in the table `merge`: the merged person's name, sealed, the ids of the photos
that were theirs, and their rights, consent and last-seen day. A merge's id is the id that person had: undone, they are
the same to the audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from faceapp.errors import InputError
from faceapp.gallery.database import Database
from faceapp.gallery.merged_days import SEEN, SEEN_INTO, latest, merged_day, own_day
from faceapp.gallery.models import badge, consent, door_group, door_right, membership, merge, negative, person, photo
from faceapp.gallery.names import name_key
from faceapp.gallery.negatives import keyed, move_negatives
from faceapp.gallery.opening import request_scrub
from faceapp.gallery.queries import find_person, now, require_person
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.sealing import bound_merged_name, move_photos
from faceapp.security.vault import Vault

First = Callable[[str, str], object]
"""Called with the ids of the merged person and of the one they are merged into, when all is well and nothing is written
yet; what it raises keeps it so."""


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge that can be undone."""

    id: str
    """The id of the person who was merged away."""
    name: str
    """Of that person."""
    into_id: str
    into_name: str
    created: str
    """ISO 8601, UTC."""
    photos: int
    """How many were theirs."""


class Merges:
    """As everything in the store: each method is one transaction, for any thread."""

    _database: Database

    def merge(self, person_id: str, into_id: str, *, first: First | None = None) -> MergeRow:
        """Give all photos of `person_id` to `into_id`, who keeps their name and rights; the other one is gone, and can
        be had back with `undo_merge`. What was said not to be one of them isn't the other either. Where `into_id` has
        no consent on record the other's holds, as it is the same human being.

        Traces of the other's name go from the file when it is next rewritten (`GalleryStore.scrub`). Raises InputError
        where one of them was deleted, where they are the same, and where the one merged away took consent back: they
        are to be deleted, not to live on under another name.
        """
        if person_id == into_id:
            raise InputError("a person cannot be merged into themselves: name two people")
        with self._database.writing() as connection:
            vault = keyed(self._database)
            away, into = require_person(connection, person_id), require_person(connection, into_id)
            if _consent(connection, person_id).get("withdrawn"):
                raise InputError(f"{away.name} took consent back: delete them instead")
            if first is not None:
                first(person_id, into_id)
            photos = list(connection.scalars(select(photo.c.id).where(photo.c.person_id == person_id)))
            kept = _kept(connection, person_id)
            kept[SEEN] = own_day(connection, person_id, away.last_seen)
            kept[SEEN_INTO] = own_day(connection, into_id, into.last_seen)
            move_photos(connection, vault, photos, into_id)
            move_negatives(connection, vault, kept["negatives"], into_id)
            _move_merges(connection, vault, kept["merges"], into_id, kept[SEEN_INTO])
            if kept["consent"] and not _consent(connection, into_id):
                connection.execute(insert(consent).values({**kept["consent"], "person_id": into_id}))
                kept["consent_moved"] = True
            seen = latest((away.last_seen, into.last_seen))
            connection.execute(delete(person).where(person.c.id == person_id))
            connection.execute(update(person).where(person.c.id == into_id).values(updated=now(), last_seen=seen))
            created = now()
            values = {
                "id": person_id,
                "into_id": into_id,
                "name": vault.seal(away.name.encode(), bound_merged_name(person_id, into_id)),
                "created": created,
                "person_created": away.created,
                "photos": photos,
                "rights": kept,
            }
            connection.execute(insert(merge).values(values))
            request_scrub(connection)
            return MergeRow(person_id, away.name, into_id, into.name, created, len(photos))

    def merges(self) -> list[MergeRow]:
        """Every merge that can be undone, newest first."""
        query = select(merge, person.c.name.label("into_name")).join(person).order_by(merge.c.created.desc())
        with self._database.reading() as connection:
            vault = keyed(self._database)
            return [_row(vault, row) for row in connection.execute(query)]

    def merged_into(self, person_ids: Collection[str]) -> dict[str, str]:
        """Of everybody who was merged into one of these people: whom into, both by id. Needs no key."""
        with self._database.reading() as connection:
            rows = connection.execute(select(merge.c.id, merge.c.into_id).order_by(merge.c.created))
            return {row.id: row.into_id for row in rows if row.into_id in person_ids}

    def undo_merge(self, merge_id: str, *, first: First | None = None) -> PersonRow:
        """Have the person back who was merged away, with the photos that were theirs and are still there, their name,
        and the rights they had, as far as groups and badges are still to be had. Each has their own last-seen day
        again, unless the other one was seen on a later day since; a consent that was put on record since stays with
        the one who gave it. Raises InputError where the merge is not there any more, all its photos were deleted, or
        the name is somebody else's now."""
        with self._database.writing() as connection:
            vault = keyed(self._database)
            asked = select(merge, person.c.last_seen.label("into_seen")).join(person).where(merge.c.id == merge_id)
            row = connection.execute(asked).one_or_none()
            if row is None:
                raise InputError("this merge cannot be undone any more: one of the people was deleted")
            name = vault.open(row.name, bound_merged_name(row.id, row.into_id)).decode()
            other = find_person(connection, person.c.name_key == name_key(name))
            if other is not None:
                raise InputError(f'somebody is called "{other.name}" by now: rename them first')
            theirs = photo.c.id.in_(row.photos) & (photo.c.person_id == row.into_id)
            photos = list(connection.scalars(select(photo.c.id).where(theirs)))
            if not photos:
                raise InputError(f"all photos that were {name}'s have been deleted: there is nothing to undo")
            if first is not None:
                first(row.id, row.into_id)
            kept = row.rights or {}
            seen, own = kept.get(SEEN), own_day(connection, row.into_id, row.into_seen)
            who = {"id": row.id, "name": name, "name_key": name_key(name), "created": row.person_created}
            connection.execute(insert(person).values(**who, updated=now()))
            move_photos(connection, vault, photos, row.id)
            move_negatives(connection, vault, kept.get("negatives", []), row.id)
            _move_merges(connection, vault, kept.get("merges", []), row.id, seen)
            _give_back(connection, row.id, row.into_id, kept)
            _take_from_others(connection, row)
            connection.execute(delete(merge).where(merge.c.id == merge_id))
            days = {row.id: latest((seen, merged_day(connection, row.id)))}
            days[row.into_id] = latest((own, merged_day(connection, row.into_id)))
            for person_id, day in days.items():
                changed = update(person).where(person.c.id == person_id)
                connection.execute(changed.values(updated=now(), last_seen=day))
            return require_person(connection, row.id)


def _kept(connection: Connection, person_id: str) -> dict[str, Any]:
    """What a person has besides their photos, as JSON."""
    of_person = door_right.c.person_id == person_id
    right = connection.execute(select(door_right).where(of_person)).mappings().one_or_none()
    groups = select(membership.c.group_id).where(membership.c.person_id == person_id)
    return {
        "right": None if right is None else dict(right),
        "groups": list(connection.scalars(groups)),
        "badges": list(connection.scalars(select(badge.c.mac).where(badge.c.person_id == person_id))),
        "consent": _consent(connection, person_id),
        "negatives": list(connection.scalars(select(negative.c.id).where(negative.c.person_id == person_id))),
        "merges": list(connection.scalars(select(merge.c.id).where(merge.c.into_id == person_id))),
    }


def _give_back(connection: Connection, person_id: str, into_id: str, kept: dict[str, Any]) -> None:
    if kept.get("right"):
        connection.execute(insert(door_right).values(kept["right"]))
    there = set(connection.scalars(select(door_group.c.id)))
    for group_id in kept.get("groups", []):
        if group_id in there:
            connection.execute(insert(membership).values(person_id=person_id, group_id=group_id))
    taken = set(connection.scalars(select(badge.c.mac)))
    for mac in kept.get("badges", []):
        if mac not in taken:
            connection.execute(insert(badge).values(mac=mac, person_id=person_id))
    if kept.get("consent"):
        connection.execute(insert(consent).values(kept["consent"]))
        # Only what was lent goes back: a consent given since is of the one who stayed, whatever is undone.
        if kept.get("consent_moved") and _consent(connection, into_id) == {**kept["consent"], "person_id": into_id}:
            connection.execute(delete(consent).where(consent.c.person_id == into_id))


def _take_from_others(connection: Connection, away: Row[Any]) -> None:
    """Whoever `away` was merged into first may have been merged on since: had back in their turn, they get nothing that
    went back with `away`, who may be merged into somebody else by then."""
    own = away.rights or {}
    gone = {"merges": {away.id, *own.get("merges", [])}, "negatives": set(own.get("negatives", []))}
    for row in connection.execute(select(merge).where(merge.c.into_id == away.into_id)).all():
        kept = row.rights or {}
        if away.id not in kept.get("merges", []):
            continue
        kept = {**kept, **{what: [id for id in kept.get(what, []) if id not in ids] for what, ids in gone.items()}}
        if own.get("consent_moved") and kept.get("consent") == {**own["consent"], "person_id": row.id}:
            kept |= {"consent": {}, "consent_moved": False}
        photos = [id for id in row.photos if id not in away.photos]
        connection.execute(update(merge).where(merge.c.id == row.id).values(photos=photos, rights=kept))


def _consent(connection: Connection, person_id: str) -> dict[str, Any]:
    row = connection.execute(select(consent).where(consent.c.person_id == person_id)).mappings().one_or_none()
    return {} if row is None else dict(row)


def _move_merges(connection: Connection, vault: Vault, ids: list[str], into_id: str, own: str | None) -> None:
    """Merges into somebody who is merged away, or had back, can be undone from the one who has the photos. `own`: the
    day on which `into_id` was seen besides."""
    for row in connection.execute(select(merge).where(merge.c.id.in_(ids))).all():
        name = vault.open(row.name, bound_merged_name(row.id, row.into_id))
        sealed = vault.seal(name, bound_merged_name(row.id, into_id))
        values = {"into_id": into_id, "name": sealed, "rights": {**(row.rights or {}), SEEN_INTO: own}}
        connection.execute(update(merge).where(merge.c.id == row.id).values(**values))


def _row(vault: Vault, row: Any) -> MergeRow:
    name = vault.open(row.name, bound_merged_name(row.id, row.into_id)).decode()
    return MergeRow(row.id, name, row.into_id, row.into_name, row.created, len(row.photos))
