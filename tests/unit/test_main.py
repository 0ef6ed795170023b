"""The way in."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from faceapp.__main__ import main
from faceapp.cli.main import main as command_line


class Interrupted(ModuleType):
    """A module in the middle of whose import somebody presses Ctrl+C."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_ctrl_c_while_it_starts_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faceapp.cli.main", Interrupted("faceapp.cli.main"))
    assert main() == 130


@pytest.mark.parametrize(
    ("words", "called"), [(["detect", "a", "b"], "detect"), (["people", "list", "x"], "people list"), (["--x"], "")]
)
def test_a_word_too_many_points_to_the_right_help(
    words: list[str], called: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(words) == 2
    line = capsys.readouterr().err
    assert f"see `faceapp {called}{' ' if called else ''}--help`" in line
    assert line.count("\n") == 1


def test_an_unfinished_setup_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Unfinished(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setitem(sys.modules, "faceapp.cli.main", Unfinished("faceapp.cli.main"))
    assert main() == 4
    assert capsys.readouterr().err == 'faceapp: numpy is not installed: run "make setup" to its end\n'
