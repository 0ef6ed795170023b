"""The answer to "what do you keep about me?": everything, in one file or folder that people and programs can read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faceapp import __version__
from faceapp.access.chain import Entry
from faceapp.app.audit import existing_log, log_action_if_kept
from faceapp.app.audit_pictures import of_person
from faceapp.app.consent import NOTHING_ON_RECORD, describe_in_full
from faceapp.app.parts import Parts
from faceapp.app.rights import describe_right
from faceapp.app.transfer import EXPORTED
from faceapp.errors import InputError, UnavailableError
from faceapp.files import write_atomically
from faceapp.gallery.kept import Kept, KeptMerge, KeptTemplate
from faceapp.types import JsonObject

_NOTE = """\
This is everything that faceapp keeps about one person, as of the time in person.json.

person.json  name, dates, consent, rights and hours at the door, groups, number of badges, photos, templates, audit log
photos/      the pictures of the face that are kept, as JPEG
door/        pictures kept with the door's decisions, by the number of the audit log's entry, where the site keeps any

A template is the list of numbers made from a face, by which it is known again; no picture can be read off it directly,
yet it is biometric data: keep this file as carefully as a picture of an identity card. Of a badge only a keyed hash is
kept, which says nothing, so it is counted and not repeated. Entries of the audit log that name somebody else as well
are given without them. Who was known by two names and then merged finds both: what is kept of the other name, so that
the merge can be undone, stands under "merged", and entries of the audit log about it have its "id".
"""


def export_person(parts: Parts, name: str, out: Path) -> JsonObject:
    """Write everything that is kept about `name` to `out`: a zip file where it ends in .zip, else a new folder. For its
    owner alone. An audit log, where there is one, says so first. Raises InputError for an unknown name and an `out`
    that is there already, UnavailableError where it or the log can't be written, or the gallery's key is missing."""
    store = parts.gallery()
    person_id = store.person(name).id
    kept = store.kept(person_id, store.vault)
    right = store.right(person_id)
    merged = {m.id: m.name for m in kept.merged}
    entries = _entries(parts.data_dir, {person_id: kept.person.name, **merged})
    document = {
        "exported": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": f"faceapp {__version__}",
        "person": {
            "id": kept.person.id,
            "name": kept.person.name,
            "created": kept.person.created,
            "updated": kept.person.updated,
            "last_seen": kept.person.last_seen,
            "merged": [_merged(m) for m in kept.merged],
        },
        "consent": describe_in_full(store.consent(person_id)),
        "door": None if right is None else describe_right(right),
        **_photos(kept),
        "audit": entries,
    }
    if document["consent"]["consent"] == "none":
        document["consent"]["note"] = NOTHING_ON_RECORD
    files = {"README.txt": _NOTE.encode(), "person.json": _json(document)}
    at_the_door = of_person(parts.data_dir, [e["n"] for e in entries if e["as"] == "the person"])
    files |= {f"door/{number}.jpg": jpeg for number, jpeg in at_the_door.items()}
    files |= {f"photos/{n:02}.jpg": p.crop for n, p in enumerate(kept.photos, 1) if p.crop is not None}
    log_action_if_kept(parts.data_dir, EXPORTED, person_id)
    _write(out, files)
    pictures = sum(p.crop is not None for p in kept.photos)
    templates = sum(len(p.templates) for p in kept.photos)
    return {
        "name": kept.person.name,
        "out": str(out),
        "pictures": pictures,
        "templates": templates,
        "audit": len(entries),
    }


def _merged(merged: KeptMerge) -> JsonObject:
    return {
        "id": merged.id,
        "name": merged.name,
        "when": merged.merged,
        "created": merged.created,
        "last_seen": merged.last_seen,
        "photos": list(merged.photos),
        "consent": describe_in_full(merged.consent),
        "door": describe_right(merged.right),
    }


def _photos(kept: Kept) -> JsonObject:
    return {
        "photos": [
            {
                "id": p.id,
                **p.about,
                "picture": None if p.crop is None else f"photos/{n:02}.jpg",
                "templates": [_template(t) for t in p.templates],
            }
            for n, p in enumerate(kept.photos, 1)
        ],
        "not_this_person": [_template(t) for t in kept.not_them],
    }


def _template(template: KeptTemplate) -> JsonObject:
    return {
        "space": template.space,
        "created": template.created,
        "dimension": len(template.vector),
        "values": [float(v) for v in template.vector],
    }


def _entries(data_dir: Path, names: Mapping[str, str]) -> list[JsonObject]:
    log = existing_log(data_dir)
    return [] if log is None else [e for entry in log.entries() if (e := _about(entry, names)) is not None]


def _about(entry: Entry, names: Mapping[str, str]) -> JsonObject | None:
    """An audit entry without the other person in it; None where it isn't about this one. `names`: the person's by id,
    theirs and of whoever was merged into them."""
    fields: dict[str, Any] = dict(entry.fields)
    roles = {"person": fields.pop("person", None), "runner_up_person": fields.pop("runner_up_person", None)}
    mine = {role: id for role, id in roles.items() if id in names}
    if not mine:
        return None
    role, id = next(iter(mine.items()))
    as_ = "the person" if role == "person" else "the second nearest of those compared"
    whom = {"as": as_, "id": id, "name": names[id]}
    return {"n": entry.number, "at": entry.at, "kind": entry.kind, **whom, **fields}


def _json(document: JsonObject) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _write(out: Path, files: dict[str, bytes]) -> None:
    if out.is_symlink() or out.exists():
        raise InputError(f"{out} is there already: choose another name")
    try:
        if out.suffix.lower() == ".zip":
            write_atomically(out, _zipped(files.items()))
            return
        out.mkdir(mode=0o700)
        for name, content in files.items():
            file = out / name
            file.parent.mkdir(exist_ok=True, mode=0o700)
            write_atomically(file, content)
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror or e}): choose another place") from e


def _zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()
