"""A crowd in a file: opened in seconds, its templates read where they lie, nothing of it readable without the key.

The file holds arrays, each cut into blocks, and each block is sealed (`security.vault`), bound to this file's random
id, the array and the block's number. So a block put elsewhere, or from another file, is refused like one that was
altered. What a search goes through is opened once; the templates themselves stay in the file, mapped into memory as
they are, sealed, and a search opens the blocks of the few that it compares in full.
"""

from __future__ import annotations

import json
import math
import mmap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import BugError
from faceapp.files import write_atomically
from faceapp.gallery.search.codes import Codes
from faceapp.gallery.search.crowd import Crowd, Who
from faceapp.gallery.search.heads import Heads, Rows
from faceapp.security.vault import NONCE, TAG, Vault
from faceapp.types import Floats

_FORM = b"faceapp crowd 3\n"
_HEADER = "search.snapshot\0header"
_BLOCK = 1 << 20
"""Bytes sealed together, of what is opened once."""
_TOGETHER = 8
"""Templates sealed together: opening 20 kB takes some microseconds, and one of eight is wanted."""


@dataclass(frozen=True, slots=True)
class _Section:
    """Where an array lies."""

    at: int
    size: int
    """Bytes of it in each block but the last."""
    dtype: str
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        """Bytes in all."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    def block(self, number: int) -> slice:
        """Where a block lies, sealed."""
        start = self.at + number * (self.size + NONCE + TAG)
        return slice(start, start + min(self.size, self.length - number * self.size) + NONCE + TAG)


def write(file: Path, vault: Vault, space: str, mark: str, crowd: Crowd) -> None:
    """Put `crowd`, of `space`, into `file`, which only its owner can read. `mark`: of the gallery's state that it was
    made from. Raises OSError where that is not possible, BugError where somebody was left out of the crowd since it was
    made: their template and name would be written too; and for one that is searched without codes."""
    import faiss

    codes = crowd.codes
    if codes is None:
        raise BugError("a crowd this small is read from the gallery")
    if not crowd.allowed.all():
        raise BugError("a crowd that people were left out of must not be written: make one of those who are left")

    arrays: dict[str, NDArray[Any]] = {
        "persons": crowd.who.persons,
        "ids": crowd.who.ids,
        "names": np.frombuffer(crowd.who.names, np.uint8),
        "ends": crowd.who.ends,
        "head basis": crowd.heads.basis,
        "head offset": crowd.heads.offset,
        "head step": crowd.heads.step,
        "heads": crowd.heads.codes,
        "basis": codes.basis,
        "offset": codes.offset,
        "step": codes.step,
        "codes": codes.codes,
        "lost": codes.lost,
        "finder": faiss.serialize_index(codes.finder),
    }
    shapes = {name: (_BLOCK, a.dtype.str, a.shape) for name, a in arrays.items()}
    shapes["full"] = (_TOGETHER * 4 * crowd.dimension, "<f4", (len(crowd.allowed), crowd.dimension))
    name, at, sections = uuid.uuid4().hex, 0, {}
    for what, (size, dtype, shape) in shapes.items():
        section = sections[what] = _Section(at, size, dtype, shape)
        at += section.length + (NONCE + TAG) * -(-section.length // size)
    about = {k: [s.at, s.size, s.dtype, s.shape] for k, s in sections.items()}
    header = vault.seal(json.dumps({"id": name, "space": space, "mark": mark, "sections": about}).encode(), _HEADER)

    def content(f: BinaryIO) -> None:
        f.write(_FORM + len(header).to_bytes(8, "little") + header)
        for what, section in sections.items():
            pieces = _templates(crowd) if what == "full" else _pieces(arrays[what], section.size)
            for number, piece in enumerate(pieces):
                f.write(vault.seal(piece, _bound(name, what, number)))

    write_atomically(file, content)


def read(file: Path, vault: Vault, space: str, mark: str) -> Crowd | None:
    """The crowd of `file`; None where there is none, or it is of another space or another state of the gallery. Raises
    UnavailableError where it was altered, cut off, or is sealed with another key."""
    try:
        with file.open("rb") as f:
            mapped = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file can't be mapped
        return None
    start = len(_FORM) + 8
    if mapped[: len(_FORM)] != _FORM:
        return None
    base = start + int.from_bytes(mapped[len(_FORM) : start], "little")
    about = json.loads(vault.open(mapped[start:base], _HEADER))
    if (about["space"], about["mark"]) != (space, mark):
        return None
    name = about["id"]
    sections = {
        what: _Section(base + at, size, dtype, tuple(shape))
        for what, (at, size, dtype, shape) in about["sections"].items()
    }
    return _crowd(vault, mapped, name, sections)


def _crowd(vault: Vault, mapped: mmap.mmap, name: str, sections: dict[str, _Section]) -> Crowd:
    import faiss

    def opened(what: str) -> NDArray[Any]:
        section = sections[what]
        plain = np.empty(section.length, np.uint8)
        for number, at in enumerate(range(0, section.length, section.size)):
            piece = vault.open(mapped[section.block(number)], _bound(name, what, number))
            plain[at : at + section.size] = np.frombuffer(piece, np.uint8)
        return plain.view(section.dtype).reshape(section.shape)

    who = Who(opened("persons"), opened("ids"), opened("names").tobytes(), opened("ends"))
    finder = faiss.deserialize_index(opened("finder"))
    heads = Heads.coded(opened("head basis"), opened("head offset"), opened("head step"), opened("heads"))
    codes = Codes(opened("basis"), opened("offset"), opened("step"), opened("codes"), opened("lost"), finder)
    return Crowd.made(who, heads, codes, Sealed(vault, mapped, name, sections["full"]))


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """Templates in a mapped file, sealed. Any number of threads may read."""

    vault: Vault
    mapped: mmap.mmap
    name: str
    section: _Section

    def take(self, rows: Rows) -> Floats:
        """These templates, float32 (n, D). Raises UnavailableError where one was altered."""
        dimension = self.section.shape[1]
        taken = np.empty((len(rows), dimension), np.float32)
        numbers = rows // _TOGETHER
        for number in np.unique(numbers):
            sealed = self.mapped[self.section.block(int(number))]
            block = self.vault.open(sealed, _bound(self.name, "full", int(number)))
            here = numbers == number
            taken[here] = np.frombuffer(block, "<f4").reshape(-1, dimension)[rows[here] % _TOGETHER]
        return taken


def _bound(name: str, what: str, number: int) -> str:
    return f"search.snapshot\0{name}\0{what}\0{number}"


def _pieces(array: NDArray[Any], size: int) -> Iterator[bytes]:
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    for at in range(0, len(flat), size):
        yield flat[at : at + size].tobytes()


def _templates(crowd: Crowd) -> Iterator[bytes]:
    for at in range(0, len(crowd.allowed), _TOGETHER):
        rows = np.arange(at, min(at + _TOGETHER, len(crowd.allowed)), dtype=np.intp)
        yield crowd.full.take(rows).astype("<f4").tobytes()
