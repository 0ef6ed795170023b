"""The gallery's thread: jobs in order, changes noticed, and no question left unanswered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest

import faceapp.app.gallery_thread as module
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.people import summaries
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.backups import make_backup
from faceapp.gallery.changes import Changes, Mark
from faceapp.gallery.database import FILE_NAME
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import PersonSummary
from tests.polling import until

WAIT = 10.0
SPACE = "space"


def photo(seed: int) -> NewPhoto:
    v = np.random.default_rng(seed).standard_normal(8)
    return NewPhoto(SPACE, (v / np.linalg.norm(v)).astype(np.float32), 70, f"{seed}.jpg")


class Rig:
    """A gallery thread on a real gallery."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.opens: Callable[[], object] = lambda: None
        self.drawn: list[str] = []
        self.draws: Callable[[str], bytes | None] = lambda _: b"jpeg"
        self.indices: list[int] = []
        self.summaries: Callable[[], object] = lambda: None
        self.thread = GalleryThread(self._open, SPACE, self._changed, self._people, self._thumbnail, look_every=0.02)

    def _people(self, store: GalleryStore, space: str) -> list[PersonSummary]:
        self.summaries()
        return summaries(store, space)

    def _open(self) -> GalleryStore:
        self.opens()
        return GalleryStore.open(self.directory)

    def _changed(self) -> None:
        assert self.thread.view is not None
        self.indices.append(self.thread.view.index.people)

    def _thumbnail(self, store: GalleryStore, person_id: str) -> bytes | None:
        name = store.person_by_id(person_id).name
        self.drawn.append(name)
        return self.draws(name)

    def add(self, name: str, seed: int = 1) -> None:
        self.thread.submit(lambda store: store.add_photo(name, photo(seed))).result(WAIT)

    def names(self) -> list[str]:
        view = self.thread.view
        return [] if view is None else [p.name for p in view.people]


@pytest.fixture
def rig(data_dir: Path) -> Iterator[Rig]:
    rig = Rig(data_dir)
    yield rig
    rig.thread.stop(WAIT)


def test_whoever_is_added_is_in_the_index_before_the_answer_comes(rig: Rig) -> None:
    rig.thread.start()
    rig.add("Ada")
    view = rig.thread.view
    assert view is not None
    assert (view.index.people, view.index.space, len(view.templates)) == (1, SPACE, 1)
    assert rig.indices[-1] == 1, "and recognition was told"
    assert [(p.name, p.thumbnail) for p in view.people] == [("Ada", b"jpeg")]


def test_jobs_run_in_order_on_one_thread(rig: Rig) -> None:
    ran: list[tuple[int, int]] = []
    futures = [rig.thread.submit(lambda _, k=k: ran.append((k, threading.get_ident()))) for k in range(20)]
    rig.thread.start()
    for future in futures:
        future.result(WAIT)
    assert [k for k, _ in ran] == list(range(20))
    assert len({ident for _, ident in ran}) == 1


def test_what_a_job_raises_is_its_askers_alone(rig: Rig) -> None:
    rig.thread.start()
    rig.add("Ada")
    with pytest.raises(InputError, match="nobody named"):
        rig.thread.submit(lambda store: store.person("Bo")).result(WAIT)
    assert isinstance(rig.thread.submit(lambda _: 1 / 0).exception(WAIT), ZeroDivisionError)
    rig.add("Bo", 2)
    assert rig.names() == ["Ada", "Bo"]
    assert rig.thread.problem is None


def test_another_process_is_noticed(rig: Rig) -> None:
    rig.thread.start()
    rig.add("Ada")
    with GalleryStore.open(rig.directory) as other:
        other.add_photo("Bo", photo(2))
        until(lambda: rig.names() == ["Ada", "Bo"])
        other.delete(other.person("Ada").id)
        until(lambda: rig.names() == ["Bo"])
    assert rig.indices[-1] == 1


def test_a_change_of_no_template_keeps_the_index(rig: Rig) -> None:
    """A kiosk forgets its votes with an index: a day that somebody was seen must not cost it those."""
    rig.thread.start()
    rig.add("Ada")
    before = rig.thread.view
    assert before is not None
    ada = before.people[0].id
    rig.thread.submit(lambda store: store.set_active(ada, False)).result(WAIT)
    after = rig.thread.view
    assert after is not None
    assert after.marker != before.marker
    assert not after.rights[ada].active
    assert after.index is before.index
    rig.thread.submit(lambda store: store.rename(ada, "Ada Lovelace")).result(WAIT)
    assert rig.thread.view is not None
    assert rig.thread.view.index is not before.index


