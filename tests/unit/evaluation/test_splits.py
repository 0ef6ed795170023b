from __future__ import annotations

from pathlib import Path

import pytest

from faceapp.errors import InputError, UsageError
from faceapp.evaluation.splits import read_crowd


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """a, b, c with three frontal photos and a profile each, d with one."""
    for person, count in (("a", 3), ("b", 3), ("c", 3), ("d", 1)):
        for kind, n in (("frontal", count), ("profile", 1)):
            folder = tmp_path / "images" / person / kind
            folder.mkdir(parents=True)
            for k in range(n):
                (folder / f"{k}.jpg").touch()
            (folder / "notes.txt").touch()
    return tmp_path / "images"


def split(images: Path, text: str) -> Path:
    file = images.parent / "split.txt"
    file.write_text(text)
    return file


def test_roles_and_frontal_photos(images: Path) -> None:
    crowd = read_crowd(images, split(images, "a\tenrolled\nb stranger\nc tune\n\n"), 1, None)
    assert crowd.within == "frontal"
    assert dict(crowd.enrolled) == {"a": ("a/frontal/0.jpg", "a/frontal/1.jpg", "a/frontal/2.jpg")}
    assert crowd.strangers is not None
    assert list(crowd.strangers) == ["b"]
    assert list(crowd.tune) == ["c"]
    assert crowd.people["c/frontal/1.jpg"] == "c"
    assert len(crowd.pictures) == 9


def test_folders_alone_enrol_whoever_has_enough_photos(images: Path) -> None:
    crowd = read_crowd(images, None, 2, None)
    assert list(crowd.enrolled) == ["a", "b", "c"]
    assert (crowd.strangers, crowd.left_out, crowd.within) == (None, 1, "")
    assert crowd.enrolled["a"][-1] == "a/profile/0.jpg"
    assert len(read_crowd(images, None, 1, "frontal").enrolled["a"]) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a friend\n", "line 1"),
        ("a enrolled\na stranger\n", "line 2: a is there twice"),
        ("../x enrolled\n", "line 1: a folder inside"),
        ("a stranger\n", "enrols nobody"),
        ("d enrolled\n", "2 photos or more"),
    ],
)
def test_what_cannot_be_is_named(images: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_crowd(images, split(images, text), 1, None)


def test_nothing_outside_a_persons_folder(images: Path) -> None:
    with pytest.raises(UsageError, match="--within"):
        read_crowd(images, None, 1, "../b")
    with pytest.raises(InputError, match="not a folder"):
        read_crowd(images / "none", None, 1, None)
