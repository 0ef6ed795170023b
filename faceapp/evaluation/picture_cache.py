"""What was found in pictures and made of their faces, kept by the SHA-256 of a picture's bytes.

Faces are kept by detector, embeddings by everything that decides their numbers, so a second embedder on the same
pictures needs no second detection, and an evaluation that was ended goes on where it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceapp.evaluation.record_file import RecordFile
from faceapp.types import Box, Face, Floats

FaceRule: TypeAlias = Literal["largest", "central"]
"""Which face of a picture is meant: the largest, or the one in the middle, where LFW has whom it names."""

_FACE = [("box", "<f4", 4), ("score", "<f4"), ("has_landmarks", "u1"), ("landmarks", "<f4", (5, 2))]
_FACES = np.dtype([("sha256", "V32"), ("found", "u1"), ("seconds", "<f4"), ("largest", _FACE), ("central", _FACE)])
_FOLDER = "evaluation"
_GONE = f"{_FOLDER}.gone-"
_MARK = "mark"
KEPT_DAYS = 7
"""After the last addition to a file."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenFaces:
    """What the detector found in a picture, and the seconds that reading and detecting took."""

    largest: Face | None
    central: Face | None
    seconds: float

    def meant(self, rule: FaceRule) -> Face | None:
        return self.largest if rule == "largest" else self.central


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """The embedding (D,) of a picture's face, None where it has none, and the seconds it took."""

    vector: Floats | None
    seconds: float


def central_face(faces: Sequence[Face], width: int, height: int) -> Face | None:
    """The face with the largest area less twice the square of its distance from the middle of a width x height picture
    (facenet's `align_dataset_mtcnn.py`, for LFW)."""

    def weight(face: Face) -> float:
        x, y = face.box.center
        return face.box.area - 2.0 * ((x - width / 2) ** 2 + (y - height / 2) ** 2)

    return max(faces, key=weight, default=None)


class PictureCache:
    """Faces of one detector and embeddings of one space; `folder` None: in memory alone. One thread uses it."""

    def __init__(
        self,
        folder: Path | None,
        detector: Mapping[str, object],
        embedder: Mapping[str, object],
        mark: str | None = None,
    ) -> None:
        """`mark`: what `begun` gave. Where the folder was deleted since, nothing is written any more."""
        self._folder, self._mark = folder, mark
        dimension = int(str(embedder["dimension"]))
        self._vectors_dtype = np.dtype(
            [("sha256", "V32"), ("found", "u1"), ("seconds", "<f4"), ("vector", "<f4", dimension)]
        )
        self._faces_file = self._vectors_file = None
        if folder is not None:
            both = {**detector, **embedder}
            self._faces_file = RecordFile(_file(folder, "faces", detector), detector, _FACES)
            self._vectors_file = RecordFile(_file(folder, "embeddings", both), both, self._vectors_dtype)
        self._faces: dict[bytes, SeenFaces] = {}
        self._vectors: dict[bytes, Embedded] = {}

    @contextlib.contextmanager
    def opened(self) -> Iterator[PictureCache]:
        """While entered, what is added is written too. Raises UnavailableError where that is not possible."""
        with contextlib.ExitStack() as stack:
            if self._faces_file is not None and self._vectors_file is not None:
                faces = stack.enter_context(self._faces_file.opened())
                # Looked at with both files open: a deletion from now on takes them along.
                if self._mark is not None and self._folder is not None and _mark_of(self._folder) != self._mark:
                    self._faces_file = self._vectors_file = None
                    yield self
                    return
                self._faces = {row["sha256"].tobytes(): _seen(row) for row in faces}
                rows = stack.enter_context(self._vectors_file.opened())
                self._vectors = {
                    row["sha256"].tobytes(): Embedded(
                        np.array(row["vector"], np.float32) if row["found"] else None, float(row["seconds"])
                    )
                    for row in rows
                }
            yield self

    def faces(self, sha256: bytes) -> SeenFaces | None:
        """What was found in the picture with this hash; None: it was not looked at."""
        return self._faces.get(sha256)

    def seen(self) -> Mapping[bytes, SeenFaces]:
        """Every picture that was looked at, by its hash."""
        return self._faces

    def embedded(self, sha256: bytes) -> Embedded | None:
        """The embedding of the picture with this hash; None: there is none yet."""
        return self._vectors.get(sha256)

    def add(self, faces: Mapping[bytes, SeenFaces], vectors: Mapping[bytes, Embedded]) -> None:
        """Keep what was found out about some pictures. Raises UnavailableError where it can't be written."""
        if self._faces_file is not None:
            self._faces_file.append(_face_rows({k: v for k, v in faces.items() if k not in self._faces}))
        if self._vectors_file is not None:
            rows = np.zeros(len(vectors), self._vectors_dtype)
            for k, (sha256, e) in enumerate(vectors.items()):
                rows[k]["sha256"] = np.void(sha256)
                rows[k]["found"] = e.vector is not None
                rows[k]["seconds"] = e.seconds
                if e.vector is not None:
                    rows[k]["vector"] = e.vector
            self._vectors_file.append(rows)
        self._faces.update(faces)
        self._vectors.update(vectors)


