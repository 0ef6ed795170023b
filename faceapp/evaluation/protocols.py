"""Lists of pairs: LFW's View 1 and View 2 files and plain `path path label` lines.

LFW (Huang et al. 2007), View 2 (`pairs.txt`): ten folds, each its genuine pairs followed by its impostor pairs; the
first line is `folds<TAB>pairs of one kind in a fold`. CFP's splits have the same first line and tab-separated paths.
View 1 (`pairsDevTrain.txt`, `pairsDevTest.txt`): one number, then so many genuine and so many impostor pairs, no folds.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import InputError

FOLDS = 10
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of pictures and what is true of them."""

    left: tuple[str, ...]
    """Paths, relative to the folder of the pictures."""
    right: tuple[str, ...]
    same: NDArray[np.bool_]
    """(N,): True for genuine pairs."""
    fold: NDArray[np.intp]
    """(N,): 0-based number of the fold a pair belongs to."""
    named: bool = False
    """In LFW's form, whose pictures show the person meant in the middle."""

    @property
    def pictures(self) -> tuple[str, ...]:
        """Every picture once, in order of first use."""
        return tuple(dict.fromkeys(p for pair in zip(self.left, self.right, strict=True) for p in pair))

    def only(self, keep: NDArray[np.bool_]) -> Pairs:
        """The pairs at which `keep` (N,) is true; folds keep their numbers."""
        where = np.flatnonzero(keep).tolist()
        return dataclasses.replace(
            self,
            left=tuple(self.left[k] for k in where),
            right=tuple(self.right[k] for k in where),
            same=self.same[keep],
            fold=self.fold[keep],
        )


def read_pairs(file: Path, folds: int = FOLDS) -> Pairs:
    """The pairs in `file`. Where it names no folds, its genuine and its impostor pairs are dealt into `folds` folds,
    each in order. Raises InputError that names the line that can't be understood."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as e:
        raise InputError(f"{file} cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise InputError(f"{file} is not a list of pairs: it is not text") from e
    rows = [(number, line.split("\t") if "\t" in line else line.split()) for number, line in enumerate(lines, 1)]
    rows = [(number, [word.strip() for word in words]) for number, words in rows if any(w.strip() for w in words)]
    head: list[int] = []
    if rows and len(rows[0][1]) <= 2 and all(map(_is_number, rows[0][1])):
        head = [int(word) for word in rows.pop(0)[1]]
    parsed = [_parse(file, number, words) for number, words in rows]
    if not parsed:
        raise InputError(f"{file} has no pairs: write a line `path path label` for each")
    same = np.array([same for _, _, same, _ in parsed], np.bool_)
    if head:
        _check_promise(file, head, same)
    fold = np.arange(len(parsed)) // (2 * head[1]) if len(head) == 2 else deal(same, folds)
    return Pairs(
        tuple(left for left, _, _, _ in parsed),
        tuple(right for _, right, _, _ in parsed),
        same,
        fold,
        all(named for _, _, _, named in parsed),
    )


def deal(same: NDArray[np.bool_], folds: int) -> NDArray[np.intp]:
    """Fold of each pair where nobody names any: genuine and impostor pairs are cut into `folds` equal pieces each, in
    order, so that no fold lacks a kind. same bool (N,); int (N,)."""
    fold = np.empty(len(same), np.intp)
    for kind in (same, ~same):
        count = int(kind.sum())
        fold[kind] = np.arange(count) * folds // max(1, count)
    return fold


def _check_promise(file: Path, head: list[int], same: NDArray[np.bool_]) -> None:
    promised = 2 * head[0] * (head[1] if len(head) == 2 else 1)
    if promised == 0 or promised != len(same):
        raise InputError(f"{file}: its first line promises {promised} pairs, {len(same)} follow: mend it")


def _parse(file: Path, number: int, words: list[str]) -> tuple[str, str, bool, bool]:
    match words:
        case [name, a, b] if _is_number(a) and _is_number(b):
            row = _lfw(name, a), _lfw(name, b), True, True
        case [name, a, other, b] if _is_number(a) and _is_number(b):
            row = _lfw(name, a), _lfw(other, b), False, True
        case [left, right, ("0" | "1") as label] if left and right:
            row = left, right, label == "1", False
        case _:
            raise InputError(
                f"{file}, line {number}: expected `name n m`, `name n name m` or `path path 0|1`: mend the line"
            )
    if any(Path(name).anchor or ".." in Path(name).parts for name in row[:2]):
        raise InputError(f"{file}, line {number}: pictures inside the folder of --images are expected: mend the line")
    return row


def _is_number(word: str) -> bool:
    """Of no more digits than a list of pairs can need: Python refuses to read those of thousands."""
    return word.isdecimal() and len(word) <= _MOST_DIGITS


def _lfw(name: str, number: str) -> str:
    return f"{name}/{name}_{int(number):04d}.jpg"
