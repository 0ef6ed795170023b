"""`faceapp kiosk --headless`, from the camera's picture to the door: real networks, gallery, log and command line."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from faceapp import paths
from faceapp.app.kiosk import headless
from faceapp.app.kiosk.site import KioskOptions
from faceapp.app.parts import Parts
from faceapp.cli.main import main
from faceapp.gallery.store import GalleryStore
from faceapp.images import read_image
from faceapp.types import BgrImage, JsonObject
from tests.fakes.walk_up import portrait, walk_up

Events = list[dict[str, Any]]
Do = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> Path:
    """The astronaut for half a second."""
    return walk_up(tmp_path_factory.mktemp("films") / "film", astronaut, 16)


@pytest.fixture(scope="module")
def someone(group_photo: Path, tmp_path_factory: pytest.TempPathFactory) -> BgrImage:
    """Somebody else: the largest face of the group photograph, cut out and enlarged."""
    group = read_image(group_photo)
    with Parts.open(tmp_path_factory.mktemp("empty")) as parts:
        face = parts.detector().detect(group, 40)[0]
    return portrait(group, face.box)


@pytest.fixture
def do(capsys: pytest.CaptureFixture[str], data_dir: Path) -> Do:
    """The command line, of a site whose door is open for a moment only."""
    data_dir.mkdir()
    (data_dir / "settings.json").write_text('{"kiosk": {"pulse": 0.2}}')

    def run(*words: str | Path) -> tuple[int, str, str]:
        status = main([str(w) for w in words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def ada(do: Do) -> Do:
    """The astronaut is enrolled as Ada, the command line at hand."""
    assert do("enroll", "Ada", paths.resource("astronaut.jpg"))[0] == 0
    return do


def watched(do: Do, source: str | Path, *words: str | Path, liveness: str = "off") -> Events:
    """The events of a run that processes every frame."""
    usual = ("--headless", "--no-drop", "--events", "-", "--liveness", liveness)
    status, out, err = do("kiosk", "--source", source, *usual, *words)
    assert status == 0, err
    return [json.loads(line) for line in out.splitlines()]


def doors(events: Events) -> list[tuple[str, str | None, str]]:
    return [(e["decision"], e["name"], e["reason"]) for e in events if e["type"] == "door"]


def screens(events: Events) -> list[str]:
    return [e["screen"] for e in events if e["type"] == "screen"]


def test_the_demonstration_lets_its_guest_in_once(do: Do) -> None:
    events = watched(do, "demo:", "--frames", "16")
    assert doors(events) == [("grant", "Eileen Collins", "granted")]
    assert screens(events)[:2] == ["checking", "welcome"]
    assert [e["outcome"] for e in events if e["type"] == "opening"] == ["opened"]
    assert sum(e["type"] == "frame" for e in events) == 16
    last = events[-1]
    assert (last["type"], last["grants"], last["frames_processed"]) == ("summary", {"Eileen Collins": 1}, 16)
    frame = next(e for e in events if e["type"] == "frame")
    assert set(frame) == {"type", "frame", "t", "faces"}
    assert do("audit", "verify")[0] == 0


def test_the_json_is_one_object_and_the_warning_is_said(do: Do) -> None:
    usual = ("--headless", "--no-drop", "--frames", "8", "--json", "--liveness", "off")
    status, out, err = do("kiosk", "--source", "demo:", *usual)
    assert status == 0
    assert json.loads(out)["openings"] == {"opened": 1}
    assert "cannot tell a photograph or a phone from a person" in err


@pytest.mark.parametrize("liveness", ["active", "passive", "both"])
def test_a_film_answers_no_question_and_opens_nothing(do: Do, liveness: str) -> None:
    """The guest's photograph, which `off` lets in. Here is no model: where one is asked for, that is unknown."""
    events = watched(do, "demo:", "--frames", "40", liveness=liveness)
    assert doors(events) == []
    assert "welcome" not in screens(events)
    questions = [e for e in events if e["type"] == "question"]
    if liveness == "passive":
        assert questions == []
    else:
        first = questions[0]
        assert (first["instruction"], first["done"], first["total"], first["frame"]) == ("look_here", 0, 3, 1)
        assert questions[1]["instruction"] in ("left", "right", "up", "down")
        assert "question" in screens(events)


def test_a_model_that_is_missing_is_said_at_the_start(do: Do) -> None:
    _, _, err = do("kiosk", "--source", "demo:", "--headless", "--no-drop", "--frames", "2", "--liveness", "both")
    assert "nobody is let in by face" in err


