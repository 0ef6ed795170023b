"""`faceapp people duplicates|merge|not`: people who look alike, people who are one, and faces that are not NAME."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from faceapp.cli.output import Output, table
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.parts import Parts

_DUPLICATES = (
    "who is too near to somebody else: perhaps one person under two names, perhaps two who look alike. "
    "Exit status 0 where there is nobody, 1 where there is somebody"
)


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add these verbs to those of `people`."""
    p = verbs.add_parser("duplicates", parents=[common], help=_DUPLICATES, description=_DUPLICATES)
    p.set_defaults(run=duplicates)

    p = verbs.add_parser("merge", parents=[common], help="make two people one, or take that back")
    p.add_argument("name", metavar="NAME", nargs="?", help="whose photos move; with --undo: who is to be had back")
    p.add_argument("into", metavar="INTO", nargs="?", help="who gets them, and keeps name and rights")
    p.add_argument("--undo", action="store_true", help="take the newest merge back, or NAME's")
    p.set_defaults(run=merge)

    p = verbs.add_parser("not", parents=[common], help="keep a face that is mistaken for NAME apart from them")
    p.add_argument("name", metavar="NAME")
    p.add_argument("image", metavar="IMAGE", nargs="?", help="a picture of somebody else: its dominant face counts")
    p.add_argument("--forget", action="store_true", help="forget all such faces of NAME")
    p.set_defaults(run=not_name)


def _parts(arguments: argparse.Namespace) -> Parts:
    from faceapp.app.parts import Parts

    return Parts.open(arguments.data_dir)


def duplicates(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people duplicates`: 0 where nobody is too near to anybody, 1 where somebody is."""
    from faceapp.app.duplicates import near_pairs

    with _parts(arguments) as parts:
        report = near_pairs(parts).as_json()
    pairs = report["pairs"]
    lines = [f"nobody is too near to anybody else (nearer than {report['limit']:.2f})"]
    if pairs:
        says = {"same_person": "one person, perhaps", "lookalike": "look alike"}
        cells = [["distance", "", "", ""]]
        cells += [[f"{p['distance']:.3f}", p["a"]["name"], p["b"]["name"], says[p["kind"]]] for p in pairs]
        lines = [
            *table(cells),
            "one person under two names: faceapp people merge NAME INTO",
            "two who look alike: faceapp people badge NAME --require, for both",
        ]
    output.result(report, lines)
    return 1 if pairs else 0


def merge(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people merge NAME INTO`, `faceapp people merge --undo [NAME]`."""
    if arguments.undo:
        if arguments.into is not None:
            raise UsageError("to take a merge back needs one name at most: who is to be had back")
        return _undo(arguments, output)
    if arguments.into is None:
        raise UsageError("give two names: whose photos move, and who gets them")
    from faceapp.app.corrections import merge as run
    from faceapp.app.duplicates import likeness
    from faceapp.app.spaces import require_person

    with _parts(arguments) as parts:
        away, into = require_person(parts, arguments.name), require_person(parts, arguments.into)
        templates = parts.gallery().templates(parts.space())
        alike = likeness(templates, away.id, into.id, parts.thresholds().verify)
        done = run(parts.gallery(), parts.data_dir, away.id, into.id)
    if alike.one_person is False:
        output.note(
            f"faceapp: they don't look like one person: {alike.distance:.2f} apart, and two photos of one person are "
            f"mostly nearer than {alike.limit:.2f}; was that meant? `faceapp people merge --undo` undoes it"
        )
    photos = f"{done.photos} photo{'' if done.photos == 1 else 's'}"
    row = {
        "id": done.id,
        "name": done.name,
        "into": {"id": done.into_id, "name": done.into_name},
        "photos": done.photos,
        "distance": alike.distance,
    }
    are = "is" if done.photos == 1 else "are"
    line = f"{photos} of {done.name} {are} {done.into_name}'s now; `faceapp people merge --undo` undoes it"
    output.result(row, [line])
    return 0


def _undo(arguments: argparse.Namespace, output: Output) -> int:
    from faceapp.app.corrections import undo_merge
    from faceapp.errors import InputError

    with _parts(arguments) as parts:
        store = parts.existing_gallery()
        if store is None:
            raise InputError("nobody was merged into somebody: nobody is enrolled yet")
        done, person = undo_merge(store, parts.data_dir, arguments.name)
    row = {"id": person.id, "name": person.name, "from": {"id": done.into_id, "name": done.into_name}}
    photos = f"{person.photos} photo{'' if person.photos == 1 else 's'}"
    output.result({**row, "photos": person.photos}, [f"{person.name} is back, with {photos} from {done.into_name}"])
    return 0


def not_name(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people not NAME IMAGE`, `faceapp people not NAME --forget`."""
    if arguments.forget == (arguments.image is not None):
        raise UsageError("give a picture of somebody else, or --forget")
    from faceapp.app.corrections import forget_not_name
    from faceapp.app.corrections import not_name as run
    from faceapp.app.spaces import require_person
    from faceapp.app.stills import embed_one

    with _parts(arguments) as parts:
        if arguments.forget:
            row = forget_not_name(parts, arguments.name)
            lines = [f"faces that were said not to be {row['name']}'s: {row['forgotten']} forgotten"]
        else:
            require_person(parts, arguments.name)  # an unknown name is told before anything is computed
            row = run(parts, arguments.name, embed_one(parts, arguments.image))
            lines = [f"faces nearer to this one than to {row['name']}'s photos are not named {row['name']} any more"]
    output.result(row, lines)
    return 0
