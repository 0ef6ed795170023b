"""`faceapp audit …`: who was let in or refused and why, what administrators did, and whether the log is whole."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TextIO

from faceapp.cli.output import Output, table
from faceapp.errors import InputError, KnownError, UnavailableError, UsageError
from faceapp.files import write_atomically

if TYPE_CHECKING:
    from faceapp.app.audit import AuditRow, Verified

NO_LOG = "there is no audit log yet: the kiosk begins it"


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    audit = commands.add_parser("audit", parents=[common], help="the door's log: list, verify, export or prune it")
    verbs = audit.add_subparsers(dest="verb", metavar="VERB", required=True)

    p = verbs.add_parser("list", parents=[common], help="the entries, oldest first, with today's names")
    p.add_argument("--last", metavar="N", type=_count, help="the last N of them")
    p.add_argument(
        "--since", metavar="DATE", type=_date, help="from this day or time on (2026-03-01, 2026-03-01T08:00)"
    )
    p.add_argument("--person", metavar="NAME", help="about this person; an id finds somebody who was deleted")
    p.add_argument("--kind", metavar="KIND", help="of this kind: refusal, intention, outcome, action ...")
    p.set_defaults(run=list_entries)

    p = verbs.add_parser("verify", parents=[common], help="whether the log was altered; prints its end to write down")
    p.add_argument("--end", metavar="N:MAC", help="an end written down earlier, which the log must still hold")
    p.set_defaults(run=verify)

    p = verbs.add_parser("export", parents=[common], help="write all entries to a file, ids instead of names")
    p.add_argument("--out", metavar="FILE", required=True, help="where to; - is standard output")
    p.add_argument(
        "--form", choices=("jsonl", "csv"), default="jsonl", help="jsonl: as they stand in the log (default)"
    )
    p.add_argument("--overwrite", action="store_true", help="replace FILE where it is there already")
    p.set_defaults(run=export)

    p = verbs.add_parser("picture", parents=[common], help="write the picture kept with an entry to a file")
    p.add_argument("number", metavar="N", type=_count, help="the entry's number")
    p.add_argument("--out", metavar="FILE.jpg", required=True)
    p.set_defaults(run=picture)

    p = verbs.add_parser("prune", parents=[common], help="remove old entries and leave a signed checkpoint")
    p.add_argument("--before", metavar="DATE", type=_date, required=True, help="remove what is older than this")
    p.add_argument("--yes", action="store_true", help="don't ask")
    p.set_defaults(run=prune)


def list_entries(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp audit list`."""
    from faceapp.app.audit import Names, Wanted, existing_log, id_of, listed, names_by_id

    folder = _folder(arguments)
    person_id = id_of(folder, arguments.person) if arguments.person is not None else None
    log = existing_log(folder)
    if log is None:
        output.result({"entries": []}, [NO_LOG])
        return 0
    names: Names | None = None
    try:
        names = names_by_id(folder)
    except KnownError as e:
        output.note(f"faceapp: ids are shown instead of names: {e}")
    found = listed(log, names or Names({}, {}), Wanted(arguments.since, person_id, arguments.kind), arguments.last)
    if found.gaps:
        output.note('faceapp: entries are missing here, the log was altered: "faceapp audit verify" names them')
    lines = table([_cells(row, named=names is not None) for row in found.rows]) or ["no entry fits"]
    output.result({"entries": [row.as_json() for row in found.rows]}, lines)
    return 0


