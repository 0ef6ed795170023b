"""`faceapp bench`: how fast this machine recognises faces."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from faceapp.cli.output import Output
from faceapp.errors import InputError, UsageError

if TYPE_CHECKING:
    from faceapp.types import Frame, FrameResult

TimePainting: TypeAlias = "Callable[[Sequence[tuple[Frame, FrameResult]]], list[float]]"
"""Paints each result over its frame and returns the milliseconds each took. Given by `faceapp.__main__`: cli knows no
Qt."""
PARTS = ("stages", "pipeline", "latency", "start", "search")


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's command to the parser."""
    p = commands.add_parser(
        "bench",
        parents=[common],
        help="how fast this machine recognises faces: each stage, whole films, delay, memory, start, search",
        description="Measures on films made of photographs that come with faceapp. Nobody enrolled is needed or seen.",
    )
    p.add_argument("--clip", metavar="FILE", type=Path, help="measure on this video instead of films made here")
    p.add_argument("--seconds", metavar="N", type=float, default=4.0, help="length of each film made here (4)")
    p.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="only these parts")
    p.add_argument(
        "--search", nargs="+", type=int, metavar="K", default=[1_000, 100_000], help="sizes of the galleries to search"
    )
    p.add_argument("--detector", metavar="ID", help="how faces are found")
    p.add_argument("--embedder", metavar="ID", help="which network compares faces")
    p.add_argument("--min-face", type=int, metavar="PX", help="height of the smallest face looked for")
    p.add_argument("--precision", choices=("auto", "fp32", "int8", "fp16"), help="of the networks")
    p.set_defaults(run=bench)


def bench(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp bench [--clip FILE]`."""
    if not 1 <= arguments.seconds <= 600:
        raise UsageError("--seconds needs a number from 1 to 600")
    if any(not 2 <= k <= 2_000_000 for k in arguments.search):
        raise UsageError("--search needs numbers from 2 to 2000000")
    if arguments.min_face is not None and not 12 <= arguments.min_face <= 2000:
        raise UsageError(f"--min-face needs a number from 12 to 2000, not {arguments.min_face}")
    if arguments.clip is not None and not arguments.clip.exists():
        raise InputError(f"{str(arguments.clip)!r}: there is no such file")
    if arguments.clip is not None and arguments.clip.is_dir():
        raise InputError(f"{str(arguments.clip)!r} is a folder: name a video")

    from faceapp.app.bench.run import Wish
    from faceapp.app.bench.run import bench as measure
    from faceapp.app.bench.text import lines
    from faceapp.app.bench.timed import TimedParts

    wish = Wish(arguments.only, arguments.seconds, arguments.clip, arguments.search)
    paint: TimePainting | None = arguments.time_painting
    try:
        with TimedParts.open(
            arguments.data_dir,
            detector=arguments.detector,
            embedder=arguments.embedder,
            min_face=arguments.min_face,
            precision=arguments.precision,
        ) as parts:
            report = measure(parts, wish, paint, lambda what: output.note(f"faceapp: {what}"))
    except KeyboardInterrupt:
        output.error("stopped before the end: there are no figures")
        return 130
    output.result(report, lines(report))
    return 0
