"""Choices made in a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp import settings as settings_file
from faceapp.app.choices import Choices
from faceapp.settings import Settings


def test_what_was_chosen_is_kept_and_nothing_else(data_dir: Path) -> None:
    settings_file.save(Settings(min_face=55), data_dir)
    choices = Choices(Settings(min_face=99, detector="ssd"))  # as given on the command line
    choices.choose(identify_threshold=0.7, identify_threshold_space="s")
    assert choices.settings.identify_threshold == 0.7
    choices.keep(data_dir)
    assert settings_file.load(data_dir) == Settings(min_face=55, identify_threshold=0.7, identify_threshold_space="s")


def test_nothing_chosen_writes_nothing(data_dir: Path) -> None:
    Choices(Settings()).keep(data_dir)
    assert not data_dir.exists()


def test_what_cannot_be_is_refused_and_not_kept(data_dir: Path) -> None:
    choices = Choices(Settings())
    with pytest.raises(ValueError, match="detector"):
        choices.choose(detector="")
    choices.keep(data_dir)
    assert choices.settings == Settings()
    assert not data_dir.exists()


def test_a_settings_file_that_cannot_be_used_costs_the_choice_and_a_line(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data_dir.mkdir()
    (data_dir / "settings.json").write_text('{"version": 99}')
    choices = Choices(Settings())
    choices.choose(detector="ssd")
    choices.keep(data_dir)
    assert "newer" in caplog.text
    assert (data_dir / "settings.json").read_text() == '{"version": 99}'
