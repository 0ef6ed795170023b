"""`faceapp train`: from pictures to a network that is taken in, put into use and taken out again; what stops it leaves
nothing."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import onnx
import pytest

from faceapp import settings as settings_file
from faceapp.app.parts import Parts, part_spec
from faceapp.app.training.log import read_log
from faceapp.cli.main import main
from faceapp.vision.embedder import NetworkEmbedder
from faceapp.vision.session import SessionPolicy, open_session
from faceapp.zoo.fp16 import halve
from tests.fakes.learning import crowd, picture

pytestmark = pytest.mark.usefixtures("models_dir")
torch = pytest.importorskip("torch", reason="PyTorch is an extra")

QUICK = ("--whole", "--alike", "--nice", "0", "--threads", "1")
"""The pictures are patterns: no face is looked for, and to FaceNet they are all alike."""
SCRATCH = ("--steps", "12", "--check-every", "4", "--people-per-batch", "4", "--pictures-each", "3")

KILLED = """
import os, signal, sys
from faceapp.app.training.log import Log
from faceapp.cli.main import main

def step(self, progress, step=Log.step):
    step(self, progress)
    if progress.step == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

Log.step = step
main(sys.argv[2:])
"""
"""The command in a process that is killed after a step."""

Run = Callable[..., Any]


@pytest.fixture
def faceapp(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object, status: int = 0) -> Any:
        assert main([*map(str, words), "--json"]) == status, capsys.readouterr().err
        out, err = capsys.readouterr()
        return {**json.loads(out), "stderr": err}

    return run


@pytest.fixture(autouse=True)
def _threads() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def left(folder: Path) -> list[str]:
    """What is in a folder, hidden or not."""
    return sorted(p.name for p in folder.iterdir())


def test_a_head_is_trained_judged_taken_in_and_taken_out(tmp_path: Path, faceapp: Run, data_dir: Path) -> None:
    crowd(tmp_path / "people", 38, 2)
    out = tmp_path / "Short Head"
    words = ("--steps", 10, "--check-every", 5, "--dimension", 16, *QUICK)
    done = faceapp("train", "head", "--data", tmp_path / "people", "--out", out, *words)
    assert done["dimension"] == done["after"]["dimension"] == 16
    assert done["before"]["dimension"] == 512
    assert {"0.01", "0.001"} == set(done["after"]["tar_at_far"])
    assert done["significant"] is False
    assert done["verdict"].startswith("no significant gain")
    assert done["parity"] <= 1e-4
    assert [done["data"][n]["people"] for n in ("train", "validation", "test")] == [22, 8, 8]
    assert done["test"]["people"] == 8
    assert left(tmp_path) == ["Short Head", "faceapp-data", "people"]
    written = ["checkpoint.npz", "entry.json", "lock", "log.csv", "model.onnx", "people.json", "picture.json"]
    assert left(out) == [*written, "report.html", "report.json"]
    assert json.loads((out / "people.json").read_text())["people"] == [], "nobody of the gallery"
    assert [int(r["step"]) for r in read_log(out / "log.csv")] == list(range(1, 11))
    assert "Person" not in "".join(f.read_text(errors="ignore") for f in out.iterdir()), "no names"
    assert out.stat().st_mode & 0o077 == 0

    before = settings_file.load(data_dir).embedder
    refused = faceapp("train", "install", out, status=1)
    assert (refused["installed"], refused["switched"]) == (False, False)
    assert settings_file.load(data_dir).embedder == before, "no gain, so nothing is switched"
    taken = faceapp("train", "install", out, "--anyway")
    assert (taken["installed"], taken["switched"], taken["id"]) == (True, True, "short-head")
    assert taken["dimension"] == 16
    assert settings_file.load(data_dir).embedder == "short-head"
    listed = {e["id"]: e for e in faceapp("models", "list")["embedders"]}
    assert listed["short-head"]["thresholds"]["door"] <= listed["short-head"]["thresholds"]["verify"]
    check_every_precision(data_dir, out)
    assert faceapp("models", "use", before, "--yes")["switched"]
    assert settings_file.load(data_dir).embedder == before
    faceapp("models", "remove", "short-head")


def check_every_precision(data_dir: Path, out: Path) -> None:
    """INT8, as a processor prefers it, is FP32 for a network of one's own, with its distances; FP16 is near."""
    entry = json.loads((out / "entry.json").read_text())
    with Parts.open(data_dir, precision="int8") as parts:
        assert parts.precision_of("short-head") == "fp32"
        assert min(abs(parts.thresholds().verify - d) for d in entry["thresholds"]["distances"]) < 1e-6
        embedder = parts.embedder()
        assert isinstance(embedder, NetworkEmbedder)
        full = embedder.embed_crops([picture(1, 1)])
        file = out.with_name("halved.onnx")
        onnx.save_model(halve(onnx.load_model(out / "model.onnx")), file)
        part = part_spec(parts.embedder_spec.parts[0])
        half = NetworkEmbedder("x", "x", open_session(file, SessionPolicy("cpu", 1)), part)
        assert np.linalg.norm(full - half.embed_crops([picture(1, 1)])) < 0.01


