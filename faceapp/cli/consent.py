"""`faceapp people consent` and `faceapp people export`: what people agreed to, and what is kept about them."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli import transfer
from faceapp.cli.output import Output, table
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.consent import Removed
    from faceapp.app.parts import Parts
    from faceapp.gallery.consent_rows import NewConsent


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's verbs to those of `people`."""
    p = verbs.add_parser(
        "consent", parents=[common], help="what a person agreed to: show, record, withdraw; who is due"
    )
    p.add_argument("name", metavar="NAME", nargs="?")
    p.add_argument("--text", metavar="TEXT", help="record consent to this, in place of what there was")
    p.add_argument("--until", metavar="DATE", type=day, help="the last day on which it counts (2026-12-31)")
    p.add_argument("--by", metavar="WHO", help="who gives it, where not the person themselves")
    p.add_argument("--purpose", metavar="TEXT", help="what it is for")
    p.add_argument("--withdraw", action="store_true", help="take it back: the person is deleted at once")
    p.add_argument("--due", action="store_true", help="list whose consent has ended, and whose ends within 30 days")
    p.add_argument("--expire-now", action="store_true", help="delete everybody whose consent has ended")
    p.set_defaults(run=consent)

    p = verbs.add_parser("export", parents=[common], help="write everything that is kept about a person, to hand over")
    name = p.add_argument("name", metavar="NAME")
    p.add_argument("--out", metavar="FILE.zip|DIR", required=True)
    transfer.add_all(p, instead_of=name)
    p.set_defaults(run=export)
    transfer.register(verbs, common)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of consent that enrolling has."""
    parser.add_argument("--consent", metavar="TEXT", help="what the person agreed to, kept with their consent")
    parser.add_argument("--consent-until", metavar="DATE", type=day, help="the last day on which it counts")
    parser.add_argument("--consent-by", metavar="WHO", help="who gave it, where not the person themselves")


def given(arguments: argparse.Namespace) -> NewConsent | None:
    """The consent of the options, None where none was given. Raises UsageError for a part of one."""
    if arguments.consent is None:
        if arguments.consent_until is not None or arguments.consent_by is not None:
            raise UsageError("--consent-until and --consent-by go with --consent TEXT")
        return None
    from faceapp.app.consent import new_consent

    return new_consent(arguments.consent, arguments.consent_until, arguments.consent_by)


def consent(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people consent`."""
    a = arguments
    asked = [a.text is not None, a.withdraw, a.due, a.expire_now]
    if sum(asked) > 1:
        raise UsageError("one at a time: --text, --withdraw, --due or --expire-now")
    if (a.name is None) != (a.due or a.expire_now):
        raise UsageError(
            "either name a person, or use --due or --expire-now for everybody; see `faceapp people consent --help`"
        )
    if a.text is None and (a.until is not None or a.by is not None or a.purpose is not None):
        raise UsageError("--until, --by and --purpose go with --text TEXT")
    with _parts(a) as parts:
        if a.due or a.expire_now:
            return _due(parts, a.expire_now, output)
        if a.withdraw:
            from faceapp.app.consent import withdraw_by_name

            return _removed(withdraw_by_name(parts, a.name), output)
        if a.text is not None:
            from faceapp.app.consent import new_consent, record_by_name

            row = record_by_name(parts, a.name, new_consent(a.text, a.until, a.by, a.purpose))
        else:
            from faceapp.app.consent import show_by_name

            row = show_by_name(parts, a.name)
    output.result(row, [row["name"], *lines_of(row)])
    return 0


def _due(parts: Parts, now: bool, output: Output) -> int:
    from faceapp.app.consent import NOTICE, due, ending, expire, in_words

    store = parts.existing_gallery()
    if store is None:
        output.result({"removed": []} if now else {"due": [], "ending": []}, ["nobody is enrolled yet"])
        return 0
    if now:
        return _removed(expire(store, parts.data_dir), output)
    rows, soon = due(store), ending(store)
    lines = table([[r["name"], in_words(r)] for r in rows]) or ["nobody's consent has ended"]
    if soon:
        lines += [f"ending within {NOTICE.days} days:", *table([[r["name"], in_words(r)] for r in soon])]
    output.result({"due": rows, "ending": soon}, lines)
    return 0


def _removed(done: Removed, output: Output) -> int:
    if not done.erased:
        output.note("faceapp: the gallery is in use: traces go from its file when the other faceapp is closed")
    if done.not_logged is not None:
        output.note(f"faceapp: this is not in the audit log: {done.not_logged}")
    rows = [{"id": id, "name": name} for id, name in zip(done.ids, done.names, strict=True)]
    data = {"removed": rows, "erased": done.erased, "not_logged": done.not_logged}
    output.result(data, [f"{name} is deleted" for name in done.names] or ["nobody's consent has ended"])
    return 0


def lines_of(row: dict[str, Any]) -> list[str]:
    """What `people show` says of a consent."""
    from faceapp.app.consent import in_words

    if row["consent"] == "none":
        return [f"  {in_words(row)}"]
    by, on, purpose = row["consent_by"], row["consent_given"][:10], row["consent_purpose"]
    lines = [f"  consent: {in_words(row)}; given on {on} by {by}, {purpose}"]
    return lines if row["consent_text"] is None else [*lines, f'    "{" ".join(row["consent_text"].split())}"']


def export(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp people export NAME --out FILE.zip|DIR`, or `--all`."""
    from faceapp.app.access_request import export_person

    if arguments.all:
        return transfer.export_everybody(arguments, output)
    with _parts(arguments) as parts:
        done = export_person(parts, arguments.name, Path(arguments.out))
    counts = f"{done['pictures']} pictures, {done['templates']} templates, {done['audit']} entries of the audit log"
    output.result(done, [f"everything kept about {done['name']} is in {done['out']}: {counts}"])
    return 0


def _parts(arguments: argparse.Namespace) -> Parts:
    from faceapp.app.parts import Parts

    return Parts.open(arguments.data_dir)


def day(text: str) -> date:
    """A day as the options take it."""
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write 2026-12-31") from e
