"""The index of a very large gallery is made aside and answers from a snapshot, and never with who was deleted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.indexing import AGAIN_AFTER, Indexing, NotYetError, index_now
from faceapp.app.keys import rotate
from faceapp.app.people import summaries
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery import snapshots
from faceapp.gallery.backups import make_backup
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.restoring import restore
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.search import snapshot
from faceapp.gallery.search.large import LargeIndex
from faceapp.gallery.store import GalleryStore
from faceapp.types import Floats
from tests.polling import until

SPACE, PEOPLE, WAIT = "space", 22, 30.0


def vector(seed: int) -> Floats:
    v = np.random.default_rng(seed).standard_normal(8)
    return (v / np.linalg.norm(v)).astype(np.float32)


def photo(seed: int) -> NewPhoto:
    return NewPhoto(SPACE, vector(seed), 70, f"{seed}.jpg")


def fill(store: GalleryStore) -> None:
    for seed in range(PEOPLE):
        store.add_photo(f"Person {seed}", photo(seed))


def exact_up_to(templates: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("app.indexing", "gallery.index", "gallery.snapshots"):
        monkeypatch.setattr(f"faceapp.{module}.EXACT_UP_TO", templates)


@pytest.fixture
def store(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GalleryStore]:
    exact_up_to(20, monkeypatch)
    monkeypatch.setattr("faceapp.gallery.index.IN_ONE_STAGE", 20)
    with GalleryStore.open(data_dir) as store:
        fill(store)
        yield store


@pytest.fixture
def thread(store: GalleryStore, data_dir: Path) -> Iterator[GalleryThread]:
    thread = GalleryThread(
        lambda: GalleryStore.open(data_dir), SPACE, lambda: None, summaries, lambda *_: None, look_every=0.02
    )
    thread.start()
    yield thread
    assert thread.stop(WAIT)


def index_of(thread: GalleryThread) -> LargeIndex:
    until(lambda: thread.view is not None)
    assert thread.view is not None
    assert isinstance(thread.view.index, LargeIndex)
    return thread.view.index


def named(index: GalleryIndex, seed: int) -> str | None:
    [match] = index.match(vector(seed)[np.newaxis], 0.01)
    return None if match is None else match.name


def from_file(thread: GalleryThread) -> bool:
    """Whether the index is from a file that is there, and all of it."""
    index = index_of(thread)
    return index.crowd.codes is not None and not index.changes


def test_a_very_large_gallery_is_searched_from_a_snapshot(thread: GalleryThread, store: GalleryStore) -> None:
    index = index_of(thread)
    assert [named(index, seed) for seed in range(PEOPLE)] == [f"Person {seed}" for seed in range(PEOPLE)]
    assert from_file(thread)
    assert thread.problem is None
    file = store.snapshot_file(SPACE)
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    assert b"Person" not in file.read_bytes()


def test_who_comes_is_found_beside_it_and_who_goes_is_dropped_with_it(
    thread: GalleryThread, store: GalleryStore
) -> None:
    first = index_of(thread)
    thread.submit(lambda s: s.add_photo("Ada", photo(100))).result(WAIT)
    index = index_of(thread)
    assert index.crowd.codes is first.crowd.codes, "nobody else's template was read"
    assert named(index, 100) == "Ada"
    thread.submit(lambda s: s.delete(s.person("Person 7").id)).result(WAIT)
    assert named(index_of(thread), 7) is None
    until(lambda: from_file(thread), WAIT)
    index = index_of(thread)
    assert (index.people, index.late.people, len(index.crowd.allowed)) == (PEOPLE, 0, PEOPLE)
    assert (named(index, 7), named(index, 100)) == (None, "Ada")


def test_while_one_is_written_everybody_else_goes_on(
    thread: GalleryThread, store: GalleryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_of(thread)
    begun, release = threading.Event(), threading.Event()
    write = GalleryStore.write_snapshot

    def slow(store: GalleryStore, space: str, going: Callable[[], bool]) -> None:
        begun.set()
        assert release.wait(WAIT)
        write(store, space, going)

    monkeypatch.setattr(GalleryStore, "write_snapshot", slow)
    thread.submit(lambda s: s.delete(s.person("Person 7").id)).result(WAIT)
    assert begun.wait(WAIT)
    thread.submit(lambda s: s.add_photo("Ada", photo(100))).result(WAIT)
    assert (named(index_of(thread), 7), named(index_of(thread), 100)) == (None, "Ada")
    release.set()
    until(lambda: from_file(thread), WAIT)
    assert named(index_of(thread), 100) == "Ada"


def test_a_deletion_while_one_is_written_is_noticed(store: GalleryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = store.person("Person 7").id
    store.write_snapshot(SPACE)
    file = store.snapshot_file(SPACE)
    kept = file.read_bytes()
    store.delete(gone)
    assert not file.exists()
    file.write_bytes(kept)  # as if it had been finished only now
    found = store.index_of_snapshot(SPACE)
    assert found is not None
    assert named(found[0], 7) is None
    assert named(found[0], 8) == "Person 8"
    assert not file.exists(), "their template isn't kept"


def test_what_cannot_be_trusted_is_dropped(store: GalleryStore, data_dir: Path, tmp_path: Path) -> None:
    file = store.snapshot_file(SPACE)
    backup = make_backup(store.path, tmp_path)
    store.write_snapshot(SPACE)
    kept = file.read_bytes()

    damaged = bytearray(kept)
    damaged[len(damaged) // 3] ^= 1
    for wrong in (bytes(damaged), kept[:-9], b"", b"faceapp crowd 3\n"):
        file.write_bytes(wrong)
        assert store.index_of_snapshot(SPACE) is None
        assert not file.exists()

    file.write_bytes(kept)
    restore(data_dir, backup)
    assert not file.exists()
    file.write_bytes(kept)  # of a gallery that another one has taken the place of
    assert store.index_of_snapshot(SPACE) is None

    store.write_snapshot(SPACE)
    rotate(data_dir)
    assert not file.exists()


def test_a_command_writes_one_and_uses_it(store: GalleryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(index_now(store, SPACE), 3) == "Person 3"
    store.add_photo("Ada", photo(100))
    monkeypatch.setattr(GalleryStore, "templates", None)
    monkeypatch.setattr(GalleryStore, "write_snapshot", None)
    assert named(index_now(store, SPACE), 100) == "Ada"


def test_where_none_can_be_written_all_is_kept_in_memory(store: GalleryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise UnavailableError("the disk is full: free some space")

    monkeypatch.setattr(GalleryStore, "write_snapshot", full)
    assert named(index_now(store, SPACE), 3) == "Person 3"
    thread = GalleryThread(
        lambda: GalleryStore.open(store.path.parent), SPACE, lambda: None, summaries, lambda *_: None, look_every=0.02
    )
    thread.start()
    try:
        assert named(index_of(thread), 3) == "Person 3"
        thread.submit(lambda s: s.add_photo("Ada", photo(100))).result(WAIT)
        assert named(index_of(thread), 100) == "Ada"
    finally:
        thread.stop(WAIT)
    assert not list((store.path.parent / snapshots.FOLDER).glob("*"))


def test_an_index_in_memory_that_outgrows_it_goes_on_and_forgets_at_once(
    store: GalleryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact_up_to(25, monkeypatch)
    monkeypatch.setattr("faceapp.app.indexing.CHANGED", 3)
    release = threading.Event()
    write = GalleryStore.write_snapshot

    def slow(store: GalleryStore, space: str, going: Callable[[], bool]) -> None:
        assert release.wait(WAIT)
        write(store, space, going)

    monkeypatch.setattr(GalleryStore, "write_snapshot", slow)
    indexing = Indexing(SPACE)
    try:
        index, state = indexing.look(store, None, None)
        assert isinstance(index, LargeIndex)
        assert index.crowd.codes is None, "exact"
        for seed in range(100, 108):
            store.add_photo(f"Late {seed}", photo(seed))
        store.delete(store.person("Person 7").id)
        index, state = indexing.look(store, index, state)
        assert (named(index, 107), named(index, 7), named(index, 8)) == ("Late 107", None, "Person 8")
        store.delete(store.person("Person 8").id)
        with monkeypatch.context() as patched:
            patched.setattr(GalleryStore, "changes", lambda *_: None)  # too many to be told
            index, state = indexing.look(store, index, state)
        assert (named(index, 7), named(index, 8), named(index, 9)) == (None, None, "Person 9")
        release.set()
        until(lambda: indexing.ready, WAIT)
        index, state = indexing.look(store, index, state)
        assert (named(index, 8), named(index, 9), named(index, 107)) == (None, "Person 9", "Late 107")
    finally:
        release.set()
        indexing.stop()


def test_a_gallery_that_shrank_is_searched_exactly_again(thread: GalleryThread, store: GalleryStore) -> None:
    assert from_file(thread)
    thread.submit(lambda s: s.delete(*(s.person(f"Person {seed}").id for seed in (7, 8, 9)))).result(WAIT)
    assert thread.view is not None
    index = thread.view.index
    assert not isinstance(index, LargeIndex)
    assert (named(index, 7), named(index, 10)) == (None, "Person 10")
    with pytest.raises(InputError, match="so few"):
        store.write_snapshot(SPACE)
    assert not store.snapshot_file(SPACE).exists()


def test_what_was_finished_as_it_shrank_does_not_stay(store: GalleryStore) -> None:
    store.write_snapshot(SPACE)
    file = store.snapshot_file(SPACE)
    kept = file.read_bytes()
    store.delete(*(store.person(f"Person {seed}").id for seed in (7, 8)))
    file.write_bytes(kept)
    assert store.index_of_snapshot(SPACE) is None
    assert not file.exists()


@pytest.mark.parametrize("failing", ["exists", "unlink"])
def test_a_file_that_cannot_be_touched_is_left(
    store: GalleryStore, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    file = store.snapshot_file(SPACE)
    file.parent.mkdir()
    file.write_bytes(b"something else")

    def refused(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, failing, refused)
        assert store.index_of_snapshot(SPACE) is None
        assert store.has_snapshot(SPACE) is (failing == "unlink")
    assert file.exists()


def test_what_could_not_be_written_is_tried_again(store: GalleryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    indexing, full = Indexing(SPACE), UnavailableError("the disk is full: free some space")

    def refuse(*_: object) -> None:
        raise full

    def look_when_ready() -> GalleryIndex:
        until(lambda: indexing.ready, WAIT)
        return indexing.look(store, None, None)[0]

    with monkeypatch.context() as patched:
        patched.setattr(GalleryStore, "write_snapshot", refuse)
        with pytest.raises(NotYetError):
            indexing.look(store, None, None)
        assert named(look_when_ready(), 3) == "Person 3"
        assert named(indexing.look(store, None, None)[0], 3) == "Person 3", "not at once"
    monkeypatch.setattr("faceapp.app.indexing.time", SimpleNamespace(monotonic=lambda: time.monotonic() + AGAIN_AFTER))
    with pytest.raises(NotYetError):
        indexing.look(store, None, None)
    assert named(look_when_ready(), 3) == "Person 3"
    assert store.snapshot_file(SPACE).exists()
    indexing.stop()


def test_one_that_is_finished_after_a_deletion_does_not_stay(
    store: GalleryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, write = store.snapshot_file(SPACE), snapshot.write

    def late(*arguments: Any) -> None:
        with GalleryStore.open(store.path.parent, busy_seconds=0.1) as other:
            other.delete(other.person("Person 7").id)
        write(*arguments)

    monkeypatch.setattr(snapshot, "write", late)
    with pytest.raises(InputError, match="deleted meanwhile"):
        store.write_snapshot(SPACE)
    assert not file.exists()


def test_one_that_is_finished_while_a_deletion_is_under_way_does_not_stay(
    store: GalleryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, forget = store.snapshot_file(SPACE), GalleryStore._forget_elsewhere

    def slow(*arguments: Any) -> None:
        file.parent.mkdir()
        file.write_bytes(b"of everybody")  # by a process that ended before it looked
        forget(*arguments)

    monkeypatch.setattr(GalleryStore, "_forget_elsewhere", slow)
    assert store.delete(store.person("Person 7").id)
    assert not file.exists()


@pytest.mark.parametrize("steps", [0, 2, 4, 7, 12])
def test_writing_ends_at_any_stage(store: GalleryStore, steps: int) -> None:
    left = iter([True] * steps)
    with pytest.raises(InputError, match="isn't wanted"):
        store.write_snapshot(SPACE, lambda: next(left, False))
    assert not list(store.snapshot_file(SPACE).parent.glob("*[!k]"))  # the lock stays


def test_a_restore_is_done_though_a_snapshot_cannot_be_removed(
    store: GalleryStore,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    backup = make_backup(store.path, tmp_path)

    def refuse(_: Path) -> None:
        raise UnavailableError("search/1 cannot be removed")

    monkeypatch.setattr("faceapp.gallery.restoring.drop_snapshots", refuse)
    assert restore(store.path.parent, backup).people == PEOPLE
    assert "cannot be removed" in caplog.text
