"""`faceapp people unknown …`: the inbox of faces that nobody matched."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli import consent
from faceapp.cli.output import Output, table
from faceapp.errors import InputError

if TYPE_CHECKING:
    from faceapp.app.inbox_types import Entry
    from faceapp.app.parts import Parts
    from faceapp.gallery.store import GalleryStore

_EMPTY = "nobody is in the inbox of unknown faces"


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add this verb to those of `people`."""
    unknown = verbs.add_parser(
        "unknown", parents=[common], help="faces that nobody matched: list, enrol, ignore, delete"
    )
    what = unknown.add_subparsers(dest="what", metavar="WHAT", required=True)

    p = what.add_parser("list", parents=[common], help="who is in the inbox, by person")
    p.set_defaults(run=list_unknown)

    p = what.add_parser("show", parents=[common], help="one entry, and its picture")
    p.add_argument("id", metavar="ID")
    p.add_argument("--out", metavar="FILE", help="write the picture there, a JPEG")
    p.set_defaults(run=show)

    p = what.add_parser("enrol", aliases=["enroll"], parents=[common], help="make the picture a photo of NAME")
    p.add_argument("id", metavar="ID")
    p.add_argument("name", metavar="NAME")
    p.add_argument("--quality", choices=("warn", "strict"), default="warn", help="what the quality gate does")
    p.add_argument(
        "--on-duplicate", choices=("warn", "refuse", "add"), default="warn", help="where it is somebody known already"
    )
    consent.add_options(p)
    p.set_defaults(run=enrol)

    p = what.add_parser("ignore", parents=[common], help="not to be shown any more, nor when they come again")
    p.add_argument("id", metavar="ID")
    p.set_defaults(run=ignore)

    p = what.add_parser("delete", parents=[common], help="remove an entry with every trace")
    p.add_argument("id", metavar="ID")
    p.set_defaults(run=delete)


def list_unknown(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people unknown list`."""
    with _parts(arguments) as parts:
        store = parts.existing_gallery()
        found = [] if store is None else _entries(parts, store)
        collecting, days = parts.settings.inbox and parts.settings.keep_crops, parts.settings.retention.inbox_days
    lines = [_EMPTY if collecting else f"{_EMPTY}, and none are collected: the setting `inbox` is off"]
    if found:
        cells = [["id", "seen", "last", "camera", "quality", ""]]
        for e in found:
            state = "ignored" if e.ignored else ""
            cells.append([e.id[:8], str(len(e.tracks)), e.last_seen[:16], e.camera, f"{e.quality:.0f}", state])
        lines = [*table(cells), f"kept for {days} days after they were last seen"]
    output.result({"unknown": [e.as_json() for e in found], "collecting": collecting, "days": days}, lines)
    return 0


def show(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people unknown show ID [--out FILE]`."""
    with _parts(arguments) as parts:
        store, entry, track = _found(parts, arguments.id)
        if arguments.out is not None:
            _write(store, track, Path(arguments.out))
    times = "once" if len(entry.tracks) == 1 else f"{len(entry.tracks)} times"
    lines = [f"{entry.id}: seen {times}, last {entry.last_seen[:16]} on {entry.camera}"]
    if arguments.out is not None:
        lines.append(f"the picture is in {arguments.out}: delete it when you have seen it")
    output.result({**entry.as_json(), "out": arguments.out}, lines)
    return 0


def enrol(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people unknown enrol ID NAME`."""
    from faceapp.app import inbox
    from faceapp.app.enrolling import Enroller

    given = consent.given(arguments)
    with _parts(arguments) as parts:
        store, entry, track = _found(parts, arguments.id)
        enroller = Enroller(parts, arguments.quality, arguments.on_duplicate, given)
        done = inbox.enrol(store, enroller, entry, track, arguments.name)
    row = {
        "id": entry.id,
        "name": done.name,
        "person": done.person_id,
        "quality": round(done.quality, 1),
        "warnings": list(done.warnings),
    }
    warnings = f" ({'; '.join(done.warnings)})" if done.warnings else ""
    output.result({"enrolled": row}, [f"{done.name} is enrolled, quality {done.quality:.0f} of 100{warnings}"])
    return 0


def ignore(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people unknown ignore ID`."""
    from faceapp.app import inbox

    with _parts(arguments) as parts:
        store, entry, _ = _found(parts, arguments.id)
        inbox.ignore(store, parts.data_dir, entry)
    output.result({"ignored": entry.id}, [f"{entry.id[:8]} is ignored from now on; no picture is kept"])
    return 0


def delete(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people unknown delete ID`."""
    from faceapp.app import inbox

    with _parts(arguments) as parts:
        store, entry, _ = _found(parts, arguments.id)
        erased, not_logged = inbox.delete(store, parts.data_dir, entry)
    if not erased:
        output.note("faceapp: the gallery is in use: traces go from its file when the other faceapp is closed")
    if not_logged is not None:
        output.note(f"faceapp: the deletion is not in the audit log: {not_logged}")
    output.result({"deleted": entry.id, "erased": erased}, [f"{entry.id[:8]} is deleted"])
    return 0


def _parts(arguments: argparse.Namespace) -> Parts:
    from faceapp.app.parts import Parts

    return Parts.open(arguments.data_dir)


def _entries(parts: Parts, store: GalleryStore) -> list[Entry]:
    from faceapp.app.inbox import entries

    return entries(store, parts.space(), parts.thresholds().verify)


def _found(parts: Parts, wanted: str) -> tuple[GalleryStore, Entry, str]:
    from faceapp.app.inbox import find

    store = parts.existing_gallery()
    if store is None:
        raise InputError(f"{_EMPTY}: nothing is kept in this data directory yet")
    return store, *find(_entries(parts, store), wanted)


def _write(store: GalleryStore, track: str, file: Path) -> None:
    from faceapp.errors import UnavailableError
    from faceapp.files import write_atomically

    picture = store.track_crop(track)
    if picture is None:
        raise InputError("no picture is kept of who is ignored")
    try:
        write_atomically(file, picture)
    except OSError as e:
        raise UnavailableError(f"{file} cannot be written ({e.strerror}): choose another place") from e
