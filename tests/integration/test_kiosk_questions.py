"""Whole kiosks that ask questions, as they do if nothing else is chosen: who answers is let in, nobody else."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from faceapp.access.audit import AuditLog
from faceapp.access.chain import Entry
from faceapp.app.audit import open_log
from faceapp.app.kiosk import headless, session
from faceapp.app.kiosk.session import KioskSession
from faceapp.app.kiosk.site import kiosk_options
from faceapp.app.kiosk.types import Question
from faceapp.app.parts import Parts
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import JsonObject
from tests.fakes.answering import FPS, Follower, Standing, blank, stands_before
from tests.fakes.examined import Somebody, still
from tests.polling import until

SECONDS = 8
"""Who answers without haste is in after four or five."""


@pytest.fixture(autouse=True)
def _interval() -> Iterator[None]:
    """A session changes it for the whole process."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A site with the settings that come with it, where Ada is allowed; its door is open for a moment only."""
    (tmp_path / "settings.json").write_text(json.dumps({"kiosk": {"pulse": 0.2}}))
    with Parts.open(tmp_path) as parts:
        yield parts


@pytest.fixture
def ada(parts: Parts) -> str:
    """Her id."""
    with GalleryStore.open(parts.data_dir) as store:
        photo = NewPhoto(parts.space(), np.eye(1, 128, dtype=np.float32)[0], 80.0, "test")
        id = store.add_photo("Ada", photo).person.id
        store.set_right(id, "allow")
    return id


def watched(
    parts: Parts, standing: Standing, also: Callable[[JsonObject], object] = lambda _: None, seconds: int = SECONDS
) -> list[JsonObject]:
    """What the kiosk without a window tells, while somebody reads its questions."""
    events: list[JsonObject] = []

    def event(told: JsonObject) -> None:
        events.append(told)
        if told["type"] == "question":
            standing.reads(Question(**{k: v for k, v in told.items() if k not in ("type", "frame")}, reached=0.0))
        elif told["type"] == "screen" and told["screen"] != "question":
            standing.reads(None)
        also(told)

    options = kiosk_options(parts, "film", "sim:", "identify", None, None)
    assert options.liveness == "active"
    headless.run(parts, options, drop=False, frames=seconds * FPS, event=event, note=lambda _: None)
    return events


def sat_through(parts: Parts, standing: Standing, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The screens of the kiosk behind a window, while somebody reads them. Its threads are its own, but
    for the camera's; its clock goes by frames."""
    now_ns = 0
    clock = SimpleNamespace(monotonic_ns=lambda: now_ns, monotonic=lambda: now_ns / 1e9)
    options = kiosk_options(parts, "demo:", "sim:", "identify", None, None)
    kiosk = KioskSession.open(parts, options)
    assert kiosk.liveness == options.liveness == "active"
    shown: list[str] = []
    with monkeypatch.context() as patch:
        kiosk._door.start()
        kiosk._gallery.start()
        until(lambda: kiosk._gallery.view is not None and kiosk._door.status() == "ready")
        kiosk._recognition.start()
        until(lambda: kiosk._recognition.phase == "running")
        patch.setattr(session, "time", clock)
        try:
            for number in range(SECONDS * FPS):
                frame = blank(number)
                now_ns = frame.captured_ns + 40_000_000
                kiosk._recognition.call(lambda r, f=frame: kiosk._recognition._recognise(r, f)).result(30)
                if kiosk._keeper.opening:
                    until(lambda: kiosk._door.last is not None)
                    kiosk._keeper.look_at_door()
                view = kiosk.view()
                standing.reads(view.question)
                if shown[-1:] != [view.screen]:
                    shown.append(view.screen)
                if view.screen == "welcome":
                    break
            assert kiosk.troubles() == []
        finally:
            patch.undo()
            kiosk.stop()
    return shown


def entries(parts: Parts) -> list[Entry]:
    log: AuditLog = open_log(parts.data_dir)
    assert log.verify() == []
    return list(log.entries())


@pytest.mark.parametrize("answers", [True, False])
def test_without_a_window(parts: Parts, ada: str, answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = stands_before(monkeypatch, parts, Somebody(Follower() if answers else still, ada))
    events = watched(parts, standing)
    asked = [e["instruction"] for e in events if e["type"] == "question"]
    assert len({"left", "right", "up", "down"}.intersection(asked)) >= (2 if answers else 1)
    grants = [e["name"] for e in events if e["type"] == "door" and e["decision"] == "grant"]
    assert grants == (["Ada"] if answers else [])
    assert ["opened"] * answers == [e.fields["outcome"] for e in entries(parts) if e.kind == "outcome"]


@pytest.mark.parametrize("answers", [True, False])
def test_behind_a_window(parts: Parts, ada: str, answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = stands_before(monkeypatch, parts, Somebody(Follower() if answers else still, ada))
    screens = sat_through(parts, standing, monkeypatch)
    assert "question" in screens
    assert ("welcome" in screens) is answers
    opened = [e for e in entries(parts) if e.kind == "outcome" and e.fields["outcome"] == "opened"]
    assert len(opened) == answers


def test_a_film_waits_for_a_slow_log(parts: Parts, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames of a film come as fast as they can be judged: a disk that takes its time takes none of the film's."""
    standing = stands_before(monkeypatch, parts, Somebody(Follower(), ada))
    append: Callable[..., Any] = AuditLog.append
    slowly = threading.Event()
    pause = threading.Event()

    def slow(log: AuditLog, kind: str, **fields: Any) -> Any:
        if kind == "kiosk_started":
            slowly.set()
            pause.wait(0.6)
        return append(log, kind, **fields)

    def told(event: JsonObject) -> None:
        if event["type"] == "frame" and event["frame"] == 1:
            slowly.wait(30)
            pause.wait(0.3)  # by now the door says that it is busy

    monkeypatch.setattr(AuditLog, "append", slow)
    events = watched(parts, standing, told, seconds=2)
    asked = [e["instruction"] for e in events if e["type"] == "question"]
    assert asked[0] == "look_here"
    assert asked[1] in ("left", "right", "up", "down"), "nobody was given up in between"
