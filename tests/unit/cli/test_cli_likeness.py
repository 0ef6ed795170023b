"""`faceapp people duplicates|merge|not`: what they print, what they change, and how they end."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from faceapp import paths
from faceapp.app.parts import Parts
from faceapp.cli.main import main
from faceapp.gallery.rows import NewPhoto
from faceapp.types import BgrImage, Floats


def at(distance: float) -> Floats:
    angle = 2 * math.asin(distance / 2)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def enrol(**people: float) -> None:
    with Parts.open() as parts:
        for name, distance in people.items():
            parts.gallery().add_photo(name.title(), NewPhoto(parts.space(), at(distance), 70, "a.jpg"))


class Shell:
    """Runs `faceapp …`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        status = main([*words])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err

    def json(self, status: int, *words: str) -> dict[str, Any]:
        ended, out, err = self(*words, "--json")
        assert ended == status, err
        [line] = out.splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return value

    def fails(self, status: int, *words: str) -> str:
        ended, out, err = self(*words)
        assert (ended, out, len(err.splitlines())) == (status, "", 1), err
        return err


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_duplicates_says_yes_where_there_is_nobody_and_no_where_there_is(shell: Shell) -> None:
    assert shell.json(0, "people", "duplicates")["pairs"] == []
    enrol(ada=0.0, bob=1.3)
    assert shell("people", "duplicates")[:2] == (0, "nobody is too near to anybody else (nearer than 0.55)\n")
    enrol(cid=0.2)
    found = shell.json(1, "people", "duplicates")
    assert set(found) == {"threshold", "limit", "pairs"}
    [pair] = found["pairs"]
    assert {pair["a"]["name"], pair["b"]["name"]} == {"Ada", "Cid"}
    assert (pair["distance"], pair["kind"]) == (0.2, "same_person")
    status, out, _ = shell("people", "duplicates")
    assert status == 1
    assert "people merge" in out
    assert "people badge" in out


def test_merge_and_undo(shell: Shell) -> None:
    enrol(ada=0.0, bob=0.2)
    assert shell("people", "merge", "bob", "ADA")[1].startswith("1 photo of Bob is Ada's now")
    assert [p["photos"] for p in shell.json(0, "people", "list")["people"]] == [2]
    assert "nobody named" in shell.fails(3, "people", "merge", "Bob", "Ada")
    back = shell.json(0, "people", "merge", "--undo")
    assert (back["name"], back["photos"], back["from"]["name"]) == ("Bob", 1, "Ada")
    merged = shell.json(0, "people", "merge", "Bob", "Ada")
    assert (merged["name"], merged["into"]["name"], merged["photos"]) == ("Bob", "Ada", 1)
    assert shell("people", "merge", "--undo", "bob")[:2] == (0, "Bob is back, with 1 photo from Ada\n")
    assert "or it cannot be undone any more" in shell.fails(3, "people", "merge", "--undo")


@pytest.mark.parametrize(
    "words",
    [("merge",), ("merge", "Ada"), ("merge", "Ada", "Bob", "--undo"), ("not", "Ada"), ("not", "Ada", "x", "--forget")],
)
def test_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    shell.fails(2, "people", *words)


def test_without_a_gallery(shell: Shell, data_dir: Path) -> None:
    for words in (["merge", "--undo"], ["merge", "Ada", "Bob"], ["not", "Ada", "a.jpg"], ["not", "Ada", "--forget"]):
        assert "nobody" in shell.fails(3, "people", *words)
    assert not (data_dir / "gallery.db").exists()


@pytest.mark.usefixtures("models_dir")
def test_a_picture_of_somebody_else(shell: Shell, tmp_path: Path, astronaut: BgrImage) -> None:
    """The astronaut enrolled; a worse picture of her stands for somebody who is mistaken for her."""
    photo, double = str(paths.resource("astronaut.jpg")), str(tmp_path / "double.jpg")
    cv2.imwrite(double, cv2.resize(astronaut, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA))
    shell("enroll", "Eileen", photo)
    assert shell.json(0, "verify", double, "--name", "Eileen")["same"] is True
    said = shell.json(0, "people", "not", "Eileen", double)
    assert (said["name"], said["negatives"]) == ("Eileen", 1)
    assert said["distance"] == pytest.approx(0.2, abs=0.05)
    assert shell.json(1, "verify", double, "--name", "Eileen")["same"] is False
    assert shell.json(0, "verify", photo, "--name", "Eileen")["same"] is True
    [face] = shell.json(1, "identify", double)["images"][0]["faces"]
    assert (face["name"], face["distance"]) == (None, None)
    assert "own photos" in shell.fails(3, "people", "not", "Eileen", photo)
    assert shell("people", "not", "Eileen", "--forget")[1].endswith("1 forgotten\n")
    assert shell.json(0, "identify", double)["images"][0]["faces"][0]["name"] == "Eileen"
