"""A person of one clip, enrolled from one of its frames, in that clip and in others.

    .venv/bin/python tests/bench/clips.py OWN.webm OTHER.mp4... [--frame 40] [--precision P]

Prints for each clip in how many of the frames with a face the person is named, and in how many anybody is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2

NAME = "The person of the clip"


def frame_of(clip: Path, number: int, file: Path) -> None:
    """Write one frame of a clip as a picture."""
    capture = cv2.VideoCapture(str(clip))
    image = None
    for _ in range(number + 1):
        _, image = capture.read()
    if image is None:
        raise SystemExit(f"{clip} has no frame {number}")
    cv2.imwrite(str(file), image)


def faceapp(data: str, *words: str) -> None:
    """Run a command in a data directory of its own."""
    command = [sys.executable, "-m", "faceapp", "--data-dir", data, *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--frame", type=int, default=40)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        picture, events = Path(folder) / "frame.png", Path(folder) / "events.jsonl"
        frame_of(options.clips[0], options.frame, picture)
        faceapp(folder, "enroll", NAME, str(picture), "--precision", options.precision)
        for clip in options.clips:
            live = ("live", "--source", str(clip), "--headless", "--no-drop", "--precision", options.precision)
            faceapp(folder, *live, "--events", str(events))
            lines = [json.loads(line) for line in events.read_text().splitlines()]
            frames = [line["faces"] for line in lines if line["type"] == "frame"]
            seen = [faces for faces in frames if faces]
            named = sum(any(f["name"] == NAME for f in faces) for faces in seen)
            print(f"{clip.name}: {len(frames)} frames, {len(seen)} with a face, the person named in {named}")


if __name__ == "__main__":
    main()
