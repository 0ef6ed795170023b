"""`faceapp keys …`: the administrator's PIN, and which keys a site has."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import sys
from pathlib import Path
from typing import Any

from faceapp.cli.output import Output, table
from faceapp.errors import InputError, UsageError


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    keys = commands.add_parser("keys", parents=[common], help="set the administrator's PIN, show which keys there are")
    verbs = keys.add_subparsers(dest="verb", metavar="VERB", required=True)

    p = verbs.add_parser("pin", parents=[common], help="set the PIN (elsewhere than on a terminal: lines on stdin)")
    p.set_defaults(run=pin)

    p = verbs.add_parser("show", parents=[common], help="fingerprints of the keys, and who may read which file")
    p.set_defaults(run=show)

    p = verbs.add_parser("rotate", parents=[common], help="seal templates and pictures with a new key")
    p.add_argument("--out", type=Path, metavar="FILE", help="a new file for the key, where it is kept in FACEAPP_KEY")
    p.set_defaults(run=rotate)

    p = verbs.add_parser("copy", parents=[common], help="write the key into a new file, for safe keeping")
    p.add_argument("file", type=Path, metavar="FILE", help="a file that isn't there yet, not with the data")
    p.set_defaults(run=copy)

    p = verbs.add_parser("keep", parents=[common], help="keep the key elsewhere: file, keyring or environment")
    p.add_argument("place", choices=("file", "keyring", "environment"), help="where")
    p.set_defaults(run=keep)


def rotate(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp keys rotate`."""
    from faceapp.app.audit import folder_of
    from faceapp.app.keys import rotate as rotated

    done = rotated(folder_of(arguments.data_dir), arguments.out)
    lines = [f"the gallery has a new key: {done.sealed} templates and pictures are sealed with it"]
    if arguments.out is not None:
        lines.append(f"put what {arguments.out} holds into FACEAPP_KEY now, and keep a copy of it")
    else:
        lines.append("copies of the key made before open nothing any more: `faceapp keys copy FILE` makes a new one")
    if done.backup is not None:
        lines.append(f"a backup that the new key opens was made: {done.backup}")
    else:
        lines.append(
            f"no backup was made, and none there is can be used: {done.no_backup}; then `faceapp gallery backup`"
        )
    if done.older_backups:
        count = "1 older backup needs" if done.older_backups == 1 else f"{done.older_backups} older backups need"
        lines.append(f"{count} the old key")
    data = {
        "sealed": done.sealed,
        "older_backups": done.older_backups,
        "out": _text(arguments.out),
        "backup": _text(done.backup),
        "no_backup": done.no_backup,
    }
    output.result(data, lines)
    return 0


def copy(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp keys copy FILE`."""
    from faceapp.app.audit import folder_of
    from faceapp.app.keys import copy_key

    copy_key(folder_of(arguments.data_dir), arguments.file)
    output.result({"file": str(arguments.file)}, [f"the key is in {arguments.file}: keep it apart from the data"])
    return 0


def keep(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp keys keep PLACE`."""
    from faceapp.app.audit import folder_of
    from faceapp.app.keys import keep_key

    name = keep_key(folder_of(arguments.data_dir), arguments.place)
    output.result({"where": arguments.place, "name": name}, [f"the key is kept in {name} from now on"])
    return 0


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def pin(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp keys pin`: asks on a terminal; elsewhere reads it from a line, after the old one where there is one."""
    from faceapp.app.audit import folder_of
    from faceapp.app.keys import has_pin, set_pin

    folder = folder_of(arguments.data_dir)
    watched = sys.stdin.isatty()
    old = None
    if has_pin(folder):
        old = _secret("the PIN there is", watched)
    new = _secret("the new PIN", watched)
    if watched and _secret("the new PIN again", watched) != new:
        raise InputError("the two differ: nothing was changed")
    verdict = set_pin(folder, new, old)
    done = verdict.answer == "right"
    wait = f"wait {max(1, round(verdict.wait_s))} s before the next try"
    if done:
        line = "the PIN is set" if old is None else "the PIN is changed"
    elif verdict.answer == "wait":
        line = f"too many wrong PINs: {wait}; nothing was changed"
    else:
        line = f"the old PIN is wrong, nothing was changed{f': {wait}' if verdict.wait_s else ''}"
    output.result({"set": done, "answer": verdict.answer, "wait_s": round(verdict.wait_s, 1)}, [line])
    return 0 if done else 1


def _secret(what: str, watched: bool) -> str:
    """What somebody types unseen, or the next line of standard input."""
    if watched:
        try:
            return getpass.getpass(f"{what}: ", stream=sys.stderr)
        except EOFError as e:
            raise UsageError("no PIN was typed: nothing was changed") from e
    try:
        line = sys.stdin.readline()
        line.encode("utf-8")
    except UnicodeError as e:  # its own words would repeat what was typed
        raise InputError(f"{what} is no text in UTF-8: nothing was changed") from e
    if not line:
        raise UsageError(f"standard input ends before {what}: give a line for each PIN, the old one first")
    return line.rstrip("\r\n")


def show(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp keys show`."""
    from faceapp.app.audit import folder_of
    from faceapp.app.keys import show as shown

    keys = shown(folder_of(arguments.data_dir))
    lines = [str(keys.folder)]
    if keys.fingerprints:
        lines += table([[f"  {name} key", f"fingerprint {mark}"] for name, mark in keys.fingerprints.items()])
    elif keys.kept is None:
        lines.append("  no keys yet: they are made when they are first needed")
    lines.append("  a PIN is set" if keys.has_pin else "  no PIN yet: `faceapp keys pin`")
    if keys.kept is not None:
        lines.append(f"  the key is kept in {keys.kept.text()}")
    lines += table([[f"  {f.name}", f"{f.mode:03o}", "" if f.private else "open to others"] for f in keys.files])
    data = {
        "data_dir": str(keys.folder),
        "keys": [{"name": name, "fingerprint": mark} for name, mark in keys.fingerprints.items()],
        "kept": None if keys.kept is None else dataclasses.asdict(keys.kept),
        "pin": keys.has_pin,
        "files": [{"name": f.name, "mode": f"{f.mode:03o}", "private": f.private} for f in keys.files],
    }
    output.result(data, lines)
    return 0
