"""`faceapp models import onnx`, `list` and `remove`: what they print, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceapp.settings import Settings
from faceapp.settings import save as save_settings
from tests.fakes.networks import DIMENSION, SIZE, altered, embedder, save
from tests.fakes.shell import Shell

HOW = ("--size", str(SIZE), "--colour", "bgr", "--mean", "127.5", "--std", "128,127,126", "--crop", "box:0.3")


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys, "models")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(embedder(), tmp_path / "brought.onnx")


def test_imports_lists_and_removes(shell: Shell, file: Path, data_dir: Path) -> None:
    status, out, err = shell("import", "onnx", file, "--id", "mine", *HOW, "--mirror", "--licence", "CC0")
    assert (status, err) == (0, "")
    first, *_, last = out.splitlines()
    assert first.startswith(f"remembered mine (mine): {DIMENSION} numbers a face, 0.0 MB")
    assert "and the mirror image" in out
    assert "licence: CC0" in out
    assert last == 'it cannot decide anything yet: run "faceapp calibrate --embedder mine" to find its thresholds'

    (row,) = [e for e in shell.json("list")["embedders"] if e["own"]]
    assert (row["id"], row["thresholds"], row["ready"], row["in_use"]) == ("mine", None, True, False)
    status, out, _ = shell("list")
    assert [line.split()[:2] for line in out.splitlines() if "none yet" in line] == [["mine", "(own)"]]

    assert shell.json("remove", "mine") == {"removed": "mine", "files": ["mine.fp32.onnx"]}
    assert not any(e["own"] for e in shell.json("list")["embedders"])


def test_what_was_remembered_as_json(shell: Shell, file: Path) -> None:
    data = shell.json("import", "onnx", file, "--id", "mine", *HOW)
    assert (data["imported"], data["dimension"], data["calibrated"]) == ("mine", DIMENSION, False)
    assert data["input"] == "16x16 BGR, (x - 127.5) / 128/127/126"
    assert data["space"].startswith("mine:")


def test_what_is_refused_is_one_line_and_writes_nothing(shell: Shell, tmp_path: Path, data_dir: Path) -> None:
    hostile = embedder()
    hostile.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    for made, what in ((hostile, "lie in another file"), (altered("Run", domain="evil"), "is of evil")):
        line = shell.fails(3, "import", "onnx", save(made, tmp_path / "bad.onnx"), "--id", "bad", *HOW)
        assert line.startswith("faceapp: bad.onnx is refused: ")
        assert what in line
    assert "is not a file" in shell.fails(3, "import", "onnx", tmp_path / "none.onnx", "--id", "bad", *HOW)
    assert not (data_dir / "models").exists()


def test_what_cannot_be_is_wrong_usage(shell: Shell, file: Path) -> None:
    assert "is no crop" in shell.fails(2, "import", "onnx", file, "--id", "mine", *HOW[:-1], "circle")
    assert "std more than 0" in shell.fails(2, "import", "onnx", file, "--id", "mine", *HOW, "--std", "0")
    for words in (("--mean", "1,2"), ("--mean", "x"), ("--colour", "grey")):
        assert words[0] in shell.fails(2, "import", "onnx", file, "--id", "mine", *HOW, *words)


def test_what_is_in_use_or_ours_is_not_removed(shell: Shell, file: Path, data_dir: Path) -> None:
    shell.json("import", "onnx", file, "--id", "mine", *HOW)
    save_settings(Settings(embedder="mine"), data_dir)
    assert "mine is the embedder in use" in shell.fails(3, "remove", "mine")
    assert "comes with faceapp" in shell.fails(3, "remove", "facenet-512")
    assert "no network 'other' of your own: there is mine" in shell.fails(3, "remove", "other")


def test_a_broken_own_manifest_is_one_line(shell: Shell, data_dir: Path) -> None:
    (data_dir / "models").mkdir(parents=True)
    (data_dir / "models" / "manifest.toml").write_text("version = 1\n[networks.x]\n")
    line = shell.fails(4, "list")
    assert "networks.x: " in line
    assert line.rstrip().endswith("correct the file, or take that entry out")
