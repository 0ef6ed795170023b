"""`faceapp evaluate`: how good an embedder is on pictures whose people are known."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli.output import Output, table
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.evaluate import EmbedderResult, EvaluationResult, Wish
    from faceapp.evaluation.identification import Identification
    from faceapp.evaluation.intervals import Interval
    from faceapp.evaluation.verification import Verification

_FOLDERS = ""
"""What `--identify` means without a file."""


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's command to the parser."""
    p = commands.add_parser(
        "evaluate",
        parents=[common],
        help="how good is an embedder? On pairs of pictures, or at telling who somebody is",
        description="PAIRS is a list in LFW's form (View 1 or 2), or lines `path path 0|1`, with tabs or spaces.",
        epilog="Example: faceapp evaluate --identify --images PHOTOS --report REPORT, where PHOTOS has a folder for "
        "each person.",
    )
    p.add_argument("pairs", metavar="PAIRS", nargs="?", type=Path)
    p.add_argument("--images", metavar="DIR", type=Path, help="where the paths begin")
    p.add_argument("--embedder", metavar="ID", help="which network compares faces (see `faceapp models list`)")
    p.add_argument("--detector", metavar="ID", help="how faces are found")
    p.add_argument("--compare", metavar="ID", nargs="+", default=[], help="further embedders on the same pictures")
    p.add_argument("--report", metavar="DIR", type=Path, help="write report.html and scores.csv there")
    p.add_argument("--no-pictures", action="store_true", help="leave the pictures of people out of the report")
    p.add_argument("--train", metavar="FILE", type=Path, help="LFW's View 1: pairs to choose the threshold on")
    p.add_argument(
        "--identify",
        metavar="SPLIT",
        nargs="?",
        const=_FOLDERS,
        help="who is this? A folder for each person; SPLIT says who is enrolled, stranger or tune; else all are",
    )
    p.add_argument("--shots", metavar="N", type=int, default=1, help="with --identify: photos enrolled of each (1)")
    p.add_argument("--within", metavar="FOLDER", help="with --identify: only this folder of each person's")
    p.add_argument(
        "--face",
        choices=("largest", "central"),
        help="which face of a picture is meant; central for LFW's lists, else largest",
    )
    p.add_argument("--untouched", action="store_true", help="leave out people on whom a shipped number was tuned")
    p.add_argument("--min-face", type=int, metavar="PX", help="height of the smallest face looked for")
    p.add_argument("--precision", choices=("auto", "fp32", "int8", "fp16"), help="of the networks")
    p.add_argument("--no-cache", action="store_true", help="keep nothing that is made from the faces")
    p.add_argument("--forget", action="store_true", help="delete what evaluations keep, and do nothing else")
    p.set_defaults(run=evaluate)


