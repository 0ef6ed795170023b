"""`faceapp liveness test`: how well a photograph is told from a person, on a site's own clips and pictures.

Also `faceapp models import liveness`, which brings a model for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from faceapp.cli.output import Output


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's command to the parser."""
    liveness = commands.add_parser("liveness", parents=[common], help="try how well pictures are told from people")
    verbs = liveness.add_subparsers(dest="verb", metavar="VERB", required=True)
    p = verbs.add_parser("test", parents=[common], help="measure it on your own clips and pictures")
    p.add_argument("--live", metavar="PATH", type=Path, required=True, help="people: a clip, or a folder")
    p.add_argument(
        "--attack",
        metavar="PATH",
        type=Path,
        required=True,
        help="prints, screens ...: a clip, or a folder; a folder within it is a kind of its own",
    )
    p.add_argument("--model", metavar="ID", help="which liveness model (default: the one that was imported)")
    p.add_argument("--verbose", action="store_true", help="say of each picture that it is looked at")
    p.set_defaults(run=test)


def test(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp liveness test --live PATH --attack PATH`."""
    from faceapp.app.liveness_test import run_test
    from faceapp.app.parts import Parts

    with Parts.open(arguments.data_dir) as parts, output.steps() as report:
        done = run_test(
            parts,
            arguments.live,
            arguments.attack,
            model=arguments.model,
            progress=report,
            verbose=arguments.verbose,
        )
    r = done.report
    counted = {"people": r.live, **r.attacks}
    lines = [f"{done.model}, live from {done.threshold:g}"]
    lines += [f"attacks taken for a person (APCER), {kind}: {rate.sentence()}" for kind, rate in r.attacks.items()]
    lines.append(f"people not taken for one (BPCER): {r.live.sentence()}")
    lines.append(f"undecided: {r.undecided_live} of people, who count as rejected; {r.undecided_attacks} of attacks")
    if r.live.enough and all(a.enough for a in r.attacks.values()):
        lines.append(f"mean of the worst APCER and BPCER (ACER): {r.acer:.1%}")
    lines.append(
        "counted, as in ISO/IEC 30107-3, were presentations: each picture and each clip is one, whatever it shows "
        "(several of one person or one print aren't independent): "
        + ", ".join(f"{kind} {rate.presentations}" for kind, rate in counted.items())
    )
    output.result(done.as_json(), lines)
    return 0


def register_import(kinds: Any, common: argparse.ArgumentParser) -> None:
    """Add `liveness` to the kinds of `faceapp models import`."""
    p = kinds.add_parser("liveness", parents=[common], help="a passive liveness model as one ONNX file")
    p.add_argument("file", metavar="FILE", type=Path)
    p.add_argument("--id", required=True, help="what it shall be called")
    p.add_argument("--size", metavar="PIXELS", type=int, required=True, help="side of the square picture it takes")
    p.add_argument("--scale", type=float, required=True, help="how much around the face's box it is shown: 2.7")
    p.add_argument("--colour", choices=("rgb", "bgr"), required=True, help="the order of its colours")
    p.add_argument("--range", type=int, choices=(1, 255), required=True, help="what white is")
    p.add_argument("--live-class", metavar="N", type=int, required=True, help="which of its outputs, from 0, is live")
    p.add_argument("--threshold", metavar="SHARE", type=float, default=0.2, help="live from this share on")
    p.add_argument("--attack-below", metavar="SHARE", type=float, default=0.05, help="an attack below this share")
    p.add_argument("--title", metavar="TEXT", default="", help="for people")
    p.add_argument("--licence", metavar="TEXT", default="", help="what may be done with it")
    p.set_defaults(run=import_model)


def import_model(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models import liveness FILE --id ID …`: exit 3 where the file is refused."""
    from faceapp.app.liveness_import import LivenessEntry, import_liveness
    from faceapp.app.parts import Parts

    entry = LivenessEntry(
        id=arguments.id,
        size=arguments.size,
        scale=arguments.scale,
        colour=arguments.colour,
        range=arguments.range,
        live_class=arguments.live_class,
        live_from=arguments.threshold,
        attack_below=arguments.attack_below,
        title=arguments.title,
        licence=arguments.licence,
    )
    with Parts.open(arguments.data_dir) as parts:
        data = import_liveness(parts, arguments.file, entry).as_json()
    lines = [
        f"remembered {data['imported']}: {data['classes']} classes, class {data['live_class']} is live, "
        f"{data['bytes'] / 1e6:.1f} MB, about {data['milliseconds']:.0f} ms a face here",
        'try it on your own people and pictures of them: "faceapp liveness test --live PATH --attack PATH"',
    ]
    output.result(data, lines)
    return 0
