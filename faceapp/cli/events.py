"""Where a run's events go: a JSON line each."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faceapp.errors import InputError, UnavailableError


class Events:
    """Where a run's events go, each one readable as soon as it happened: a file, stdout (`-`) or nowhere.

    The file is made at the first event: a source that can't be opened leaves an older one as it is. It holds names, so
    only its owner may read it.
    """

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._file: FileIO | None = None

    def write(self, event: dict[str, Any]) -> None:
        """Raises InputError where the file can't be made, UnavailableError where it can't hold more."""
        line = json.dumps(event, ensure_ascii=False)
        if self._name == "-":
            print(line, flush=True)
        elif self._name:
            if self._file is None:
                self._file = self._open(Path(self._name))
            try:
                data = memoryview(f"{line}\n".encode())
                while data:  # a signal or a full pipe can cut a write short
                    data = data[self._file.write(data) or 0 :]
            except BrokenPipeError:
                raise
            except OSError as e:
                raise UnavailableError(f"{self._name} cannot be written: {e.strerror}") from e

    def _open(self, path: Path) -> FileIO:
        try:
            file = FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")
        except OSError as e:
            raise InputError(f"{path} cannot be written: {e.strerror}") from e
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            with suppress(OSError):  # somebody else's file that we may write: its mode is theirs
                path.chmod(0o600)
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()


def figures(summary: dict[str, Any]) -> str:
    """A run's counters (`HeadlessRun.as_json`) in a line for people."""
    latency = summary["latency_ms"]
    return (
        f"{summary['frames_processed']} of {summary['frames_read']} frames processed at {summary['fps']:.1f} a second, "
        f"latency {latency['p50']:.0f} ms (p95 {latency['p95']:.0f} ms), {summary['frames_dropped']} dropped"
    )
