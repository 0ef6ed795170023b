"""`faceapp people …`: who is in the gallery."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from faceapp.cli import consent, likeness, rights, unknown
from faceapp.cli.output import Output, table
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.parts import Parts


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    people = commands.add_parser("people", parents=[common], help="who is known, and who may open the door")
    verbs = people.add_subparsers(dest="verb", metavar="VERB", required=True)

    p = verbs.add_parser("list", parents=[common], help="everybody in the gallery")
    p.set_defaults(run=list_people)

    p = verbs.add_parser("show", parents=[common], help="one person and their photos")
    p.add_argument("name", metavar="NAME")
    p.set_defaults(run=show)

    p = verbs.add_parser("rename", parents=[common], help="give a person another name")
    p.add_argument("name", metavar="NAME")
    p.add_argument("new_name", metavar="NEW")
    p.set_defaults(run=rename)

    p = verbs.add_parser("delete", parents=[common], help="remove a person with every photo and template")
    p.add_argument("name", metavar="NAME")
    p.add_argument("--yes", action="store_true", help="don't ask")
    p.set_defaults(run=delete)

    consent.register(verbs, common)
    rights.register(verbs, common)
    likeness.register(verbs, common)
    unknown.register(verbs, common)


def _parts(arguments: argparse.Namespace) -> Parts:
    from faceapp.app.parts import Parts

    return Parts.open(arguments.data_dir)


def list_people(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people list`."""
    from faceapp.app.consent import in_words
    from faceapp.app.people import describe_all, why_locked
    from faceapp.app.rights import describe_door

    with _parts(arguments) as parts:
        rows = describe_all(parts)
        if (line := why_locked(parts)) is not None:
            output.note(line)
    lines = ["nobody is enrolled yet: `faceapp enroll NAME PHOTO`"]
    if rows:
        cells = [["name", "photos", "templates", "since", "last seen", "consent", "door", "hours", "groups", ""]]
        for r in rows:
            again = "" if r["usable"] else "photograph again"
            counts = [str(r["photos"]), str(r["templates"])]
            who = [r["name"], *counts, r["created"][:10], r["last_seen"] or "", in_words(r)]
            cells.append([*who, *describe_door(r), ", ".join(r["groups"]), again])
        lines = table(cells)
    output.result({"people": rows}, lines)
    return 0


def show(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people show NAME`."""
    from faceapp.app.people import describe, why_locked

    with _parts(arguments) as parts:
        row = describe(parts, arguments.name)
        if (line := why_locked(parts)) is not None:
            output.note(line)
    seen = f", last seen {row['last_seen']}" if row["last_seen"] else ""
    lines = [f"{row['name']}, since {row['created'][:10]}{seen}", *consent.lines_of(row), *rights.lines_of(row)]
    for photo in row["photos"]:
        kept = "crop kept" if photo["crop"] else "no crop kept"
        lines.append(f"  {photo['created'][:10]}  {photo['source']}, quality {photo['quality']:.0f} of 100, {kept}")
    output.result(row, lines)
    return 0


def rename(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people rename NAME NEW`."""
    from faceapp.app.people import rename_by_name

    with _parts(arguments) as parts:
        row = rename_by_name(parts, arguments.name, arguments.new_name)
    output.result(row, [f"{arguments.name} is now {row['name']}"])
    return 0


def delete(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people delete NAME`: asks on a terminal, elsewhere needs --yes."""
    from faceapp.app.people import delete_by_name, describe

    with _parts(arguments) as parts:
        person = describe(parts, arguments.name)
        if not arguments.yes:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise UsageError("deleting needs --yes where nobody can be asked")
            photos = len(person["photos"])
            print(
                f"Delete {person['name']} with {photos} photo{'' if photos == 1 else 's'}? [y/N] ",
                end="",
                file=sys.stderr,
                flush=True,
            )
            if sys.stdin.readline().strip().lower() not in ("y", "yes"):
                output.result({"deleted": None}, ["nothing was deleted"])
                return 1
        row = delete_by_name(parts, arguments.name)
    if not row["erased"]:
        output.note("faceapp: the gallery is in use: traces go from its file when the other faceapp is closed")
    if row["not_logged"] is not None:
        output.note(f"faceapp: the deletion is not in the audit log: {row['not_logged']}")
    output.result({"deleted": row}, [f"{row['name']} is deleted"])
    return 0
