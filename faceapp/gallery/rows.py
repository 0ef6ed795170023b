"""What goes into the gallery and what comes out: plain values, no database behind them.

Importing this module is cheap; `store` brings SQLAlchemy with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from faceapp.errors import BugError
from faceapp.types import Box, Floats

UNIT_TOLERANCE = 1e-3
"""How far a vector's length may be from 1. Anything else is not an embedding: a zero row, a NaN."""


def unit_rows(vectors: Floats, what: str) -> Floats:
    """`vectors` (N, D) with every row brought to unit length within rounding, a new array.

    Raises BugError unless every row is finite and has that length already, within UNIT_TOLERANCE.
    """
    if vectors.ndim != 2:
        raise BugError(f"{what}: (N, D) expected, not {vectors.shape}")
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    if not bool(np.all(np.abs(lengths - 1.0) <= UNIT_TOLERANCE)):  # false for NaN and infinity too
        raise BugError(f"{what}: rows of unit length expected")
    unit: Floats = vectors / lengths.astype(np.float32)[:, np.newaxis]
    return unit


@dataclass(frozen=True, slots=True, eq=False)
class NewPhoto:
    """A photo to be enrolled: its template, and the crop where the site keeps crops."""

    space: str
    """Embedding space of `vector`."""
    vector: Floats
    """float32 (D,), unit length."""
    quality: float
    """0 to 100."""
    source: str
    """Where the photo came from, for people: a path, a camera's name."""
    crop: bytes | None = None
    """JPEG of the face with a margin; None where the site keeps no pictures."""
    box: Box | None = None
    """The face within the crop, pixels."""
    landmarks: Floats | None = None
    """float32 (5, 2) within the crop, pixels, ordered as `Face.landmarks`."""
    content: str | None = None
    """Keyed hash of the source picture's bytes and which face of it: the same one is kept once for each person."""
    issues: tuple[str, ...] = ()
    """Reason codes of the quality gate."""
    override: bool = False
    """Taken although the gate said no."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of the gallery."""

    id: str
    """Random, 32 hexadecimal digits: it says nothing about the person and is never reused."""
    name: str
    created: str
    """ISO 8601, UTC."""
    updated: str
    """ISO 8601, UTC: the last change of the name or the photos."""
    photos: int
    """How many photos are enrolled."""
    last_seen: str | None = None
    """ISO date, local: the day on which a camera last knew them; None: never since that is written down."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an enrolled photo."""

    person: PersonRow
    """The person after the addition."""
    photo_id: str
    new_person: bool
    """True where the name was not known before."""
    repeated: bool = False
    """True where the person had this very picture already (`NewPhoto.content`): nothing was written."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoRow:
    """An enrolled photo without its picture: `GalleryStore.crop(id)` gets that."""

    id: str
    """Random, 32 hexadecimal digits, never reused: a template made for a deleted photo finds no other."""
    person_id: str
    source: str
    quality: float
    created: str
    """ISO 8601, UTC."""
    has_crop: bool
    box: Box | None
    landmarks: Floats | None
    spaces: tuple[str, ...]
    """The embedding spaces it has a template in, sorted."""
    issues: tuple[str, ...] = ()
    """What the quality gate found wrong with it: reason codes."""
    override: bool = False
    """Taken although the gate said no."""


@dataclass(frozen=True, slots=True, eq=False)
class TemplateTable:
    """Every template of one space, row by row: what an index is built from."""

    space: str
    vectors: Floats
    """float32 (N, D), rows of unit length; (0, 0) where there is none."""
    person_ids: tuple[str, ...]
    """Whose template each row is, (N)."""
    names: tuple[str, ...]
    """The names of `person_ids`, (N)."""
    negatives: TemplateTable | None = None
    """In the same space, faces of which somebody said that they are not this person's; None: there are none."""

    def __post_init__(self) -> None:
        if not len(self.vectors) == len(self.person_ids) == len(self.names):
            raise BugError("a template table needs as many ids and names as vectors")
        if self.vectors.ndim != 2:
            raise BugError(f"templates: (N, D) expected, not {self.vectors.shape}")

    def __len__(self) -> int:
        return len(self.person_ids)

    @staticmethod
    def of(space: str, entries: Iterable[tuple[str, str, Floats]]) -> TemplateTable:
        """A table of (person id, name, vector (D,)): for people who are never stored, as the demo's guest."""
        rows = list(entries)
        vectors = np.array([r[2] for r in rows], np.float32) if rows else np.zeros((0, 0), np.float32)
        return TemplateTable(space, vectors, tuple(r[0] for r in rows), tuple(r[1] for r in rows))

    def same_as(self, other: TemplateTable) -> bool:
        """Whether both hold the same rows in the same order, and the same negatives."""
        if (self.space, self.person_ids, self.names) != (other.space, other.person_ids, other.names):
            return False
        mine, theirs = self.negatives, other.negatives
        alike = (mine is None) == (theirs is None) and (mine is None or theirs is None or mine.same_as(theirs))
        return alike and np.array_equal(self.vectors, other.vectors)

    def plus(self, other: TemplateTable) -> TemplateTable:
        """Both tables' rows, with the negatives of this one. Raises BugError for another space or dimension."""
        if other.space != self.space:
            raise BugError(f"templates of {other.space} cannot join those of {self.space}")
        if not len(other) or not len(self):
            return self if len(self) else other
        if self.vectors.shape[1] != other.vectors.shape[1]:
            raise BugError(f"templates of {self.space} have two dimensions")
        vectors = np.concatenate([self.vectors, other.vectors])
        ids, names = self.person_ids + other.person_ids, self.names + other.names
        return TemplateTable(self.space, vectors, ids, names, self.negatives)


def as_matrix(vectors: Sequence[bytes]) -> Floats:
    """Stored vectors (little-endian float32, all of one length) as an (N, D) float32 matrix of unit rows."""
    if any(len(v) != len(vectors[0]) for v in vectors):
        raise BugError("templates of one space have different dimensions")
    dimension = len(vectors[0]) // 4 if vectors else 0
    matrix = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), dimension)
    return unit_rows(matrix.astype(np.float32, copy=False), "templates")


def as_blob(vector: Floats) -> bytes:
    """`vector` (D,) as it is stored: little-endian float32. Raises BugError unless it is finite and of unit length."""
    if vector.ndim != 1:
        raise BugError(f"template: (D,) expected, not {vector.shape}")
    return unit_rows(vector[np.newaxis], "template").astype("<f4").tobytes()
