"""`faceapp people unknown …`: what it prints, what it changes, and how it ends."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from faceapp import settings
from faceapp.app.parts import Parts
from faceapp.gallery.inbox_rows import NewTrack
from faceapp.images import encode_jpeg
from faceapp.settings import Settings
from faceapp.types import BgrImage
from tests.fakes.shell import Shell


def put(seed: int, picture: BgrImage | None = None) -> str:
    """A track in the inbox; its id."""
    image = np.full((60, 60, 3), seed, np.uint8) if picture is None else picture
    seen = datetime.now(UTC).isoformat(timespec="microseconds")
    vector = np.eye(1, 640, seed, np.float32)
    with Parts.open() as parts:
        track = NewTrack(seen, seen, "Camera 0", 70.0, encode_jpeg(image), parts.space(), vector)
        track_id = parts.gallery().add_track(track)
    assert track_id is not None
    return track_id


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys, "people", "unknown")


def test_an_empty_inbox_says_whether_anything_is_collected(shell: Shell, data_dir: Path) -> None:
    assert shell.json("list") == {"unknown": [], "collecting": False, "days": 7}
    assert "`inbox` is off" in shell("list")[1]
    assert not (data_dir / "gallery.db").exists(), "to look makes no gallery"
    assert "nobody is in the inbox" in shell.fails(3, "delete", "0123456789")
    settings.save(dataclasses.replace(Settings(), inbox=True), data_dir)
    assert shell.json("list")["collecting"] is True
    assert "off" not in shell("list")[1]
    settings.save(dataclasses.replace(Settings(), inbox=True, keep_crops=False), data_dir)
    assert shell.json("list")["collecting"] is False


def test_list_and_show(shell: Shell, tmp_path: Path) -> None:
    one, two = put(1), put(2)
    rows = shell.json("list")["unknown"]
    assert [(r["id"], r["seen"], r["state"], r["picture"]) for r in rows] == [
        (two, 1, "new", True),
        (one, 1, "new", True),
    ]
    assert one[:8] in shell("list")[1]
    picture = tmp_path / "face.jpg"
    status, out, _ = shell("show", one[:8], "--out", str(picture))
    assert (status, "seen once" in out, "delete it" in out) == (0, True, True)
    assert picture.read_bytes().startswith(b"\xff\xd8")
    assert "cannot be written" in shell.fails(4, "show", one, "--out", str(tmp_path / "nowhere" / "face.jpg"))


def test_ignore_and_delete(shell: Shell, tmp_path: Path) -> None:
    one, two = put(1), put(2)
    assert shell.json("ignore", one) == {"ignored": one}
    assert {r["id"]: r["state"] for r in shell.json("list")["unknown"]} == {one: "ignored", two: "new"}
    assert "no picture is kept" in shell.fails(3, "show", one, "--out", str(tmp_path / "face.jpg"))
    assert shell.json("delete", two) == {"deleted": two, "erased": True}
    assert shell("delete", one)[:2] == (0, f"{one[:8]} is deleted\n")
    assert "not in the inbox" in shell.fails(3, "ignore", two)


def test_enrol(shell: Shell, astronaut: BgrImage, models_dir: Path) -> None:
    one = put(1, astronaut[:256, 100:356])
    assert "requires" not in shell.fails(2, "enrol", one, "Eileen", "--consent-by", "her mother")
    done = shell.json("enrol", one[:10], "Eileen", "--consent", "I agree")["enrolled"]
    assert (done["id"], done["name"]) == (one, "Eileen")
    assert shell.json("list")["unknown"] == []
    with Parts.open() as parts:
        store = parts.gallery()
        assert store.consent(store.person("Eileen").id) is not None


def test_what_shows_no_face_stays(shell: Shell, models_dir: Path) -> None:
    one = put(1)
    assert "no face was found" in shell.fails(3, "enrol", one, "Nobody")
    assert [r["id"] for r in shell.json("list")["unknown"]] == [one]
