"""faceapp on a clip, detection and embedding of every frame; compare.py calls it.

.venv/bin/python tests/bench/peers/ours.py EMBEDDER CLIP --threads 2 [--frames N] [--min-face 60]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time

import cv2

from faceapp.app.parts import Parts
from faceapp.camera.choose import parse_source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder")
    parser.add_argument("clip")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frames", type=int, default=0)
    parser.add_argument("--min-face", type=int, default=60)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    with (
        tempfile.TemporaryDirectory() as data,
        Parts.open(data, embedder=options.embedder, threads=options.threads, detector="mtcnn") as parts,
    ):
        detector, embedder, source = parts.detector(), parts.embedder(), parse_source(options.clip)
        source.open()
        warm = source.read()
        assert warm is not None
        embedder.embed(warm.image, detector.detect(warm.image, options.min_face))
        source.close()
        source.open()
        found: list[int] = []
        begun, processor = time.perf_counter(), time.process_time()
        while not options.frames or len(found) < options.frames:
            frame = source.read()
            if frame is None:
                break
            faces = detector.detect(frame.image, options.min_face)
            found.append(len(embedder.embed(frame.image, faces)))
        seconds, processor = time.perf_counter() - begun, time.process_time() - processor
        source.close()
        runs_on = parts.provider_text()
    row = {"frames": len(found), "seconds": seconds, "processor": processor, "found": found, "runs_on": runs_on}
    print(json.dumps(row))


if __name__ == "__main__":
    main()
