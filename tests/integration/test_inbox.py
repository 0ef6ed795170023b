"""Somebody walks past a live session and ends in the inbox, where the site has one; real networks, a real gallery."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from faceapp import settings
from faceapp.app.live import LiveSession
from faceapp.app.parts import Parts
from faceapp.camera.opencv import silence_opencv
from faceapp.cli.main import main
from faceapp.gallery.store import GalleryStore
from faceapp.settings import Settings
from faceapp.types import BgrImage
from tests.polling import until

SIZE = 480, 360
pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> str:
    """The astronaut, panned a little, for two and a half seconds."""
    silence_opencv()
    path = tmp_path_factory.mktemp("films") / "passing.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 12, SIZE)
    assert writer.isOpened()
    for k in range(30):
        x, y = 224 + 10 * np.sin(k / 8), 130 + 5 * np.cos(k / 11)
        view = cv2.getRectSubPix(astronaut, (280, 210), (float(x), float(y)))
        writer.write(cv2.resize(view, SIZE))
    writer.release()
    return str(path)


def play(data_dir: Path, film: str, times: int = 1) -> None:
    """The whole film, so many times, in a live session that recognises from its first picture on: it begins with the
    demonstration, of which nothing is ever kept."""
    with Parts.open(data_dir, precision="fp32") as parts:
        session = LiveSession.demonstration(parts)
        try:
            session.start()
            until(session.latest_result, 30)
            for _ in range(times):
                session.set_source(film)
                until(lambda: session.phase() == "ended", 30)
                last = session.latest_frame()
                assert last is not None
                until(lambda id=last.id: (r := session.latest_result()) is not None and r.frame_id == id, 30)
        finally:
            session.stop()
        until(lambda: session._gallery.stop(0.1), 30)


def unknown(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["people", "unknown", *words, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_stranger_is_one_entry_and_can_be_enrolled(
    data_dir: Path, film: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings.save(dataclasses.replace(Settings(), inbox=True), data_dir)
    play(data_dir, film, times=2)
    [entry] = unknown(capsys, "list")["unknown"]
    assert (entry["seen"], entry["camera"], entry["state"]) == (2, "passing.avi", "new")
    picture = tmp_path / "face.jpg"
    unknown(capsys, "show", entry["id"], "--out", str(picture))
    assert main(["detect", str(picture)]) == 0
    done = unknown(capsys, "enrol", entry["id"], "Eileen Collins")["enrolled"]
    assert done["name"] == "Eileen Collins"
    assert unknown(capsys, "list")["unknown"] == []
    play(data_dir, film)
    assert unknown(capsys, "list")["unknown"] == [], "somebody who is known isn't unknown"


def test_where_it_is_off_nothing_is_kept(data_dir: Path, film: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not Settings().inbox, "collecting strangers' faces is for the site to decide"
    play(data_dir, film)
    with GalleryStore.open(data_dir) as store, store._database.reading() as connection:
        for table in ("inbox_track", "inbox_face"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608
    assert unknown(capsys, "list")["collecting"] is False
