"""`faceapp bench` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceapp.app.bench import run
from faceapp.cli.main import main


@pytest.fixture
def no_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what needs no networks' runs: figures are tested elsewhere."""
    monkeypatch.setattr(run.searching, "PROBES", 10)


@pytest.mark.usefixtures("no_films", "models_dir")
def test_the_report_as_json_is_one_object(capsys: pytest.CaptureFixture[str], data_dir: Path) -> None:
    assert main(["bench", "--only", "search", "--search", "50", "--json"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["meaning"].startswith("Times are milliseconds")
    assert {"processor", "cores", "onnxruntime", "opencv", "python"} <= set(report["machine"])
    assert report["settings"]["threads"] >= 1
    assert [g["people"] for g in report["search"]["galleries"]] == [50]
    assert err.splitlines() == ["faceapp: searching 50 people"]
    assert not list(data_dir.glob("*.db")), "no gallery is needed, and none is made"


@pytest.mark.usefixtures("no_films", "models_dir")
def test_for_people_the_first_line_says_what_the_figures_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "search", "--search", "50", "60"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "half of all are within p50" in lines[0]
    assert any(line.startswith("  50 ") for line in lines)
    assert any(line.strip().startswith("impostor of photographs") for line in lines)


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--search", "1"], ["--min-face", "-3"], ["--only", "tea"]])
def test_wrong_words_are_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *words]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.usefixtures("models_dir")
def test_a_clip_that_is_none_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that isn't there is refused before anything else is done or said; one that is no film when it is opened."""
    assert main(["bench", "--clip", str(tmp_path / "none.mp4")]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("none.mp4': there is no such file")
    assert main(["bench", "--clip", str(tmp_path)]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("is a folder: name a video")
    (tmp_path / "text.mp4").write_text("no film")
    assert main(["bench", "--only", "pipeline", "--clip", str(tmp_path / "text.mp4")]) == 3
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "faceapp: looking for faces in text.mp4"
    assert said[-1].startswith("faceapp: ")


@pytest.mark.usefixtures("models_dir")
def test_an_interruption_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_people: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run.searching, "search", interrupted)
    assert main(["bench", "--only", "search", "--search", "50"]) == 130
    assert capsys.readouterr().err.splitlines()[1:] == ["faceapp: stopped before the end: there are no figures"]
