"""What breaks around a running kiosk, while somebody who may enter stands before it all the time: the door stays shut,
the screen says "out of order", it recovers by itself, and no frame waits for any of it.

With `-s` the figures are printed as a table."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from faceapp.app.audit import open_log
from faceapp.types import BgrImage
from faceapp.vision.session import OrtSession
from tests.broker import Broker
from tests.fakes.boards import plugged
from tests.fakes.entrance import Camera, Onlooker, copied, kiosk, pictures, site_with_ada
from tests.fakes.locks import MqttLock
from tests.fakes.webhook import SHARED, receiving, well

NOTICED = 6.0
"""Seconds: a door is asked how it is every two, and has two to answer."""
RECOVERED = 8.0

Count = Callable[[], int]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    return site_with_ada(tmp_path_factory.mktemp("site") / "data")


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> Iterator[Camera]:
    with Camera(pictures(tmp_path_factory.mktemp("pictures") / "ada", astronaut)) as camera:
        yield camera


@pytest.fixture(autouse=True)
def _as_it_was(site: Path, data_dir: Path, camera: Camera) -> Iterator[None]:
    """Ada's site, and she is there; a session changes the interval for the whole process."""
    copied(site, data_dir)
    camera.doing = "somebody"
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)
    assert open_log(data_dir).verify() == []


class Trials:
    """One failure after the other of a kiosk whose door counts its openings."""

    def __init__(self, onlooker: Onlooker, openings: Count) -> None:
        self._onlooker = onlooker
        self._openings = openings
        onlooker.watches(openings, 30)

    def trial(
        self, what: str, cause: str, begin: Callable[[], object], end: Callable[[], object], *, frames: int = 12
    ) -> None:
        """`begin` breaks something, which `troubles` names with `cause`; `end` mends it. `frames`: that are decided
        about, and refused, while it is broken."""
        look = self._onlooker
        look.waits.clear()
        begin()
        try:
            noticed = look.sees("out_of_order", seconds=NOTICED)
            opened = self._openings()
            look.watches(lambda: any(cause in line for line in look.session.troubles()), NOTICED)
            look.trouble()
            look.watches_frames(frames)
            assert look.look().screen == "out_of_order"
            assert self._openings() == opened, "the door stays shut"
        finally:
            end()
        since = time.monotonic()
        look.watches(lambda: look.look().screen != "out_of_order", RECOVERED)
        recovered = time.monotonic() - since
        look.names.clear()
        look.watches(lambda: self._openings() > opened and look.names == {"Ada"})
        assert look.session.troubles() == []
        wait = 1000 * max(look.waits, default=0.0)
        print(f"| {what} | {noticed:.1f} s | {recovered:.1f} s | {wait:.0f} ms |")  # noqa: T201 - the figures


def test_a_broker_that_is_killed_and_one_that_hangs(
    data_dir: Path, tmp_path: Path, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Broker(tmp_path, persistent=True) as broker,
        MqttLock(broker, speaks=True, remembered=True) as lock,
        kiosk(data_dir, camera.address, broker.address(), monkeypatch) as onlooker,
    ):
        trials = Trials(onlooker, lambda: lock.states().count("UNLOCK"))
        trials.trial("MQTT broker killed", "mqtt://", broker.kill, broker.start)
        trials.trial("MQTT broker halted", "mqtt://", broker.halt, broker.wake)


def test_a_webhook_that_hangs_for_a_minute(data_dir: Path, camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    (data_dir / "door-secrets.json").write_text(json.dumps({"secret": SHARED}))
    (data_dir / "door-secrets.json").chmod(0o600)
    with receiving() as receiver, kiosk(data_dir, camera.address, receiver.url, monkeypatch) as onlooker:

        def hang() -> None:
            receiver.behave = receiver.hang

        def answer() -> None:
            receiver.behave = well

        trials = Trials(onlooker, lambda: sum(d.outcome == "opened" for d in onlooker.session.decisions()))
        trials.trial("webhook hanging", "does not answer", hang, answer)


def test_what_breaks_inside_and_a_cable_that_is_pulled(
    data_dir: Path, tmp_path: Path, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plugged(tmp_path) as cable, kiosk(data_dir, camera.address, cable.url, monkeypatch) as onlooker:
        trials = Trials(onlooker, lambda: sum(len(board.times(on=True)) for board in cable.boards))
        trials.trial("serial cable pulled", "serial:", cable.pull, cable.plug_in)
        with held(data_dir / "gallery.db") as (hold, let_go):
            trials.trial("gallery locked", "whether people may still enter", hold, let_go)
        with elsewhere(data_dir / "audit.jsonl") as (take_away, put_back):
            trials.trial("audit log not writable", "audit log cannot be written", take_away, put_back)
        with full(data_dir / "audit.jsonl") as (fill, free):
            trials.trial("disk full", "audit log cannot be written", fill, free)
        trials.trial("camera frozen", "the same picture", *turned(camera, "frozen"), frames=0)
        trials.trial("camera stalled", "sends no pictures", *turned(camera, "stalled"), frames=0)
        with failing(monkeypatch) as (fail, work):
            trials.trial("networks failing", "faces cannot be recognised", fail, work, frames=0)


Switch = tuple[Callable[[], None], Callable[[], None]]


def turned(camera: Camera, doing: str) -> Switch:
    return lambda: setattr(camera, "doing", doing), lambda: setattr(camera, "doing", "somebody")


@contextmanager
def held(gallery: Path) -> Iterator[Switch]:
    """Another program writes to the gallery, and doesn't come to an end."""
    assert gallery.is_file()
    with closing(sqlite3.connect(gallery, isolation_level=None)) as other:

        def hold() -> None:
            other.execute("BEGIN EXCLUSIVE")

        def let_go() -> None:
            other.execute("ROLLBACK")

        yield hold, let_go


@contextmanager
def elsewhere(log: Path) -> Iterator[Switch]:
    """A folder stands where the log was: not even root can write that."""
    kept = log.with_name("kept")

    def take_away() -> None:
        log.rename(kept)
        log.mkdir()

    def put_back() -> None:
        log.rmdir()
        kept.rename(log)

    yield take_away, put_back


@contextmanager
def full(log: Path) -> Iterator[Switch]:
    """No file may grow beyond the log's size and ten bytes more. As on a full disk the kernel takes the beginning of
    a line and refuses the rest; only the error's number is another (EFBIG), and no second file system is needed."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 10, before[1]))

    def free() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    try:
        yield fill, free
    finally:
        free()


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    """Every network raises, as one does whose graphics card has gone."""
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise RuntimeError("the device is lost")

        yield lambda: patch.setattr(OrtSession, "run", refuse), patch.undo
