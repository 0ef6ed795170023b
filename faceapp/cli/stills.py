"""Commands over still pictures: detect, embed, verify, enroll, identify."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli import consent, imports
from faceapp.cli.output import Output
from faceapp.errors import InputError, KnownError, UsageError

if TYPE_CHECKING:
    from faceapp.app.parts import Parts


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's commands to the parser."""
    models = argparse.ArgumentParser(add_help=False, parents=[common])
    models.add_argument(
        "--detector", metavar="ID", help="how faces are found: mtcnn, ssd or a pack's (see `faceapp models list`)"
    )
    models.add_argument("--embedder", metavar="ID", help="which network compares faces (see `faceapp models list`)")
    models.add_argument("--min-face", type=int, metavar="PX", help="height of the smallest face looked for")
    models.add_argument("--precision", choices=("auto", "fp32", "int8", "fp16"), help="of the networks")

    p = commands.add_parser("detect", parents=[models], help="find the faces in a picture")
    p.add_argument("image", metavar="IMAGE")
    p.set_defaults(run=detect)

    p = commands.add_parser("embed", parents=[models], help="write the embeddings of pictures to an .npz file")
    p.add_argument("images", metavar="IMAGE", nargs="*")
    p.add_argument("--list", metavar="FILE|-", help="a file (or -, stdin) with one path a line")
    p.add_argument("--out", metavar="F.npz", required=True)
    p.set_defaults(run=embed)

    p = commands.add_parser("verify", parents=[models], help="is this the claimed person? (1:1)")
    p.add_argument("probe", metavar="PROBE")
    p.add_argument("reference", metavar="REFERENCE", nargs="?")
    p.add_argument("--name", help="compare with this enrolled person instead of a picture")
    p.set_defaults(run=verify)

    known = "make a person known, from one good photo"
    p = commands.add_parser("enroll", aliases=["enrol"], parents=[models], help=known)
    one = [p.add_argument("name", metavar="NAME"), p.add_argument("images", metavar="IMAGE", nargs="+")]
    imports.register(p, instead_of=one)
    consent.add_options(p)
    p.add_argument("--face", type=int, metavar="N", help="of one picture with several faces: the N-th largest")
    p.add_argument("--quality", choices=("warn", "strict"), default="warn", help="strict: refuse a poor photo")
    p.add_argument(
        "--on-duplicate",
        choices=("warn", "refuse", "add"),
        default="warn",
        help="when the face is somebody's already: warn, refuse, or add the photo to that person",
    )
    p.set_defaults(run=enroll)

    p = commands.add_parser("identify", parents=[models], help="who is this? (1:K)")
    p.add_argument("images", metavar="IMAGE", nargs="+")
    p.set_defaults(run=identify)


def _parts(arguments: argparse.Namespace) -> Parts:
    from faceapp.app.parts import Parts

    return Parts.open(
        arguments.data_dir,
        detector=arguments.detector,
        embedder=arguments.embedder,
        min_face=arguments.min_face,
        precision=arguments.precision,
    )


