"""Bringing a liveness model, and trying it on one's own pictures: what is remembered, printed, refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from onnx import helper

from faceapp.app.kiosk.site import KioskOptions, open_examiner, policy_settings
from faceapp.app.liveness_trial import check_rows
from faceapp.app.parts import Parts
from faceapp.errors import InputError
from faceapp.images import encode_jpeg
from faceapp.types import BgrImage, Box, Face, Frame, TrackedFace
from faceapp.vision.liveness import evidence
from tests.fakes.liveness_networks import SIZE, by_brightness
from tests.fakes.networks import embedder, save
from tests.fakes.shell import Shell

HOW = ("--size", str(SIZE), "--scale", "2.7", "--colour", "bgr", "--range", "255", "--live-class", "1")


class Patient(Shell):
    """Its commands may say how far they are before they fail."""

    def fails(self, status: int, *words: str | Path) -> str:
        ended, out, err = self(*words)
        assert (ended, out) == (status, ""), err
        return err.strip().splitlines()[-1]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], data_dir: Path) -> Shell:
    assert not data_dir.exists()
    return Patient(capsys)


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    return save(by_brightness(), tmp_path / "brought.onnx")


def test_a_model_is_remembered_with_what_it_needs(shell: Shell, brought: Path, data_dir: Path) -> None:
    found = shell.json("models", "import", "liveness", brought, "--id", "mini", *HOW, "--licence", "CC0")
    assert (found["imported"], found["kind"], found["classes"], found["threshold"]) == ("mini", "liveness", 3, 0.2)
    with Parts.open(str(data_dir)) as parts:
        model = parts.passive_model()
        assert model is not None
        spec = model.spec
        assert (spec.id, spec.size, spec.scale, spec.colour, spec.live_class) == ("mini", SIZE, 2.7, "bgr", 1)
        assert (spec.softmax, spec.live_from, spec.attack_below, spec.std) == (True, 0.2, 0.05, (1.0, 1.0, 1.0))
        with pytest.raises(InputError, match="no liveness model"):
            parts.passive_model("mtcnn-pnet")
    listed = {n["id"]: n for n in shell.json("models", "list")["networks"]}
    assert (listed["mini"]["kind"], listed["mini"]["licence"]) == ("liveness", "CC0")
    assert "there is a network" in shell.fails(3, "models", "import", "liveness", brought, "--id", "mini", *HOW)
    second = shell.fails(3, "models", "import", "liveness", brought, "--id", "other", *HOW)
    assert "there is a liveness model already, mini, and the kiosk uses one" in second
    assert shell.json("models", "remove", "mini")["files"] == ["mini.fp32.onnx"]
    with Parts.open(str(data_dir)) as parts:
        assert parts.passive_model() is None


def test_a_kiosk_notices_that_its_model_was_taken_out(
    shell: Shell, brought: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another process, while it runs: from then on it says nothing, and nobody is let in by it."""
    monkeypatch.setattr(evidence, "LOOK_EVERY", 0.0)
    shell.json("models", "import", "liveness", brought, "--id", "mini", *HOW, "--licence", "CC0")
    with Parts.open(str(data_dir)) as parts:
        options = KioskOptions("demo:", "sim:", "identify", liveness="both")
        examiner, has_model = open_examiner(parts, options, policy_settings(parts, "identify"))
        source = examiner._passive
        assert source is not None
        try:
            face = TrackedFace(1, Face(Box(250, 150, 390, 330), 0.99), observed=True)
            frame = Frame.freeze(0, 0, np.full((480, 640, 3), 250, np.uint8))
            assert has_model()
            assert source.observe(frame, face, 0).reason is not evidence.Reason.NO_MODEL
            shell.json("models", "remove", "mini")
            assert not has_model()
            found = source.observe(frame, face, 1)
            assert (found.state, found.reason) == ("unknown", evidence.Reason.NO_MODEL)
        finally:
            examiner.close()


