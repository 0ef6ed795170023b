"""An import in a live session: the picture goes on, the name comes, and closing the window only puts the rest off."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp.app.import_types import ImportState, Wish
from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.images import encode_jpeg
from faceapp.types import BgrImage
from tests.polling import until

PICTURES = 12


@pytest.fixture
def session(models_dir: Path, data_dir: Path, tmp_path: Path, astronaut: BgrImage) -> Iterator[LiveSession]:
    """On a film of one picture of her that never ends in a test."""
    frames = tmp_path / "film"
    frames.mkdir()
    view = np.asarray(cv2.resize(astronaut[20:320, 60:460], (480, 360)), np.uint8)
    for k in range(2000):
        (frames / f"{k:04}.jpg").symlink_to(tmp_path / "still.jpg")
    (tmp_path / "still.jpg").write_bytes(encode_jpeg(view))
    interval = sys.getswitchinterval()
    with Parts.open(data_dir) as parts:
        opened = LiveSession.open(parts, str(frames))
        yield opened
        opened.stop()
    sys.setswitchinterval(interval)


@pytest.fixture
def roll(tmp_path: Path, astronaut: BgrImage, group_photo: Path) -> Path:
    """Her, in pictures that differ a little, and one with five others."""
    folder = tmp_path / "roll" / "Eileen"
    folder.mkdir(parents=True)
    for k in range(PICTURES - 1):
        (folder / f"{k:02}.jpg").write_bytes(encode_jpeg(np.ascontiguousarray(astronaut[0 : 300 + k, 60:460])))
    (folder / "z.jpg").write_bytes(group_photo.read_bytes())
    return tmp_path / "roll"


def ended(session: LiveSession) -> ImportState:
    return until(lambda: s if (s := session.imports.state()).phase == "imported" else None, 60)


def test_the_picture_goes_on_the_name_comes_and_a_face_is_picked(session: LiveSession, roll: Path) -> None:
    session.start()
    until(lambda: (r := session.latest_result()) is not None and len(r.faces) > 0, 30)
    session.imports.begin(Wish(roll, "folder"))
    until(lambda: session.imports.state().done >= 2, 30)
    before = session.stats().frames_processed
    assert any(n.id == "imports" for n in session.notices())
    result = ended(session).result
    assert result is not None
    assert (result.enrolled, len(result.undecided)) == (PICTURES - 1, 1)
    assert session.stats().frames_processed > before, "faces are looked for meanwhile"
    assert session.stats().frames_read > 0

    def named() -> bool:
        found = session.latest_result()
        return found is not None and any(f.match is not None and f.match.name == "Eileen" for f in found.faces)

    until(named, 20)
    picture = session.imports.picture(result.undecided[0].number).result(60)
    assert len(picture.boxes) == 6
    assert session.imports.choose(result.undecided[0].number, {3: "Bo"}).result(60) == {}
    until(lambda: {p.name for p in session.people.list()} >= {"Eileen", "Bo"})
    session.imports.seen()
    assert [n for n in session.notices() if n.id in ("imports", "imported")] == []


def test_closing_the_window_puts_the_rest_off(session: LiveSession, data_dir: Path, roll: Path) -> None:
    session.start()
    session.imports.begin(Wish(roll, "folder"))
    until(lambda: session.imports.state().done >= 2, 60)
    began = time.monotonic()
    session.stop()
    assert time.monotonic() - began < 10.0
    assert session.imports.stop(20), "the picture at hand is finished"
    with Parts.open(data_dir) as parts:
        known = parts.gallery().person("Eileen").photos
        assert 0 < known < PICTURES
        again = LiveSession.open(parts, "demo:")
        again.imports.begin(Wish(roll, "folder"))
        result = ended(again).result
        assert result is not None
        assert result.resumed
        assert (result.already, result.already + result.enrolled) == (known, PICTURES - 1)
        again.stop()
        assert again.imports.stop(20)
