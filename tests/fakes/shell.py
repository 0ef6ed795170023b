"""`faceapp …` in the test's own process: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from faceapp.cli.main import main


class Shell:
    """Runs `faceapp`, on the data directory that the environment names."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *before: str) -> None:
        """`before`: words that every command begins with."""
        self._capsys = capsys
        self._before = before

    def __call__(self, *words: str | Path) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        self._capsys.readouterr()
        status = main([*self._before, *map(str, words)])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err

    def json(self, *words: str | Path, status: int = 0) -> dict[str, Any]:
        """The one object that it prints with `--json`."""
        ended, out, err = self(*words, "--json")
        assert ended == status, err
        [line] = out.splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return value

    def fails(self, status: int, *words: str | Path) -> str:
        """The one line of a command that must fail."""
        ended, out, err = self(*words)
        assert (ended, out, len(err.splitlines())) == (status, "", 1), err
        return err
