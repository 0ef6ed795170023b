"""`faceapp models import …`: networks that somebody brings, one kind of source each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from faceapp.cli import liveness, packs
from faceapp.cli.output import Output
from faceapp.types import JsonObject


def register(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add `import` and its kinds to the verbs of `faceapp models`."""
    importer = verbs.add_parser("import", parents=[common], help="take in a network that somebody brings")
    kinds = importer.add_subparsers(dest="kind", metavar="KIND", required=True)
    _register_onnx(kinds, common)
    _register_openface(kinds, common)
    _register_trained(kinds, common)
    liveness.register_import(kinds, common)
    packs.register(kinds, common)


def _register_onnx(kinds: Any, common: argparse.ArgumentParser) -> None:
    p = kinds.add_parser("onnx", parents=[common], help="an embedder as one ONNX file")
    p.add_argument("file", metavar="FILE", type=Path)
    p.add_argument("--id", required=True, help="what it shall be called")
    p.add_argument("--size", metavar="PIXELS", type=int, required=True, help="side of the square picture it takes")
    p.add_argument("--colour", choices=("rgb", "bgr"), required=True, help="the order of its colours")
    p.add_argument("--mean", metavar="M[,M,M]", type=_three, required=True, help="taken from each value (0 to 255) …")
    p.add_argument("--std", metavar="S[,S,S]", type=_three, required=True, help="… which is then divided by this")
    p.add_argument(
        "--crop",
        required=True,
        metavar="box:MARGIN|similarity:arcface|similarity:dlib",
        help="the face's box widened by MARGIN in all, or upright after one of the two templates",
    )
    p.add_argument("--mirror", action="store_true", help="average with the mirrored picture")
    p.add_argument("--title", metavar="TEXT", default="", help="for people")
    p.add_argument("--licence", metavar="TEXT", default="", help="what may be done with it")
    p.set_defaults(run=import_onnx)


def import_onnx(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models import onnx FILE --id ID …`: exit 3 where the file is refused."""
    from faceapp.app.model_import import EmbedderEntry, crop_of, import_embedder
    from faceapp.app.parts import Parts

    entry = EmbedderEntry(
        id=arguments.id,
        crop=crop_of(arguments.crop, arguments.size),
        colour=arguments.colour,
        mean=arguments.mean,
        std=arguments.std,
        mirror=arguments.mirror,
        title=arguments.title,
        licence=arguments.licence,
    )
    with Parts.open(arguments.data_dir) as parts:
        done = import_embedder(parts, arguments.file, entry)
    data = done.as_json()
    lines = _remembered(data, arguments.crop)
    output.result(data, lines)
    return 0


def _remembered(data: JsonObject, crop: str) -> list[str]:
    return [
        f"remembered {data['imported']} ({data['title']}): {data['dimension']} numbers a face, "
        f"{data['bytes'] / 1e6:.1f} MB, about {data['milliseconds']:.0f} ms a face here",
        f"it is shown {data['input']}, crop {crop}" + (", and the mirror image" if data["mirror"] else ""),
        f"licence: {data['licence']}",
        f'it cannot decide anything yet: run "faceapp calibrate --embedder {data["imported"]}" to find its thresholds',
    ]


def _register_openface(kinds: Any, common: argparse.ArgumentParser) -> None:
    p = kinds.add_parser("openface-csv", parents=[common], help="OpenFace's nn4.small2 as a folder of CSV files")
    p.add_argument(
        "folder", metavar="DIR", type=Path, help="one file for each of its 224 tensors, as in Keras-OpenFace"
    )
    p.add_argument("--id", help="what it shall be called (default: openface-nn4-small2)")
    p.set_defaults(run=import_openface_csv)


def import_openface_csv(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models import openface-csv DIR`: exit 3 where a file is missing, wrong or does not belong there."""
    from faceapp.app.openface_import import DEFAULT_ID, import_openface
    from faceapp.app.parts import Parts

    with Parts.open(arguments.data_dir) as parts:
        done = import_openface(parts, arguments.folder, arguments.id or DEFAULT_ID)
    data = {**done.imported.as_json(), "passed_over": list(done.passed_over)}
    lines = _remembered(data, "eyes, nose and mouth brought to OpenFace's template")
    if done.passed_over:
        lines.append(f"not used, since no layer has them: {', '.join(done.passed_over)}")
    output.result(data, lines)
    return 0


def _register_trained(kinds: Any, common: argparse.ArgumentParser) -> None:
    p = kinds.add_parser("trained", parents=[common], help="what `faceapp train` made, whether it is a gain or not")
    p.add_argument("folder", metavar="DIR", type=Path, help="the --out of a run")
    p.add_argument("--id", help="what it shall be called (default: the folder's name)")
    p.set_defaults(run=import_trained)


def import_trained(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp models import trained DIR`: exit 3 where no run made that folder."""
    from faceapp.app.parts import Parts
    from faceapp.app.training.install import take_in

    with Parts.open(arguments.data_dir) as parts:
        done = take_in(parts, arguments.folder, arguments.id)
    data = done.as_json()
    lines = _remembered(data, f"of {done.spec.parts[0].crop.size} pixels")
    if data["calibrated"]:
        lines[-1] = f'"faceapp models use {data["imported"]}" puts it into use'
    output.result(data, lines)
    return 0


def _three(text: str) -> tuple[float, float, float]:
    """One number for all colours, or three."""
    values = [float(v) for v in text.split(",")]
    if len(values) not in (1, 3):
        raise argparse.ArgumentTypeError("one number, or three with commas between them")
    return (values[0], values[-1] if len(values) == 1 else values[1], values[-1])
