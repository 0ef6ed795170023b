"""`faceapp people allow|deny|…` and `faceapp people group …`: who may open the door."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from faceapp import paths
from faceapp.cli.output import Output, table
from faceapp.errors import InputError, UsageError
from faceapp.types import JsonObject

if TYPE_CHECKING:
    from faceapp.app.parts import Parts
    from faceapp.app.rights import RightsChanges
    from faceapp.gallery.right_rows import GroupRow, RightRow
    from faceapp.gallery.store import GalleryStore

Write: TypeAlias = Callable[[Path, str, str | None], object]
"""Puts an administrator's action in the audit log of a data directory, with the id of whom it is about."""

_HOURS = 'when, as "Mon-Fri 07:00-19:00" or "daily 06:00-24:00"; may be given again; without it: always'


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add these verbs to those of `people`."""
    p = _named(verbs, common, "allow", "give a person the door", allow)
    p.add_argument("--hours", metavar="TEXT", action="append", help=_HOURS)
    p.add_argument("--group", metavar="G", help="through this group instead, at its hours: put the person into it")

    _named(verbs, common, "deny", "take the door from a person, whatever their groups may", deny)
    _named(verbs, common, "by-groups", "neither allow nor deny: the person's groups decide", by_groups)
    _named(verbs, common, "deactivate", "shut the door to a person until they are activated again", deactivate)
    _named(verbs, common, "activate", "take a deactivation back; gives nobody a door", activate)

    p = _named(verbs, common, "badge", "know a badge, forget a person's badges, or want one besides the face", badge)
    what = p.add_mutually_exclusive_group(required=True)
    what.add_argument("--set", metavar="CODE", help="what the reader types; - reads it from stdin, out of the history")
    what.add_argument("--forget", action="store_true", help="forget all of the person's badges")
    what.add_argument(
        "--require", action="store_true", help="their face alone opens nothing: for people who look alike"
    )
    what.add_argument("--face-alone", action="store_true", help="take that back")

    group = verbs.add_parser("group", parents=[common], help="groups of people who share a right")
    steps = group.add_subparsers(dest="step", metavar="STEP", required=True)
    p = steps.add_parser("list", parents=[common], help="every group, its hours and its members")
    p.set_defaults(run=list_groups)
    p = _grouped(steps, common, "add", "a new group that gives its members the door", add_group)
    p.add_argument("--hours", metavar="TEXT", action="append", help=_HOURS)
    p.add_argument("--no-door", action="store_true", help="it gives nobody the door yet")
    p = _grouped(steps, common, "rename", "give a group another name", rename_group)
    p.add_argument("new_name", metavar="NEW")
    _grouped(steps, common, "remove", "remove a group; its members stay, without what it gave them", remove_group)
    _grouped(steps, common, "allow", "the group gives its members the door, at its hours", allow_group)
    _grouped(steps, common, "suspend", "the group gives nobody the door for now", suspend_group)
    p = _grouped(steps, common, "hours", "when the group gives the door", set_hours)
    p.add_argument("hours", metavar="TEXT", nargs="*", help='as "Mon-Fri 07:00-19:00"')
    p.add_argument("--always", action="store_true", help="at any hour")
    p = _grouped(steps, common, "join", "put people into a group", join)
    p.add_argument("names", metavar="NAME", nargs="+")
    p = _grouped(steps, common, "leave", "take people out of a group", leave)
    p.add_argument("names", metavar="NAME", nargs="+")


def _named(verbs: Any, common: argparse.ArgumentParser, verb: str, help: str, run: Any) -> argparse.ArgumentParser:
    p: argparse.ArgumentParser = verbs.add_parser(verb, parents=[common], help=help)
    p.add_argument("name", metavar="NAME")
    p.set_defaults(run=run)
    return p


def _grouped(steps: Any, common: argparse.ArgumentParser, step: str, help: str, run: Any) -> argparse.ArgumentParser:
    p: argparse.ArgumentParser = steps.add_parser(step, parents=[common], help=help)
    p.add_argument("group", metavar="GROUP")
    p.set_defaults(run=run)
    return p


def lines_of(row: JsonObject) -> list[str]:
    """What `people show` says of a person's right, for people."""
    from faceapp.app.rights import describe_door

    door, hours = describe_door(row)
    groups = f", in {', '.join(row['groups'])}" if row["groups"] else ""
    badges = f", {row['badges']} badge{'' if row['badges'] == 1 else 's'}" if row["badges"] else ""
    badges += ", never by face alone" if row["badge_required"] else ""
    return [f"  door: {door}{f', {hours}' if hours else ''}{groups}{badges}"]


