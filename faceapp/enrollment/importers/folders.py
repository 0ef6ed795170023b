"""Folders of pictures: a folder for each person, `Name_0001.jpg` side by side as in Labeled Faces in the Wild, or both.

    DIR/Ada Lovelace/any name.jpg      the folder is the name, as it is written
    DIR/Ada_Lovelace/Ada_Lovelace_0001.jpg   LFW's own folders: underscores are spaces
    DIR/Ada_Lovelace_0001.jpg          underscores are spaces

What lies deeper is refused unless it is asked for: a folder `train` full of people's folders would become one person.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from faceapp.enrollment.importers.items import Closing, Item, Refusal, file_item, resolved, shown
from faceapp.errors import InputError
from faceapp.images import SUFFIXES

NUMBERED = re.compile(r"_*(?P<name>.*[^_])_+[0-9]{1,9}")
"""`Ada_Lovelace_0001`: how LFW names a picture, without the suffix."""

CAMERAS = frozenset(
    {"capture", "dcim", "dji", "dsc", "dscf", "dscn", "face", "frame", "gopr", "image", "img", "mvi", "pano", "photo"}
    | {"pic", "picture", "pxl", "scan", "screenshot", "snapshot", "vid", "video", "whatsapp"}
)
"""First words of the names that cameras and programs give to pictures: nobody is called so."""

PICTURES = SUFFIXES | {".avif", ".dib", ".heic", ".heif", ".jp2", ".jpe", ".jfif", ".pbm", ".pnm"}
"""Suffixes of what is meant as a picture. Some can't be read: those are refused, not passed over."""

DEEPEST = 32
"""Folders within each other that are gone into."""


class FolderSource(Closing):
    """The pictures below one folder, in the order of their paths."""

    kind = "folder"
    notes: tuple[str, ...] = ()
    height: int | None = None

    def __init__(self, path: Path, nested: bool, found: list[tuple[str, str] | Refusal]) -> None:
        self.title = shown(path)
        self.key = f"folder:{resolved(path)}" + (":nested" if nested else "")
        self._path = path
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Item | Refusal]:
        for entry in self._found:
            if isinstance(entry, Refusal):
                yield entry
            else:
                below, name = entry
                yield file_item(shown(below), self._path / below, name)


def open_folder(path: Path, *, nested: bool = False) -> FolderSource:
    """The people's pictures in the folder `path`. With `nested`, pictures in folders within a person's folder are
    theirs too. Raises InputError where it is no folder, can't be read or holds nothing that could be a picture."""
    try:
        folders, files = _entries(path)
    except NotADirectoryError as e:
        raise InputError(f"{shown(path)} is not a folder: name the folder that holds the people's folders") from e
    except FileNotFoundError as e:
        raise InputError(f"{shown(path)}: there is no such folder") from e
    except (OSError, ValueError) as e:
        raise InputError(f"{shown(path)} cannot be read: {getattr(e, 'strerror', None) or e}") from e
    found: list[tuple[str, str] | Refusal] = []
    for name in files:
        found.append(_flat(path, name))
    above = (resolved(path),)
    for name in folders:
        found.extend(_person(path, name, nested, above))
    if not found:
        raise InputError(f"{shown(path)} holds no pictures: name the folder that holds the people's folders")
    return FolderSource(path, nested, found)


def _flat(root: Path, file: str) -> tuple[str, str] | Refusal:
    numbered = NUMBERED.fullmatch(Path(file).stem)
    name = numbered["name"].replace("_", " ").strip() if numbered else ""
    if name and name.split()[0].casefold() not in CAMERAS:
        return file, name
    label = shown(root / file)
    return Refusal(
        shown(file),
        label,
        "name",
        f"{label}: the file does not say who it is: call it Name_0001, or put it in a folder",
    )


def _person(root: Path, folder: str, nested: bool, above: tuple[str, ...]) -> Iterator[tuple[str, str] | Refusal]:
    found = list(_below(root, folder, nested, above, set()))
    files = [Path(f) for f in found if isinstance(f, str)]
    # LFW's own folders: the name has its underscores in both places.
    numbered = [NUMBERED.fullmatch(f.stem) for f in files]
    lfw = any(n is not None and n["name"] == folder for n in numbered)
    name = folder.replace("_", " ") if lfw else folder
    for entry in found:
        yield entry if isinstance(entry, Refusal) else (entry, name)


def _below(root: Path, folder: str, nested: bool, above: tuple[str, ...], seen: set[str]) -> Iterator[str | Refusal]:
    """The pictures of a person's folder, as paths below `root`. `above`: the full paths of the folders it lies in;
    `seen`: of those gone through. Many links to few folders would make more paths than there is time for."""
    path = root / folder
    label = shown(path)

    def refusal(reason: str) -> Refusal:
        return Refusal(shown(folder) + "/", label, "layout", f"{label}: {reason}")

    try:
        here = resolved(path)
        if here in above:
            yield refusal("this link leads back to a folder above it: take it away")
            return
        if here in seen:
            return
        seen.add(here)
        folders, files = _entries(path)
    except (OSError, ValueError) as e:
        yield refusal(f"this folder cannot be read: {getattr(e, 'strerror', None) or e}")
        return
    except InputError:
        yield refusal("this folder cannot be read: links in a circle")
        return
    if len(above) > DEEPEST:
        yield refusal(f"this folder lies more than {DEEPEST} deep: move its pictures up")
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        deeper = f"{folder}/{name}"
        if nested:
            yield from _below(root, deeper, nested, (*above, here), seen)
        elif any(True for _ in _below(root, deeper, True, (*above, here), set())):
            below = shown(path / name)
            yield Refusal(
                shown(deeper) + "/",
                below,
                "layout",
                f"{below}: a folder in a person's folder: move it up, or use --nested",
            )


def _entries(path: Path) -> tuple[list[str], list[str]]:
    """The names of the folders and of the pictures in `path`, sorted. What is hidden or no picture is passed over."""
    folders, files = [], []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                is_folder = entry.is_dir()
            except OSError:  # links in a circle
                is_folder = False
            if is_folder:
                folders.append(entry.name)
            elif Path(entry.name).suffix.lower() in PICTURES:
                files.append(entry.name)
    return sorted(folders), sorted(files)
