"""Who is in which picture, as far as paths and pairs tell: intervals are drawn over people, so they must be known.

Pictures of one person are alike, so a thousand pairs of ten people say little more than those ten people do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from faceapp.evaluation.protocols import Pairs


@dataclass(frozen=True, slots=True)
class People:
    """The person of every picture."""

    of: Mapping[str, str]
    """By path."""
    known_by: str
    """How the people were told apart, for a report."""

    def count(self) -> int:
        """How many there are."""
        return len(set(self.of.values()))


def people_of(pairs: Pairs) -> People:
    """The people on the pictures of `pairs`: by the first folder of a path that differs (LFW, CFP), else by the folder
    a picture lies in, where that agrees with every label. Else pictures that genuine pairs connect are one person,
    and whoever is in impostor pairs alone counts as a person for each picture."""
    pictures = pairs.pictures
    shared = _shared_folders(pictures)
    rules: list[tuple[str, Callable[[str], str]]] = [
        ("the first folder of a path", lambda p: PurePosixPath(p).parts[shared]),
        ("the folder of a picture", lambda p: str(PurePosixPath(p).parent)),
    ]
    for known_by, rule in rules:
        of = {p: rule(p) for p in pictures}
        if _agrees(pairs, of):
            return People(of, known_by)
    return People(_connected(pairs), "the genuine pairs, as the folders don't tell")


def _shared_folders(pictures: Sequence[str]) -> int:
    """How many folders all paths begin with in common."""
    folders = [PurePosixPath(p).parts[:-1] for p in pictures]
    least = min(len(f) for f in folders)
    for k in range(least):
        if len({f[k] for f in folders}) > 1:
            return k
    return max(0, least - 1)


def _agrees(pairs: Pairs, of: Mapping[str, str]) -> bool:
    rows = zip(pairs.left, pairs.right, pairs.same.tolist(), strict=True)
    return all((of[a] == of[b]) == same for a, b, same in rows)


def _connected(pairs: Pairs) -> dict[str, str]:
    """Every picture with the first of those that genuine pairs connect it to."""
    parent = {p: p for p in pairs.pictures}

    def root(p: str) -> str:
        while parent[p] != p:
            parent[p] = parent[parent[p]]
            p = parent[p]
        return p

    for a, b, same in zip(pairs.left, pairs.right, pairs.same.tolist(), strict=True):
        if same:
            parent[root(b)] = root(a)
    return {p: root(p) for p in parent}
