"""`faceapp calibrate`: what the site's own people say about the thresholds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli.output import Output, table
from faceapp.errors import UsageError
from faceapp.types import JsonObject

if TYPE_CHECKING:
    from faceapp.app.calibration import Kept

_TITLES = {"verify": "verify (1:1)", "identify": "identify (1:K)", "door": "door (1:1)"}
_SHOWN = 5
"""Pictures that were left out are told of singly up to so many."""


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's command to the parser."""
    p = commands.add_parser(
        "calibrate",
        parents=[common],
        help="set the thresholds from your own people, as far as they can tell",
        epilog="Example: faceapp calibrate --far 0.001 --dry-run, to see what your people can tell before anything is "
        "kept.",
    )
    p.add_argument(
        "verb", metavar="show|reset", nargs="?", choices=("show", "reset"), help="show what is kept, or forget it"
    )
    p.add_argument("--far", type=float, metavar="RATE", help="wanted false-accept rate of one comparison (0.001)")
    p.add_argument(
        "--search-far", type=float, metavar="RATE", help="wanted rate of strangers named by a search (0.002)"
    )
    p.add_argument("--folder", metavar="DIR", help="a folder with a folder for each person, instead of the gallery")
    p.add_argument("--no-inbox", action="store_true", help="leave the inbox of unknown faces out")
    p.add_argument("--embedder", metavar="ID", help="whose thresholds (see `faceapp models list`)")
    p.add_argument(
        "--door", action=argparse.BooleanOptionalAction, help="put it in force at the door too, or no longer"
    )
    p.add_argument("--dry-run", action="store_true", help="measure and print, keep nothing")
    p.set_defaults(run=calibrate)


