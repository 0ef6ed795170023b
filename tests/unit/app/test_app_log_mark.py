"""The mark that a log was begun: a log whose files are all gone is missed, and so is one begun in its place."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from faceapp.access.audit import ANCHOR_NAME, FILE_NAME
from faceapp.app.audit import log_action, open_log
from faceapp.app.log_mark import begun_log, mark_path
from faceapp.cli.main import main


def remove(data_dir: Path) -> None:
    for name in (FILE_NAME, ANCHOR_NAME):
        (data_dir / name).unlink()


def test_the_mark_names_the_log_and_lies_outside_the_data_directory(data_dir: Path) -> None:
    assert (mark_path(data_dir), begun_log(data_dir)) == (None, None)
    log = open_log(data_dir)
    path = mark_path(data_dir)
    assert path is not None
    assert data_dir not in path.parents
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert begun_log(data_dir) == log.log_id()
    log_action(data_dir, "allow")
    assert begun_log(data_dir) == log.log_id(), "it stays as it is"


def test_a_log_that_was_removed_is_missed(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_log(data_dir)
    assert main(["audit", "verify"]) == 0
    remove(data_dir)
    capsys.readouterr()
    assert main(["audit", "verify", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["whole"], found["log"]) == (False, False)
    assert "that was begun here is gone" in found["problems"][0]["text"]


def test_a_log_begun_in_its_place_says_so_until_somebody_takes_note(
    data_dir: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    open_log(data_dir)
    assert "is gone" not in caplog.text
    remove(data_dir)
    open_log(data_dir)
    assert "is gone, the one that is there was begun later" in caplog.text
    assert main(["audit", "verify"]) == 1
    assert "begun later" in capsys.readouterr().out
    path = mark_path(data_dir)
    assert path is not None
    path.unlink()
    open_log(data_dir)
    assert main(["audit", "verify"]) == 0


def test_a_mark_that_cannot_be_written_costs_no_log(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = open_log(data_dir)
    path = mark_path(data_dir)
    assert path is not None
    path.unlink()
    monkeypatch.setattr("faceapp.app.log_mark.keys_dir", lambda: data_dir / FILE_NAME)
    assert open_log(data_dir).log_id() == first.log_id()
    assert "will not be missed" in caplog.text
    assert main(["audit", "verify"]) == 0


def test_a_mark_that_cannot_be_read_is_said(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_log(data_dir)
    path = mark_path(data_dir)
    assert path is not None
    path.write_bytes(b"\xff")
    assert main(["audit", "verify"]) == 1
    assert "cannot be read: mend or remove it" in capsys.readouterr().out
