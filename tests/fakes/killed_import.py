"""An import to be killed: `python -m tests.fakes.killed_import DATA_DIR FOLDER pixels|real`; `Victim` kills it.

For each line it reads it forks a process that imports the folder and says on standard output how far it is. Forking
saves importing the libraries a hundred times; networks are loaded by each child: their threads don't survive a fork.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faceapp.gallery.store import GalleryStore

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Victim:
    """Starts imports of one folder into one data directory, and kills them."""

    def __init__(self, data_dir: Path, folder: Path, how: str) -> None:
        self.data_dir = data_dir
        self.kills = 0
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.killed_import", str(data_dir), str(folder), how],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._program.stdin is not None
        self._program.stdin.close()
        self._program.wait(PATIENCE)
        assert self._program.stdout is not None
        self._program.stdout.close()

    def run(self, seconds: float | None, after: int = 0) -> bool:
        """Let it import, and kill it `seconds` after it has done `after` pictures; None: never. True where it came to
        its end."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write("go\n")
        self._program.stdin.flush()
        timer: threading.Timer | None = None
        pid, whole = 0, False
        for line in self._program.stdout:
            word, number = line.split()
            if word == "pid":
                pid = int(number)
            elif word == "whole":
                whole = True
            elif word == "end":
                break
            if seconds is not None and timer is None and word in ("pid", "done") and (word == "done" or not after):
                if word == "done" and int(number) < after:
                    continue
                timer = threading.Timer(seconds, self._kill, (pid,))
                timer.start()
        if timer is not None:
            timer.cancel()
            timer.join()
        return whole

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills += 1


def contents(data_dir: Path) -> dict[str, tuple[list[Any], list[bytes]]]:
    """Everybody's photos (source, quality, crop) and templates, without what is random: to compare two galleries by."""
    photos: dict[str, list[Any]] = {}
    templates: dict[str, list[bytes]] = {}
    with GalleryStore.open(data_dir) as store:
        spaces = set()
        for person in store.people():
            rows = store.photos(person.id)
            assert len(rows) == person.photos > 0, f"{person.name} has no photo"
            photos[person.name] = sorted((p.source, p.quality, store.crop(p.id)) for p in rows)
            spaces |= {p.spaces for p in rows}
        for space in {space for of_one in spaces for space in of_one}:
            table = store.templates(space)
            for name, row in zip(table.names, table.vectors, strict=True):
                templates.setdefault(name, []).append(row.tobytes())
    return {name: (rows, sorted(templates[name])) for name, rows in photos.items()}


def check(data_dir: Path) -> int:
    """Assert that nothing is half there, in the file as it lies on the disk. How many photos there are."""
    path = data_dir / "gallery.db"
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(path)) as connection:
        one = connection.execute

        def none(query: str) -> None:
            assert one(query).fetchall() == [], query

        assert one("PRAGMA integrity_check").fetchone() == ("ok",)
        none("PRAGMA foreign_key_check")
        if not one("SELECT name FROM sqlite_master WHERE name = 'photo'").fetchall():
            return 0  # killed while the gallery was being made
        none("SELECT id FROM person WHERE id NOT IN (SELECT person_id FROM photo)")
        none("SELECT id FROM photo WHERE id NOT IN (SELECT photo_id FROM template)")
        none("SELECT id FROM photo WHERE content IS NULL OR crop IS NULL")
        none("SELECT person_id, content FROM photo GROUP BY person_id, content HAVING count(*) > 1")
        return int(one("SELECT count(*) FROM photo").fetchone()[0])


def _say(word: str, number: int) -> None:
    os.write(1, f"{word} {number}\n".encode())


def _pixels(data_dir: Path, folder: Path, progress: Callable[[int, int], None]) -> None:
    from faceapp.app.imports import open_source
    from tests.fakes.importing import importing

    with GalleryStore.open(data_dir) as store, open_source("folder", folder) as source:
        report = importing(source, store)[0].run(progress)
        _say("whole", len(report.enrolled) + len(report.already))


def _real(data_dir: Path, folder: Path, progress: Callable[[int, int], None]) -> None:
    from faceapp.app.imports import importing, open_source
    from faceapp.app.parts import Parts

    with Parts.open(data_dir, threads=1) as parts, open_source("folder", folder) as source:
        report = importing(parts, source, "warn", "warn").run(progress)
        _say("whole", len(report.enrolled) + len(report.already))


def main() -> None:
    """The parent: forks, and waits."""
    import onnxruntime  # noqa: F401 - imported once for all

    import faceapp.app.imports
    import faceapp.vision.mtcnn  # noqa: F401

    data_dir, folder, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            _say("pid", os.getpid())
            {"pixels": _pixels, "real": _real}[how](data_dir, folder, lambda done, _: _say("done", done))
            os._exit(0)
        os.waitpid(child, 0)
        _say("end", 0)


if __name__ == "__main__":
    main()