def verify(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp audit verify`: 0 whole, 1 altered."""
    from faceapp.app.audit import end_text, existing_log, parse_end
    from faceapp.app.audit import verify as verified

    written_down = None if arguments.end is None else parse_end(arguments.end)
    folder = _folder(arguments)
    log = existing_log(folder)
    found: Verified = verified(folder, log, written_down)
    end = None if found.end is None else end_text(found.end)
    data = {
        "whole": not found.problems,
        "log": log is not None,
        "entries": found.entries,
        "problems": [{"line": p.line, "text": p.text} for p in found.problems],
        "end": end,
    }
    lines = [problem.text for problem in found.problems]
    if found.problems:
        count = len(found.problems)
        lines.append(f"the audit log was altered: {count} problem{'' if count == 1 else 's'}")
    elif log is None:
        lines.append(NO_LOG)
    else:
        lines.append(f"the audit log is whole: {found.entries} entries")
    if end is not None and not found.problems:
        lines += ["write its end down elsewhere, to see later that it was not put back to an older copy:", end]
    output.result(data, lines)
    return 1 if found.problems else 0


def export(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp audit export`."""
    from faceapp.app.audit import existing_log

    form: Literal["jsonl", "csv"] = arguments.form
    if not arguments.out:
        raise UsageError("--out needs the name of a file, or - for standard output")
    to_stdout = arguments.out == "-"
    if to_stdout and output.json:
        raise UsageError("--out - and --json both want standard output: choose one")
    log = existing_log(_folder(arguments))
    if log is None:
        raise InputError(f"nothing to export: {NO_LOG}")
    if to_stdout:
        count = log.export(sys.stdout, form)
        output.note(f"{count} entries")
        return 0
    out = Path(arguments.out)
    if not arguments.overwrite and (out.exists() or out.is_symlink()):
        raise InputError(f"{out} is there already: choose another name, or add --overwrite")
    count = _written(out, lambda file: log.export(file, form))
    output.result({"out": str(out), "form": form, "entries": count}, [f"{count} entries written to {out}"])
    return 0


def picture(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp audit picture N --out FILE`."""
    from faceapp.app.audit_pictures import picture as kept

    jpeg, out = kept(_folder(arguments), arguments.number), Path(arguments.out)
    try:
        write_atomically(out, jpeg)
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror or e}): choose another place") from e
    output.result(
        {"entry": arguments.number, "out": str(out)}, [f"the picture of entry {arguments.number} is in {out}"]
    )
    return 0


def prune(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp audit prune`: asks on a terminal, elsewhere needs --yes."""
    from faceapp.app.audit import existing_log

    before: datetime = arguments.before
    if before > datetime.now().astimezone():
        raise UsageError(f"--before {before:%Y-%m-%d} is still to come: what isn't old can't be pruned")
    log = existing_log(_folder(arguments))
    if log is None:
        output.result({"removed": 0}, [NO_LOG])
        return 0
    if not arguments.yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("pruning needs --yes where nobody can be asked")
        question = f"Remove all audit entries before {before:%Y-%m-%d %H:%M} for good? [y/N] "
        print(question, end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            output.result({"removed": 0}, ["nothing was removed"])
            return 1
    removed = log.prune(before)
    output.result({"removed": removed}, [f"{removed} entr{'y' if removed == 1 else 'ies'} removed"])
    return 0


def _folder(arguments: argparse.Namespace) -> Path:
    from faceapp.app.audit import folder_of

    return folder_of(arguments.data_dir)


def _written(out: Path, write: Callable[[TextIO], int]) -> int:
    """Have `write` fill the file `out`, whole or not at all, for its owner alone; returns what it returns."""
    counts: list[int] = []

    def content(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        counts.append(write(text))
        text.detach()  # which also flushes it

    try:
        write_atomically(out, content)
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror or e}): choose another place") from e
    return counts[0]


# For people


def _cells(row: AuditRow, *, named: bool) -> list[str]:
    """Number, local time, kind, who, what."""
    e = row.entry
    at = datetime.fromisoformat(e.at).astimezone()
    who = row.name if named else e.fields.get("person")
    return [str(e.number), f"{at:%Y-%m-%d %H:%M:%S}", e.kind.replace("_", " "), str(who or ""), _what(row, named)]


def _what(row: AuditRow, named: bool) -> str:
    """The fields that say most, in a few words."""
    f = row.entry.fields
    words = [row.action(named)] if f.get("action") else []
    words += [str(f[name]).replace("_", " ") for name in ("reason", "outcome", "detail") if f.get(name)]
    distance, threshold = f.get("distance"), f.get("threshold")
    if isinstance(distance, int | float) and isinstance(threshold, int | float):
        words.append(f"distance {distance:.2f} of {threshold:.2f}")
    if f.get("intention") is not None:
        words.append(f"of entry {f['intention']}")
    names = ("actor", "door") if f.get("reason") else ("actor", "mode", "door")
    words += [str(f[name]) for name in names if f.get(name)]
    if f.get("until") is not None:
        words.append(f"{f.get('entries')} entries until {f['until']}")
    return ", ".join(words)


# Parsing


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError("that is no number from 1")
    return int(text)


def _date(text: str) -> datetime:
    """A day or a time, local where it doesn't say."""
    try:
        date = datetime.fromisoformat(text)
    except ValueError as e:
        raise argparse.ArgumentTypeError("that is no date: write 2026-03-01 or 2026-03-01T08:00") from e
    try:
        return date.astimezone()
    except (ValueError, OverflowError, OSError):  # the years 1 and 9999 have no local time everywhere
        return date.replace(tzinfo=UTC)
