"""A crowd in a file: opened in seconds, its templates read where they lie, nothing of it readable without the key.

The file holds arrays, each cut into blocks, and each block is sealed (`security.vault`), bound to this file's random
id, the array and the block's number. So a block put elsewhere, or from another file, is refused like one that was
altered. What a search goes through is opened once; the templates themselves stay in the file, mapped into memory as
they are, sealed, and a search opens the blocks of the few that it compares in full. Whoever opens the file checks all
of it first: 2 s for a million.
"""

from __future__ import annotations

import json
import math
import mmap
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import BugError
from faceapp.files import write_atomically
from faceapp.gallery.rows import TemplateTable
from faceapp.gallery.search.codes import Codes
from faceapp.gallery.search.crowd import Crowd, Making, Who
from faceapp.gallery.search.heads import Heads, Rows
from faceapp.security.vault import NONCE, TAG, Vault
from faceapp.types import Floats

_FORM = b"faceapp crowd 3\n"
_LENGTH = 8
"""Bytes at the end that say how long the header before them is: it is written last, when all is known."""
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


Portion: TypeAlias = tuple[Sequence[str], Sequence[str], Floats]
"""Person ids and names, one of each for each template, and the templates, float32 (n, D) of unit length."""


def portion(table: TemplateTable) -> Portion:
    """All of a table at once."""
    return table.person_ids, table.names, table.vectors


def write(
    file: Path,
    vault: Vault,
    space: str,
    mark: str,
    sample: Floats,
    count: int,
    portions: Iterable[Portion],
    step: Callable[[], object] = lambda: None,
) -> None:
    """Put `count` templates of `space` into `file`, which only its owner can read. They come in portions, so that they
    needn't be in memory together. `sample` (n, D) of them; `mark`: of the gallery's state. `step`
    is called all the time; what it raises ends it, and nothing is kept. Raises OSError where that is not possible."""
    name = uuid.uuid4().hex

    def content(f: BinaryIO) -> None:
        f.write(_FORM)
        sections: dict[str, list[Any]] = {}

        def put(what: str, size: int, dtype: str, shape: tuple[int, ...], pieces: Iterable[bytes]) -> None:
            sections[what] = [f.tell(), size, dtype, shape]
            for number, piece in enumerate(pieces):
                step()
                f.write(vault.seal(piece, _bound(name, what, number)))

        making = Making(sample, count, exact=False)
        ids: list[str] = []
        names: list[str] = []
        shape = count, sample.shape[1]
        put("full", _TOGETHER * 4 * shape[1], "<f4", shape, _templates(portions, making, ids, names))
        step()
        who = Who.of(ids, names)
        step()
        for what, array in _arrays(who, *making.made()).items():
            put(what, _BLOCK, array.dtype.str, array.shape, _pieces(array, _BLOCK))
        about = {"id": name, "space": space, "mark": mark, "sections": sections}
        header = vault.seal(json.dumps(about).encode(), _HEADER)
        f.write(header + len(header).to_bytes(_LENGTH, "little"))

    write_atomically(file, content)


def _arrays(who: Who, heads: Heads, codes: Codes | None) -> dict[str, NDArray[Any]]:
    import faiss

    if codes is None:
        raise BugError("a snapshot holds codes")
    return {
        "persons": who.persons,
        "ids": who.ids,
        "names": np.frombuffer(who.names, np.uint8),
        "ends": who.ends,
        "head basis": heads.basis,
        "head offset": heads.offset,
        "head step": heads.step,
        "heads": heads.codes,
        "basis": codes.basis,
        "offset": codes.offset,
        "step": codes.step,
        "codes": codes.codes,
        "lost": codes.lost,
        "finder": faiss.serialize_index(codes.finder),
    }


def read(file: Path, vault: Vault, space: str, wanted: Callable[[str], bool]) -> tuple[Crowd, str] | None:
    """The crowd of `file` and its mark; None where there is none, it is of another space, or its mark isn't `wanted`.
    All of it is opened once, also what is only mapped: raises UnavailableError where it was altered, cut off, or is
    sealed with another key."""
    try:
        with file.open("rb") as f:
            mapped = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file can't be mapped
        return None
    if mapped[: len(_FORM)] != _FORM:
        return None
    length = int.from_bytes(mapped[-_LENGTH:], "little")
    about = json.loads(vault.open(mapped[-_LENGTH - length : -_LENGTH], _HEADER))
    if about["space"] != space or not wanted(about["mark"]):
        return None
    sections = {
        what: _Section(at, size, dtype, tuple(shape)) for what, (at, size, dtype, shape) in about["sections"].items()
    }
    return _crowd(vault, mapped, about["id"], sections), about["mark"]


def _crowd(vault: Vault, mapped: mmap.mmap, name: str, sections: dict[str, _Section]) -> Crowd:
    import faiss

    def opened(what: str) -> NDArray[Any]:
        section = sections[what]
        plain = np.empty(section.length, np.uint8)
        for number, at in enumerate(range(0, section.length, section.size)):
            piece = vault.open(mapped[section.block(number)], _bound(name, what, number))
            plain[at : at + section.size] = np.frombuffer(piece, np.uint8)
        return plain.view(section.dtype).reshape(section.shape)

    full = Sealed(vault, mapped, name, sections["full"])
    full.check()
    who = Who(opened("persons"), opened("ids"), opened("names").tobytes(), opened("ends"))
    finder = faiss.deserialize_index(opened("finder"))
    heads = Heads.coded(opened("head basis"), opened("head offset"), opened("head step"), opened("heads"))
    codes = Codes(opened("basis"), opened("offset"), opened("step"), opened("codes"), opened("lost"), finder)
    return Crowd.made(who, heads, codes, full)


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """Templates in a mapped file, sealed. Any number of threads may read."""

    vault: Vault
    mapped: mmap.mmap
    name: str
    section: _Section

    def check(self) -> None:
        """Raises UnavailableError where one was altered."""
        for number in range(-(-self.section.shape[0] // _TOGETHER)):
            self.vault.open(self.mapped[self.section.block(number)], _bound(self.name, "full", number))

    def take(self, rows: Rows) -> Floats:
        """These templates, float32 (n, D). Raises UnavailableError where one was altered since."""
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


def _templates(portions: Iterable[Portion], making: Making, ids: list[str], names: list[str]) -> Iterator[bytes]:
    """The templates as they are written, on their way to all that is made of them."""
    left: Floats | None = None
    for some_ids, some_names, vectors in portions:
        ids += some_ids
        names += some_names
        making.add(vectors)
        rows = vectors if left is None else np.concatenate([left, vectors])
        whole = len(rows) // _TOGETHER * _TOGETHER
        for at in range(0, whole, _TOGETHER):
            yield rows[at : at + _TOGETHER].astype("<f4").tobytes()
        left = rows[whole:]
    if left is not None and len(left):
        yield left.astype("<f4").tobytes()
