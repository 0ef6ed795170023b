"""From a face in a picture to a point on the unit sphere of an embedding space.

FaceNet (Schroff et al. 2015) and most networks after it: faces of one person lie near each other. Which crop, which
numbers, mirrored or not is part of the network and comes as a `PartSpec`; the models' manifest is where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast

import cv2
import numpy as np

from faceapp.errors import BugError
from faceapp.types import BgrImage, Face, Floats
from faceapp.vision.crops import box_crop, similarity_crop
from faceapp.vision.session import ModelSession
from faceapp.vision.tensorrt import LARGEST_BATCH


@dataclass(frozen=True, slots=True)
class CropSpec:
    """What of the picture the network is shown; see `vision.crops`."""

    kind: Literal["box", "similarity"]
    size: int
    """Pixels of a side."""
    margin: float = 0.0
    """box: by how much it is widened in all, as a fraction of its longer side."""
    reference: tuple[tuple[float, float], ...] = ()
    """similarity: where the five landmarks are to lie, in pixels."""

    def cut(self, image: BgrImage, face: Face) -> BgrImage:
        """size x size x 3. Raises BugError for a face without the landmarks this crop needs."""
        if self.kind == "box":
            return box_crop(image, face.box, self.size, self.margin)
        if face.landmarks is None:
            raise BugError("a face without landmarks has come to an embedder that aligns by them")
        return similarity_crop(image, face.landmarks, np.array(self.reference, np.float32), self.size)


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a crop becomes numbers: (value - mean) / std for each colour, in the order of `colour`."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    colour: Literal["rgb", "bgr"] = "rgb"
    layout: Literal["nchw", "nhwc"] = "nchw"

    def tensor(self, crops: Sequence[BgrImage]) -> Floats:
        """Crops of one size as N x 3 x H x W (or N x H x W x 3) float32."""
        height, width = crops[0].shape[:2]
        rgb = self.colour == "rgb"
        if len(set(self.std)) == 1:
            blob = cast(Floats, cv2.dnn.blobFromImages(crops, 1 / self.std[0], (width, height), self.mean, swapRB=rgb))
        else:
            blob = cast(Floats, cv2.dnn.blobFromImages(crops, 1.0, (width, height), self.mean, swapRB=rgb))
            blob /= np.array(self.std, np.float32).reshape(1, 3, 1, 1)
        return blob if self.layout == "nchw" else np.ascontiguousarray(blob.transpose(0, 2, 3, 1))


@dataclass(frozen=True, slots=True, eq=False)
class PartSpec:
    """One network of an embedder."""

    crop: CropSpec
    input: InputSpec
    dimension: int
    mirror: bool = False
    """Average the embeddings of the crop and of its mirror image."""
    subtract: Floats | None = None
    """(D,) mean embedding of many people, taken off before the last normalisation."""
    weight: float = 1.0
    """How much this part counts where several are concatenated."""


class Embedder(Protocol):
    """Turns faces into embeddings of one space. One thread uses it at a time."""

    @property
    def id(self) -> str:
        """As settings and command line call it."""

    @property
    def space(self) -> str:
        """Id of the embedding space: weights, crop, mean, mirror; not precision."""

    @property
    def dimension(self) -> int:
        """Numbers of an embedding."""

    @property
    def provider(self) -> str:
        """The execution provider its networks really use."""

    def embed(self, image: BgrImage, faces: Sequence[Face]) -> Floats:
        """Embeddings (N, D) of unit length, float32, in the order of `faces`; (0, D) for none."""


class NetworkEmbedder:
    """An embedder of one network."""

    def __init__(self, id: str, space: str, session: ModelSession, part: PartSpec) -> None:
        if part.subtract is not None and part.subtract.shape != (part.dimension,):
            raise BugError(f"{id}: a mean of {part.subtract.size} numbers for {part.dimension} dimensions")
        self._id, self._space = id, space
        self._session = session
        self._part = part

    @property
    def id(self) -> str:
        return self._id

    @property
    def space(self) -> str:
        return self._space

    @property
    def dimension(self) -> int:
        return self._part.dimension

    @property
    def provider(self) -> str:
        return self._session.provider

    def embed(self, image: BgrImage, faces: Sequence[Face]) -> Floats:
        """See `Embedder.embed`. Raises BugError for a face without landmarks where the crop needs them."""
        return self.embed_crops([self._part.crop.cut(image, face) for face in faces])

    def embed_each(self, faces: Sequence[tuple[BgrImage, Face]]) -> Floats:
        """As `embed`, of faces of different pictures."""
        return self.embed_crops([self._part.crop.cut(image, face) for image, face in faces])

    def embed_crops(self, crops: Sequence[BgrImage]) -> Floats:
        """As `embed`, from crops that were cut already."""
        if not crops:
            return np.empty((0, self.dimension), np.float32)
        points = self._run(crops)
        if self._part.mirror:
            points = (points + self._run([cast(BgrImage, cv2.flip(c, 1)) for c in crops])) * np.float32(0.5)
        if self._part.subtract is not None:
            points = points - self._part.subtract
        return unit_rows(points)

    def _run(self, crops: Sequence[BgrImage]) -> Floats:
        name = self._session.input_names[0]
        batches = [crops[i : i + LARGEST_BATCH] for i in range(0, len(crops), LARGEST_BATCH)]
        results = [self._session.run({name: self._part.input.tensor(batch)})[0] for batch in batches]
        points = unit_rows(cast(Floats, np.concatenate(results)))
        if points.shape != (len(crops), self.dimension):
            raise BugError(f"{self._id}: the network gave {points.shape} for {len(crops)} faces")
        return points


class CompositeEmbedder:
    """Several embedders side by side: their embeddings, each times its weight, concatenated and of unit length again.

    The squared distance is then the weighted mean of the parts' squared distances (weights squared)."""

    def __init__(self, id: str, space: str, parts: Sequence[tuple[Embedder, float]]) -> None:
        if not parts:
            raise BugError(f"{id}: an embedder of no parts")
        self._id, self._space = id, space
        self._parts = tuple(parts)

    @property
    def id(self) -> str:
        return self._id

    @property
    def space(self) -> str:
        return self._space

    @property
    def dimension(self) -> int:
        return sum(part.dimension for part, _ in self._parts)

    @property
    def provider(self) -> str:
        return self._parts[0][0].provider

    def embed(self, image: BgrImage, faces: Sequence[Face]) -> Floats:
        """See `Embedder.embed`."""
        return unit_rows(np.concatenate([part.embed(image, faces) * weight for part, weight in self._parts], axis=1))

    def embed_each(self, faces: Sequence[tuple[BgrImage, Face]]) -> Floats:
        """As `embed`, of faces of different pictures."""
        return unit_rows(np.concatenate([embed_each(part, faces) * weight for part, weight in self._parts], axis=1))


def embed_each(embedder: Embedder, faces: Sequence[tuple[BgrImage, Face]]) -> Floats:
    """Embeddings (N, D) of faces of different pictures, through the networks together where the embedder is one of the
    two above: a third faster than one at a time."""
    if not faces:
        return np.empty((0, embedder.dimension), np.float32)
    if isinstance(embedder, NetworkEmbedder | CompositeEmbedder):
        return embedder.embed_each(faces)
    return np.concatenate([embedder.embed(image, [face]) for image, face in faces])


def unit_rows(points: Floats) -> Floats:
    """Each row divided by its length; a row of zeros stays one."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    rows: Floats = (points / np.maximum(lengths, np.float32(1e-12))).astype(np.float32)
    return rows