def test_where_nobody_is_enrolled_a_look_at_the_gallery_takes_no_votes(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine there is a look between any two frames."""
    monkeypatch.setattr(headless, "LOOK_EVERY", 0.0)
    assert doors(watched(do, "demo:", "--frames", "8")) == [("grant", "Eileen Collins", "granted")]


def test_enrolling_gives_nobody_a_door(ada: Do, film: Path) -> None:
    assert doors(watched(ada, film)) == []
    assert ada("people", "allow", "Ada")[0] == 0
    assert doors(watched(ada, film)) == [("grant", "Ada", "granted")]
    assert ada("people", "deactivate", "Ada")[0] == 0
    assert doors(watched(ada, film)) == []


def test_who_may_not_enter_is_refused_as_a_stranger_is(ada: Do, tmp_path: Path, astronaut: BgrImage) -> None:
    events = watched(ada, walk_up(tmp_path / "long", astronaut, 110))
    assert doors(events) == [("deny", "Ada", "not_allowed")]
    assert screens(events) == ["checking", "not_recognised"]


def test_a_stranger_is_refused_and_told_nothing_of_who_is_enrolled(ada: Do, tmp_path: Path, someone: BgrImage) -> None:
    assert ada("people", "allow", "Ada")[0] == 0
    events = watched(ada, walk_up(tmp_path / "stranger", someone, 110))
    assert doors(events) == [("deny", None, "not_recognised")]
    assert screens(events) == ["checking", "not_recognised"]


def test_verify_asks_for_the_claimed_person_alone(ada: Do, film: Path, someone: BgrImage, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "someone.png"), someone)
    assert ada("enroll", "Bob", tmp_path / "someone.png")[0] == 0
    for name in ("Ada", "Bob"):
        assert ada("people", "allow", name)[0] == 0
    assert doors(watched(ada, film, "--mode", "verify", "--claim", "Ada")) == [("grant", "Ada", "granted")]
    assert not any(d[0] == "grant" for d in doors(watched(ada, film, "--mode", "verify", "--claim", "Bob")))
    unclaimed = watched(ada, film, "--mode", "verify")
    assert doors(unclaimed) == []
    assert screens(unclaimed) == ["badge"]


def test_a_right_that_was_taken_meanwhile_counts(ada: Do, film: Path, data_dir: Path) -> None:
    """Taken by another process after the frames were searched, before the door opens."""
    assert ada("people", "allow", "Ada")[0] == 0
    events: list[JsonObject] = []

    def event(value: JsonObject) -> None:
        events.append(value)
        if value["type"] == "frame" and value["frame"] == 1:
            with GalleryStore.open(data_dir) as other:
                other.set_active(other.person("Ada").id, False)

    with Parts.open(data_dir) as parts:
        options = KioskOptions(str(film), "sim:", "identify", liveness="off")
        headless.run(parts, options, drop=False, frames=12, event=event, note=lambda _: None)
    outcomes = [e["outcome"] for e in events if e["type"] == "opening"]
    assert outcomes in (["withdrawn"], [])


def test_a_door_that_is_not_there_stays_shut_and_is_out_of_order(ada: Do, film: Path) -> None:
    assert ada("people", "allow", "Ada")[0] == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        events = watched(ada, film, "--door", f"mqtt://127.0.0.1:{port}/door")
    assert doors(events) == []
    assert screens(events) == ["out_of_order"]


def test_a_log_that_cannot_be_written_opens_nothing(ada: Do, film: Path, data_dir: Path) -> None:
    assert ada("people", "allow", "Ada")[0] == 0
    assert ada("audit", "verify")[0] == 0
    log = data_dir / "audit.jsonl"
    log.rename(data_dir / "elsewhere")
    log.mkdir()
    status, _, err = ada("kiosk", "--source", film, "--headless", "--no-drop")
    assert status == 4
    assert len([line for line in err.splitlines() if "audit" in line]) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (2, ["--source", "demo:", "--headless", "--claim", "Ada"]),
        (2, ["--headless"]),
        (2, ["--source", "demo:", "--headless", "--door", "carrier-pigeon:"]),
        (2, ["--source", "demo:", "--headless", "--frames", "0"]),
        (2, ["--source", "demo:", "--liveness", "maybe"]),
        (3, ["--source", "demo:", "--headless", "--mode", "verify", "--claim", "Nobody"]),
        (3, ["--source", "no-such-film.mp4", "--headless", "--no-drop"]),
        (4, ["--source", "demo:"]),
    ],
)
def test_what_cannot_be_is_one_line(
    do: Do, status: int, words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    if status == 4 and "--headless" not in words:
        status = 2  # in this process nobody brought a window along
    found, out, err = do("kiosk", *words)
    lines = [line for line in err.splitlines() if "asked to move their head" not in line]
    assert (found, out, len(lines)) == (status, "", 1), err
    assert "Traceback" not in err
