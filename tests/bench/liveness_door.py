"""No clip and no photograph opens the door: `faceapp kiosk` on recordings of people who may enter.

    .venv/bin/python -m tests.bench.liveness_door --data DIR [--work DIR]

Wants a folder with `video/` (`real2.webm`, `fake2.webm`, `short_hamilton_clip.mp4`) and `liveness/` (MiniFASNetV2's
ONNX file; `nuaa/live` and `nuaa/print`, whose names begin with the person): research data, never part of this project.
Everybody in them is enrolled from the very clip or photographs and allowed; then each is played with `off` (to see that
somebody would be let in), `active`, `passive` and `both`. Exit status 1 where one is granted with `active` or `both`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

FACEAPP = [sys.executable, "-m", "faceapp"]
MODEL = (
    "--id",
    "minifasnet",
    "--size",
    "80",
    "--scale",
    "2.7",
    "--colour",
    "bgr",
    "--range",
    "255",
    "--live-class",
    "1",
)


def faceapp(site: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line."""
    command = [*FACEAPP, *(str(w) for w in words), "--data-dir", str(site)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def photographs(clip: Path, folder: Path) -> Iterator[Path]:
    """A few frames of a clip, to enrol from."""
    reader = cv2.VideoCapture(str(clip))
    for n in range(10_000):
        read, image = reader.read()
        if not read:
            return
        if n % 60 == 20:
            cv2.imwrite(str(folder / f"{clip.stem}-{n}.png"), image)
            yield folder / f"{clip.stem}-{n}.png"


def enrol(site: Path, data: Path, work: Path) -> None:
    """The man of the clips, the largest faces of the film, and NUAA's people, each with their own pictures."""
    pictures: dict[str, list[Path]] = {"Man": list(photographs(data / "video" / "real2.webm", work))}
    for number, picture in enumerate(photographs(data / "video" / "short_hamilton_clip.mp4", work)):
        pictures[f"Actor {number}"] = [picture]
    for photo in sorted((data / "liveness" / "nuaa" / "live").glob("*.jpg")):
        mine = pictures.setdefault(f"Subject {photo.name[:4]}", [])
        if len(mine) < 3:
            mine.append(photo)
    for name, files in pictures.items():
        for file in files:
            faceapp(site, "enroll", name, file, "--face", "1")
        faceapp(site, "people", "allow", name)


def play(site: Path, source: Path, liveness: str) -> dict[str, Any]:
    """The summary of one run."""
    done = faceapp(site, "kiosk", "--source", source, "--headless", "--no-drop", "--json", "--liveness", liveness)
    if done.returncode:
        raise SystemExit(done.stderr)
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--liveness", nargs="+", default=["off", "active", "passive", "both"])
    arguments = parser.parse_args()
    data, granted = arguments.data, 0
    with tempfile.TemporaryDirectory() as folder:
        work, site = Path(folder), Path(folder) / "site"
        enrol(site, data, work)
        model = data / "liveness" / "2.7_80x80_MiniFASNetV2.onnx"
        imported = faceapp(site, "models", "import", "liveness", model, *MODEL)
        print(imported.stdout.strip() or imported.stderr.strip())
        sources = [data / "video" / n for n in ("real2.webm", "fake2.webm", "short_hamilton_clip.mp4")]
        sources += [data / "liveness" / "nuaa" / kind for kind in ("live", "print")]
        for liveness in arguments.liveness:
            for source in sources:
                summary = play(site, source, liveness)
                told = {name: summary[name] for name in ("frames_processed", "grants", "refusals")}
                print(f"{liveness:8} {source.name:24} {json.dumps(told)}", flush=True)
                granted += sum(summary["grants"].values()) if liveness in ("active", "both") else 0
    print("ok    nobody was let in by a recording" if granted == 0 else f"FAIL  {granted} grants")
    return 1 if granted else 0


if __name__ == "__main__":
    sys.exit(main())
