"""`faceapp people duplicates|merge|not`: what they print, what they change, and how they end."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp import paths
from faceapp.app.parts import Parts
from faceapp.gallery.rows import NewPhoto
from faceapp.types import BgrImage, Floats
from tests.fakes.shell import Shell


def at(distance: float) -> Floats:
    angle = 2 * math.asin(distance / 2)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def enrol(**people: float) -> None:
    with Parts.open() as parts:
        for name, distance in people.items():
            parts.gallery().add_photo(name.title(), NewPhoto(parts.space(), at(distance), 70, "a.jpg"))


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_duplicates_says_yes_where_there_is_nobody_and_no_where_there_is(shell: Shell) -> None:
    assert shell.json("people", "duplicates")["pairs"] == []
    enrol(ada=0.0, bob=1.3)
    assert shell("people", "duplicates")[:2] == (0, "nobody is too near to anybody else (nearer than 0.55)\n")
    enrol(cid=0.2)
    found = shell.json("people", "duplicates", status=1)
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
    assert [p["photos"] for p in shell.json("people", "list")["people"]] == [2]
    assert "nobody named" in shell.fails(3, "people", "merge", "Bob", "Ada")
    back = shell.json("people", "merge", "--undo")
    assert (back["name"], back["photos"], back["from"]["name"]) == ("Bob", 1, "Ada")
    merged = shell.json("people", "merge", "Bob", "Ada")
    assert (merged["name"], merged["into"]["name"], merged["photos"]) == ("Bob", "Ada", 1)
    assert shell("people", "merge", "--undo", "bob")[:2] == (0, "Bob is back, with 1 photo from Ada\n")
    assert "or it cannot be undone any more" in shell.fails(3, "people", "merge", "--undo")


def test_merging_two_who_look_unlike_each_other_is_pointed_out(shell: Shell) -> None:
    enrol(ada=0.0, bob=1.3, cid=0.2)
    assert shell("people", "merge", "Cid", "Ada")[2] == ""
    said = shell("people", "merge", "Bob", "Ada")[2]  # nearest to the photo that was Cid's
    assert "1.14 apart, and two photos of one person are mostly nearer than 0.50" in said


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
    assert shell.json("verify", double, "--name", "Eileen")["same"] is True
    said = shell.json("people", "not", "Eileen", double)
    assert (said["name"], said["negatives"]) == ("Eileen", 1)
    assert said["distance"] == pytest.approx(0.2, abs=0.05)
    assert shell.json("verify", double, "--name", "Eileen", status=1)["same"] is False
    assert shell.json("verify", photo, "--name", "Eileen")["same"] is True
    [face] = shell.json("identify", double, status=1)["images"][0]["faces"]
    assert (face["name"], face["distance"]) == (None, None)
    assert "own photos" in shell.fails(3, "people", "not", "Eileen", photo)
    assert shell("people", "not", "Eileen", "--forget")[1].endswith("1 forgotten\n")
    assert shell.json("identify", double)["images"][0]["faces"][0]["name"] == "Eileen"
