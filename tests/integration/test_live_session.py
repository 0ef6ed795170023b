"""The live session as a window drives it: real threads, real networks, a real gallery, films made on the spot."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import faceapp.app.live as module
from faceapp import settings as settings_file
from faceapp.app import headless
from faceapp.app.guest import GUEST_NAME
from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.camera.opencv import silence_opencv
from faceapp.enrollment.photo import keep_crop
from faceapp.errors import InputError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage, Frame, FrameResult, Match
from faceapp.vision.faces import dominant_face
from tests.fakes.camera import ScriptedSource, picture
from tests.polling import until

SIZE = 480, 360
BUSY = 30.0
"""Seconds that what takes one second may take where others keep the machine busy."""


def make_film(path: Path, astronaut: BgrImage, frames: int, fps: float) -> str:
    """The astronaut, panned a little."""
    silence_opencv()  # FFmpeg takes its loudness from whoever opens something first, for the whole process
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, SIZE)
    assert writer.isOpened()
    for k in range(frames):
        x, y = 224 + 20 * np.sin(k / 8), 130 + 8 * np.cos(k / 11)
        view = cv2.getRectSubPix(astronaut, (280, 210), (float(x), float(y)))
        writer.write(cv2.resize(view, SIZE))
    writer.release()
    return str(path)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def long_film(films: Path, astronaut: BgrImage) -> str:
    """Half a minute, so that it never ends in a test."""
    return make_film(films / "long.avi", astronaut, frames=300, fps=10)


@pytest.fixture(scope="module")
def short_film(films: Path, astronaut: BgrImage) -> str:
    return make_film(films / "short.avi", astronaut, frames=12, fps=12)


Open = Callable[[str], LiveSession]


@pytest.fixture
def parts(models_dir: Path, data_dir: Path) -> Iterator[Parts]:
    with Parts.open(data_dir, precision="fp32") as parts:
        yield parts


@pytest.fixture
def session_on(parts: Parts) -> Iterator[Open]:
    """Makes sessions that are stopped at the end."""
    opened: list[LiveSession] = []
    interval = sys.getswitchinterval()

    def make(source: str) -> LiveSession:
        opened.append(LiveSession.open(parts, source))
        return opened[-1]

    yield make
    for session in opened:
        session.stop()
    sys.setswitchinterval(interval)


def match(session: LiveSession) -> Match | None:
    """What the largest face of the newest result is matched with."""
    result = session.latest_result()
    return result.faces[0].match if result is not None and result.faces else None


def named(session: LiveSession, name: str | None) -> bool:
    found = match(session)
    return found is not None and found.name == name


def with_face(session: LiveSession) -> FrameResult | None:
    result = session.latest_result()
    return result if result is not None and result.faces else None


def name_after(session: LiveSession, newest: Frame | None) -> str | None:
    """Who the largest face is in the first result seen of a frame that was captured after `newest`."""
    assert newest is not None
    after = until(lambda: (r := with_face(session)) is not None and r.frame_id > newest.id and r, BUSY)
    found = after.faces[0].match
    return None if found is None else found.name


def notices(session: LiveSession) -> dict[str, str]:
    return {n.id: n.text for n in session.notices()}


def enrolled(session: LiveSession, name: str) -> None:
    """By snapshot, as a user does it."""
    session.enrolment.begin_snapshot()
    assert session.enrolment.snapshot().phase == "collecting"
    until(lambda: session.enrolment.snapshot().phase != "collecting", BUSY)
    taken = session.enrolment.snapshot()
    assert taken.phase == "ready", taken.problem
    assert taken.image is not None
    session.enrolment.enroll(name).result(BUSY)


def test_from_the_first_frame_to_a_name_and_back(session_on: Open, long_film: str, parts: Parts) -> None:
    session = session_on(long_film)
    assert session.phase() == "starting"
    session.start()
    until(lambda: session.phase() == "running")
    frame = until(session.latest_frame)
    assert not frame.image.flags.writeable
    result = until(lambda: with_face(session))
    assert result.faces[0].match is None, "nobody is enrolled"

    # Enrolled, and known from the next frame on
    enrolled(session, "Ada")
    assert name_after(session, session.latest_frame()) == "Ada"
    assert session.enrolment.snapshot().phase == "idle"
    (ada,) = session.people.list()
    assert (ada.name, ada.photos) == ("Ada", 1)
    assert ada.thumbnail is not None
    assert not session.notices()

    # The threshold
    least, most = session.threshold_range()
    assert least < session.threshold() < most
    session.set_threshold(1e-3)
    until(lambda: named(session, None))
    session.set_threshold(None)
    until(lambda: named(session, "Ada"))
    assert session.threshold_is_automatic()

    # Renamed here, then by another process
    assert session.people.rename(ada.id, "Ada Lovelace").result(60).name == "Ada Lovelace"
    until(lambda: named(session, "Ada Lovelace"))
    with GalleryStore.open(parts.data_dir) as other:
        marker = session.people.marker()
        other.rename(ada.id, "Augusta")
        begun = time.monotonic()
        until(lambda: [p.name for p in session.people.list()] == ["Augusta"])
        assert time.monotonic() - begun < 1.0, "a change by another process is noticed within a second"
    session._gallery.submit(lambda _: None).result(60)  # it has told the recognition by now
    assert name_after(session, session.latest_frame()) == "Augusta", "and counts from the next frame on"
    assert session.people.marker() != marker

    # Deleted: the face is nobody's again
    assert session.people.delete(ada.id).result(60), "with every trace"
    until(lambda: (r := with_face(session)) is not None and r.faces[0].match is None)
    assert session.people.list() == []

    stats = session.stats()
    assert stats.provider == "CPU, FP32"
    assert stats.frames_read >= stats.frames_processed > 0
    assert 5 < stats.preview_fps < 15
    assert 0 < stats.latency_p50_ms <= stats.latency_p95_ms

    begun = time.monotonic()
    session.stop()
    assert time.monotonic() - begun < 1.5
    assert session.phase() == "stopped"
    stats = session.stats()
    assert 0 <= stats.frames_read - stats.frames_processed - stats.frames_dropped <= 1, "at most one in the slot"


def test_a_film_that_ended_starts_again(session_on: Open, short_film: str) -> None:
    session = session_on(short_film)
    for round_ in (1, 2):
        session.start()
        assert session.phase() != "ended"
        until(lambda: session.phase() == "ended")
        last = session.latest_frame()
        assert last is not None, "its last picture stays"
        assert last.id == 11
        assert session.stats().frames_read == 12 * round_
        until(lambda: with_face(session))
    until(lambda: (s := session.stats()).frames_read == s.frames_processed + s.frames_dropped)
    assert not session.notices()


def test_the_demonstration_knows_its_guest_and_survives_a_missing_file(
    session_on: Open, tmp_path: Path, models_dir: Path
) -> None:
    session = session_on(" DEMO:")
    assert session.source() == "demo:"
    session.start()
    until(lambda: named(session, GUEST_NAME))
    (guest,) = session.people.list()
    assert guest.guest
    assert guest.thumbnail is not None

    session.enrolment.begin_snapshot()
    session.set_source(str(tmp_path / "missing.mp4"))
    assert session.phase() == "failed"
    assert "missing.mp4" in notices(session)["source"]
    assert session.latest_frame() is None
    assert session.latest_result() is None, "no boxes of the source before"
    assert session.enrolment.snapshot().phase == "idle", "nor its face"
    assert session.people.list() == []

    session.set_source("demo:")
    until(lambda: session.phase() == "running")
    until(lambda: named(session, GUEST_NAME))
    assert not session.notices()

    session.set_detector("ssd")
    assert session._recognition.call(lambda r: r.detector.id).result(60) == "ssd"
    until(lambda: named(session, GUEST_NAME))
    session.stop()
    assert settings_file.load(session._parts.data_dir).detector == "ssd", "kept for the next time"
    assert session.phase() == "stopped"


def test_whoever_is_enrolled_takes_the_guests_place(session_on: Open) -> None:
    session = session_on("demo:")
    session.start()
    until(lambda: named(session, GUEST_NAME), BUSY)
    enrolled(session, "Ada")
    assert name_after(session, session.latest_frame()) == "Ada", "from the next frame on"
    assert [p.name for p in session.people.list()] == ["Ada", GUEST_NAME]


def test_a_live_face_that_is_not_name_loses_the_name_at_once(
    session_on: Open, long_film: str, parts: Parts, astronaut: BgrImage
) -> None:
    face = dominant_face(parts.detector().detect(astronaut, 40))
    seen = parts.embedder().embed(astronaut, [face])[0]
    away = np.zeros_like(seen)
    away[0] = 1
    vector = seen + 0.3 * away  # somebody 0.3 from her: near enough to be named, and no photo of hers
    with parts.open_gallery() as store:
        store.add_photo("Double", NewPhoto(parts.space(), vector / np.linalg.norm(vector), 70, "a.jpg"))
    session = session_on(long_film)
    session.start()
    until(lambda: named(session, "Double"))
    result = session.latest_result()
    assert result is not None
    with pytest.raises(InputError, match="not there any more"):
        session.not_this_person(result.faces[0].track + 1_000).result(60)
    assert session.not_this_person(result.faces[0].track).result(60) == "Double"
    assert name_after(session, session.latest_frame()) is None


def test_people_of_another_embedder_are_embedded_again(
    session_on: Open, long_film: str, parts: Parts, astronaut: BgrImage
) -> None:
    """The picture runs and is recognised meanwhile; who has no crop is listed."""
    (face,) = parts.detector().detect(astronaut, 40)
    crop = keep_crop(astronaut, face)
    vector = np.ones(4, np.float32) / 2
    with GalleryStore.open(parts.data_dir) as store:
        for _ in range(3):
            store.add_photo("Ada", NewPhoto("old", vector, 80, "a", crop.jpeg(), crop.box, crop.landmarks))
        store.add_photo("Ada", NewPhoto("old", vector, 80, "b", b"no picture", crop.box, crop.landmarks))
        store.add_photo("Bo", NewPhoto("old", vector, 80, "c"))
    session = session_on(long_film)
    session.start()
    until(lambda: named(session, "Ada"))
    until(lambda: session._reembedding.left == 0)
    with GalleryStore.open(parts.data_dir) as store:
        assert len(store.templates(parts.space())) == 3
    assert notices(session) == {"again": "To be photographed again for this embedder: Bo."}
    assert {p.name: p.usable for p in session.people.list()} == {"Ada": True, "Bo": False}


def test_without_a_window_too_another_process_is_noticed(
    parts: Parts, long_film: str, astronaut: BgrImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headless, "LOOK_EVERY", 0.0)
    (face,) = parts.detector().detect(astronaut, 40)
    ada = NewPhoto(parts.space(), parts.embedder().embed(astronaut, [face])[0], 80, "a")
    seen: dict[int, str | None] = {}

    def event(line: dict[str, Any]) -> None:
        if line["type"] != "frame":
            return
        seen[line["frame"]] = line["faces"][0]["name"]
        if line["frame"] == 2:
            other.add_photo("Ada", ada)
        if line["frame"] == 5:
            other.delete(other.person("Ada").id)

    with GalleryStore.open(parts.data_dir) as other:
        headless.run(parts, long_film, drop=False, frames=9, event=event)
    assert seen == {k: "Ada" if k in (3, 4, 5) else None for k in range(9)}


# Trouble


def linked(models: Path, into: Path, without: str) -> Path:
    into.mkdir(exist_ok=True)
    for file in models.glob("*.onnx*"):
        if not file.name.startswith(without):
            (into / file.name).symlink_to(file)
    return into


def test_without_networks_the_picture_goes_on_and_a_line_says_what_to_do(
    tmp_path: Path, models_dir: Path, data_dir: Path, long_film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = linked(models_dir, tmp_path / "models", without="facenet")
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(models))
    with Parts.open(data_dir, precision="fp32") as parts:
        session = LiveSession.open(parts, long_film)
        session.start()
        line = until(lambda: notices(session).get("recognition"))
        assert "faceapp models install" in line
        first = until(session.latest_frame)
        until(lambda: (f := session.latest_frame()) is not None and f.id > first.id)
        assert session.phase() == "running"

        # Installed meanwhile: "try again" is all that is needed
        for file in models_dir.glob("facenet*"):
            (models / file.name).symlink_to(file)
        session.start()
        until(lambda: with_face(session))
        assert not notices(session)
        session.stop()


def test_a_detector_that_is_missing_is_said_and_the_other_one_stays(
    tmp_path: Path, models_dir: Path, data_dir: Path, long_film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(linked(models_dir, tmp_path / "models", without="ssd")))
    with Parts.open(data_dir, precision="fp32") as parts:
        session = LiveSession.open(parts, long_film)
        session.start()
        session.set_detector("ssd")
        assert "faceapp models install" in until(lambda: notices(session).get("choice"))
        assert session.detector() == "mtcnn"
        until(lambda: with_face(session))
        session.stop()


def test_stop_waits_for_nobody_who_is_stuck(session_on: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, release = threading.Event(), threading.Event()
    source = ScriptedSource([picture(0), lambda: (entered.set(), release.wait(30)), picture(1)], live=True)
    monkeypatch.setattr(module, "source_maker", lambda *_, **__: lambda: source)
    session = session_on("0")
    session.start()
    assert entered.wait(10)
    begun = time.monotonic()
    session.stop()
    assert time.monotonic() - begun < 1.5
    release.set()
    until(lambda: source.calls[-1] == "close")
    last = session.latest_frame()
    assert last is not None
    assert last.id == 0, "a late frame goes nowhere"


QUIT_AT_ONCE = """
import subprocess
import sys
from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts

session = LiveSession.open(Parts.open(sys.argv[1]), "demo:")
session.start()
session.stop()
print(session._recognition._thread.is_alive())
"""


def test_closing_the_window_while_networks_load_ends_the_program_in_peace(data_dir: Path, models_dir: Path) -> None:
    """The interpreter must not go while a thread is about to return to it from native code: that is an abort."""
    done = subprocess.run(
        [sys.executable, "-c", QUIT_AT_ONCE, str(data_dir)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