def test_thumbnails_are_drawn_once_and_again_after_a_change(rig: Rig) -> None:
    rig.thread.start()
    rig.add("Ada")
    rig.add("Bo", 2)
    assert rig.drawn == ["Ada", "Bo"], "nobody's twice: decoding everybody's photo takes a large gallery half a minute"
    ada = rig.thread.submit(lambda store: store.person("Ada").id).result(WAIT)
    rig.thread.submit(lambda store: store.rename(ada, "Ada Lovelace")).result(WAIT)
    until(lambda: rig.drawn == ["Ada", "Bo", "Ada Lovelace"])


def test_names_do_not_wait_for_thumbnails(rig: Rig) -> None:
    with GalleryStore.open(rig.directory) as store:
        for k in range(3):
            store.add_photo(f"Person {k}", photo(k))
    drawing, release = threading.Event(), threading.Event()

    def slow(_: str) -> bytes:
        drawing.set()
        release.wait(WAIT)
        return b"jpeg"

    rig.draws = slow
    rig.thread.start()
    assert drawing.wait(WAIT)
    assert rig.indices == [3], "recognition knows them"
    view = rig.thread.view
    assert view is not None
    assert [p.thumbnail for p in view.people] == [None] * 3
    release.set()
    until(lambda: rig.thread.view is not None and all(p.thumbnail for p in rig.thread.view.people))
    assert rig.thread.view is not None
    assert rig.thread.view.drawn > 0, "a list that polls sees another view"


