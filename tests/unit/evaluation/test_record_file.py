"""The cache's file: whole records or none, whatever was cut off, altered or made for something else."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import UnavailableError
from faceapp.evaluation.record_file import RecordFile

DTYPE = np.dtype([("key", "V4"), ("value", "<f4", 3)])


def records(*values: float) -> np.ndarray:
    rows = np.zeros(len(values), DTYPE)
    rows["value"] = np.array(values, np.float32)[:, None]
    rows["key"] = [np.void(bytes([int(v)] * 4)) for v in values]
    return rows


def stored(path: Path, about: str = "test") -> list[float]:
    with RecordFile(path, {"what": about}, DTYPE).opened() as rows:
        return [float(v) for v in rows["value"][:, 0]]


def add(path: Path, *values: float) -> None:
    file = RecordFile(path, {"what": "test"}, DTYPE)
    with file.opened():
        file.append(records(*values))


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "a.records"
    add(path, 1, 2)
    add(path, 3)
    assert stored(path) == [1, 2, 3]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_at_whatever_byte_it_was_cut_off_the_whole_records_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.records"
    add(path, 1, 2)
    data = path.read_bytes()
    size = DTYPE.itemsize + 4
    for length in range(len(data)):
        path.write_bytes(data[:length])
        left = stored(path)
        assert left == [1, 2][: max(0, (length - (len(data) - 2 * size)) // size)]
        add(path, 7)
        assert stored(path) == [*left, 7]


def test_from_an_altered_record_on_nothing_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.records"
    add(path, 1, 2, 3)
    data = bytearray(path.read_bytes())
    data[-2 * (DTYPE.itemsize + 4) + 5] ^= 1
    path.write_bytes(data)
    assert stored(path) == [1]


def test_a_file_of_something_else_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.records"
    add(path, 1)
    assert stored(path, "another") == []
    path.write_bytes(b"\x80\x04 no cache at all")
    assert stored(path) == []


def test_two_at_once_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.evaluation.record_file._WAIT_SECONDS", 0.0)
    path = tmp_path / "a.records"
    with (
        RecordFile(path, {}, DTYPE).opened(),
        pytest.raises(UnavailableError, match="another evaluation"),
        RecordFile(path, {}, DTYPE).opened(),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with (
        pytest.raises(UnavailableError, match="cannot be written"),
        RecordFile(tmp_path / "cache" / "a.records", {}, DTYPE).opened(),
    ):
        pass
