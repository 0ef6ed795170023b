"""`faceapp live --source A --source B --headless`: real networks, gallery and command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faceapp import paths
from faceapp.cli.main import main
from faceapp.types import BgrImage
from tests.fakes.walk_up import walk_up

Do = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> Path:
    """The astronaut for a moment."""
    return walk_up(tmp_path_factory.mktemp("films") / "film", astronaut, 6)


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str]) -> Do:
    def run(*words: str | Path) -> tuple[int, str, str]:
        status = main([str(w) for w in words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_every_frame_of_two_films_whatever_became_of_a_third(do: Do, film: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_text("no video at all")
    assert do("enroll", "Ada", paths.resource("astronaut.jpg"))[0] == 0
    sources = ("--source", film, "--source", broken, "--source", film)
    status, out, err = do("live", *sources, "--headless", "--no-drop", "--events", "-")
    assert status == 3, "what became of the third is told when the others have played"
    events: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    frames, summary = events[:-1], events[-1]
    assert [(e["camera"], e["frame"]) for e in frames] == [(n, k) for k in range(6) for n in (0, 2)]
    assert list(frames[0]) == ["type", "camera", "frame", "t", "faces"]
    # One set of networks, and each camera sees what it would see alone.
    assert [e["faces"] for e in frames[0::2]] == [e["faces"] for e in frames[1::2]]
    assert {f["name"] for e in frames for f in e["faces"]} == {"Ada"}
    assert (summary["type"], summary["frames_processed"]) == ("summary", 12)
    each = [(c["camera"], c["source"], c["frames_processed"]) for c in summary["cameras"]]
    assert each == [(0, film.name, 6), (1, str(broken.name), 0), (2, film.name, 6)]
    lost = [c["error"] for c in summary["cameras"]]
    assert lost[0] is lost[2] is None
    assert "broken.mp4 is not a video" in lost[1]
    assert err.count(lost[1]) == 1


def test_in_real_time_the_guest_is_known_in_the_demonstration_alone(do: Do, film: Path, tmp_path: Path) -> None:
    listed = tmp_path / "events"
    words = ("--source", film, "--source", "demo:", "--headless", "--frames", "4", "--json", "--events", listed)
    status, out, err = do("live", *words)
    assert status == 0, err
    assert [c["source"] for c in json.loads(out)["cameras"]] == [film.name, "demonstration"]
    events = [json.loads(line) for line in listed.read_text().splitlines()[:-1]]
    names = {n: {f["name"] for e in events if e["camera"] == n for f in e["faces"]} for n in (0, 1)}
    assert names == {0: {None}, 1: {"Eileen Collins"}}


def test_a_camera_named_twice_is_wrong_usage(do: Do) -> None:
    status, _, err = do("live", "--source", "7", "--source", "/dev/video7", "--headless")
    assert status == 2
    assert err.count("\n") == 1
    assert "is named twice: give each camera one --source" in err


def test_a_password_is_not_in_the_line_about_a_stream_named_twice(do: Do) -> None:
    stream = "rtsp://ada:secret@127.0.0.1:9/1"
    status, out, err = do("live", "--source", stream, "--source", "rtsp://127.0.0.1:9/1", "--headless")
    assert (status, out) == (2, "")
    assert "secret" not in err


def test_ten_cameras_are_too_many(do: Do) -> None:
    sources = [word for n in range(10) for word in ("--source", str(n))]
    status, _, err = do("live", *sources, "--headless")
    assert status == 2
    assert "name 9 at most" in err


def test_a_file_that_is_not_there_is_said_before_anything_starts(do: Do, film: Path, tmp_path: Path) -> None:
    events = tmp_path / "events"
    words = ("live", "--source", film, "--source", tmp_path / "none.mp4", "--headless", "--events", events)
    assert do(*words)[0] == 3
    assert not events.exists()