# One person


def allow(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people allow NAME [--hours TEXT]... [--group G]`."""
    from faceapp.app.hours import parse_all

    if arguments.group is not None and arguments.hours:
        raise UsageError("a group has hours of its own: give --hours or --group, not both")
    hours = parse_all(arguments.hours) if arguments.hours else None
    group: str | None = arguments.group

    def change(changes: RightsChanges, person_id: str) -> RightRow:
        return changes.allow(person_id, hours) if group is None else changes.allow_through_group(person_id, group)

    return _changed(arguments, output, change)


def deny(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people deny NAME`."""
    return _changed(arguments, output, lambda changes, person_id: changes.deny(person_id))


def by_groups(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people by-groups NAME`."""
    return _changed(arguments, output, lambda changes, person_id: changes.leave_to_groups(person_id))


def deactivate(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people deactivate NAME`."""
    return _changed(arguments, output, lambda changes, person_id: changes.set_active(person_id, False))


def activate(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people activate NAME`."""
    return _changed(arguments, output, lambda changes, person_id: changes.set_active(person_id, True))


def badge(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people badge NAME --set CODE|--forget|--require|--face-alone`."""
    from faceapp.app.audit import log_action_if_kept
    from faceapp.app.rights import clean_code
    from faceapp.app.site_keys import site_keys
    from faceapp.security.keys import badge_mac

    if arguments.forget:
        # Needs no key: it is the way on for a site that has lost both its log and the key of its badges.
        return _changed(
            arguments, output, lambda changes, person_id: changes.forget_badges(person_id), log_action_if_kept
        )
    if arguments.require or arguments.face_alone:
        return _changed(arguments, output, lambda changes, id: changes.require_badge(id, arguments.require))
    code = clean_code(_read_code() if arguments.set == "-" else arguments.set)

    def change(changes: RightsChanges, person_id: str) -> RightRow:
        key = site_keys(paths.data_dir(arguments.data_dir)).badges
        return changes.add_badge(person_id, code, lambda plain: badge_mac(key, plain))

    return _changed(arguments, output, change)


def _changed(
    arguments: argparse.Namespace,
    output: Output,
    change: Callable[[RightsChanges, str], RightRow],
    write: Write | None = None,
) -> int:
    """Change a person's right and print it. `write` puts it in the audit log; None: `log_action`."""
    from faceapp.app.rights import describe_door, describe_right
    from faceapp.app.spaces import require_person

    with _parts(arguments) as parts:
        person = require_person(parts, arguments.name)
        row = describe_right(change(_changes(parts, write), person.id))
    door, hours = describe_door(row)
    through = f", through {', '.join(row['groups'])}" if door == "yes" and row["own"] is None else ""
    says = {
        "yes": f"{person.name} may open the door: {hours}{through}",
        "no": f"{person.name} has no right to the door",
        "denied": f"{person.name} may not open the door, whatever their groups may",
        "deactivated": f"{person.name} is deactivated and may not open the door",
    }
    lines = [says[door]]
    if arguments.verb == "badge":
        needed = ", needed besides the face" if row["badge_required"] else ""
        lines = [f"{person.name} has {row['badges']} badge{'' if row['badges'] == 1 else 's'}{needed}", *lines]
    elif door == "deactivated" and arguments.verb == "allow":
        lines = [f"{lines[0]} until `faceapp people activate`"]
    output.result({"id": person.id, "name": person.name, **row}, lines)
    return 0


def _read_code() -> str:
    """A badge's code from stdin, one line: on the command line it would stay in the shell's history."""
    if sys.stdin.isatty():
        print("Hold the badge to the reader: ", end="", file=sys.stderr, flush=True)
    try:
        return sys.stdin.readline()
    except UnicodeDecodeError as e:
        raise InputError("a badge's code is one line of plain characters: read it again") from e


# Groups


def list_groups(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group list`."""
    from faceapp.app.rights import describe_groups

    with _parts(arguments) as parts:
        store = parts.existing_gallery()
        groups = [] if store is None else describe_groups(store)
    lines = ["there is no group yet: `faceapp people group add GROUP`"]
    if groups:
        cells = [["group", "door", "hours", "members"]]
        cells += [[g["name"], "yes" if g["door"] else "no", _when(g), ", ".join(g["members"])] for g in groups]
        lines = table(cells)
    output.result({"groups": groups}, lines)
    return 0


def add_group(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group add GROUP [--hours TEXT]... [--no-door]`."""
    from faceapp.app.hours import parse_all

    hours = parse_all(arguments.hours) if arguments.hours else None
    name, allowed = arguments.group, not arguments.no_door
    return _group_changed(arguments, output, lambda changes, _: changes.add_group(name, allowed, hours), make=True)


def rename_group(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group rename GROUP NEW`."""
    new_name = arguments.new_name
    return _group_changed(arguments, output, lambda changes, _: changes.rename_group(arguments.group, new_name))


def allow_group(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group allow GROUP`."""
    return _group_changed(arguments, output, lambda changes, _: changes.set_group_allowed(arguments.group, True))


def suspend_group(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group suspend GROUP`."""
    return _group_changed(arguments, output, lambda changes, _: changes.set_group_allowed(arguments.group, False))


def set_hours(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group hours GROUP TEXT...|--always`."""
    from faceapp.app.hours import parse_all

    if bool(arguments.hours) == arguments.always:
        raise UsageError('give the hours, as "Mon-Fri 07:00-19:00", or --always')
    hours = None if arguments.always else parse_all(arguments.hours)
    return _group_changed(arguments, output, lambda changes, _: changes.set_group_hours(arguments.group, hours))


def join(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group join GROUP NAME...`."""
    return _group_changed(arguments, output, lambda changes, ids: changes.join_group(arguments.group, ids))


def leave(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group leave GROUP NAME...`."""
    return _group_changed(arguments, output, lambda changes, ids: changes.leave_group(arguments.group, ids))


def remove_group(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people group remove GROUP`."""
    from faceapp.app.rights import describe_one_group

    with _parts(arguments) as parts:
        row = describe_one_group(_gallery_of(parts, arguments.group), arguments.group)
        _changes(parts).remove_group(arguments.group)
    output.result({"removed": row}, [f"the group {row['name']} is removed"])
    return 0


def _group_changed(
    arguments: argparse.Namespace,
    output: Output,
    change: Callable[[RightsChanges, list[str]], GroupRow],
    make: bool = False,
) -> int:
    """Change a group and print it. Only `make` may make a gallery where there is none."""
    from faceapp.app.rights import describe_one_group
    from faceapp.app.spaces import require_person

    with _parts(arguments) as parts:
        ids = [require_person(parts, name).id for name in getattr(arguments, "names", ())]
        store = parts.gallery() if make else _gallery_of(parts, arguments.group)
        row = describe_one_group(store, change(_changes(parts), ids).name)
    gives = f"gives the door: {_when(row)}" if row["door"] else "gives nobody the door"
    members = ", ".join(row["members"]) or "nobody yet"
    output.result(row, [f"{row['name']} {gives}", f"  members: {members}"])
    return 0


def _gallery_of(parts: Parts, group: str) -> GalleryStore:
    store = parts.existing_gallery()
    if store is None:
        raise InputError(f'there is no group "{" ".join(group.split())}": "faceapp people group add" makes one')
    return store


def _when(group: JsonObject) -> str:
    from faceapp.app.hours import in_one_line

    return in_one_line(group["hours"])


def _parts(arguments: argparse.Namespace) -> Parts:
    from faceapp.app.parts import Parts

    return Parts.open(arguments.data_dir)


def _changes(parts: Parts, write: Write | None = None) -> RightsChanges:
    from faceapp.app.audit import log_action
    from faceapp.app.rights import RightsChanges

    log = write or log_action
    return RightsChanges(parts.gallery(), lambda action, person_id: log(parts.data_dir, action, person_id))
