"""`faceapp gallery …`: backups of the gallery, and whether it is whole."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from faceapp.cli.output import Output, table
from faceapp.errors import UsageError


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    gallery = commands.add_parser("gallery", parents=[common], help="back up, restore or check the gallery")
    verbs = gallery.add_subparsers(dest="verb", metavar="VERB", required=True)

    p = verbs.add_parser("backup", parents=[common], help="back up the gallery now, or list the backups")
    p.add_argument("--out", metavar="DIR", help="a folder of your own, where none is ever removed")
    p.add_argument("--list", action="store_true", help="list the backups there are")
    p.set_defaults(run=backup)

    p = verbs.add_parser("restore", parents=[common], help="put a backup in the gallery's place")
    p.add_argument("file", metavar="FILE")
    p.add_argument("--yes", action="store_true", help="don't ask")
    p.set_defaults(run=restore)

    p = verbs.add_parser("check", parents=[common], help="whether gallery, backups and files' modes are as they should")
    p.set_defaults(run=check)


def backup(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp gallery backup [--out DIR]` and `faceapp gallery backup --list`."""
    from faceapp.app import backups
    from faceapp.app.parts import Parts

    with Parts.open(arguments.data_dir) as parts:
        if arguments.list:
            rows = backups.listed(parts.data_dir)
            cells = [
                [r["file"], r["made"][:16].replace("T", " "), f"{r['people']} people", f"{r['bytes'] / 1e6:.1f} MB"]
                for r in rows
                if "error" not in r
            ]
            for row in rows:
                if "error" in row:
                    output.note(f"faceapp: {row['error']}")
            output.result({"backups": rows}, table(cells) or ["there is no backup yet: `faceapp gallery backup`"])
            return 0
        done = backups.back_up(parts, None if arguments.out is None else Path(arguments.out))
    made = done["backup"]
    output.result(done, [f"{made['people']} people backed up to {made['file']} ({made['bytes'] / 1e6:.1f} MB)"])
    return 0


def restore(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp gallery restore FILE`: asks on a terminal, elsewhere needs --yes."""
    from faceapp.app import backups
    from faceapp.app.audit import folder_of

    folder = folder_of(arguments.data_dir)
    file = Path(arguments.file)
    found = backups.described(file)
    if not arguments.yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("restoring needs --yes where nobody can be asked")
        question = (
            f"Replace the gallery by this backup of {found['made'][:10]}, with {found['people']} people? "
            "Photos, rights and badges will be as they were then. [y/N] "
        )
        print(question, end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            output.result({"restored": None}, ["nothing was restored"])
            return 1
    done = backups.restore_backup(folder, file)
    lines = [f"restored from {file}: {done['people']} people; rights, hours and badges are as they were then"]
    if done["forgotten"] or done["expired"]:
        gone = done["forgotten"] + done["expired"]
        lines.append(f"left out: {gone} that were deleted since, or whose consent has ended")
    if done["before"] is not None:
        lines.append(f"what was there before is in {done['before']}")
    output.result(done, lines)
    return 0


def check(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp gallery check`: 0 whole, 1 not."""
    from faceapp.app.audit import folder_of
    from faceapp.app.backups import problems

    found = problems(folder_of(arguments.data_dir))
    count = f"{len(found)} problem{'' if len(found) == 1 else 's'}"
    output.result({"whole": not found, "problems": found}, [*found, count if found else "the gallery is whole"])
    return 1 if found else 0