def test_insightfaces_own_add_on_is_refused_by_its_name(shell: Shell) -> None:
    """And nothing is fetched: a test that reached for another machine would fail."""
    said = shell.fails(3, "models", "install", "liveness")
    assert "can't be taken in" in said
    assert "faceapp models import liveness" in said


def test_values_from_zero_to_one_and_shares_are_noticed(shell: Shell, tmp_path: Path, data_dir: Path) -> None:
    file = save(by_brightness(batch="N", softmax=True, middle=0.4), tmp_path / "shares.onnx")
    how = [*HOW[:7], "1", *HOW[8:], "--threshold", "0.7", "--attack-below", "0.3"]
    shell.json("models", "import", "liveness", file, "--id", "shares", *how)
    with Parts.open(str(data_dir)) as parts:
        model = parts.passive_model("shares")
        assert model is not None
        assert (model.spec.softmax, model.spec.live_from, model.spec.std) == (False, 0.7, (255.0, 255.0, 255.0))


def test_what_is_no_liveness_model_is_refused(shell: Shell, brought: Path, tmp_path: Path, data_dir: Path) -> None:
    def refuse(status: int, file: Path, *how: str) -> str:
        return shell.fails(status, "models", "import", "liveness", file, "--id", "mini", *how)

    assert "with --size 64 it would take" in refuse(3, brought, "--size", "64", *HOW[2:])
    assert "--live-class 3 is none of them" in refuse(3, brought, *HOW[:-1], "3")
    assert "is no ONNX network" in refuse(3, save_text(tmp_path / "text.onnx"), *HOW)
    assert "would take (1, 3, 80, 80)" in refuse(3, save(embedder(), tmp_path / "small.onnx"), *HOW)
    assert "between 0 and 1" in refuse(2, brought, *HOW, "--threshold", "1.5")
    assert "--scale must be" in refuse(2, brought, "--size", "80", "--scale", "0.5", *HOW[4:])
    assert "a size of 4 pixels" in refuse(2, brought, "--size", "4", *HOW[2:])
    looped = by_brightness()
    looped.graph.node.append(helper.make_node("Loop", [], [], name="for ever"))
    assert "it has a loop" in refuse(3, save(looped, tmp_path / "loop.onnx"), *HOW)
    assert not list((data_dir / "models").glob("*.onnx"))


def save_text(file: Path) -> Path:
    file.write_text("no network")
    return file


def test_rows_are_checked() -> None:
    def row(*values: float) -> Any:
        return np.array([values], np.float32)

    assert check_rows("f", [row(1, -2), row(3, 0)], 1) is True
    assert check_rows("f", [row(0.25, 0.75), row(0.5, 0.5)], 1) is False
    with pytest.raises(InputError, match="gives 128 numbers for a face, a liveness model 2 to 10"):
        check_rows("f", [np.ones((1, 128), np.float32)], 1)
    for rows, why in (
        ([row(1, np.nan), row(1, 2)], "not finite"),
        ([row(1, 2), row(1, 2)], "the same numbers"),
        ([row(1), row(2)], "gives"),
        ([np.zeros((3, 2), np.float32)], "gives"),
    ):
        with pytest.raises(InputError, match=why):
            check_rows("f", rows, 0)


def test_an_entry_written_by_hand_is_checked(shell: Shell, brought: Path, data_dir: Path) -> None:
    shell.json("models", "import", "liveness", brought, "--id", "mini", *HOW)
    manifest = data_dir / "models" / "manifest.toml"
    text = manifest.read_text()
    for wrong, why in (
        (text.replace("scale = 2.7", "scale = 0.1"), "scale"),
        (text.replace("attack_below = 0.05", "attack_below = 0.5"), "attack_below must not be more"),
        (text.replace("live_class = 1", ""), "live_class is missing"),
        (text.replace('kind = "liveness"', 'kind = "oracle"'), "kind"),
    ):
        manifest.write_text(wrong)
        assert why in shell.fails(4, "models", "list")
    manifest.write_text(text)
    (data_dir / "models" / "mini.fp32.onnx.build.json").unlink()
    with Parts.open(str(data_dir)) as parts:  # tried again, as one that was written by hand
        assert parts.passive_model() is not None
    assert (data_dir / "models" / "mini.fp32.onnx.build.json").exists()


