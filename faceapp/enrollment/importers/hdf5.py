"""HDF5 data sets: pictures in one array, their labels in another.

    P_set_x, P_set_y [, list_classes]     as in deeplearning.ai's course, P is `train`, `test` or anything
    images, names                         names are texts
    images, labels [, list_classes]       labels are whole numbers or texts

Pictures are uint8 (N, height, width, 3), red first, or (N, height, width). A label that is a number is looked up in
`list_classes` (or `label_names`), if that holds texts; otherwise its people are called "label 3". Whether labels are
people at all, no file says: the course's own set has 0 for a straight face and 1 for a smile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from faceapp.enrollment.importers.hdf5_checks import (
    BROKEN,
    check_labels,
    check_pictures,
    check_storage,
    datasets,
    links,
)
from faceapp.enrollment.importers.items import Closing, Item, Refusal, resolved, shown
from faceapp.errors import InputError
from faceapp.types import BgrImage

CLASSES = ("list_classes", "label_names")
MAX_CLASSES = 100_000

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


class Hdf5Source(Closing):
    """The pictures of one HDF5 file, pair by pair, row by row. h5py lets one thread at a time into its library."""

    kind = "hdf5"

    def __init__(self, path: Path) -> None:
        self.title = shown(path)
        self.key = f"hdf5:{resolved(path)}"
        self._file = _open(path, self.title)
        try:
            with _told(self.title):
                self._pairs, self._classes = _layout(self._file)
                self.height = min(int(pictures.shape[1]) for _, pictures, _ in self._pairs)
                numbers = any(labels.dtype.kind in "iu" for _, _, labels in self._pairs)
                self.notes = _notes(self.title, numbers and not self._classes, links(self._file))
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file. Items can't be read any more."""
        self._file.close()

    def __len__(self) -> int:
        return sum(len(pictures) for _, pictures, _ in self._pairs)

    def __iter__(self) -> Iterator[Item | Refusal]:
        for title, pictures, labels in self._pairs:
            for row in range(len(pictures)):
                key, label = f"{title}[{row}]", f"{self.title}, {title}[{row}]"
                try:
                    with _told(label):
                        name = _name(_cell(labels, row), self._classes)
                except InputError as e:
                    yield Refusal(key, label, "row", str(e))
                else:
                    yield self._item(key, label, name, pictures, row)

    def _item(self, key: str, label: str, name: str, pictures: h5py.Dataset, row: int) -> Item:
        shape = pictures.shape[1:]

        def read() -> bytes:
            with _told(label):
                return np.ascontiguousarray(pictures[row]).tobytes()

        def decode(data: bytes) -> BgrImage:
            image = np.frombuffer(data, np.uint8).reshape(shape)
            if image.ndim == 2:
                image = image[:, :, None]
            return np.ascontiguousarray(np.broadcast_to(image[:, :, ::-1], (*shape[:2], 3)))

        return Item(key, label, name, read, decode)


def open_hdf5(path: Path) -> Hdf5Source:
    """The pictures in the HDF5 file `path`. Raises InputError where it can't be read, is cut off, points into other
    files, or is laid out otherwise than above."""
    return Hdf5Source(path)


def _open(path: Path, title: str) -> h5py.File:
    try:
        if not path.is_file() and path.exists():
            raise InputError(f"{title} is not a file: name an HDF5 file")
        with path.open("rb") as file:
            signature = file.read(len(_SIGNATURE))
    except FileNotFoundError as e:
        raise InputError(f"{title}: there is no such file") from e
    except (OSError, ValueError) as e:
        raise InputError(f"{title} cannot be read: {getattr(e, 'strerror', None) or e}") from e
    if signature != _SIGNATURE:
        raise InputError(f"{title} is not an HDF5 file: name one, or use --folder or --csv")
    with _told(title):
        return h5py.File(path, "r", locking=False)


def _layout(file: h5py.File) -> tuple[list[tuple[str, h5py.Dataset, h5py.Dataset]], list[str]]:
    """The pairs (title, pictures, labels), and the texts that numbers stand for."""
    there = datasets(file)
    pairs = [
        (n, there[n], there[n[:-1] + "y"]) for n in sorted(there) if n.endswith("_set_x") and n[:-1] + "y" in there
    ]
    if "images" in there:
        label = next((n for n in ("names", "labels") if n in there), None)
        if label is not None:
            pairs.append(("images", there["images"], there[label]))
    if not pairs:
        held = ", ".join(shown(n) for n in list(there)[:5]) or "nothing of its own"
        raise InputError(f"it holds {held}: `images` and `names`, or `train_set_x` and `train_set_y` are needed")
    for name, pictures, labels in pairs:
        check_pictures(name, pictures)
        check_labels(f"the labels of {name}", labels, len(pictures))
    if not any(len(pictures) for _, pictures, _ in pairs):
        raise InputError("it holds no pictures: name another")
    return pairs, _classes(there)


def _classes(there: dict[str, h5py.Dataset]) -> list[str]:
    for name in CLASSES:
        data = there.get(name)
        if data is not None and h5py.check_string_dtype(data.dtype) is not None and data.ndim == 1:
            check_storage(name, data)
            if len(data) > MAX_CLASSES:
                raise InputError(f"{name} holds {len(data)} names: {MAX_CLASSES} are possible")
            check_labels(name, data, len(data))
            return [_text(_cell(data, row)) for row in range(len(data))]
    return []


def _cell(data: h5py.Dataset, row: int) -> Any:
    """The row-th of a column (N,) or (N, 1), or of a row (1, N)."""
    return data[tuple(row if length == max(data.shape) else 0 for length in data.shape)] if data.ndim > 1 else data[row]


def _name(value: Any, classes: list[str]) -> str:
    if isinstance(value, (np.integer, int)):
        number = int(value)
        if not classes:
            return f"label {number}"
        if not 0 <= number < len(classes):
            raise InputError(f"its label {number} is none of the {len(classes)} names: mend the labels")
        return classes[number]
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.rstrip(b"\0").decode("utf-8")
        except UnicodeDecodeError as e:
            raise InputError("its name is not text in UTF-8: write it so") from e
    if isinstance(value, str):
        return value
    raise InputError("its name is no text: write it as one")


def _notes(title: str, unnamed: bool, linked: list[str]) -> tuple[str, ...]:
    notes = []
    if unnamed:
        notes.append(
            f'{title} names nobody: people are called "label 0" and so on. Only right where a label is a person; '
            "rename them with `faceapp people rename`"
        )
    if linked:
        notes.append(f"{title}: links are not followed: {', '.join(shown(n) for n in linked[:5])}")
    return tuple(notes)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turns what the library says about a damaged file into one line."""
    try:
        yield
    except InputError as e:
        raise InputError(f"{what}: {e}") from e
    except BROKEN as e:
        raise InputError(f"{what} is damaged, cut off or not what it claims: get the file again") from e
