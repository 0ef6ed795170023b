"""`faceapp kiosk`: a door and who stands before it, in a window over the whole screen or without one."""

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
    from faceapp.app.kiosk.headless import KioskSummary
    from faceapp.app.kiosk.site import KioskOptions
    from faceapp.app.parts import Parts

ShowKiosk: TypeAlias = "Callable[[Parts, KioskOptions, Callable[[str], None]], int]"
"""Shows the kiosk until an administrator ends it and returns the exit status. Given by `faceapp.__main__`: cli knows no
Qt."""


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's command to the parser."""
    p = commands.add_parser("kiosk", parents=[common], help="the entry kiosk: opens a door for those who may enter")
    p.add_argument(
        "--source",
        metavar="SRC",
        help="a camera's number or device, a video file, a folder of pictures, rtsp:// or http://, demo: "
        "(default: the first camera)",
    )
    p.add_argument(
        "--door",
        metavar="URL",
        help="sim: (drawn), mqtt://host/topic, https://host/path, serial:/dev/ttyUSB0?board=lcus1, gpio:17; "
        "user, password and secret: see SECURITY.md",
    )
    p.add_argument("--mode", choices=("identify", "verify"), help="the face alone, or a badge first and then the face")
    p.add_argument("--claim", metavar="NAME", help="with --mode verify: this person is claimed all the time")
    p.add_argument(
        "--liveness",
        choices=("off", "passive", "active", "both"),
        help="how a person is told from a picture: active asks for movements of the head, passive has a model look "
        "(default: active, and passive besides where a model is installed)",
    )
    p.add_argument("--headless", action="store_true", help="no window: watch the door, write events")
    p.add_argument("--no-drop", action="store_true", help="process every frame of a finite source, as fast as it goes")
    p.add_argument("--frames", type=int, metavar="N", help="stop after N processed frames")
    p.add_argument("--events", metavar="FILE", help="write a JSON line for every frame, grant and refusal (-: stdout)")
    p.add_argument(
        "--detector", metavar="ID", help="how faces are found: mtcnn, ssd or a pack's (`faceapp models list`)"
    )
    p.add_argument("--embedder", metavar="ID", help="which network compares faces")
    p.add_argument("--precision", choices=("auto", "fp32", "int8", "fp16"), help="of the networks")
    p.set_defaults(run=run_kiosk)


def run_kiosk(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp kiosk [--source SRC] [--door URL] [--headless]`."""
    from faceapp.app.kiosk.site import kiosk_options
    from faceapp.app.parts import Parts

    if not arguments.headless and (arguments.no_drop or arguments.frames or arguments.events or output.json):
        raise UsageError("--no-drop, --frames, --events and --json go with --headless")
    if arguments.frames is not None and arguments.frames < 1:
        raise UsageError("--frames needs a number of at least 1")
    if arguments.headless and arguments.source is None:
        raise UsageError("--headless needs --source")
    parts = Parts.open(
        arguments.data_dir,
        detector=arguments.detector,
        embedder=arguments.embedder,
        precision=arguments.precision,
    )
    with parts:
        options = kiosk_options(
            parts, arguments.source, arguments.door, arguments.mode, arguments.liveness, arguments.claim
        )
        if arguments.headless:
            return _headless(parts, options, arguments, output)
        show: ShowKiosk | None = arguments.show_kiosk
        if show is None:
            raise UsageError("no window can be shown from here: use --headless")
        return show(parts, options, lambda line: output.note(f"faceapp: {line}"))


def _headless(parts: Parts, options: KioskOptions, arguments: argparse.Namespace, output: Output) -> int:
    from faceapp.app.headless import Interruption
    from faceapp.app.kiosk.headless import run

    with ExitStack() as stack:
        interruption = stack.enter_context(Interruption())
        events = stack.enter_context(Events(arguments.events))
        summary = run(
            parts,
            options,
            drop=not arguments.no_drop,
            frames=arguments.frames,
            event=events.write,
            note=lambda line: output.note(f"faceapp: {line}"),
            interruption=interruption,
        )
        _print(summary, arguments, output)
    return 0


def _print(summary: KioskSummary, arguments: argparse.Namespace, output: Output) -> None:
    if arguments.events == "-":
        return
    data = summary.as_json()
    granted = ", ".join(f"{name} ({n})" for name, n in summary.grants.items()) or "nobody"
    refused = ", ".join(f"{reason.replace('_', ' ')} ({n})" for reason, n in summary.refusals.items()) or "nobody"
    output.result(
        data,
        [
            figures(data),
            f"let in: {granted}",
            f"refused: {refused}",
            *([f"out of order in {summary.out_of_order} frames"] if summary.out_of_order else []),
        ],
    )
    sys.stdout.flush()
