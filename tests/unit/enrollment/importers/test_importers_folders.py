"""Folders of pictures: whose each one is, and a line for everything that is no picture of somebody."""

import os
from pathlib import Path

import pytest

from faceapp.enrollment.importers.folders import open_folder
from faceapp.enrollment.importers.items import Item, Refusal, read_file
from faceapp.errors import InputError
from faceapp.images import encode_jpeg
from faceapp.types import BgrImage


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def names(root: Path, nested: bool = False) -> dict[str, str]:
    return {i.key: i.name for i in open_folder(root, nested=nested) if isinstance(i, Item)}


def refusals(root: Path, nested: bool = False) -> dict[str, tuple[str, str]]:
    found = [i for i in open_folder(root, nested=nested) if isinstance(i, Refusal)]
    assert all("\n" not in r.reason and r.reason.startswith(r.label) for r in found)
    return {r.key: (r.code, r.reason) for r in found}


def test_a_folder_is_a_persons_name(tmp_path: Path) -> None:
    put(tmp_path, "Ada Lovelace/1.jpg", "Ada Lovelace/b.PNG", "bo_b/x.webp", "Éva/1.jpg")
    assert names(tmp_path) == {
        "Ada Lovelace/1.jpg": "Ada Lovelace",
        "Ada Lovelace/b.PNG": "Ada Lovelace",
        "bo_b/x.webp": "bo_b",
        "Éva/1.jpg": "Éva",
    }
    assert len(open_folder(tmp_path)) == 4


def test_lfws_underscores_are_spaces_in_both_of_its_ways(tmp_path: Path) -> None:
    put(tmp_path, "Ada_Lovelace_0001.jpg", "Jean_Luc__Doe_12.jpg", "Bo_Derek/Bo_Derek_0001.jpg", "Bo_Derek/extra.jpg")
    assert names(tmp_path) == {
        "Ada_Lovelace_0001.jpg": "Ada Lovelace",
        "Jean_Luc__Doe_12.jpg": "Jean Luc  Doe",  # the gallery makes one space of several
        "Bo_Derek/Bo_Derek_0001.jpg": "Bo Derek",
        "Bo_Derek/extra.jpg": "Bo Derek",
    }


@pytest.mark.parametrize("name", ["ada.jpg", "0001.jpg", "IMG_0001.jpg", "_DSC_0017.JPG", "IMG_20260101_120000.jpg"])
def test_a_cameras_name_is_nobody(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    assert names(tmp_path) == {}
    assert refusals(tmp_path)[name][0] == "name"


def test_a_folder_within_a_persons_is_refused_until_it_is_asked_for(tmp_path: Path) -> None:
    put(tmp_path, "008/frontal/01.jpg", "008/profile/01.jpg", "008/00.jpg", "008/notes/readme.txt")
    assert list(names(tmp_path)) == ["008/00.jpg"]
    assert {k: v[0] for k, v in refusals(tmp_path).items()} == {"008/frontal/": "layout", "008/profile/": "layout"}
    assert set(names(tmp_path, nested=True)) == {"008/00.jpg", "008/frontal/01.jpg", "008/profile/01.jpg"}
    assert set(names(tmp_path, nested=True).values()) == {"008"}
    assert refusals(tmp_path, nested=True) == {}


def test_the_order_is_always_the_same(tmp_path: Path) -> None:
    put(tmp_path, "b/2.jpg", "b/1.jpg", "a/3.jpg", "Zed_0001.jpg", "B/1.jpg")
    assert list(names(tmp_path)) == ["Zed_0001.jpg", "B/1.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg"]


def test_what_is_hidden_or_no_picture_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "Ada/.DS_Store", "Ada/._1.jpg", "Ada/notes.txt", "Ada/1.jpg", ".git/x.jpg", "README.md")
    assert list(names(tmp_path)) == ["Ada/1.jpg"]
    assert refusals(tmp_path) == {}


def test_links_that_lead_back_end(tmp_path: Path) -> None:
    put(tmp_path, "Ada/1.jpg")
    (tmp_path / "Ada" / "again").symlink_to(tmp_path / "Ada")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nothing")
    for nested in (False, True):
        assert list(names(tmp_path, nested)) == ["Ada/1.jpg"]
        said = refusals(tmp_path, nested)
        assert "leads back" in said["loop/"][1]
    assert "leads back" in refusals(tmp_path, nested=True)["Ada/again/"][1]


def test_many_links_to_few_folders_are_gone_through_once(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    for depth in range(24):
        put(outside, f"{depth}/p.jpg")
    for depth in range(23):
        for side in "ab":
            (outside / str(depth) / side).symlink_to(outside / str(depth + 1))
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "Ada").symlink_to(outside / "0")
    assert len(names(tmp_path / "people", nested=True)) == 24


def test_a_linked_folder_is_somebodys(tmp_path: Path) -> None:
    put(tmp_path, "outside/1.jpg")
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "Ada").symlink_to(tmp_path / "outside")
    assert names(tmp_path / "people") == {"Ada/1.jpg": "Ada"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_a_line(tmp_path: Path) -> None:
    put(tmp_path, "Ada/1.jpg", "Bo/1.jpg")
    (tmp_path / "Ada").chmod(0)
    assert refusals(tmp_path)["Ada/"][1].endswith("cannot be read: Permission denied")
    assert list(names(tmp_path)) == ["Bo/1.jpg"]


def test_a_folder_that_cannot_be_listed_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "Ada/1.jpg", "Bo/1.jpg")
    real = os.scandir

    def denied(path: Path) -> object:
        if Path(path).name == "Ada":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert refusals(tmp_path)["Ada/"][1].endswith("cannot be read: Permission denied")
    assert list(names(tmp_path)) == ["Bo/1.jpg"]


def test_what_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    for path, says in ((tmp_path / "file", "is not a folder"), (tmp_path / "no", "no such folder")):
        with pytest.raises(InputError, match=says):
            open_folder(path)
    with pytest.raises(InputError, match="holds no pictures"):
        open_folder(tmp_path / "empty")
    with pytest.raises(InputError, match="cannot be read"):
        open_folder(Path("a\0b"))


def test_bytes_that_are_no_text_can_be_printed(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe")
    put(tmp_path, "Ada/1.jpg")
    try:
        (tmp_path / name).mkdir()
    except OSError:
        pytest.skip("this file system takes text only")
    (tmp_path / name / "1.jpg").write_bytes(b"x")
    items = [i for i in open_folder(tmp_path) if isinstance(i, Item)]
    assert all(i.label.encode() and i.key.encode() for i in items)
    assert items[1].read() == b"x"


def test_pictures_are_read_and_decoded(tmp_path: Path, astronaut: BgrImage) -> None:
    (tmp_path / "Ada").mkdir()
    (tmp_path / "Ada" / "1.jpg").write_bytes(encode_jpeg(astronaut))
    (tmp_path / "Ada" / "2.jpg").write_bytes(b"no picture")
    good, bad = (i for i in open_folder(tmp_path) if isinstance(i, Item))
    assert good.decode(good.read()).shape == astronaut.shape
    with pytest.raises(InputError, match=r"2\.jpg is not a picture"):
        bad.decode(bad.read())


def test_files_that_are_none_or_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(11))
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "fifo")
    for path, says in (
        (tmp_path / "large", "has more than"),
        (tmp_path / "gone", "points to nothing"),
        (tmp_path / "fifo", "is not a file"),
        (tmp_path / "nothing", "no such file"),
        (tmp_path, "is not a file"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(InputError, match=says):
            read_file(path, most=10)
