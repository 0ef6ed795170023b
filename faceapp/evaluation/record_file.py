"""A file of numbers that grows, survives being cut off, and is read without trusting it: the cache of an evaluation.

The first line says what the records are, as JSON; then come records of one size, each with a checksum. What a kill or
a full disk left half written at the end is cut away when the file is next opened. No pickle, nothing executable.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faceapp.errors import UnavailableError
from faceapp.files import locked, write_atomically

_WAIT_SECONDS = 1.0
_CHECK = "check"


class RecordFile:
    """Records of one structured `dtype` in `path`. Use `opened`; one thread uses it."""

    def __init__(self, path: Path, about: Mapping[str, object], dtype: np.dtype[np.void]) -> None:
        self._path = path
        self._head = json.dumps({**about, "record": str(dtype)}, sort_keys=True).encode() + b"\n"
        self._dtype = np.dtype([*((n, dtype[n]) for n in dtype.names or ()), (_CHECK, "<u4")])
        self._plain = dtype
        self._file: FileIO | None = None

    @contextlib.contextmanager
    def opened(self) -> Iterator[NDArray[np.void]]:
        """The records that are there, while nobody else may write. The folder is made, 0700, the file 0600: what is
        made from faces is personal data. Raises UnavailableError, in one line, where that is not possible."""
        with contextlib.ExitStack() as stack:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                stack.enter_context(locked(self._path.with_suffix(".lock"), _WAIT_SECONDS))
                records = self._read()
                self._file = stack.enter_context(FileIO(self._path, "ab"))
            except TimeoutError as e:
                raise UnavailableError(
                    "another evaluation is using the cache: wait until it is done, or add --no-cache"
                ) from e
            except OSError as e:
                raise self._unwritable(e) from e
            try:
                yield records
            finally:
                self._file = None

    def append(self, records: NDArray[np.void]) -> None:
        """Add records of the plain dtype at the end, while opened. Raises UnavailableError where the disk is full."""
        if self._file is None or not len(records):
            return
        full = np.zeros(len(records), self._dtype)
        for name in self._plain.names or ():
            full[name] = records[name]
        full[_CHECK] = _checks(full)
        data = memoryview(full.tobytes())
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as e:
            raise self._unwritable(e) from e

    def _read(self) -> NDArray[np.void]:
        """Whole records up to the first damaged one; the file is cut there, or begun anew."""
        data = self._path.read_bytes() if self._path.exists() else b""
        if not data.startswith(self._head):
            write_atomically(self._path, self._head, mode=0o600)
            return np.zeros(0, self._plain)
        size = self._dtype.itemsize
        count = (len(data) - len(self._head)) // size
        records = np.frombuffer(data, self._dtype, count, len(self._head))
        wrong = np.flatnonzero(_checks(records) != records[_CHECK])
        whole = int(wrong[0]) if len(wrong) else count
        if len(data) != len(self._head) + whole * size:
            os.truncate(self._path, len(self._head) + whole * size)
        plain = np.zeros(whole, self._plain)
        for name in self._plain.names or ():
            plain[name] = records[name][:whole]
        return plain

    def _unwritable(self, e: OSError) -> UnavailableError:
        return UnavailableError(
            f"the cache {self._path.parent} cannot be written ({e.strerror or e}): make room there, or add --no-cache"
        )


def _checks(records: NDArray[np.void]) -> NDArray[np.uint32]:
    """CRC-32 of each record without its last field."""
    size = records.dtype.itemsize
    data = records.tobytes()
    return np.array([zlib.crc32(data[k * size : (k + 1) * size - 4]) for k in range(len(records))], np.uint32)
