"""Folders of pictures and single pictures as sources."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.camera.folder import FolderSource, PictureSource, is_picture, natural_order
from faceapp.errors import BugError, InputError
from faceapp.images import encode_jpeg
from faceapp.types import Frame

SECOND = 1_000_000_000


def put(path: Path, grey: int, size: tuple[int, int] = (64, 48)) -> None:
    path.write_bytes(encode_jpeg(np.full((size[1], size[0], 3), grey, np.uint8)))


def played(folder: Path) -> list[Frame]:
    source = FolderSource(str(folder), folder)
    source.open()
    frames = list(iter(source.read, None))
    source.close()
    return frames


def greys(frames: list[Frame]) -> list[int]:
    return [round(float(f.image.mean()) / 10) * 10 for f in frames]


def test_pictures_in_name_order_at_thirty_a_second(tmp_path: Path) -> None:
    for name, grey in (("10.jpg", 100), ("9.JPG", 90), ("b.jpeg", 200), ("a.jpg", 150)):
        put(tmp_path / name, grey)
    frames = played(tmp_path)
    assert greys(frames) == [90, 100, 150, 200]
    assert [f.id for f in frames] == [0, 1, 2, 3]
    assert [f.captured_ns - frames[0].captured_ns for f in frames] == [round(k * SECOND / 30) for k in range(4)]


def test_sizes_may_differ_and_frames_are_read_only(tmp_path: Path) -> None:
    put(tmp_path / "1.jpg", 10, (64, 48))
    put(tmp_path / "2.jpg", 10, (31, 77))
    frames = played(tmp_path)
    assert [f.size for f in frames] == [(64, 48), (31, 77)]
    assert not any(f.image.flags.writeable for f in frames)


def test_what_cannot_be_read_is_left_out_with_a_line_and_keeps_its_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path / "1.jpg", 10)
    (tmp_path / "2.jpg").write_text("no picture", encoding="utf-8")
    put(tmp_path / "3.jpg", 30)
    frames = played(tmp_path)
    assert [f.id for f in frames] == [0, 2]
    (line,) = [r.message for r in caplog.records if r.levelno == logging.WARNING]
    assert "picture 1" in line
    assert "2.jpg" not in line
    assert not caplog.records[0].exc_info


def test_other_files_folders_and_hidden_files_are_no_pictures(tmp_path: Path) -> None:
    put(tmp_path / "1.jpg", 10)
    put(tmp_path / ".2.jpg", 10)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "3.jpg").mkdir()
    assert len(played(tmp_path)) == 1


def test_a_folder_without_pictures_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures"):
        FolderSource("x", tmp_path).open()


def test_a_folder_where_no_picture_can_be_read_is_one_line(tmp_path: Path) -> None:
    for k in range(3):
        (tmp_path / f"{k}.jpg").write_text("no picture", encoding="utf-8")
    with pytest.raises(InputError, match="not one of its 3 pictures"):
        played(tmp_path)


def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        FolderSource("x", tmp_path / "gone").open()


def test_a_picture_that_disappears_meanwhile_is_left_out(tmp_path: Path) -> None:
    for k in range(3):
        put(tmp_path / f"{k}.jpg", 10)
    source = FolderSource("x", tmp_path)
    source.open()
    (tmp_path / "1.jpg").unlink()
    assert [f.id for f in iter(source.read, None)] == [0, 2]


def test_it_begins_anew_when_opened_again(tmp_path: Path) -> None:
    put(tmp_path / "1.jpg", 10)
    source = FolderSource("x", tmp_path)
    for _ in range(2):
        source.open()
        assert len(list(iter(source.read, None))) == 1
        source.close()
    with pytest.raises(BugError):
        source.read()


def test_one_picture_is_a_source_of_one_frame(tmp_path: Path) -> None:
    put(tmp_path / "1.jpg", 70)
    source = PictureSource("x", tmp_path / "1.jpg")
    source.open()
    frames = list(iter(source.read, None))
    assert greys(frames) == [70]
    assert (frames[0].id, source.name, source.live) == (0, "1.jpg", False)
    source.close()
    with pytest.raises(BugError):
        source.read()


def test_one_damaged_picture_is_one_line(tmp_path: Path) -> None:
    put(tmp_path / "1.jpg", 70, (640, 480))
    data = (tmp_path / "1.jpg").read_bytes()
    (tmp_path / "1.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="damaged"):
        PictureSource("x", tmp_path / "1.jpg").open()


def test_names_of_pictures() -> None:
    assert is_picture(Path("a.JPEG"))
    assert is_picture(Path("b.pgm"))
    assert not is_picture(Path("c.mp4"))
    assert not is_picture(Path("jpg"))


@given(st.lists(st.text(alphabet="aB01²٣._- ", max_size=6), max_size=8))
def test_any_names_have_one_order(names: list[str]) -> None:
    """Also of digits that `int` reads and of those it doesn't: no name makes sorting fail."""
    ordered = sorted(names, key=natural_order)
    assert all(a is b for a, b in zip(sorted(ordered, key=natural_order), ordered, strict=True))
    assert sorted(["10", "9", "1"], key=natural_order) == ["1", "9", "10"]
