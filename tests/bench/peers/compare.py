"""faceapp beside the packages that people use today: the same clip, the same threads, in one run.

    bash tests/bench/peers/setup.sh PEERS
    .venv/bin/python tests/bench/peers/compare.py CLIP --peers PEERS/bin/python [--runs 3] [--frames N] [--threads 2]

All decode, find and embed every frame, one after the other, in turns, each in a process of its own; the first frame
warms. "live" is `faceapp live --headless --no-drop`, which follows faces and embeds them when that tells something new;
whether it is right in every frame `tests/bench/live_truth.py` says. Prints the median of the runs in frames a second by
the clock, and the processor time of a frame, which is what to compare on a machine that others use. The ratios are
those of one run; the promised ones stand beside them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENOUGH = 100
FACENET, DLIB = "facenet-512", "dlib-resnet-128-plain"
PROMISES = (
    ("every frame, FaceNet", "facenet-pytorch", 5.0),
    ("live, FaceNet", "facenet-pytorch", 12.0),
    ("every frame, FaceNet", "opencv", None),
    ("live, FaceNet", "opencv", None),
    ("every frame, dlib's network", "face_recognition", None),
    ("live, dlib's network", "face_recognition", 20.0),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took."""

    frames: int
    seconds: float
    processor: float
    found: list[int]
    """Faces in each frame."""


def outcome(command: list[str], environment: dict[str, str]) -> dict:
    """The JSON object that a command prints last."""
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def script(python: str, file: str, name: str, options: argparse.Namespace, environment: dict[str, str]) -> Run:
    """A run of peer.py or ours.py."""
    words = [python, str(HERE / file), name, str(options.clip), "--threads", str(options.threads)]
    words += ["--frames", str(options.frames), "--min-face", str(options.min_face)]
    row = outcome(words, environment)
    return Run(row["frames"], row["seconds"], row["processor"], row["found"])


def live(embedder: str, options: argparse.Namespace, environment: dict[str, str]) -> Run:
    """The command, on nobody enrolled but the clip's person: names are searched for as in use."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**environment, "FACEAPP_KEYS_DIR": f"{data}/keys"}
        faceapp = [sys.executable, "-m", "faceapp", "--data-dir", f"{data}/data", "--json"]
        Path(data, "data").mkdir(mode=0o700)
        Path(data, "data", "settings.json").write_text(json.dumps({"version": 1, "threads": options.threads}))
        words = ["live", "--headless", "--no-drop", "--source", str(options.clip), "--embedder", embedder]
        words += ["--min-face", str(options.min_face), "--detector", "mtcnn"]
        events = Path(data, "events")
        starting = children_seconds()
        outcome([*faceapp, *words, "--frames", "1"], environment)
        begun = children_seconds()
        last = ["--frames", str(options.frames)] if options.frames else []
        summary = outcome([*faceapp, *words, *last, "--events", str(events)], environment)
        spent = children_seconds() - begun - (begun - starting)
        frames = [json.loads(line) for line in events.read_text().splitlines()]
    found = [len(e["faces"]) for e in frames if e["type"] == "frame"]
    # Of a short run little is left beside its start, whose time varies by more.
    return Run(len(found), len(found) / summary["fps"], spent if len(found) >= ENOUGH else math.nan, found)


def children_seconds() -> float:
    """Processor time of all commands so far."""
    times = os.times()
    return times.children_user + times.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--peers", required=True, help="Python of the environment that setup.sh made")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--frames", type=int, default=0, help="only so many of the clip (0: all)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--min-face", type=int, default=60)
    options = parser.parse_args()
    threads = str(options.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    contestants = {
        "facenet-pytorch": lambda: script(options.peers, "peer.py", "facenet-pytorch", options, environment),
        "opencv": lambda: script(options.peers, "peer.py", "opencv", options, environment),
        "face_recognition": lambda: script(options.peers, "peer.py", "face_recognition", options, environment),
        "every frame, FaceNet": lambda: script(sys.executable, "ours.py", FACENET, options, environment),
        "every frame, dlib's network": lambda: script(sys.executable, "ours.py", DLIB, options, environment),
        "live, FaceNet": lambda: live(FACENET, options, environment),
        "live, dlib's network": lambda: live(DLIB, options, environment),
    }
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    for k in range(options.runs):
        for name, run in contestants.items():
            print(f"run {k + 1}: {name}", file=sys.stderr)
            runs[name].append(run())
    show(options, runs)
    return 0


def show(options: argparse.Namespace, runs: dict[str, list[Run]]) -> None:
    """Print the table and the ratios."""
    print(f"{options.clip.name}, {options.threads} threads, faces from {options.min_face} pixels; medians")
    print(f"{'':30}{'frames/s':>10}{'processor ms':>14}{'frames with a face':>20}{'faces':>8}")
    fps, each = {}, {}
    for name, some in runs.items():
        fps[name] = statistics.median(r.frames / r.seconds for r in some)
        each[name] = statistics.median(1000 * r.processor / r.frames for r in some)
        found = some[-1].found
        seen = f"{sum(map(bool, found))} of {len(found)}"
        print(f"{name:30}{fps[name]:10.1f}{each[name]:14.2f}{seen:>20}{sum(found):8}")
    print(f"{'':54}{'by the clock':>14}{'by processor time':>19}{'promised':>10}")
    for ours, theirs, promise in PROMISES:
        ratio, work = fps[ours] / fps[theirs], each[theirs] / each[ours]
        print(f"{ours + ' / ' + theirs:54}{ratio:14.1f}{work:19.1f}{'' if promise is None else f'{promise:g}':>10}")


if __name__ == "__main__":
    raise SystemExit(main())