def detect(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp detect IMAGE`."""
    from faceapp.app.stills import detect as run

    with _parts(arguments) as parts:
        report = run(parts, arguments.image)
    faces = report["faces"]
    lines = [f"{arguments.image}: {len(faces) or 'no'} face{'' if len(faces) == 1 else 's'} ({report['detector']})"]
    for number, f in enumerate(faces, 1):  # as `enroll --face` counts them
        x1, y1, x2, y2 = f["box"]
        lines.append(f"  {number}: {x2 - x1:.0f}x{y2 - y1:.0f} px at ({x1:.0f}, {y1:.0f}), score {f['score']:.3f}")
    output.result(report, lines)
    return 0


def embed(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp embed [IMAGE...] --out F.npz`."""
    from faceapp.app.stills import embed_files

    paths = list(arguments.images)
    if arguments.list:
        paths += _read_list(arguments.list)
    if not paths:
        raise UsageError("name pictures, or a list of them with --list; see `faceapp embed --help`")
    with _parts(arguments) as parts:
        report = embed_files(parts, output.progress(paths, "embedding"), Path(arguments.out))
    for line in report.problems:
        output.note(f"faceapp: {line}")
    data = {
        "out": arguments.out,
        "pictures": len(paths),
        "found": report.found,
        "embedder": report.embedder,
        "space": report.space,
        "dimension": report.dimension,
        "unreadable": len(report.problems),
    }
    output.result(data, [f"{report.found} of {len(paths)} pictures embedded ({report.embedder}) to {arguments.out}"])
    return 3 if report.problems else 0


def _read_list(name: str) -> list[str]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_bytes().decode("utf-8")
    except OSError as e:
        raise InputError(f"{name} cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise InputError(f"{name} is not a list of paths: it is not text") from e
    # Only at line feeds: `splitlines` would also part a file's name at the form feed or U+2028 in it.
    return [line for line in (line.removesuffix("\r") for line in text.split("\n")) if line.strip()]


def verify(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp verify PROBE REFERENCE` or `faceapp verify PROBE --name NAME`."""
    from faceapp.app.stills import verify as run

    if (arguments.reference is None) == (arguments.name is None):
        raise UsageError("give a second picture or --name NAME, one of the two; see `faceapp verify --help`")
    with _parts(arguments) as parts:
        report = run(parts, arguments.probe, arguments.reference, arguments.name)
    whom = arguments.name or "the same person"
    word = f"yes, {whom}" if report["same"] else f"no, not {whom}"
    output.result(report, [f"{word}: distance {report['distance']:.3f}, threshold {report['threshold']:.3f}"])
    return 0 if report["same"] else 1


def enroll(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp enroll NAME IMAGE...`, or an import."""
    from faceapp.app.enrolling import Enroller
    from faceapp.app.enrolling import enroll as run
    from faceapp.app.upkeep import Upkeep

    kind = imports.wanted(arguments)
    if arguments.face is not None and (kind is not None or len(arguments.images) != 1):
        raise UsageError("--face N chooses a face of one picture: name one; see `faceapp enroll --help`")
    given = consent.given(arguments)
    with _parts(arguments) as parts:
        if kind is not None:
            return imports.enroll_many(arguments, output, parts, kind)
        Upkeep(parts.data_dir, parts.settings).run(parts.gallery())
        enroller = Enroller(parts, arguments.quality, arguments.on_duplicate, given)
        report, wrong = run(enroller, arguments.name, output.progress(arguments.images, "enrolling"), arguments.face)
    lines = []
    for row in report["enrolled"]:
        warnings = f" ({'; '.join(row['warnings'])})" if row["warnings"] else ""
        lines.append(f"{row['name']}: {row['image']}, quality {row['quality']:.0f} of 100{warnings}")
    for row in report["rejected"]:
        boxes = row.get("boxes", ())
        at = "; ".join(f"{number} at ({x1:.0f}, {y1:.0f})" for number, (x1, y1, _, _) in enumerate(boxes, 1))
        choose = f", or choose one with --face 1 to {len(boxes)}: {at}" if boxes else ""
        output.note(f"faceapp: {row['reason']}{choose}")
    output.result(report, lines)
    return wrong.exit_status if wrong else 0


def identify(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp identify IMAGE...`."""
    from faceapp.app.stills import identify as run

    images: list[dict[str, Any]] = []
    problems: list[KnownError] = []
    with _parts(arguments) as parts:
        for path in output.progress(arguments.images, "identifying"):
            row, problem = run(parts, path)
            images.append(row)
            if problem is not None:
                problems.append(problem)
    lines = []
    for row in images:
        for face in row["faces"]:
            who = face["name"] or "unknown"
            distance = "" if face["distance"] is None else f", distance {face['distance']:.3f}"
            limit = "" if face["threshold"] is None else f", threshold {face['threshold']:.3f}"
            lines.append(f"{row['image']}: {who}{distance}{limit}")
    for problem in problems:
        output.note(f"faceapp: {problem}")
    output.result({"images": images}, lines)
    if problems:
        return 3
    return 0 if any(face["name"] for row in images for face in row["faces"]) else 1