def calibrate(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp calibrate [show|reset]`."""
    if arguments.verb is not None:
        given = (
            arguments.far,
            arguments.search_far,
            arguments.folder,
            arguments.door,
            arguments.no_inbox or None,
            arguments.dry_run or None,
        )
        if any(v is not None for v in given):
            raise UsageError(f"`faceapp calibrate {arguments.verb}` takes no further options but --embedder")
        return {"show": show, "reset": reset}[arguments.verb](arguments, output)
    from faceapp.app import calibration as app
    from faceapp.app.parts import Parts

    with Parts.open(arguments.data_dir, embedder=arguments.embedder) as parts:
        targets = app.targets_of(parts, arguments.far, arguments.search_far)
        if arguments.folder is None:
            material = app.gallery_material(parts, inbox=not arguments.no_inbox)
        else:
            watch = lambda items: output.progress(items, "embedding")  # noqa: E731 - a name for it says no more
            material = app.folder_material(parts, Path(arguments.folder), watch)
        _tell(output, material.problems)
        calibration = app.calibrated(material, parts.space(), targets)
        refusal = app.why_not(calibration)
        kept = None if arguments.dry_run else app.keep(parts, calibration, arguments.door)
        data = app.describe(parts, calibration)
        data["left_out"] = len(material.problems)
        data["refused"] = refusal
        data["stored"] = None if kept is None else str(kept.file)
        data["door"]["in_force"] = bool(arguments.door) and kept is not None
        policy = parts.settings.kiosk.policy
    lines = _lines(data)
    if kept is None:
        lines.append(f"not kept (--dry-run); it would be refused: {refusal}" if refusal else "not kept (--dry-run)")
    else:
        lines += [f"kept in {kept.file}; what runs already follows at its next start", *_door_lines(kept)]
        if data["door"]["in_force"] and {"door_threshold", "verify_threshold"} & set(policy):
            lines.append("settings.json names a door's threshold of its own: at the door that one counts")
    output.result(data, lines)
    return 0


def show(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp calibrate show`."""
    from faceapp.app import calibration as app
    from faceapp.app.parts import Parts

    with Parts.open(arguments.data_dir, embedder=arguments.embedder) as parts:
        calibration = parts.calibration()
        if calibration is None:
            output.result(
                {"space": parts.space(), "calibrated": False},
                [f"{parts.settings.embedder} is not calibrated: the model's own thresholds are in force"],
            )
            return 1
        data = {"calibrated": True, **app.describe(parts, calibration)}
        data["stale"] = app.stale_now(parts, calibration)
    lines = [f"calibrated on {data['made'][:10]}", *_lines(data)]
    if data["stale"]:
        lines.append(data["stale"])
    where = "the model's own thresholds"
    lines.append(f"at the door: {'in force' if calibration.door else where}")
    output.result(data, lines)
    return 0


def reset(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp calibrate reset`."""
    from faceapp.app import calibration as app
    from faceapp.app.parts import Parts

    with Parts.open(arguments.data_dir, embedder=arguments.embedder) as parts:
        gone = app.reset(parts)
        space = parts.space()
    line = "the calibration is forgotten: the model's own thresholds are in force from the next start on"
    output.result({"space": space, "reset": gone}, [line if gone else "there was no calibration"])
    return 0 if gone else 1


def _tell(output: Output, problems: tuple[str, ...]) -> None:
    for line in problems[:_SHOWN]:
        output.note(f"faceapp: {line}")
    if len(problems) > _SHOWN:
        output.note(f"faceapp: {len(problems) - _SHOWN} more pictures were left out")


def _lines(data: JsonObject) -> list[str]:
    """What was measured, for people."""
    pairs, unknown = data["pairs"], data["unknown"]
    inbox = f", and {unknown} unknown faces of the inbox" if unknown else ""
    lines = [
        f"{data['people']} people, {data['people_with_several_photos']} of them with several photos; {data['photos']} "
        f"photos{inbox}",
        f"{_pairs(pairs['genuine'])} of one person, {pairs['impostor']} of two; so many people can speak for a "
        f"false-accept rate of {_percent(data['smallest_far'])} or more",
        "",
    ]
    cells = [["", "wanted", "distance", "from", "strangers accepted", "own people refused"]]
    for name, title in _TITLES.items():
        t = data[name]
        many = name == "identify"
        wanted = _percent(t["target_fpir"]) + " a search" if many else _percent(t["target_far"])
        source = {"site": "your people", "bounded": "your people, stricter", "manifest": "the model's own"}[t["from"]]
        accepted, refused = (t["fpir"], t["miss"]) if many else (t["far"], t["frr"])
        cells.append([title, wanted, f"{t['threshold']:.3f}", source, _measured(accepted), _measured(refused)])
    lines += table(cells)
    lines += ["rates: on your people, at that distance (in brackets: 95 % sure)", data["assumes"]]
    for name, title in _TITLES.items():
        t = data[name]
        if not t["supported"]:
            wanted = f"{_percent(t['target_fpir'])} a search" if name == "identify" else _percent(t["target_far"])
            lines.append(
                f"{title}: {data['people']} people cannot speak for {wanted}, {t['people_needed']:,} or more could"
            )
    if data["note"]:
        lines.append(data["note"])
    if data["people_with_several_photos"] == 0:
        lines.append("nobody has two photos: how often your own people are refused cannot be said")
    return lines


def _door_lines(kept: Kept) -> list[str]:
    before, after = kept.door_before, kept.door_after
    if after is None:
        return ["the door has no thresholds to go by: give --door"]
    if before == after:
        return ["the door goes by the same thresholds as before"]
    was = "no thresholds" if before is None else f"{before.door:.3f} (with a badge {before.verify:.3f})"
    laxer = before is not None and (after.door > before.door or after.verify > before.verify)
    how = ", laxer than before" if laxer else ""
    return [f"the door goes by {after.door:.3f} (with a badge {after.verify:.3f}) instead of {was}{how}"]


def _pairs(count: int) -> str:
    return f"{count} pair{'' if count == 1 else 's'}"


def _measured(rate: list[float] | None) -> str:
    if rate is None:
        return "?"
    value, low, high = rate
    if value <= 0:
        return f"none seen (less than {_percent(high)})"
    least = f"{_percent(low)} to" if low >= 1e-5 else "at most"
    return f"{_percent(value)} ({least} {_percent(high)})"


def _percent(rate: float) -> str:
    from faceapp.app.calibration import percent

    return percent(rate)
