"""What an importer gives: pictures, whose they are said to be, and what could not be one.

A source is gone through in an order that is always the same, so that an import that was cut short can go on where it
was. Its lines say everything: whatever is not given as an `Item` is given as a `Refusal`, and nothing is lost silently.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

from faceapp.errors import InputError
from faceapp.images import decode_image
from faceapp.types import BgrImage

MAX_BYTES = 200_000_000
"""A picture's file may have so many; the largest camera's raw pictures have half of it."""

Code: TypeAlias = Literal["unreadable", "name", "layout", "row"]
"""Why something is no picture of somebody: it can't be read, its name is no name, it lies where none is expected, its
row says nothing."""


@dataclass(frozen=True, slots=True)
class Item:
    """A picture and whose it is said to be."""

    key: str
    """Tells it from the source's other pictures, the same each time."""
    label: str
    """What reports call it: a path, or a data set's file, name and row."""
    name: str
    """As the source has it; whether it can be a name is for the gallery to say."""
    read: Callable[[], bytes] = field(compare=False, repr=False)
    """The picture's bytes as they are stored. Raises InputError, in one line."""
    decode: Callable[[bytes], BgrImage] = field(compare=False, repr=False)
    """The picture in those bytes. Raises InputError, in one line. Any thread may call both."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is no picture of somebody."""

    key: str
    label: str
    code: Code
    reason: str
    """One line: what is wrong, what to do."""


class Source(Protocol):
    """Somewhere that people's pictures come from. Opened by the importers' `open_…`; closed by whoever opened it."""

    @property
    def kind(self) -> str:
        """`folder`, `csv` or `hdf5`."""

    @property
    def key(self) -> str:
        """The same for the same place each time: its kind and its full path."""

    @property
    def title(self) -> str:
        """As the user named it."""

    @property
    def height(self) -> int | None:
        """Pixels of its lowest pictures, where it knows: a data set of thumbnails has small faces."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who imports it should know, a line each."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Item | Refusal]: ...

    def close(self) -> None:
        """Let go of the source's file."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class Closing:
    """`with` for a source that has nothing to close."""

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def shown(path: str | os.PathLike[str]) -> str:
    """A path as text that can be printed: bytes that are no text are written out."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode()


def resolved(path: Path) -> str:
    """The full path, behind symbolic links. Raises InputError for links in a circle."""
    try:
        return shown(path.resolve())
    except (OSError, RuntimeError, ValueError) as e:
        raise InputError(f"{shown(path)} cannot be read: links in a circle, or no path at all") from e


def file_item(key: str, path: Path, name: str) -> Item:
    """The picture in the file `path`."""
    label = shown(path)
    return Item(key, label, name, lambda: read_file(path), lambda data: decode_image(data, label))


def read_file(path: Path, most: int = MAX_BYTES) -> bytes:
    """The bytes of a picture's file. Raises InputError for one that can't be read, is no file or is too large."""
    label = shown(path)
    try:
        if not path.is_file() and path.exists():  # /dev/zero never ends, a FIFO never begins
            raise InputError(f"{label} is not a file: name a picture")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError as e:
        where = "points to nothing" if path.is_symlink() else "there is no such file"
        raise InputError(f"{label}: {where}") from e
    except (OSError, ValueError) as e:  # ValueError: a NUL in the name
        raise InputError(f"{label} cannot be read: {getattr(e, 'strerror', None) or e}") from e
    if len(data) > most:
        raise InputError(f"{label} has more than {most // 1_000_000} MB: make the picture smaller")
    return data
