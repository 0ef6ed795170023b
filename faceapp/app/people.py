"""People: the rows that lists show, renaming, deleting."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Future

from faceapp.app import people_log
from faceapp.app.consent import describe_consent, describe_in_full, today
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.live_people import ManagedPeople
from faceapp.app.parts import Parts
from faceapp.app.rights import describe_right
from faceapp.app.spaces import require_person
from faceapp.errors import InputError
from faceapp.gallery.consent_rows import state_of
from faceapp.gallery.rows import PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.types import JsonObject, PersonSummary


def describe_all(parts: Parts) -> list[JsonObject]:
    """Everybody, by name."""
    store = parts.existing_gallery()
    if store is None:
        return []
    rights, consents = store.rights(), store.consents()
    return [
        {
            "id": p.id,
            "name": p.name,
            "photos": p.photos,
            "created": p.created,
            "usable": p.usable,
            "templates": p.templates,
            "last_seen": p.last_seen,
            **describe_consent(consents.get(p.id)),
            **describe_right(rights[p.id]),
        }
        for p in summaries(store, parts.space())
        if p.id in rights  # else enrolled or deleted between the two
    ]


def why_locked(parts: Parts) -> str | None:
    """The line to tell where the gallery's key is missing, so that people can be listed and no more; else None."""
    store = parts.existing_gallery()
    return None if store is None else store.why_locked


def describe(parts: Parts, name: str) -> JsonObject:
    """One person with their photos. Raises InputError for an unknown name."""
    person = require_person(parts, name)
    store = parts.gallery()
    photos = store.photos(person.id)
    right = store.right(person.id)
    if right is None:  # deleted this very moment
        raise InputError(f'there is nobody named "{person.name}": "faceapp people list" shows who is known')
    return {
        "id": person.id,
        "name": person.name,
        "created": person.created,
        "usable": all(p.id != person.id for p in store.people_without(parts.space())),
        "templates": sum(parts.space() in p.spaces for p in photos),
        "last_seen": person.last_seen,
        **describe_in_full(store.consent(person.id)),
        **describe_right(right),
        "photos": [
            {
                "created": p.created,
                "source": p.source,
                "quality": p.quality,
                "crop": p.has_crop,
                "spaces": list(p.spaces),
            }
            for p in photos
        ],
    }


def rename_by_name(parts: Parts, name: str, new_name: str) -> JsonObject:
    """Give `name` another name. Raises InputError for an unknown name or one that is taken, UnavailableError where the
    site's audit log can't be written."""
    store = parts.gallery()
    person = people_log.rename(store, parts.data_dir, store.person(name).id, new_name)
    return {"id": person.id, "name": person.name}


def delete_by_name(parts: Parts, name: str) -> JsonObject:
    """Remove `name` with every photo and template. `erased` is false where another program kept the file busy, so that
    bytes of them linger in it until it is next opened; `not_logged` says why the audit log lacks it, where it does.
    Raises InputError for an unknown name."""
    store = parts.gallery()
    person = store.person(name)
    done = people_log.delete(store, parts.data_dir, person.id)
    return {"id": person.id, "name": person.name, "erased": done.erased, "not_logged": done.not_logged}


def summaries(store: GalleryStore, space: str) -> list[PersonSummary]:
    """Everybody as a list shows them, by name, without thumbnails."""
    lost = {p.id for p in store.people_without(space)}
    consents, on, templates = store.consents(), today(), store.template_counts(space)
    return [
        dataclasses.replace(
            summary(p, usable=p.id not in lost),
            templates=templates.get(p.id, 0),
            consent=state_of(consents.get(p.id), on),
            consent_until=consents[p.id].until if p.id in consents else None,
        )
        for p in store.people()
    ]


def summary(person: PersonRow, usable: bool = True) -> PersonSummary:
    """One person as a list shows them, without thumbnail."""
    return PersonSummary(
        person.id,
        person.name,
        person.photos,
        person.created,
        usable,
        updated=person.updated,
        last_seen=person.last_seen,
    )


class PeopleService:
    """People as a window sees and changes them. Nothing waits: changes are done on the gallery thread."""

    def __init__(self, parts: Parts, gallery: GalleryThread, guests: Callable[[], list[PersonSummary]]) -> None:
        self._gallery = gallery
        self._guests = guests
        self._data_dir = parts.data_dir
        self._manage = ManagedPeople(parts, gallery, self._remember)
        self.not_logged: str | None = None
        """Why the last deletion isn't in the audit log, where it should be."""

    @property
    def manage(self) -> ManagedPeople:
        """What the people page needs beyond this."""
        return self._manage

    def list(self) -> list[PersonSummary]:
        """Everybody by name, guests last."""
        view = self._gallery.view
        return [*(view.people if view else ()), *self._guests()]

    def marker(self) -> int:
        """Another number whenever the list may have changed."""
        view = self._gallery.view
        return hash((view.marker if view else -1, view.drawn if view else 0, len(self._guests())))

    def has_door(self, name: str) -> bool:
        """Whether `name`, whatever its case and spacing, is somebody whom their own right or a group gives the door,
        also while they are deactivated. Raises UnavailableError while that isn't known."""
        return bool(self._manage.door_holders([name]))

    def rename(self, person_id: str, new_name: str) -> Future[PersonSummary]:
        """The person under the new name; an InputError where it is taken or can't be one."""
        return self._gallery.submit(
            lambda store: summary(people_log.rename(store, self._data_dir, person_id, new_name))
        )

    def delete(self, person_id: str) -> Future[bool]:
        """Remove the person with every photo and template; False where traces stay in the file for now."""

        def job(store: GalleryStore) -> bool:
            done = people_log.delete(store, self._data_dir, person_id)
            self.not_logged = done.not_logged
            return done.erased

        return self._gallery.submit(job)

    def _remember(self, not_logged: str | None) -> None:
        self.not_logged = not_logged