def test_a_network_from_nothing_learns_and_a_resumed_run_ends_the_same(tmp_path: Path, faceapp: Run) -> None:
    people = crowd(tmp_path / "people", 8, 4, side=64)
    faceapp("models", "use", "pixels", "--yes")  # what is in use is judged as well, on every picture
    words = ("train", "scratch", "--data", people, *SCRATCH, *QUICK)
    whole = faceapp(*words, "--out", tmp_path / "whole")
    assert whole["dimension"] == 192
    assert whole["validation"]["best"] >= whole["validation"]["first"]
    assert "CPU" in whole["device"]
    unfinished = tmp_path / ".killed.unfinished"
    command = [sys.executable, "-c", KILLED, "7", *map(str, words), "--out", str(tmp_path / "killed")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -signal.SIGKILL
    assert not (tmp_path / "killed").exists()
    assert (unfinished / "checkpoint.npz").exists()
    assert len(read_log(unfinished / "log.csv")) == 7
    resumed = faceapp(*words, "--out", tmp_path / "killed")
    assert not unfinished.exists()
    for name in ("best_step", "after", "validation"):
        assert resumed[name] == whole[name]
    sums = [hashlib.sha256((tmp_path / n / "model.onnx").read_bytes()).hexdigest() for n in ("whole", "killed")]
    assert sums[0] == sums[1], "bit for bit"
    rows = read_log(tmp_path / "killed" / "log.csv")
    assert [r["loss"] for r in rows] == [r["loss"] for r in read_log(tmp_path / "whole" / "log.csv")]
    assert "is there already" in faceapp(*words, "--out", tmp_path / "whole", status=2)["error"]
    check_that_it_can_be_taken_in(faceapp, tmp_path / "whole")


def check_that_it_can_be_taken_in(faceapp: Run, out: Path) -> None:
    taken = faceapp("models", "import", "trained", out, "--id", "small")
    assert (taken["imported"], taken["dimension"], taken["calibrated"]) == ("small", 192, False)
    entry = json.loads((out / "entry.json").read_text())
    (out / "entry.json").write_text(json.dumps({**entry, "sha256": "0" * 64}))
    assert "not the network" in faceapp("models", "import", "trained", out, "--id", "other", status=3)["error"]
    (out / "entry.json").write_text(json.dumps({**entry, "input": {**entry["input"], "mean": ["0"] * 3}}))
    assert "train again" in faceapp("train", "install", out, "--anyway", status=3)["error"]
    assert "no folder that a run made" in faceapp("train", "install", out.parent, status=3)["error"]


def test_facenets_last_blocks_are_trained(tmp_path: Path, faceapp: Run) -> None:
    people, others = crowd(tmp_path / "people", 7, 2), crowd(tmp_path / "others", 3, 2, first=50)
    words = ("--steps", 2, "--check-every", 1, "--people-per-batch", 2, "--pictures-each", 2, "--rate", 1e-3, *QUICK)
    out = tmp_path / "tuned"
    done = faceapp("train", "finetune", "--data", people, "--out", out, "--general", others, *words)
    assert done["dimension"] == 512
    assert done["parity"] <= 1e-4
    assert done["general"]["people"] == 3
    assert done["calibrated"] is False, "two validation people say nothing about anybody else"
    taken = faceapp("train", "install", out, "--anyway")
    assert (taken["installed"], taken["switched"]) == (True, False)
    assert "calibrate" in taken["problem"]
    other = ("--out", tmp_path / "x", "--embedder", "dlib-resnet-128-plain")
    assert "facenet-512" in faceapp("train", "finetune", "--data", people, *other, status=2)["error"]


def spoil(folder: Path, how: str) -> Path:
    people = crowd(folder / "people", 8, 2)
    if how == "one person only":
        return crowd(folder / "one", 1, 4).parent / "one"
    if how == "one picture of each":
        return crowd(folder / "single", 8, 1)
    if how == "holds 3 people":
        return crowd(folder / "few", 3, 2)
    if how == "1.png":
        (people / "Person 2" / "1.png").write_bytes(b"\x89PNG and no more")
    elif how == "hold the same picture":
        (people / "Person 5" / "9.png").write_bytes((people / "Person 1" / "0.png").read_bytes())
    elif how == "no pictures":
        with h5py.File(folder / "empty.h5", "w") as file:
            file["images"] = np.zeros((0, 64, 64, 3), np.uint8)
            file["names"] = np.array([], "S8")
        return folder / "empty.h5"
    elif how == "is no HDF5 file":
        people = folder / "notes.txt"
        people.write_text("people.h5")
    elif how == "no such folder":
        people = folder / "nowhere"
    return people


@pytest.mark.parametrize(
    "how",
    [
        "one person only",
        "one picture of each",
        "holds 3 people",
        "1.png",
        "hold the same picture",
        "no pictures",
        "is no HDF5 file",
        "no such folder",
    ],
)
def test_bad_data_is_one_line_and_leaves_nothing(tmp_path: Path, faceapp: Run, how: str) -> None:
    data = spoil(tmp_path, how)
    there = left(tmp_path)
    told = faceapp("train", "scratch", "--data", data, "--out", tmp_path / "out", *SCRATCH, *QUICK, status=3)
    assert how in told["error"]
    assert told["stderr"].count("faceapp: ") == 1
    assert left(tmp_path) == sorted({*there, "faceapp-data"})


def test_an_unreadable_file_can_be_left_out(tmp_path: Path, faceapp: Run) -> None:
    data = spoil(tmp_path, "1.png")
    words = ("--out", tmp_path / "out", "--leave-out", *SCRATCH, *QUICK)
    done = faceapp("train", "scratch", "--data", data, *words)
    assert "1 picture left out" in done["notes"][0]


def test_two_folders_of_one_person_are_named(tmp_path: Path, faceapp: Run, astronaut: np.ndarray) -> None:
    """The astronaut twice, among patterns that are no double of hers."""
    people = crowd(tmp_path / "people", 8, 2)
    for name, tones in (("Somebody", (1.0, 0.8)), ("Somebody else", (0.9, 0.7))):
        (people / name).mkdir()
        for number, tone in enumerate(tones):
            face = (astronaut[60:260, 130:310] * tone).astype(np.uint8)
            cv2.imwrite(str(people / name / f"{number}.png"), face)
    words = [w for w in QUICK if w != "--alike"]
    told = faceapp("train", "scratch", "--data", people, "--out", tmp_path / "out", *SCRATCH, *words, status=3)
    assert "Somebody and Somebody else (0." in told["error"]
    assert "same person" in told["error"]
    assert not (tmp_path / "out").exists()


def test_data_may_be_hdf5(tmp_path: Path, faceapp: Run) -> None:
    with h5py.File(tmp_path / "people.h5", "w") as file:
        file["images"] = np.stack([picture(p, n, 64) for p in range(7) for n in range(3)])
        file["names"] = np.array([f"Person {p}".encode() for p in range(7) for _ in range(3)])
    done = faceapp("train", "scratch", "--data", tmp_path / "people.h5", "--out", tmp_path / "out", *SCRATCH, *QUICK)
    assert done["data"]["train"]["people"] == 2


@pytest.mark.parametrize(("words", "by"), [((), [10]), (("--nice", 3), [3]), (("--nice", 0), [])])
def test_a_run_stands_back_for_a_kiosk(
    tmp_path: Path, faceapp: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...], by: list[int]
) -> None:
    given: list[int] = []
    monkeypatch.setattr(os, "nice", given.append, raising=False)
    faceapp("train", "head", "--data", tmp_path / "nowhere", "--out", tmp_path / "out", *words, status=3)
    assert given == by


def test_without_pytorch_it_is_said_in_one_line(tmp_path: Path) -> None:
    code = "import sys; sys.modules['torch'] = None; from faceapp.cli.main import main; sys.exit(main(sys.argv[1:]))"
    words = ["train", "head", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 4
    assert done.stderr.strip() == (
        'faceapp: learning needs PyTorch, which is not installed: run "make setup-train" (1 GB)'
    )
