"""`faceapp enroll --folder DIR`, `--csv FILE`, `--hdf5 FILE`: many people at once."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli import consent
from faceapp.cli.output import Output
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.imports import ImportReport, Kind
    from faceapp.app.parts import Parts

INTERRUPTED = 130
"""Exit status of what was cancelled, as a shell gives it for Ctrl+C."""

KINDS: tuple[Kind, ...] = ("folder", "csv", "hdf5")


class Instead(argparse.Action):
    """An option that stands in place of positional arguments. With `nargs=0` a flag."""

    def __init__(self, *words: Any, instead_of: Sequence[argparse.Action], **more: Any) -> None:
        super().__init__(*words, **more)
        self._instead_of = instead_of

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        _option: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, True if self.nargs == 0 else values)
        for action in self._instead_of:
            action.required = False


def register(enroll: argparse.ArgumentParser, instead_of: Sequence[argparse.Action]) -> None:
    """Add the options of imports to the parser of `enroll`; `instead_of`: the arguments they make unnecessary."""
    for kind, metavar, what in (
        ("folder", "DIR", "a folder for each person, or Name_0001.jpg side by side"),
        ("csv", "FILE", "a CSV file with the columns name and path"),
        ("hdf5", "FILE", "an HDF5 data set: images and names, or train_set_x and train_set_y"),
    ):
        enroll.add_argument(f"--{kind}", metavar=metavar, help=what, action=Instead, instead_of=instead_of)
    enroll.add_argument("--nested", action="store_true", help="with --folder: folders in a person's folder are theirs")


def wanted(arguments: argparse.Namespace) -> Kind | None:
    """Which kind of import the arguments ask for; None where they name a person and pictures. Raises UsageError for
    both and for several."""
    kinds = [kind for kind in KINDS if getattr(arguments, kind) is not None]
    if arguments.nested and kinds != ["folder"]:
        raise UsageError("--nested goes with --folder; see `faceapp enroll --help`")
    if not kinds:
        return None
    if len(kinds) > 1 or arguments.name is not None or arguments.images:
        raise UsageError(
            "name a person and pictures, or one of --folder, --csv and --hdf5; see `faceapp enroll --help`"
        )
    return kinds[0]


def enroll_many(arguments: argparse.Namespace, output: Output, parts: Parts, kind: Kind) -> int:
    """Import; Ctrl+C ends it after the picture at hand."""
    from faceapp.app.headless import Interruption
    from faceapp.app.imports import importing, open_source
    from faceapp.app.upkeep import Upkeep

    with (
        open_source(kind, Path(getattr(arguments, kind)), nested=arguments.nested) as source,
        Interruption() as interruption,
        output.steps() as step,
    ):
        Upkeep(parts.data_dir, parts.settings).run(parts.gallery())  # not before the source proved to be one
        how = arguments.quality, arguments.on_duplicate, consent.given(arguments)
        going = importing(parts, source, *how, any_size=arguments.min_face is None)
        interruption.stops(going.stop)
        report = going.run(lambda done, total: step("importing", done, total))
    return tell(report, output)


def tell(report: ImportReport, output: Output) -> int:
    """Print what an import did, and give its exit status."""
    for row in report.rejected:
        output.note(f"faceapp: {row['reason']}")
    for note in report.notes:
        output.note(f"faceapp: {note}")
    data = report.as_json()
    people = len(report.people)
    codes = Counter(code for row in report.rejected for code in row["codes"][:1])
    why = f" ({', '.join(f'{code} {count}' for code, count in codes.most_common())})" if codes else ""
    speed = f", {data['import']['pictures_per_second']:.1f} a second" if report.looked_at else ""
    lines = [
        f"{report.done} of {report.pictures} pictures in {report.seconds:.0f} s{speed}: "
        f"{len(report.enrolled)} of {people} {'person' if people == 1 else 'people'} enrolled, "
        f"{len(report.already)} known already, {len(report.rejected)} rejected{why}"
    ]
    if not report.complete:
        again = "not all is imported: the same command goes on from here"
        output.note(f"faceapp: {report.problem}; {again}" if report.problem else f"faceapp: {again}")
    if report.problem is not None:
        data["error"] = str(report.problem)
    output.result(data, lines)
    if report.problem is not None:
        return report.problem.exit_status
    if report.cancelled:
        return INTERRUPTED
    return 3 if report.rejected else 0
