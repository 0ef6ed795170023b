"""Several processes and one gallery: nobody loses anything, nobody half exists, and everybody notices."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

# Each script runs in a process of its own and, so that Python starts once for many deaths, forks those that die.
PRELUDE = """
import os, signal, sys
from pathlib import Path
import numpy as np
from sqlalchemy import Engine, event
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

directory = Path(sys.argv[1])

def photo(seed):
    v = np.random.default_rng(seed).standard_normal(512)
    return NewPhoto("space", (v / np.linalg.norm(v)).astype(np.float32), 70, f"{seed}.jpg", b"crop" * 3000)

def fork(work, *args):
    pid = os.fork()
    if pid == 0:
        try:
            work(*args)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    return pid

def die(*args, **more):
    os.kill(os.getpid(), signal.SIGKILL)

def end_of(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""

ADD_AT_ONCE = """
import faceapp.gallery.migrate  # slow: once, before forking

def work(number, gate):
    os.read(gate, 1)  # returns when every worker has been started
    with GalleryStore.open(directory) as store:
        for i in range(5):
            store.add_photo(f"Person {number}", photo(100 * number + i))
            store.add_photo("everybody", photo(100 * number + 50 + i))

for attempt in range(3):
    directory = Path(sys.argv[1]) / str(attempt)
    gate, opener = os.pipe()
    pids = [fork(lambda n=n: (os.close(opener), work(n, gate))) for n in range(4)]
    os.close(opener)
    assert [end_of(pid) for pid in pids] == [0] * 4
    os.close(gate)
"""

DIE_AT_EVERY_STATEMENT = """
import faceapp.gallery.migrate  # slow: once, before forking

def create():
    GalleryStore.open(directory).close()

def add():
    with GalleryStore.open(directory) as store:
        store.add_photo("Ada", photo(1))

def dying_at(last, work):
    def count(*args):
        nonlocal last
        last -= 1
        if last == 0:
            die()
    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    work()

for work in (create, add):
    deaths = 0
    while (end := end_of(fork(dying_at, deaths + 1, work))) == -signal.SIGKILL:
        deaths += 1
    assert end == 0
    print(deaths)
"""

DIE_AT_ANY_MOMENT = """
def work(number, report):
    with GalleryStore.open(directory) as store:
        for i in range(1_000_000):
            store.add_photo(f"Person {number}.{i}", photo(i))
            os.write(report, b".")

confirmed = 0
rng = np.random.default_rng(11)
for number in range(20):
    progress, report = os.pipe()
    pid = fork(work, number, report)
    os.close(report)
    for _ in range(rng.integers(1, 8)):
        assert os.read(progress, 1) == b"."
        confirmed += 1
    os.kill(pid, signal.SIGKILL)
    assert end_of(pid) == -signal.SIGKILL
    while os.read(progress, 1):
        confirmed += 1
    os.close(progress)
print(confirmed)
"""

DIE_BETWEEN_DELETING_AND_SCRUBBING = """
def work():
    GalleryStore.scrub = die
    with GalleryStore.open(directory) as store:
        store.delete(store.person("Ada").id)

assert end_of(fork(work)) == -signal.SIGKILL
"""

ADD_ONE = """
with GalleryStore.open(directory) as store:
    store.add_photo(sys.argv[2], photo(1))
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def run(script: str, *args: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script, *map(str, args)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def photo(seed: int) -> NewPhoto:
    v = np.random.default_rng(seed).standard_normal(512)
    return NewPhoto("space", (v / np.linalg.norm(v)).astype(np.float32), 70, "here.jpg")


def assert_whole(directory: Path) -> None:
    """Every person has a photo, every photo a template, and SQLite finds nothing wrong."""
    with closing(sqlite3.connect(directory / "gallery.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for query in (
            "SELECT id FROM person EXCEPT SELECT person_id FROM photo",
            "SELECT id FROM photo EXCEPT SELECT photo_id FROM template",
        ):
            assert connection.execute(query).fetchall() == []


def test_processes_that_open_a_new_gallery_at_once_share_it(tmp_path: Path) -> None:
    run(ADD_AT_ONCE, tmp_path)
    for attempt in range(3):
        with GalleryStore.open(tmp_path / str(attempt)) as store:
            photos = {p.name: p.photos for p in store.people()}
            assert store.copies() == []
        assert photos == {"everybody": 20} | {f"Person {n}": 5 for n in range(4)}
        assert_whole(tmp_path / str(attempt))


def test_another_process_s_enrolment_is_noticed_by_the_next_call(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", photo(2))
        before = store.change_marker()
        assert store.change_marker() == before
        run(ADD_ONE, data_dir, "Bob")
        assert store.change_marker() != before
        assert [p.name for p in store.people()] == ["Ada", "Bob"]
        assert len(store.templates("space")) == 2
        assert store.add_photo("bob", photo(3)).person.photos == 2


def test_killed_at_any_statement_a_person_is_there_or_not(data_dir: Path) -> None:
    creating, adding = map(int, run(DIE_AT_EVERY_STATEMENT, data_dir).split())
    assert creating > 8  # BEGIN, tables, indices, the revision, COMMIT
    assert adding > 5  # BEGIN, questions, person, photo, template, COMMIT
    with GalleryStore.open(data_dir) as store:
        assert [(p.name, p.photos) for p in store.people()] == [("Ada", 1)]  # none but the one who was not killed
    assert_whole(data_dir)


def test_killed_at_any_moment_what_was_confirmed_is_there(data_dir: Path) -> None:
    confirmed = int(run(DIE_AT_ANY_MOMENT, data_dir))
    with GalleryStore.open(data_dir) as store:
        people = store.people()
        assert confirmed <= len(people) <= confirmed + 20  # each death may come between commit and report
        assert len(store.templates("space")) == len(people)
    assert_whole(data_dir)


def test_a_deletion_that_was_cut_short_is_finished_by_the_next_opening(data_dir: Path) -> None:
    secret = photo(1)
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", secret)
        store.add_photo("Bob", photo(2))
    run(DIE_BETWEEN_DELETING_AND_SCRUBBING, data_dir)
    with GalleryStore.open(data_dir) as store:
        assert [p.name for p in store.people()] == ["Bob"]
        left = b"".join(file.read_bytes() for file in data_dir.iterdir())
        assert secret.vector.tobytes()[:32] not in left
        assert b"Ada" not in left
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
