"""What the command line does with still pictures: detect, embed, verify, identify. Enrolling: `app/enrolling.py`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from faceapp.app.parts import Parts
from faceapp.app.spaces import current_index, require_person
from faceapp.errors import InputError, KnownError, NoFaceError, TwoFacesError, UnavailableError
from faceapp.files import write_atomically
from faceapp.gallery.index import GalleryIndex
from faceapp.images import read_image
from faceapp.types import BgrImage, Box, Face, Floats, JsonObject, Match
from faceapp.vision.faces import dominant_face

METRIC = "euclidean"


def _box(box: Box) -> list[float]:
    return [round(v, 2) for v in box.as_list()]


def detect(parts: Parts, path: str) -> JsonObject:
    """The faces of a picture, largest first, in pixels of the upright original."""
    image = read_image(Path(path))
    faces = parts.detector().detect(image, parts.settings.min_face)
    return {
        "image": path,
        "detector": parts.settings.detector,
        "faces": [
            {
                "box": _box(f.box),
                "score": round(f.score, 4),
                "landmarks": None if f.landmarks is None else [[round(float(v), 2) for v in p] for p in f.landmarks],
            }
            for f in faces
        ],
    }


def _dominant(parts: Parts, path: str) -> tuple[BgrImage, Face]:
    image = read_image(Path(path))
    faces = parts.detector().detect(image, parts.settings.min_face)
    try:
        return image, dominant_face(faces)
    except NoFaceError as e:
        raise NoFaceError(f"{path}: no face was found: use a picture with the whole face, seen from the front") from e
    except TwoFacesError as e:
        raise TwoFacesError(f"{path}: two faces of about the same size: use a picture of one person alone") from e


def _embed_one(parts: Parts, path: str) -> tuple[BgrImage, Face, Floats]:
    image, face = _dominant(parts, path)
    vector: Floats = parts.embedder().embed(image, [face])[0]
    return image, face, vector


def embed_one(parts: Parts, path: str) -> Floats:
    """The embedding (D,) of the dominant face of a picture. Raises InputError where there is none."""
    return _embed_one(parts, path)[2]


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """What `embed_files` did."""

    found: int
    embedder: str
    space: str
    dimension: int
    problems: tuple[str, ...]
    """A line for each picture that could not be read."""


def embed_files(parts: Parts, images: Iterable[str], out: Path) -> EmbedReport:
    """Write `embeddings` float32 (N, D), `paths` and `found` bool (N) to the .npz file `out`, atomically. The largest
    face of each picture counts; a picture without a face, or one that can't be read, gets a zero row. Raises InputError
    where `out` can't be such a file, UnavailableError where the disk doesn't take it."""
    target = _writable(out)  # before the work, not after it
    detector, embedder = parts.detector(), parts.embedder()
    rows: list[Floats] = []
    names: list[str] = []
    problems: list[str] = []
    for name in images:
        row = np.zeros(embedder.dimension, np.float32)
        try:
            image = read_image(Path(name))
        except InputError as e:
            problems.append(str(e))
        else:
            faces = detector.detect(image, parts.settings.min_face)
            if faces:
                row = embedder.embed(image, faces[:1])[0]
        rows.append(row)
        names.append(name)
    embeddings = np.array(rows, np.float32)
    found = embeddings.any(axis=1)

    def content(file: BinaryIO) -> None:
        np.savez(file, embeddings=embeddings, paths=np.array(names), found=found)

    try:
        write_atomically(target, content, mode=0o600)  # embeddings are personal data
    except OSError as e:
        raise UnavailableError(f"{out} cannot be written ({e.strerror or e}): free some space") from e
    return EmbedReport(int(found.sum()), embedder.id, embedder.space, embedder.dimension, tuple(problems))


def _writable(out: Path) -> Path:
    """The file that `out` means, behind a symbolic link too."""
    try:
        target = out.resolve()
        good = target.parent.is_dir() and (target.is_file() or not target.exists())
    except (OSError, RuntimeError) as e:  # links in a circle
        raise InputError(f"{out} cannot be written: name a file") from e
    if not good:
        raise InputError(f"{out} cannot be written: name a file in a folder that exists")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise UnavailableError(f"{out} cannot be written: {target.parent} is not yours to write to")
    return target


def verify(parts: Parts, probe: str, reference: str | None, name: str | None) -> JsonObject:
    """Is the dominant face of `probe` that of `reference`, or one of the enrolled person `name`? (1:1)"""
    if name is not None:
        person = require_person(parts, name)  # an unknown name is told before anything is computed
    vector = _embed_one(parts, probe)[2]
    if name is not None:
        index = current_index(parts)
        distances = index.distance_to(person.id, vector[None])
        if distances is None:
            raise InputError(f"{name} has no template for {parts.settings.embedder}: enrol a new photo")
        distance = float(distances[0])
        struck_out = bool(index.struck_out(person.id, vector[None])[0])
    else:
        assert reference is not None  # noqa: S101 - the command line gives one of the two
        distance = float(np.linalg.norm(vector - _embed_one(parts, reference)[2]))
        struck_out = False
    threshold = parts.thresholds().verify
    return {
        "same": distance <= threshold and not struck_out,  # said of a face like this one: that is not NAME
        "distance": round(distance, 4),
        "threshold": round(threshold, 4),
        "metric": METRIC,
        "embedder": parts.embedder().id,
        "detector": parts.settings.detector,
    }


def identify(parts: Parts, path: str) -> tuple[JsonObject, KnownError | None]:
    """Who is in a picture (1:K): a row for it, and what was wrong with it."""
    index = current_index(parts)
    try:
        image = read_image(Path(path))
    except InputError as e:
        return {"image": path, "faces": [], "error": str(e)}, e
    faces = parts.detector().detect(image, parts.settings.min_face)
    if not faces:
        none = NoFaceError(f"{path}: no face was found: use a picture with a face")
        return {"image": path, "faces": [], "error": str(none)}, none
    threshold = parts.identify_threshold(max(1, index.templates))
    matches = _match(parts, index, image, faces)
    rows = [
        {
            "box": _box(f.box),
            "score": round(f.score, 4),
            "name": m.name if m else None,
            "distance": round(m.nearest.distance, 4) if m else None,
            "runner_up": (
                {"name": m.runner_up.name, "distance": round(m.runner_up.distance, 4)} if m and m.runner_up else None
            ),
            "threshold": round(m.threshold if m else threshold, 4),
        }
        for f, m in zip(faces, matches, strict=True)
    ]
    return {"image": path, "faces": rows}, None


def _match(parts: Parts, index: GalleryIndex, image: BgrImage, faces: list[Face]) -> list[Match | None]:
    if not index.people:
        return [None] * len(faces)
    return index.match(parts.embedder().embed(image, faces), parts.identify_threshold(index.templates))
