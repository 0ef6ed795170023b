"""`faceapp models use`: which embedder compares faces, and changing it with its cost shown first."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from faceapp.cli.output import Output, table
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.parts import Parts
    from faceapp.app.switch_types import SwitchCost, SwitchDone


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add `use` to the verbs of `faceapp models`."""
    p = verbs.add_parser("use", parents=[common], help="which embedder compares faces; with ID: change it")
    p.add_argument("id", metavar="ID", nargs="?", help="an embedder (`faceapp models list`); none: say which is in use")
    p.add_argument("--yes", action="store_true", help="don't ask")
    p.add_argument("--dry-run", action="store_true", help="show what it costs and change nothing")
    p.add_argument(
        "--drop-old", action="store_true", help="delete the templates of all other embedders when it is complete"
    )
    p.set_defaults(run=use)


def use(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models use [ID]`: exit 1 where somebody says no, 4 where the embedder can't be used."""
    from faceapp.app.parts import Parts
    from faceapp.app.switching import cost_of, target

    if arguments.id is None:
        if arguments.yes or arguments.dry_run or arguments.drop_old:
            raise UsageError("say which embedder to use: `faceapp models list` names them")
        with Parts.open(arguments.data_dir) as parts:
            return _tell(parts, output)
    with Parts.open(arguments.data_dir, embedder=arguments.id) as opened, target(opened, arguments.id) as parts:
        cost = cost_of(parts)
        lines = _cost_lines(cost, arguments.drop_old)
        if arguments.dry_run:
            output.result({"switched": False, "cost": cost.as_json()}, lines)
            return 0
        needed = cost.changes or (arguments.drop_old and cost.old > 0)
        if needed:
            for line in lines:
                output.note(line)
            if not arguments.yes and not _agreed(cost):
                output.result({"switched": False, "cost": cost.as_json()}, [f"{cost.before} stays in use"])
                return 1
        return _run(parts, cost, arguments.drop_old, output)


def _tell(parts: Parts, output: Output) -> int:
    from faceapp.app.switching import held

    spec, rows = parts.embedder_spec, held(parts)
    store = parts.existing_gallery()
    again = [] if store is None else [p.name for p in store.people_without(spec.space)]
    data = {
        "embedder": spec.id,
        "title": spec.title,
        "space": spec.space,
        "photograph_again": again,
        "templates": [
            {
                "space": r.space,
                "in_use": r.space == spec.space,
                "templates": r.templates,
                "people": r.people,
                "negatives": r.negatives,
                "unknown_faces": r.unknown,
            }
            for r in rows
        ],
    }
    lines = [f"{spec.id} is in use: {spec.title}"]
    if rows:
        head = ["templates of", "photos", "people", "notes", "unknown faces"]
        counts = [[r.space, *map(str, (r.templates, r.people, r.negatives, r.unknown))] for r in rows]
        lines += table([head, *counts])
    if again:
        lines.append(f"to be photographed again for it: {', '.join(again)}")
    if any(r.space != spec.space for r in rows):
        lines.append(f'"faceapp models use {spec.id} --drop-old" deletes those of the others')
    output.result(data, lines)
    return 0


def _cost_lines(cost: SwitchCost, drop_old: bool) -> list[str]:
    if cost.before == cost.embedder:
        lines = [f"{cost.embedder} is in use already"]
    else:
        lines = [
            f"{cost.embedder} in place of {cost.before}: {cost.title}",
            f"licence: {cost.licence}",
        ]
    lines += [f"- {line}" for line in cost.lines()]
    if drop_old and cost.old:
        what = "template of another embedder is" if cost.old == 1 else "templates of other embedders are"
        lines.append(f"- {cost.old} {what} deleted; backups made before keep theirs")
        lines.append("- close every faceapp window and kiosk first: what still runs with those makes them again")
    elif cost.before != cost.embedder:
        lines.append(
            f"- {cost.before} stays in use until that is done, and in windows and kiosks until they are closed"
        )
        if cost.old:
            lines.append("- its templates stay, sealed, so that you can go back; --drop-old deletes them")
    return lines


def _agreed(cost: SwitchCost) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("changing the embedder needs --yes where nobody can be asked (--dry-run shows what it costs)")
    print(f"Use {cost.embedder}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _run(parts: Parts, cost: SwitchCost, drop_old: bool, output: Output) -> int:
    from faceapp.app.switching import switch

    with output.steps() as report:
        done = switch(parts, lambda n, total: report("embedding again", n, total), drop_old=drop_old)
    if not done.erased:
        output.note("faceapp: the gallery is in use: traces go from its file when the other faceapp is closed")
    output.result(_as_json(done, cost), _done_lines(done, cost))
    return 0


def _done_lines(done: SwitchDone, cost: SwitchCost) -> list[str]:
    word = "is in use" if cost.before != done.embedder else "stays in use"
    lines = [f"{done.embedder} {word}; {done.embedded} photo{'' if done.embedded == 1 else 's'} embedded again"]
    if done.again:
        lines.append(f"to be photographed again: {', '.join(done.again)}")
    lines += [f"deleted: {count} of {space}" for space, count in done.dropped]
    return lines


def _as_json(done: SwitchDone, cost: SwitchCost) -> dict[str, Any]:
    return {
        "embedder": done.embedder,
        "before": cost.before,
        "switched": done.switched,
        "embedded": done.embedded,
        "photograph_again": list(done.again),
        "dropped": dict(done.dropped),
        "erased": done.erased,
        "cost": cost.as_json(),
    }