def evaluate(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp evaluate PAIRS --images DIR`."""
    if arguments.forget:
        return _forget(arguments, output)
    if arguments.images is None:
        raise UsageError("say where the pictures are with --images DIR; see `faceapp evaluate --help`")
    if arguments.pairs is None and arguments.identify is None:
        raise UsageError("name a list of pairs, or add --identify; see `faceapp evaluate --help`")
    if arguments.shots < 1:
        raise UsageError("--shots must be 1 or more: so many photos of each person are enrolled")
    if arguments.train is not None and arguments.pairs is None:
        raise UsageError("--train belongs to a list of pairs: name one; see `faceapp evaluate --help`")

    from faceapp.app.evaluate import evaluate as run
    from faceapp.app.evaluate_report import check_folder, write_report
    from faceapp.app.parts import Parts

    if arguments.report is not None:
        check_folder(arguments.report)

    with Parts.open(
        arguments.data_dir,
        detector=arguments.detector,
        min_face=arguments.min_face,
        precision=arguments.precision,
    ) as parts:
        wish = _wish(arguments, parts.settings.embedder)
        done: dict[str, int] = {}
        with output.steps() as progress:

            def follow(what: str, count: int, total: int) -> None:
                done[what] = count
                progress(what, count, total)

            try:
                result = run(parts, wish, follow)
            except KeyboardInterrupt:
                output.note(f"faceapp: interrupted: {_kept(wish, sum(done.values()))}")
                raise
    row, lines = result.as_json(), _lines(result)
    if arguments.report is not None:
        written = write_report(result, arguments.report, pictures=not arguments.no_pictures)
        row["report"] = [str(file) for file in written]
        lines.append(f"written: {', '.join(row['report'])}")
    for line in list(result.unreadable.values())[:10]:
        output.note(f"faceapp: {line}")
    if len(result.unreadable) > 10:
        output.note(f"faceapp: {len(result.unreadable) - 10} more pictures cannot be used")
    output.result(row, lines)
    return 3 if result.unreadable else 0


def _kept(wish: Wish, pictures: int) -> str:
    if not wish.cache:
        return "nothing is kept, as --no-cache asked"
    if not pictures:
        return "nothing was embedded yet"
    are = "embedding is" if pictures == 1 else "embeddings are"
    return f"{pictures} {are} kept, and the same command goes on from there (--forget deletes them)"


def _wish(arguments: argparse.Namespace, usual: str) -> Wish:
    from faceapp.app.evaluate import Wish

    first = [arguments.embedder] if arguments.embedder else []
    embedders = tuple(dict.fromkeys([*first, *arguments.compare])) or (usual,)
    if len(embedders) == 1 and arguments.compare and not first:
        embedders = tuple(dict.fromkeys([usual, *embedders]))
    return Wish(
        images=arguments.images,
        embedders=embedders,
        pairs=arguments.pairs,
        train=arguments.train,
        crowd=arguments.identify is not None,
        split=Path(arguments.identify) if arguments.identify else None,
        shots=arguments.shots,
        within=arguments.within,
        face=arguments.face,
        untouched=arguments.untouched,
        cache=not arguments.no_cache,
    )


def _forget(arguments: argparse.Namespace, output: Output) -> int:
    from faceapp import paths
    from faceapp.app.evaluate_cache import forget_pictures

    size = forget_pictures(paths.data_dir(arguments.data_dir))
    text = f"deleted {size / 1e6:.1f} MB that evaluations kept" if size else "evaluations keep nothing"
    output.result({"deleted_bytes": size}, [text])
    return 0


# For people

_TOO_FEW = " (too few impostor pairs)"


def _lines(result: EvaluationResult) -> list[str]:
    lines: list[str] = []
    for row in result.embedders:
        lines += _embedder_lines(row, result)
    for c in result.comparisons:
        lines.append(f"{c.second} against {c.first}, 95 % intervals drawn over people:")
        for name, d in c.differences.items():
            label = name.replace("tar@", "TAR at FAR ")
            lines.append(f"  {label}: {100 * d.value:+.2f} points{_points(d.interval)}")
        a = c.answers
        lines.append(
            f"  right where the other is wrong: {a.only_second} against {a.only_first}, McNemar's p = {a.p:.3g}"
        )
    for s in result.search_comparisons:
        lines.append(f"{s.second} against {s.first} at naming people, strangers and thresholds drawn anew:")
        for name, d in s.differences.items():
            only = s.answers[name]
            label = name.replace("dir@", "named rightly at FPIR ").replace("rank1", "first")
            lines.append(
                f"  {label}: {100 * d.value:+.2f} points{_points(d.interval) or ' (too few to draw from)'}; "
                f"{only.only_second} against {only.only_first}, McNemar's p = {only.p:.3g}"
            )
    return lines


def _embedder_lines(row: EmbedderResult, result: EvaluationResult) -> list[str]:
    lines = [f"{row.id}, {row.detector}, {row.provider}: {row.images_per_second:.1f} pictures a second"]
    if row.verification is not None:
        lines += _pair_lines(row.verification)
    if row.untouched is not None:
        lines.append(f"  without those on whom a shipped number was tuned ({len(result.met)}):")
        lines += [f"  {line}" for line in _pair_lines(row.untouched)]
    elif result.met and not result.left_out:
        lines.append(f"  {len(result.met)} of these people were used for tuning: the figures flatter")
    if result.left_out:
        lines.append(f"  {result.left_out} pairs of {len(result.met)} people used for tuning were left out")
    if row.identification is not None:
        lines += _identification_lines(row.identification, result.crowd.left_out if result.crowd else 0)
        if result.met_in_crowd:
            tune = set(result.crowd.tune) if result.crowd else set()
            others = result.met_in_crowd - tune
            if others:
                lines.append(f"  {len(others)} of these people were used for tuning: the figures flatter")
    return lines


def _pair_lines(v: Verification) -> list[str]:
    missing = f", {v.failed} without a face" if v.failed else ""
    rates = ", ".join(
        f"{100 * far:g} %: {100 * tar:.1f} %"
        + (_TOO_FEW if far in v.unsure else _range(v.intervals.get(f"tar@{far:g}")))
        for far, tar in v.tar.items()
    )
    return [
        f"  {len(v.distances)} pairs{missing}: {100 * v.accuracy.mean:.2f} % right ± {100 * v.accuracy.std:.2f}"
        f"{_range(v.intervals.get('accuracy'))}, threshold {v.threshold:.3f}",
        f"  genuine pairs accepted at a false-accept rate of {rates}",
        f"  AUC {v.curve.auc():.5f}, equal error rate {100 * v.curve.eer():.2f} %",
    ]


def _identification_lines(i: Identification, left_out: int) -> list[str]:
    who = "each with their own person taken out" if i.taken_out else "people who are not enrolled"
    lines = [
        f"  {i.people} people, {i.templates} photos enrolled, {i.probes} probes: {100 * i.rank(1):.1f} % first"
        f"{_range(i.intervals.get('rank1'))}, {100 * i.rank(5):.1f} % among the first five",
    ]
    if i.failed:
        lines.append(f"  {i.failed} pictures without a face: {i.failed} probes or strangers that nobody could name")
    if i.not_enrolled:
        lines.append(f"  not enrolled, as none of their photos shows a face: {i.not_enrolled} more, not in the figures")
    if left_out:
        lines.append(f"  left out, as they have too few photos: {left_out} more")
    lines += [
        f"  where at most {100 * f:g} % of {i.strangers} strangers are named (really {100 * i.reached[f]:.2f} %; "
        f"{who}): {100 * v:.1f} % named rightly"
        + (" (too few strangers for an interval)" if f in i.unsure else _range(i.intervals.get(f"dir@{f:g}")))
        for f, v in i.dir_at_fpir.items()
    ]
    rows = [
        (f"  {a.what}", f"{a.threshold:.4f}", f"named {a.named} of {i.probes}{_range(a.named_interval)}",
         f"wrongly {a.wrongly}", f"strangers {a.strangers_named} of {i.strangers}{_range(a.strangers_interval)}")
        for a in i.at
    ]  # fmt: skip
    return lines + (table(rows) if rows else [])


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f" ({100 * interval[0]:.1f} to {100 * interval[1]:.1f})"


def _points(interval: Interval | None) -> str:
    return "" if interval is None else f" ({100 * interval[0]:+.2f} to {100 * interval[1]:+.2f})"
