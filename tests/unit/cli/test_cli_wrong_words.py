"""Words that can't be right: one line, the right status, and no secret said again."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from faceapp.app.audit import open_log
from faceapp.app.keys import set_pin
from faceapp.cli.main import main
from tests.unit.cli.test_cli_audit import person as person  # noqa: PLC0414 - a fixture

WORD = "mqtt://ada:739164@broker/door"
NO_TEXT = "\udcff"
"""What Python makes of a byte on the command line that isn't UTF-8."""


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "pin", WORD),
        ("keys", WORD),
        (WORD,),
        ("kiosk", "--mode", WORD),
        ("kiosk", "--mode", f"{WORD} (choose from nothing"),
        ("kiosk", "--frames", WORD),
        ("kiosk", f"--headless={WORD}"),
        ("kiosk", f"--d={WORD}"),
        ("kiosk", "--door", "sim:", f"{WORD}\nmore"),
        ("audit", "list", "--since", WORD),
        ("audit", "list", "--last", WORD),
    ],
)
def test_a_word_that_is_not_known_is_not_repeated(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "739164" not in err
    assert "ada" not in err
    assert len(err.splitlines()) == 1
    assert "--help" in err


def test_what_may_be_chosen_is_still_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kiosk", "--mode", "guess"]) == 2
    assert "argument --mode: invalid choice (choose from" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("kiosk", "--headless", "--source", "demo:", "--mode", "verify", "--claim", NO_TEXT),
        ("audit", "list", "--person", NO_TEXT),
        ("people", "show", NO_TEXT),
        ("people", "allow", NO_TEXT),
        ("people", "delete", NO_TEXT, "--yes"),
        ("people", "rename", NO_TEXT, "Grace"),
        ("people", "rename", "Ada", NO_TEXT),
        ("people", "group", "remove", NO_TEXT),
    ],
)
def test_a_name_that_is_no_text_is_wrong_input(
    words: tuple[str, ...], person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--json"]) == 3
    captured = capsys.readouterr()
    assert set(json.loads(captured.out)) == {"error"}
    assert len(captured.err.splitlines()) == 1
    assert "a name cannot hold" in captured.err


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_pin_that_is_no_text_is_wrong_input(
    errors: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_pin(data_dir, "739164", None)
    lines = io.TextIOWrapper(io.BytesIO(b"\xff\xfe82\n825913\n"), encoding="utf-8", errors=errors)
    monkeypatch.setattr("sys.stdin", lines)
    assert main(["keys", "pin"]) == 3
    assert capsys.readouterr().err == "faceapp: the PIN there is is no text in UTF-8: nothing was changed\n"


@pytest.mark.parametrize("words", [("list",), ("verify",), ("export", "--out", "copy.jsonl")])
def test_a_log_that_cannot_be_read_is_said_to_be_that(
    words: tuple[str, ...],
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = open_log(data_dir).path
    log.unlink()
    log.mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["audit", *words]) == 4
    assert capsys.readouterr().err == ("faceapp: the audit log cannot be read (Is a directory): mend its permissions\n")
    assert not Path("copy.jsonl").exists()


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31T23:59", "0001-01-01T00:00+14:00"])
def test_the_first_and_the_last_year_are_dates(
    date: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    open_log(data_dir)
    assert main(["audit", "list", "--json", "--since", date]) == 0
    assert len(json.loads(capsys.readouterr().out)["entries"]) == (0 if date[0] == "9" else 1)


def test_no_file_to_export_to_is_wrong_usage(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_log(data_dir)
    assert main(["audit", "export", "--out", ""]) == 2
    assert "--out needs the name of a file" in capsys.readouterr().err
