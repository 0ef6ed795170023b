"""What an HDF5 file may not do to us, looked at before a byte of its data is read.

An HDF5 file can point into other files in four ways (external links, external storage, virtual data sets, and plugins
that decompress), can claim any size without holding it, and can unpack to a thousand times its own. None of that is
needed for pictures and names, so it is refused rather than limited.
"""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from faceapp.errors import InputError

MAX_ROWS = 10_000_000
MAX_PIXELS = 50_000_000
"""Of one picture."""
MAX_CHUNK = 256_000_000
"""Bytes that have to be unpacked at once to read one picture."""
MAX_TEXT = 4_096
"""Bytes of one name in a column of fixed width."""
MAX_MEMBERS = 10_000
"""Names in the file's first level."""
MAX_UNPACKED = 2_000
"""How many times its stored size a data set may have: zlib can't do more than 1,032, and pictures reach about 10."""

BROKEN = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, MemoryError, OverflowError)
"""What h5py raises for damaged files: its library's errors become whatever Python exception seemed near."""

_FILTERS = frozenset(
    {
        h5py.h5z.FILTER_DEFLATE,
        h5py.h5z.FILTER_SHUFFLE,
        h5py.h5z.FILTER_FLETCHER32,
        h5py.h5z.FILTER_LZF,
        h5py.h5z.FILTER_SZIP,
        h5py.h5z.FILTER_NBIT,
        h5py.h5z.FILTER_SCALEOFFSET,
    }
)
"""Those that are built in. For any other the library would look for a plugin, which is somebody's code."""


def datasets(file: h5py.File) -> dict[str, h5py.Dataset]:
    """The data sets of the file's first level. Links, to elsewhere or within the file, are not followed. Raises
    InputError where there are too many names."""
    if len(file) > MAX_MEMBERS:
        raise InputError(f"it holds {len(file)} things, more than {MAX_MEMBERS}: it is no data set of pictures")
    found = {}
    for name in file:
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            continue
        member = file[name]
        if isinstance(member, h5py.Dataset):
            found[name] = member
    return found


def links(file: h5py.File) -> list[str]:
    """The names in the file's first level that are links."""
    return [name for name in file if not isinstance(file.get(name, getlink=True), h5py.HardLink)]


def check_storage(name: str, data: h5py.Dataset) -> None:
    """Raises InputError unless the data lies in this file, was written, and unpacks to what it may."""
    if data.is_virtual or data.external:
        raise InputError(f"{name} lies in other files, which are not read: copy everything into one file")
    plan = data.id.get_create_plist()
    for position in range(plan.get_nfilters()):
        if plan.get_filter(position)[0] not in _FILTERS:
            raise InputError(f"{name} is compressed in a way that needs a plugin: write it with gzip or uncompressed")
    if not data.shape or data.shape[0] > MAX_ROWS:
        raise InputError(f"{name} has the shape {data.shape}: a row for each picture is needed, at most {MAX_ROWS}")
    count = _product(data.shape)
    if count and not data.id.get_storage_size():
        raise InputError(f"{name} was never written, it has only a shape: write the file anew")
    if data.chunks is not None and _product(data.chunks) * data.dtype.itemsize > MAX_CHUNK:
        raise InputError(f"{name} is packed in pieces of more than {MAX_CHUNK // 1_000_000} MB: use smaller chunks")
    if count * data.dtype.itemsize > MAX_UNPACKED * data.id.get_storage_size():
        raise InputError(f"{name} claims the shape {data.shape} and holds next to nothing: write the file anew")


def check_pictures(name: str, data: h5py.Dataset) -> None:
    """Raises InputError unless `data` is uint8 (N, H, W), (N, H, W, 1) or (N, H, W, 3)."""
    shape: tuple[int, ...] = data.shape or ()
    if data.dtype != np.uint8 or len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise InputError(
            f"{name} is {_type(data)} of shape {shape}: pictures are uint8 of (N, height, width, 3), red first, "
            "or (N, height, width)"
        )
    if not shape[1] or not shape[2] or shape[1] * shape[2] > MAX_PIXELS:
        raise InputError(f"{name} has pictures of {shape[2]}x{shape[1]} pixels: 1 to {MAX_PIXELS} are possible")
    check_storage(name, data)


def check_labels(name: str, data: h5py.Dataset, rows: int) -> None:
    """Raises InputError unless `data` is `rows` integers or texts, in a column or a row."""
    text = h5py.check_string_dtype(data.dtype)
    if text is None and data.dtype.kind not in "iu":
        raise InputError(f"{name} is {_type(data)}: labels are whole numbers or texts")
    check_storage(name, data)
    shape = data.shape or ()
    if _product(shape) != rows or max(shape) != rows:
        raise InputError(f"{name} has the shape {shape} for {rows} pictures: one label for each is needed")
    if text is not None and text.length is not None and text.length > MAX_TEXT:
        raise InputError(f"{name} has texts of {text.length} bytes: names have at most {MAX_TEXT}")


def _type(data: h5py.Dataset) -> str:
    return "of objects" if data.dtype.kind == "O" else str(data.dtype)[:40]


def _product(shape: Any) -> int:
    count = 1
    for length in shape:
        count *= int(length)
    return count
