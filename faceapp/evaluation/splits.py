"""Folders of people, and who of them is enrolled, who a stranger, who was used for tuning.

A split file has a line `folder role` for each person: `enrolled`, `stranger` or `tune` (CFP's `split.txt`). Without
one everybody with enough photos is enrolled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faceapp.errors import InputError, UsageError
from faceapp.images import SUFFIXES

ROLES = ("enrolled", "stranger", "tune")
_USUAL_FOLDER = "frontal"


@dataclass(frozen=True, slots=True)
class Crowd:
    """People and their photos, as paths relative to the folder of the pictures, in the order of their names."""

    enrolled: Mapping[str, tuple[str, ...]]
    strangers: Mapping[str, tuple[str, ...]] | None
    """None: nobody said who isn't enrolled."""
    tune: Mapping[str, tuple[str, ...]]
    left_out: int
    """People with too few photos to be both enrolled and tried."""
    within: str
    """The folder of each person's that was looked into; empty: all."""

    @property
    def pictures(self) -> tuple[str, ...]:
        """All of them, each once."""
        groups = (self.enrolled, self.strangers or {}, self.tune)
        return tuple(dict.fromkeys(p for group in groups for photos in group.values() for p in photos))

    @property
    def people(self) -> Mapping[str, str]:
        """The person of each picture."""
        groups = (self.enrolled, self.strangers or {}, self.tune)
        return {p: person for group in groups for person, photos in group.items() for p in photos}


def read_crowd(images: Path, split: Path | None, shots: int, within: str | None) -> Crowd:
    """Everybody below `images`. `shots`: gallery photos a person; `within`: the folder of each person's that counts;
    None: `frontal` where everybody in a split has one (CFP), else all. Raises InputError where there is nobody."""
    if not images.is_dir():
        raise InputError(f"{images} is not a folder: name the one with a folder for each person")
    roles = _read_roles(split) if split is not None else {p.name: "" for p in sorted(images.iterdir()) if p.is_dir()}
    if within is None:
        usual = split is not None and all((images / person / _USUAL_FOLDER).is_dir() for person in roles)
        within = _USUAL_FOLDER if usual else ""
    if Path(within).is_absolute() or ".." in Path(within).parts:
        raise UsageError("--within is a folder inside each person's: give its name alone")
    photos = {person: _photos(images, person, within) for person in roles}
    chosen = {p: f for p, f in photos.items() if roles[p] in ("", "enrolled")}
    enrolled = {p: f for p, f in chosen.items() if len(f) > shots}
    if within and not any(photos.values()):
        raise InputError(f"nobody below {images} has photos in a folder {within!r}: name another with --within")
    if not enrolled:
        raise InputError(
            f"nobody below {images} has {shots + 1} photos or more: that many are needed to enrol and to try"
        )
    strangers = {p: f for p, f in photos.items() if roles[p] == "stranger" and f}
    return Crowd(
        enrolled,
        strangers or None,
        {p: f for p, f in photos.items() if roles[p] == "tune" and f},
        len(chosen) - len(enrolled),
        within,
    )


def _photos(images: Path, person: str, within: str) -> tuple[str, ...]:
    folder = images / person / within
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())
    return tuple(f.relative_to(images).as_posix() for f in files)


def _read_roles(split: Path) -> dict[str, str]:
    try:
        lines = split.read_text(encoding="utf-8-sig").splitlines()
    except OSError as e:
        raise InputError(f"{split} cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise InputError(f"{split} is not a split: it is not text") from e
    roles: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split("\t") if "\t" in line else line.split()
        if not words:
            continue
        if len(words) != 2 or words[1] not in ROLES:
            raise InputError(f"{split}, line {number}: expected `folder enrolled|stranger|tune`: mend the line")
        if words[0] in roles:
            raise InputError(f"{split}, line {number}: {words[0]} is there twice: leave one of them out")
        if Path(words[0]).is_absolute() or ".." in Path(words[0]).parts:
            raise InputError(f"{split}, line {number}: a folder inside the pictures' is expected: mend the line")
        roles[words[0]] = words[1]
    if "enrolled" not in roles.values():
        raise InputError(f"{split} enrols nobody: write a line `folder enrolled` for each of them")
    return roles
