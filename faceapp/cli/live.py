"""`faceapp` and `faceapp live`: the window, or the same without one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

from faceapp.cli.events import Events, figures
from faceapp.cli.output import Output
from faceapp.errors import UsageError

if TYPE_CHECKING:
    from faceapp.app.headless import Summary
    from faceapp.app.parts import Parts
    from faceapp.app.several_headless import SeveralSummary

ShowWindow: TypeAlias = "Callable[[Parts, str | None], int]"
"""Shows the live window on a source (None: the first camera) and returns the exit status. Given by `faceapp.__main__`:
cli knows no Qt."""
ShowGrid: TypeAlias = "Callable[[Parts, list[str]], int]"
"""The same for several sources at a time."""


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    p = commands.add_parser("live", parents=[common], help="names over faces, from a camera, a file or a stream")
    p.add_argument(
        "--source",
        metavar="SRC",
        action="append",
        help="a camera's number or device, a video file, a folder of pictures, rtsp:// or http://, demo:; "
        "more than once: several cameras at a time",
    )
    p.add_argument("--headless", action="store_true", help="no window: count, write events")
    p.add_argument("--no-drop", action="store_true", help="process every frame of a finite source, as fast as it goes")
    p.add_argument("--frames", type=int, metavar="N", help="stop after N processed frames (of each camera)")
    p.add_argument("--events", metavar="FILE", help="write a JSON line for every processed frame (-: stdout)")
    p.add_argument(
        "--detector", metavar="ID", help="how faces are found: mtcnn, ssd or a pack's (`faceapp models list`)"
    )
    p.add_argument("--embedder", metavar="ID", help="which network compares faces")
    p.add_argument("--min-face", type=int, metavar="PX", help="height of the smallest face looked for")
    p.add_argument("--precision", choices=("auto", "fp32", "int8", "fp16"), help="of the networks")
    p.set_defaults(run=run_live)


def run_default(arguments: argparse.Namespace, _output: Output) -> int:
    """`faceapp` without a command: the live window on the first camera."""
    from faceapp.app.parts import Parts

    return _window(Parts.open(arguments.data_dir), None, arguments)


def run_live(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp live --source SRC [--headless]`."""
    from faceapp.app.parts import Parts

    if not arguments.headless and (arguments.no_drop or arguments.frames or arguments.events or output.json):
        raise UsageError("--no-drop, --frames, --events and --json go with --headless")
    if arguments.frames is not None and arguments.frames < 1:
        raise UsageError("--frames needs a number of at least 1")
    parts = Parts.open(
        arguments.data_dir,
        detector=arguments.detector,
        embedder=arguments.embedder,
        min_face=arguments.min_face,
        precision=arguments.precision,
    )
    sources: list[str] = arguments.source or []
    if not arguments.headless:
        if len(sources) > 1:
            return _grid(parts, sources, arguments)
        return _window(parts, sources[0] if sources else None, arguments)
    if not sources:
        raise UsageError("--headless needs --source")
    return _headless(parts, sources, arguments, output)


def _grid(parts: Parts, sources: list[str], arguments: argparse.Namespace) -> int:
    show: ShowGrid | None = arguments.show_grid
    if show is None:
        raise UsageError("no window can be shown from here: use --headless")
    with parts:
        return show(parts, sources)


def _window(parts: Parts, source: str | None, arguments: argparse.Namespace) -> int:
    show: ShowWindow | None = arguments.show_window
    if show is None:
        raise UsageError("no window can be shown from here: use --headless")
    with parts:
        return show(parts, source)


def _headless(parts: Parts, sources: list[str], arguments: argparse.Namespace, output: Output) -> int:
    from faceapp.app.headless import Interruption, run
    from faceapp.app.several_headless import run as run_several

    with ExitStack() as stack:
        interruption = stack.enter_context(Interruption())
        stack.enter_context(parts)
        events = stack.enter_context(Events(arguments.events))

        def note(line: str) -> None:
            output.note(f"faceapp: {line}")

        how = (not arguments.no_drop, arguments.frames, events.write, note, interruption)
        if len(sources) > 1:
            several = run_several(parts, sources, *how)
            _print(several, arguments, output)
            for error in several.run.failed.values():
                note(str(error))
            return several.exit_status
        summary = run(parts, sources[0], *how)
        for line in summary.notices:
            note(line)
        _print(summary, arguments, output)
    return 0


def _print(summary: Summary | SeveralSummary, arguments: argparse.Namespace, output: Output) -> None:
    if arguments.events == "-":
        return
    data = summary.as_json()
    names = ", ".join(f"{name} ({n} frames)" for name, n in summary.names.items()) or "nobody known"
    each = [f"{c['source']}: {figures(c)}" for c in data.get("cameras", ())]
    output.result(data, [*each, *([f"in all: {figures(data)}"] if each else [figures(data)]), f"seen: {names}"])
    sys.stdout.flush()
