"""`faceapp people export --all`, `faceapp people import FILE`: everybody, from one installation to another."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import Any

from faceapp.cli.imports import Instead, tell
from faceapp.cli.output import Output
from faceapp.errors import InputError, UsageError

VARIABLE = "FACEAPP_PASSPHRASE"
_LONGEST = 1024


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add `import` to the verbs of `people`."""
    p = verbs.add_parser("import", parents=[common], help="take in everybody whom another installation exported")
    p.add_argument("file", metavar="FILE.gallery", help=f"its passphrase: {VARIABLE}, or a line on standard input")
    p.set_defaults(run=import_people)


def add_all(export: argparse.ArgumentParser, instead_of: argparse.Action) -> None:
    """Add `--all` to the verb `export`, in place of its name."""
    what = f"instead everybody, to a new FILE.gallery; its passphrase: {VARIABLE}, or a line on standard input"
    export.add_argument("--all", action=Instead, nargs=0, instead_of=[instead_of], help=what)


def export_everybody(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people export --all --out FILE.gallery`."""
    from faceapp.app.parts import Parts
    from faceapp.app.transfer import export_all

    if arguments.name is not None:
        raise UsageError("export one person by name, or everybody with --all; see `faceapp people export --help`")
    out = Path(arguments.out)
    passphrase = _passphrase(twice=True)
    with Parts.open(arguments.data_dir) as parts, output.steps() as step:
        data = export_all(parts, out, passphrase, lambda done, total: step("exporting", done, total))
    line = f"{data['people']} people with {data['photos']} photos are in {out}; without its passphrase nobody opens it"
    output.result(data, [line])
    return 0


def import_people(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people import FILE.gallery`."""
    from faceapp.app.headless import Interruption
    from faceapp.app.parts import Parts
    from faceapp.app.transfer import GalleryImport

    if not Path(arguments.file).is_file():
        raise InputError(f"{arguments.file}: there is no such file")
    passphrase = _passphrase(twice=False)
    with Parts.open(arguments.data_dir) as parts, Interruption() as interruption, output.steps() as step:
        going = GalleryImport(parts, Path(arguments.file), passphrase)
        interruption.stops(going.stop)
        report = going.run(lambda done, total: step("importing", done, total))
    return tell(report, output)


def _passphrase(twice: bool) -> str:
    """From the environment, asked for on a terminal, else the first line of standard input."""
    if given := os.environ.get(VARIABLE):
        return given
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty():
        passphrase = getpass.getpass("Passphrase: ")
        if twice and getpass.getpass("The same again: ") != passphrase:
            raise InputError("the two passphrases differ: try again")
    else:
        try:
            line = sys.stdin.readline(_LONGEST) if sys.stdin is not None else ""
        except UnicodeDecodeError as e:
            raise InputError("the passphrase is no text: write it in UTF-8") from e
        passphrase = line.removesuffix("\n").removesuffix("\r")
    if not passphrase:
        raise UsageError(f"a passphrase is needed: set {VARIABLE}, or give it as the first line of standard input")
    return passphrase
