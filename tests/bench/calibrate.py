"""Recompute the numbers in `models/` that were measured on photographs: FaceNet's mean embedding, the thresholds.

    .venv/bin/python tests/bench/calibrate.py mean --cfp DIR        writes models/statistics/facenet-512.mean.json
    .venv/bin/python tests/bench/calibrate.py weights --cfp DIR     how the weights of facenet+dlib were chosen
    .venv/bin/python tests/bench/calibrate.py thresholds --cfp DIR  prints the tables for models/manifest.toml

Only the `tune` people of `split.txt` are looked at, their frontal photos, in FP32: nobody whom `tests/bench/cfp.py`
enrols or tries. Whose pictures a number was made from is noted beside it (`used_pictures.py`). Run them in this order
after a change of a network, a crop or a normalisation, and put the printed tables into the manifest.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from faceapp.app.parts import Parts
from faceapp.evaluation.metrics import impostor_distances, tar_at_far, threshold_at_far
from faceapp.images import read_image
from faceapp.types import BgrImage, Face
from faceapp.vision.embedder import unit_rows
from tests.bench.used_pictures import note

FARS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
Vectors = NDArray[np.float32]


def tune_photos(cfp: Path) -> list[tuple[str, Path]]:
    """Person and path of every frontal photo of the tune people."""
    roles = [line.split() for line in (cfp / "split.txt").read_text().splitlines() if line.strip()]
    people = [person for person, role in roles if role == "tune"]
    return [(p, f) for p in people for f in sorted((cfp / "images" / p / "frontal").glob("*.jpg"))]


def faces(cfp: Path) -> tuple[NDArray[np.intp], list[tuple[BgrImage, Face]], list[Path]]:
    """Whose it is, the largest face and the file of every tune photo with a face."""
    detector = Parts.open(precision="fp32").detector()
    photos = tune_photos(cfp)
    people = list(dict.fromkeys(person for person, _ in photos))
    owners, found, used = [], [], []
    for person, file in photos:
        image = read_image(file)
        seen = detector.detect(image, 40)
        if seen:
            owners.append(people.index(person))
            found.append((image, seen[0]))
            used.append(file)
    return np.array(owners, np.intp), found, used


def embeddings(embedder: str, found: list[tuple[BgrImage, Face]]) -> tuple[str, Vectors]:
    """The space's id and the unit rows of the faces."""
    e = Parts.open(precision="fp32", embedder=embedder).embedder()
    return e.space, np.concatenate([e.embed(image, [face]) for image, face in found])


def write_mean(cfp: Path) -> None:
    """The mean of FaceNet's unit embeddings."""
    _, found, used = faces(cfp)
    _, vectors = embeddings("facenet-512", found)
    mean = [round(float(v), 6) for v in vectors.mean(axis=0)]
    source = "60 people, 10 frontal photos each (CFP, tune)"
    text = json.dumps({"network": "facenet-512", "source": source, "mean": mean})
    Path("models/statistics/facenet-512.mean.json").write_text(text + "\n")
    note("facenet-512.mean", mean, used)


def choose_weights(cfp: Path) -> None:
    """TAR at FAR 1e-4 for weights of the dlib part, on halves of the tune people, the mean from the other half."""
    owners, found, used = faces(cfp)
    f, d = embeddings("facenet-512", found)[1], embeddings("dlib-resnet-128", found)[1]
    for weight in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0):
        rates = []
        for seed in range(10):
            half = np.random.default_rng(seed).permutation(owners.max() + 1) % 2
            for side in (0, 1):
                here = half[owners] == side
                centred = unit_rows(f[here] - f[~here].mean(axis=0))
                e, o = unit_rows(np.hstack([centred, weight * d[here]])), owners[here]
                i, j = np.triu_indices(len(o), 1)
                distances = np.sqrt(np.maximum(0.0, 2 - 2 * (e @ e.T)[i, j].astype(np.float64)))
                rates.append(tar_at_far(distances, o[i] == o[j], 1e-4))
        print(f"facenet 1 : dlib {weight:g}   TAR at FAR 1e-4: {np.mean(rates):.4f}")
    note("facenet+dlib.weights", [p.weight for p in Parts.open().manifest.embedder("facenet+dlib").parts], used)


def print_thresholds(cfp: Path, only: Sequence[str] = ()) -> None:
    """The tables, in the manifest's form; all embedders, or `only` these."""
    owners, found, used = faces(cfp)
    for embedder in only or Parts.open().manifest.embedders:
        space, vectors = embeddings(embedder, found)
        impostors = impostor_distances(vectors, owners)
        distances = [round(threshold_at_far(impostors, far), 4) for far in FARS]
        print(f'[thresholds."{embedder}"]\nspace = "{space}"\nfars = {list(FARS)}\ndistances = {distances}')
        note(f"{embedder}.thresholds", distances, used)
        print(f'source = "{len(impostors)} impostor pairs of {owners.max() + 1} people, frontal (CFP, tune), FP32"\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("mean", "weights", "thresholds"))
    parser.add_argument("--cfp", type=Path, required=True)
    parser.add_argument("--embedder", action="append", default=[], help="thresholds: just of this one")
    options = parser.parse_args()
    if options.what == "thresholds":
        print_thresholds(options.cfp, options.embedder)
    else:
        {"mean": write_mean, "weights": choose_weights}[options.what](options.cfp)


if __name__ == "__main__":
    main()
