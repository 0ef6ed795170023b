"""Lists of pairs: LFW's `pairs.txt` form and plain `path path label` lines.

LFW (Huang et al. 2007), View 2: ten folds, each its genuine pairs followed by its impostor pairs. CFP's splits come as
tab-separated paths with a first line `folds<TAB>pairs of one kind in a fold`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import InputError


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

    @property
    def pictures(self) -> tuple[str, ...]:
        """Every picture once, in order of first use."""
        return tuple(dict.fromkeys(p for pair in zip(self.left, self.right, strict=True) for p in pair))


def read_pairs(file: Path, folds: int = 10) -> Pairs:
    """The pairs in `file`. Without a header that names them, the pairs are dealt into `folds` folds in order.
    Raises InputError that names the line that can't be understood."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as e:
        raise InputError(f"{file} cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise InputError(f"{file} is not a list of pairs: it is not text") from e
    rows = [(number, line.split("\t") if "\t" in line else line.split()) for number, line in enumerate(lines, 1)]
    rows = [(number, words) for number, words in rows if words]
    per_fold = 0
    if rows and len(rows[0][1]) <= 2 and all(word.isdigit() for word in rows[0][1]):
        head = [int(word) for word in rows.pop(0)[1]]
        folds, per_fold = (head[0], 2 * head[1]) if len(head) == 2 else (folds, 0)
    parsed = [_parse(file, number, words) for number, words in rows]
    if not parsed:
        raise InputError(f"{file} has no pairs: write a line `path path label` for each")
    if not per_fold:
        per_fold = -(-len(parsed) // folds)
    elif len(parsed) != folds * per_fold:
        raise InputError(f"{file}: its first line promises {folds * per_fold} pairs, {len(parsed)} follow: mend it")
    return Pairs(
        tuple(left for left, _, _ in parsed),
        tuple(right for _, right, _ in parsed),
        np.array([same for _, _, same in parsed], np.bool_),
        np.arange(len(parsed)) // per_fold,
    )


def _parse(file: Path, number: int, words: list[str]) -> tuple[str, str, bool]:
    match words:
        case [name, a, b] if a.isdigit() and b.isdigit():
            return _lfw(name, a), _lfw(name, b), True
        case [name, a, other, b] if a.isdigit() and b.isdigit():
            return _lfw(name, a), _lfw(other, b), False
        case [left, right, ("0" | "1") as label]:
            return left, right, label == "1"
    raise InputError(f"{file}, line {number}: expected `name n m`, `name n name m` or `path path 0|1`: mend the line")


def _lfw(name: str, number: str) -> str:
    return f"{name}/{name}_{int(number):04d}.jpg"
