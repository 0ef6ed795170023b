"""`faceapp models import pack` and `faceapp models install buffalo_l`: InsightFace's packs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli.output import Output
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.packs import Consent, ImportedPack


def register(kinds: Any, common: argparse.ArgumentParser) -> None:
    """Add `pack` to the kinds of `faceapp models import`."""
    p = kinds.add_parser("pack", parents=[common], help="an InsightFace pack: a detector and an embedder")
    p.add_argument("source", metavar="DIR|ZIP", type=Path)
    p.add_argument("--id", default="", help="what the pack shall be called (default: as its folder or file)")
    p.add_argument("--licence", metavar="TEXT", default="", help="of a pack of your own: what may be done with it")
    add_consent(p)
    p.set_defaults(run=import_pack)


def add_consent(parser: argparse.ArgumentParser) -> None:
    """Add `--accept-licence`."""
    parser.add_argument(
        "--accept-licence", action="store_true", help="of InsightFace's packs: for non-commercial research only"
    )


def import_pack(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models import pack DIR|ZIP`: exit 3 where the pack is refused, 1 where its licence is."""
    from faceapp.app import packs

    done = packs.import_pack(
        arguments.data_dir, arguments.source, consent(arguments, output), name=arguments.id, licence=arguments.licence
    )
    if done is None:
        output.result({"pack": None}, ["nothing was imported"])
        return 1
    output.result(done.as_json(), told(done))
    return 0


def install_packs(names: Sequence[str], arguments: argparse.Namespace, output: Output) -> list[ImportedPack] | None:
    """Fetch packs of InsightFace's and take them in; None where the licence is refused."""
    from faceapp.app import packs

    installed = []
    for name in names:
        with output.steps() as report:
            done = packs.install_pack(arguments.data_dir, name, consent(arguments, output), report)
        if done is None:
            return None
        installed.append(done)
    return installed


def told(done: ImportedPack) -> list[str]:
    """What people read of a pack that was taken in."""
    lines = [
        f"remembered the pack {done.pack}: the detector {done.detector} and the embedder {done.embedder}, "
        f"{done.dimension} numbers a face",
        f"licence: {done.licence}",
        f'{done.embedder} cannot decide anything yet: run "faceapp calibrate --embedder {done.embedder}" '
        "to find its thresholds",
    ]
    if done.ignored:
        lines.append(f"not used: {', '.join(done.ignored)}")
    return lines


def consent(arguments: argparse.Namespace, output: Output) -> Consent:
    """How somebody is asked to accept terms: by the option, else on the terminal."""

    def ask(terms: str) -> bool:
        if arguments.accept_licence:
            return True
        if output.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(f"{terms}: add --accept-licence to accept that, or --licence TEXT for a pack of your own")
        print(f"{terms}. Accept? [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    return ask