@pytest.fixture
def people(tmp_path: Path, astronaut: BgrImage) -> Path:
    """A bright face as it is, and a dim one as two kinds of attack."""
    wide = cv2.copyMakeBorder(astronaut, 100, 100, 100, 100, cv2.BORDER_CONSTANT, value=(200, 200, 200))
    dim = (wide * 0.45).astype(np.uint8)
    for name, image in (
        ("live/a", wide),
        ("live/b", wide),
        ("live/c", dim),
        ("attack/print/a", dim),
        ("attack/phone/a", wide),
    ):
        file = tmp_path / "own" / f"{name}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_jpeg(image.astype(np.uint8)))
    blank = np.zeros((200, 200, 3), np.uint8)
    (tmp_path / "own" / "live" / "nobody.jpg").write_bytes(encode_jpeg(blank))
    return tmp_path / "own"


def test_own_pictures_are_judged(shell: Shell, brought: Path, people: Path) -> None:
    shell.json("models", "import", "liveness", brought, "--id", "mini", *HOW)
    words = ("liveness", "test", "--live", people / "live", "--attack", people / "attack")
    found = shell.json(*words)
    assert (found["live"], found["attack"], found["threshold"], found["model"]) == (4, 2, 0.2, "mini")
    assert (found["bpcer"], found["undecided"]) == (0.5, 1)  # the dim one, and nobody: undecided counts as rejected
    assert (found["apcer"], found["acer"], found["enough"]) == (1.0, 0.75, False)  # the worst kind's
    assert {k: a["apcer"] for k, a in found["attacks"].items()} == {"phone": 1.0, "print": 0.0}
    assert found["attacks"]["print"]["apcer_interval"] == [0.0, 0.975]
    status, out, told = shell(*words)
    assert status == 0
    assert told.count("pictures") == 3, "a line for a folder"
    assert "a.jpg" not in told
    assert "presentations: each picture and each clip is one" in out
    assert out.rstrip().endswith("people 4, phone 1, print 1")
    assert "a.jpg" in shell(*words, "--verbose")[2]
    assert "try at least 30" in out
    assert "ACER" not in out.splitlines()[-1]


def test_a_clip_is_a_sample_for_each_ten_frames(shell: Shell, brought: Path, people: Path, tmp_path: Path) -> None:
    shell.json("models", "import", "liveness", brought, "--id", "mini", *HOW)
    image = cv2.imread(str(people / "live" / "a.jpg"))
    assert image is not None
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 30, image.shape[1::-1])
    for _ in range(24):
        writer.write(image)
    writer.release()
    found = shell.json("liveness", "test", "--live", tmp_path / "clip.avi", "--attack", people / "attack" / "print")
    assert (found["live"], found["attack"], found["bpcer"], found["apcer"]) == (2, 1, 0.0, 0.0)
    assert found["bpcer_interval"] == [0.0, 0.975]  # one clip is one presentation


def test_what_is_missing_is_said(shell: Shell, brought: Path, people: Path, tmp_path: Path) -> None:
    words = ("liveness", "test", "--attack", people / "attack", "--live")
    assert "there is no liveness model" in shell.fails(4, *words, people / "live")
    shell.json("models", "import", "liveness", brought, "--id", "mini", *HOW)
    assert "is not there" in shell.fails(3, *words, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no picture" in shell.fails(3, *words, tmp_path / "empty")
    for wrong in ("other", "mtcnn-pnet"):
        told = shell.fails(3, *words, people / "live", "--model", wrong)
        assert told == f"faceapp: {wrong} is no liveness model: choose one of mini"