def test_jobs_have_their_turn_between_thumbnails(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAW_FOR", 0.0)
    monkeypatch.setattr(module, "SHOW_EVERY", 0.0)
    with GalleryStore.open(rig.directory) as store:
        for k in range(5):
            store.add_photo(f"Person {k}", photo(k))
    done: list[int] = []
    rig.draws = lambda _: done.append(len(rig.drawn)) or b"jpeg"  # type: ignore[func-returns-value]
    asked = rig.thread.submit(lambda _: list(done))
    rig.thread.start()
    assert len(asked.result(WAIT)) < 5
    until(lambda: len(done) == 5)


def test_a_photo_that_cannot_be_shown_costs_the_picture_and_nobodys_name(rig: Rig) -> None:
    def damaged(name: str) -> bytes:
        if name == "Ada":
            raise InputError("a kept crop is damaged")
        return b"jpeg"

    rig.draws = damaged
    rig.thread.start()
    rig.add("Ada")
    rig.add("Bo", 2)
    view = rig.thread.view
    assert view is not None
    assert [(p.name, p.thumbnail) for p in view.people] == [("Ada", None), ("Bo", b"jpeg")]
    assert view.index.people == 2
    assert rig.thread.problem is None


# Trouble


def test_a_gallery_that_cannot_be_opened_is_a_line_and_is_tried_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REOPEN_EVERY", 0.05)

    def locked() -> None:
        raise UnavailableError("the gallery is in use: close the other program")

    rig.opens = locked
    rig.thread.start()
    asked = rig.thread.submit(lambda store: store.people())
    with pytest.raises(UnavailableError, match="in use"):
        asked.result(WAIT)
    assert rig.thread.problem == "the gallery is in use: close the other program"
    rig.opens = lambda: None
    until(lambda: rig.thread.view is not None)
    assert rig.thread.problem is None
    rig.add("Ada")


def test_an_unforeseen_error_is_a_line_and_a_traceback(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.opens = lambda: 1 / 0
    rig.thread.start()
    until(lambda: rig.thread.problem)
    assert rig.thread.problem == "the gallery cannot be used (ZeroDivisionError): see the log"
    assert any(r.exc_info for r in caplog.records)


def test_while_it_cannot_be_read_the_old_view_stays(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.thread.start()
    rig.add("Ada")
    failing = threading.Event()
    read = GalleryStore.changes

    def changes(store: GalleryStore, space: str, since: Mark) -> Changes | None:
        if failing.is_set():
            raise UnavailableError("the gallery is locked: try again")
        return read(store, space, since)

    monkeypatch.setattr(GalleryStore, "changes", changes)
    failing.set()
    rig.add("Bo", 2)
    assert rig.names() == ["Ada"]
    assert rig.thread.problem == "the gallery is locked: try again"
    failing.clear()
    until(lambda: rig.names() == ["Ada", "Bo"])
    assert rig.thread.problem is None


# The end


def test_stop_finishes_what_was_asked(rig: Rig) -> None:
    rig.thread.start()
    futures = [rig.thread.submit(lambda store, k=k: store.add_photo(f"Person {k}", photo(k))) for k in range(5)]
    assert rig.thread.stop(WAIT)
    assert all(f.done() and not f.cancelled() for f in futures)
    assert rig.thread.submit(lambda store: store.people()).cancelled()


def test_stop_before_start_cancels(rig: Rig) -> None:
    asked = rig.thread.submit(lambda store: store.people())
    assert rig.thread.stop()
    with pytest.raises(CancelledError):
        asked.result(WAIT)


def test_stop_leaves_a_long_job_behind_which_is_finished(rig: Rig) -> None:
    begun, release = threading.Event(), threading.Event()
    rig.thread.start()
    long = rig.thread.submit(lambda _: (begun.set(), release.wait(WAIT)))
    assert begun.wait(WAIT)
    assert rig.thread.stop(0.02) is False
    release.set()
    assert rig.thread.stop(WAIT)
    assert long.result(0) == (None, True)


def test_a_gallery_that_was_replaced_is_opened_anew(rig: Rig, tmp_path: Path) -> None:
    rig.thread.start()
    rig.add("Ada")
    backup = make_backup(rig.directory / FILE_NAME, tmp_path)
    rig.add("Bob", 2)
    assert rig.names() == ["Ada", "Bob"]
    for suffix in ("-wal", "-shm"):  # as a restore does with a file that can't be read any more
        (rig.directory / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
    backup.replace(rig.directory / FILE_NAME)
    until(lambda: rig.names() == ["Ada"])
    rig.add("Cy", 3)
    assert rig.names() == ["Ada", "Cy"]


def test_what_is_due_is_done_on_the_thread_and_may_fail(data_dir: Path) -> None:
    done: list[str] = []

    def upkeep(_: GalleryStore) -> None:
        done.append(threading.current_thread().name)
        raise OSError("no space")

    def draw(*_: object) -> None:
        return None

    thread = GalleryThread(
        lambda: GalleryStore.open(data_dir), SPACE, lambda: None, summaries, draw, look_every=0.02, upkeep=upkeep
    )
    thread.start()
    try:
        until(lambda: len(done) > 1)
        assert thread.submit(lambda store: len(store.people())).result(WAIT) == 0
        assert set(done) == {"gallery"}
    finally:
        thread.stop(WAIT)


def test_a_look_that_takes_long_is_taken_less_often(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])

    def slow(store: GalleryStore, space: str) -> list[PersonSummary]:
        clock[0] += 3.0
        return summaries(store, space)

    with GalleryStore.open(data_dir) as store:
        thread = GalleryThread(lambda: store, SPACE, lambda: None, slow, lambda *_: None)
        thread._look(store)
        assert thread.next_look == 106.0, "half of the time is the others'"
        clock[0] = 106.0
        thread._look(store)
        assert thread.next_look == 106.5, "nothing has changed: soon again"


def test_nobody_elses_templates_are_read_for_one_enrolment(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.thread.start()
    rig.add("Ada")
    rig.add("Bo", 2)

    def templates_now(*_: object) -> None:
        raise AssertionError("everything is read")

    read: list[tuple[str, ...]] = []
    changes = GalleryStore.changes

    def counted(store: GalleryStore, space: str, since: Mark) -> Changes | None:
        found = changes(store, space, since)
        assert found is not None
        read.append(found.table.names)
        return found

    monkeypatch.setattr(GalleryStore, "templates_now", templates_now)
    monkeypatch.setattr(GalleryStore, "changes", counted)
    rig.add("Cy", 3)
    rig.add("Ada", 4)
    assert read == [("Cy",), ("Ada", "Ada")]
    assert rig.thread.view is not None
    assert (rig.thread.view.index.people, rig.thread.view.index.templates) == (3, 4)
    rig.thread.submit(lambda store: store.delete(store.person("Bo").id)).result(WAIT)
    assert rig.thread.view.index.people == 2
    assert sorted(rig.thread.view.templates.names) == ["Ada", "Ada", "Cy"]


def test_a_change_counts_before_the_list_of_people_is_read(rig: Rig) -> None:
    rig.thread.start()
    rig.add("Ada")
    slow, listed = threading.Event(), threading.Event()
    rig.summaries = lambda: slow.wait(WAIT) and listed.set()
    with GalleryStore.open(rig.directory) as other:
        other.add_photo("Bo", photo(2))
    until(lambda: rig.thread.view is not None and rig.thread.view.index.people == 2)
    assert rig.names() == ["Ada"]
    slow.set()
    until(lambda: rig.names() == ["Ada", "Bo"])
    assert listed.is_set()
