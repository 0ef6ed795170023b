"""How many faces each detector finds, what it takes for one, and how long it takes.

    python tests/bench/detection.py --data DIR [--detector ID] [--models DATA_DIR] [--min-face PX] [--clip FILE]...

DIR holds dlib's example photographs with `training.xml` and `testing.xml`. An annotated face of 40 px and more is found
if a detected box overlaps it by at least 0.4 (intersection over union) with its centre inside; dlib's boxes are squarer
than anybody else's. A false positive overlaps no annotated face, of any size, by 0.2. With `--models`, the detectors of
packs that were imported into that data directory run as well; with `--clip`, milliseconds for a frame of a video file
(or a photograph, resized to 640 x 480) at two minimum sizes.
"""

from __future__ import annotations

import argparse
import statistics
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import cv2

from faceapp import paths
from faceapp.app.parts import Parts
from faceapp.images import SUFFIXES, read_image
from faceapp.types import BgrImage, Box
from faceapp.vision.detector import Detector
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.session import ModelSession, SessionPolicy, open_session
from faceapp.vision.ssd import Ssd

SMALLEST = 40


def detectors(precision: str, threads: int, own: Path | None) -> dict[str, Detector]:
    """Both detectors from the built networks, and those of the data directory `own`."""

    def network(name: str) -> ModelSession:
        return open_session(paths.models_dir() / f"{name}.{precision}.onnx", SessionPolicy("auto", threads))

    mtcnn = Mtcnn(network("mtcnn-pnet"), network("mtcnn-rnet"), network("mtcnn-onet"))
    found: dict[str, Detector] = {"mtcnn": mtcnn, "ssd": Ssd(network("ssd-resnet10"), mtcnn)}
    if own is not None:
        with Parts.open(own, threads=threads) as parts:
            found |= {d.id: parts.detector(d.id) for d in parts.manifest.detectors.values() if d.kind == "scrfd"}
    return found


def annotations(folder: Path) -> Iterator[tuple[str, list[Box]]]:
    """Every photo's name and annotated boxes."""
    for name in ("training.xml", "testing.xml"):
        for image in ET.parse(folder / name).getroot().iter("image"):  # noqa: S314 - a local file of one's own choice
            corners = [[float(b.get(k, "0")) for k in ("left", "top", "width", "height")] for b in image.iter("box")]
            yield str(image.get("file")), [Box(x, y, x + w, y + h) for x, y, w, h in corners]


def matches(found: Box, truth: Box) -> bool:
    x, y = found.center
    return found.iou(truth) >= 0.4 and truth.x1 <= x <= truth.x2 and truth.y1 <= y <= truth.y2


def milliseconds(detector: Detector, picture: BgrImage, min_face: int, times: int = 15) -> float:
    """Median of several runs, the first two not counted."""
    taken = []
    for _ in range(times + 2):
        start = time.perf_counter()
        detector.detect(picture, min_face)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[2:])


def photos(folder: Path, chosen: dict[str, Detector], min_face: int) -> None:
    """A row for each photo, the detectors side by side."""
    print(f"{'photo':24}{'annotated':>10}" + "".join(f"{name:>12} found   extra      ms" for name in chosen))
    totals = dict.fromkeys(chosen, (0, 0))
    wanted = 0
    for name, boxes in annotations(folder):
        image = read_image(folder / name)
        large = [b for b in boxes if b.height >= SMALLEST]
        wanted += len(large)
        row = f"{name:24}{len(large):>10}"
        for key, detector in chosen.items():
            faces = detector.detect(image, min_face)
            found = sum(any(matches(f.box, b) for f in faces) for b in large)
            extra = sum(all(f.box.iou(b) < 0.2 for b in boxes) for f in faces)
            taken = milliseconds(detector, image, min_face)
            row += f"{found:>18}{extra:>8}{taken:>8.1f}"
            totals[key] = (totals[key][0] + found, totals[key][1] + extra)
        print(row)
    print(f"{'all':24}{wanted:>10}" + "".join(f"{f:>18}{e:>8}{'':8}" for f, e in totals.values()))


def frames(path: Path) -> list[BgrImage]:
    """Up to 60 frames of a clip, or one photograph as a 640 x 480 frame."""
    if path.suffix.lower() in SUFFIXES:
        return [cast(BgrImage, cv2.resize(read_image(path), (640, 480), interpolation=cv2.INTER_AREA))]
    capture = cv2.VideoCapture(str(path))
    taken = []
    while len(taken) < 60:
        there, frame = capture.read()
        if not there:
            break
        taken.append(cast(BgrImage, frame))
    capture.release()
    return taken


def clip(path: Path, chosen: dict[str, Detector]) -> None:
    """Milliseconds a frame."""
    pictures = frames(path)
    for key, detector in chosen.items():
        for min_face in (40, 60):
            counts = [len(detector.detect(p, min_face)) for p in pictures]
            some = pictures[:: max(1, len(pictures) // 12)]
            taken = [milliseconds(detector, p, min_face, 5) for p in some]
            size = f"{pictures[0].shape[1]}x{pictures[0].shape[0]}"
            print(
                f"{path.name:28}{size:>9}  {key:6} min_face {min_face}: {statistics.median(taken):6.1f} ms a frame, "
                f"{statistics.mean(counts):.1f} faces"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with photographs, training.xml, testing.xml")
    parser.add_argument("--detector", metavar="ID", help="only this one")
    parser.add_argument("--models", type=Path, metavar="DATA_DIR", help="with this data directory's own detectors")
    parser.add_argument("--min-face", type=int, default=SMALLEST)
    parser.add_argument("--precision", choices=("fp32", "int8", "fp16"), default="fp32")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--clip", type=Path, action="append", default=[], help="video or photograph to time")
    options = parser.parse_args()
    every = detectors(options.precision, options.threads, options.models)
    chosen = {k: d for k, d in every.items() if options.detector in (None, k)}
    if not chosen:
        parser.error(f"there is no detector {options.detector}: choose one of {', '.join(every)}")
    photos(options.data, chosen, options.min_face)
    for path in options.clip:
        clip(path, chosen)


if __name__ == "__main__":
    main()