def cache_folder(data_dir: Path) -> Path:
    """Where evaluations keep what they computed."""
    return data_dir / _FOLDER


def begun(data_dir: Path) -> str:
    """Where an evaluation begins: the mark by which its caches tell that nothing was deleted since. Raises OSError."""
    folder = cache_folder(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(folder / _MARK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(secrets.token_hex(8))
    except FileExistsError:
        pass
    return _mark_of(folder)


def _mark_of(folder: Path) -> str:
    try:
        return (folder / _MARK).read_text()
    except FileNotFoundError:
        return ""


def forget(data_dir: Path) -> int:
    """Delete everything that evaluations keep, also what one that is under way has kept and would keep; return how many
    bytes that was. Raises OSError."""
    folder = cache_folder(data_dir)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and f.name != _MARK)
    for old in data_dir.glob(f"{_GONE}*"):  # what a kill left of an earlier deletion
        shutil.rmtree(old)
    if folder.is_dir():
        gone = folder.with_name(_GONE + secrets.token_hex(4))
        folder.rename(gone)  # all at once: nothing can be added to it in the middle
        shutil.rmtree(gone)
    return size


def expire(data_dir: Path, now: datetime) -> None:
    """Delete what nothing was added to for `KEPT_DAYS`. `now`: with a time zone. Raises OSError."""
    limit = (now - timedelta(days=KEPT_DAYS)).timestamp()
    for file in cache_folder(data_dir).glob("*.records"):
        if file.stat().st_mtime < limit:
            file.unlink(missing_ok=True)


def _file(folder: Path, what: str, about: Mapping[str, object]) -> Path:
    digest = hashlib.sha256(json.dumps(dict(about), sort_keys=True).encode()).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9.+-]+", "-", str(about.get("embedder") or about.get("detector")))
    return folder / f"{what}-{name}-{digest}.records"


def _face_rows(faces: Mapping[bytes, SeenFaces]) -> NDArray[np.void]:
    rows = np.zeros(len(faces), _FACES)
    for k, (sha256, seen) in enumerate(faces.items()):
        rows[k]["sha256"] = np.void(sha256)
        rows[k]["found"] = seen.largest is not None
        rows[k]["seconds"] = seen.seconds
        for name, face in (("largest", seen.largest), ("central", seen.central)):
            if face is not None:
                rows[k][name]["box"] = face.box.as_list()
                rows[k][name]["score"] = face.score
                rows[k][name]["has_landmarks"] = face.landmarks is not None
                if face.landmarks is not None:
                    rows[k][name]["landmarks"] = face.landmarks
    return rows


def _seen(row: np.void) -> SeenFaces:
    if not row["found"]:
        return SeenFaces(None, None, float(row["seconds"]))
    return SeenFaces(_face(row["largest"]), _face(row["central"]), float(row["seconds"]))


def _face(row: np.void) -> Face:
    landmarks = np.array(row["landmarks"], np.float32) if row["has_landmarks"] else None
    return Face(Box(*(float(v) for v in row["box"])), float(row["score"]), landmarks)
