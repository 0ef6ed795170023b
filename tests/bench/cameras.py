"""How many frames a second of each of several cameras are recognised, on one set of networks?

    .venv/bin/python -m tests.bench.cameras [--cameras 4] [--faces 1] [--seconds 20] [--clip FILE] [--every]

A film of one face (or six) is made at 640 x 480, or a clip is taken, and as many sources play it in real time as there
are to be cameras. Prints the frames a second of each camera; the processor time of the whole program in parts of the
time it took (2 is all there is on two cores: below, there was room); and what embedding the faces of several cameras'
frames together could save at most. For that every camera sees the same at the same time, so more embeddings fall
together here than anywhere else. Fails below 15 frames a second.

On a machine that others use, the frames a second say little: `--every` tells what one costs in processor time.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from faceapp.app.bench import films
from faceapp.app.enrolling import Enroller
from faceapp.app.parts import Parts
from faceapp.app.several import SharedNetworks
from faceapp.app.spaces import current_index
from faceapp.camera.choose import source_maker
from faceapp.pipeline.several_run import SeveralRun
from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.embedder import Embedder

ENOUGH = 15.0
TOGETHER = 1 / 3
"""What embedding two faces at once saves of embedding them one by one (`vision.embedder.embed_each`)."""


class Counted:
    """An embedder that counts how often it is asked."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.id, self.space = embedder.id, embedder.space
        self.dimension, self.provider = embedder.dimension, embedder.provider
        self.asked = 0

    def embed(self, image: BgrImage, faces: Sequence[Face]) -> Floats:
        """See `Embedder.embed`."""
        self.asked += 1
        return self._embedder.embed(image, faces)


class CountedParts(Parts):
    """Parts with that embedder."""

    counted: Counted | None = None

    def embedder(self) -> Embedder:
        """See `Parts.embedder`."""
        self.counted = self.counted or Counted(super().embedder())
        return self.counted


def measure(parts: CountedParts, clip: Path, cameras: int, every: bool) -> list[float]:
    """Play, or take every frame, and print; frames a second of each camera."""
    shared = SharedNetworks(parts, [str(clip)] * cameras, warm=True)
    shared.search(current_index(parts))
    run = SeveralRun([source_maker(str(clip))] * cameras, shared.recognisers, drop=not every, frames=None)
    turns: list[tuple[int, bool]] = []
    named = faces = asked = 0
    spent_ms = {"embed": 0.0, "all": 0.0}
    clock, processor = time.perf_counter(), time.process_time()
    for camera, result in run:
        before, asked = asked, parts.counted.asked if parts.counted else 0
        turns.append((camera, asked > before))
        spent_ms["embed"] += result.stages_ms["embed"]
        spent_ms["all"] += sum(result.stages_ms.values())
        faces += len(result.faces)
        named += sum(f.match is not None and f.match.accepted for f in result.faces)
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    for n, tally in enumerate(run.cameras):
        p50, p95 = tally.latencies.percentiles()
        print(f"  camera {n}: {tally.fps:5.1f} frames a second, latency {p50:.0f} ms (p95 {p95:.0f} ms)")
    total = run.total
    print(f"  {total.frames_processed} of {total.frames_read} frames, {named} of {faces} faces named")
    each = 1000 * processor / max(1, total.frames_processed)
    print(
        f"  processor time / time: {processor / clock:.2f}; {each:.1f} ms of processor time a frame, reading included"
    )
    embedded = [k for k, (_, was) in enumerate(turns) if was]
    paired = sum(k + 1 < len(turns) and turns[k + 1][1] and turns[k + 1][0] != turns[k][0] for k in embedded)
    share, pairs = spent_ms["embed"] / max(1e-9, spent_ms["all"]), paired / max(1, len(embedded))
    print(
        f"  embedding: in {len(embedded)} of {len(turns)} frames, {share:.0%} of the time of recognising; in", end=" "
    )
    print(f"{pairs:.0%} of them the next frame's too: together they would save {share * pairs * TOGETHER:.1%} at most")
    return [tally.fps for tally in run.cameras]


def main() -> int:
    """Measure one number of cameras."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--faces", type=int, choices=(1, 6), default=1)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--every", action="store_true", help="every frame, as fast as it goes: what a frame costs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FACEAPP_KEYS_DIR"] = str(Path(folder, "keys"))  # nothing is left among the user's keys
        data = Path(folder, "data")
        data.mkdir(mode=0o700)
        with CountedParts.open(data) as parts:
            clip = options.clip
            if clip is None:
                clip, people = Path(folder, "film.mp4"), films.sitters(options.faces)
                films.write(clip, people, (640, 480), round(options.seconds * films.FPS))
                enroller = Enroller(parts)
                for person in people:
                    found = parts.detector().detect(person.photograph, 40)
                    face = max(found, key=lambda f, there=person.face: f.box.iou(there))
                    enroller.enrol(person.name, person.photograph, "photograph", face=face)
            print(f"{options.cameras} cameras, {clip.name}, on {os.cpu_count()} cores, {parts.provider_text()}")
            return 0 if min(measure(parts, clip, options.cameras, options.every)) >= ENOUGH else 1


if __name__ == "__main__":
    raise SystemExit(main())
