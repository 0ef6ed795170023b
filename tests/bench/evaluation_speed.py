"""How long `faceapp evaluate` takes for as many pictures as LFW's View 2 needs (7,701), and how much memory.

    .venv/bin/python tests/bench/evaluation_speed.py --images DIR [--count 7701] [--precision int8] [--embedder ID]

From the photographs below DIR (any size, one face each) pictures of 250 x 250 are made in a temporary folder, a face
about 115 high as in LFW, each a little different; then the command runs on them, with its cache, and is measured whole:
start, hashing, reading, detecting, embedding, figures. It fails where the first run takes more than 4 minutes by the
clock, or 1.5 GB, which is promised for 7,701 pictures on 2 cores: run it while nothing else runs.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

MOST_SECONDS, MOST_MEGABYTES = 240, 1500
SIDE, FACE = 250, 145
"""Pixels of a picture, and of the longer side of the photograph in it."""


def make_pictures(photos: list[Path], folder: Path, count: int) -> list[str]:
    """`count` different pictures, in folders named as those of the photographs; returns their paths in there."""
    random = np.random.default_rng(0)
    names = []
    for k in range(count):
        photo = photos[k % len(photos)]
        image = cv2.imread(str(photo))
        scale = FACE / max(image.shape[:2])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = ((SIDE - side) // 2 + int(random.integers(-5, 6)) for side in small.shape[:2])
        edges = (top, SIDE - top - small.shape[0], left, SIDE - left - small.shape[1])
        picture = cv2.copyMakeBorder(small, *edges, cv2.BORDER_REPLICATE)
        name = f"{photo.parents[1].name}/{k:05d}.jpg"
        (folder / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        names.append(name)
    return names


def write_pairs(names: list[str], file: Path) -> None:
    """Each picture with the next of its person, and with one of somebody else."""
    lines = []
    by_person = sorted(names)
    for k, (a, b) in enumerate(itertools.pairwise(by_person)):
        same = a.split("/")[0] == b.split("/")[0]
        lines.append(f"{a}\t{b}\t{int(same)}")
        other = by_person[(k + len(names) // 2) % len(names)]
        if same and other.split("/")[0] != a.split("/")[0]:
            lines.append(f"{a}\t{other}\t0")
    file.write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--count", type=int, default=7701)
    parser.add_argument("--precision", default="int8")
    parser.add_argument("--embedder", default="facenet+dlib")
    options = parser.parse_args()
    photos = sorted(options.images.rglob("*.jpg"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        write_pairs(make_pictures(photos, folder / "images", options.count), folder / "pairs.txt")
        command = [sys.executable, "-m", "faceapp", "--data-dir", str(folder / "data"), "evaluate"]
        command += [str(folder / "pairs.txt"), "--images", str(folder / "images")]
        command += ["--precision", options.precision, "--embedder", options.embedder]
        late = []
        for what in ("first run", "from the cache"):
            before = os.times()
            start = time.perf_counter()
            subprocess.run(command, check=True)
            seconds = time.perf_counter() - start
            after = os.times()
            cpu = after.children_user + after.children_system - before.children_user - before.children_system
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{what}: {options.count} pictures in {seconds:.0f} s ({cpu:.0f} s of processor), {memory:.0f} MB")
            if seconds > MOST_SECONDS or memory > MOST_MEGABYTES:
                late.append(what)
    if late:
        raise SystemExit(f"too slow or too large ({', '.join(late)}): {MOST_SECONDS} s, {MOST_MEGABYTES} MB at most")


if __name__ == "__main__":
    main()
