"""The liveness wizard's service: presentations to a camera, judged as they come, with real detection."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp.app import liveness_wizard
from faceapp.app.liveness_import import LivenessEntry, import_liveness
from faceapp.app.liveness_wizard import LivenessTrials
from faceapp.app.liveness_wizard_types import TRIAL_KINDS, TrialKind, TrialState
from faceapp.app.parts import Parts
from faceapp.errors import BugError, InputError, UnavailableError
from faceapp.images import encode_jpeg
from faceapp.types import BgrImage, Frame
from tests.fakes.liveness_networks import SIZE, by_brightness
from tests.fakes.networks import save
from tests.polling import until


class Camera:
    """A new frame at each look: of what stands before it, or the same one again for a camera that hangs."""

    def __init__(self) -> None:
        self.before: BgrImage | None = None
        self.hangs = False
        self._numbers = itertools.count()
        self._last: Frame | None = None

    def newest(self) -> Frame | None:
        if self.before is not None and not (self.hangs and self._last):
            n = next(self._numbers)
            self._last = Frame.freeze(n, n * 50_000_000, self.before)
        return self._last


@pytest.fixture
def parts(data_dir: Path) -> Iterator[Parts]:
    with Parts.open(str(data_dir)) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a model, brought once: that takes a process of its own."""
    folder = tmp_path_factory.mktemp("site")
    file = save(by_brightness(), folder / "brought.onnx")
    with Parts.open(str(folder / "data")) as opened:
        import_liveness(opened, file, LivenessEntry("mini", SIZE, 2.7, "bgr", 255, 1, title="By brightness"))
    return folder / "data"


@pytest.fixture
def with_model(site: Path) -> Iterator[Parts]:
    with Parts.open(str(site)) as opened:
        yield opened


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def trials(with_model: Parts, camera: Camera) -> Iterator[LivenessTrials]:
    made = LivenessTrials(with_model, camera.newest, frames=10)
    yield made
    made.forget()


@pytest.fixture
def bright(astronaut: BgrImage) -> BgrImage:
    wide = cv2.copyMakeBorder(astronaut, 100, 100, 100, 100, cv2.BORDER_CONSTANT, value=(200, 200, 200))
    return wide.astype(np.uint8)


@pytest.fixture
def dim(bright: BgrImage) -> BgrImage:
    return (bright * 0.45).astype(np.uint8)


def ended(trials: LivenessTrials) -> TrialState:
    return until(lambda: trials.state() if trials.state().phase == "idle" else None)


def record(trials: LivenessTrials, kind: TrialKind) -> TrialState:
    trials.begin(kind)
    return ended(trials)


def test_what_stands_before_the_camera_is_judged(
    trials: LivenessTrials, camera: Camera, bright: BgrImage, dim: BgrImage, tmp_path: Path
) -> None:
    assert trials.model() == "By brightness"
    with pytest.raises(InputError, match="nothing was tried"):
        trials.save(tmp_path / "report.json")
    shown: list[tuple[TrialKind, BgrImage]] = [("live", bright), ("live", dim), ("print", dim), ("phone", bright)]
    for kind, picture in shown:
        camera.before = picture
        assert record(trials, kind).problem == ""
    state = trials.state()
    assert [state.count(k) for k in TRIAL_KINDS] == [2, 1, 1, 0]
    people, prints, phones = trials.lines()
    assert people.title == "People not taken for living people (BPCER)"
    assert people.text.startswith("1 of 2; 2 presentations can't tell more than")
    assert prints.text.startswith("0 of 1; 1 presentation can't tell more than")
    assert phones.text.startswith("1 of 1;")
    assert not any(line.enough for line in (people, prints, phones))
    trials.save(tmp_path / "report.json")
    saved = json.loads((tmp_path / "report.json").read_text())
    assert (saved["bpcer"], saved["apcer"], saved["enough"], saved["model"]) == (0.5, 1.0, False, "mini")
    assert saved["in_words"][people.title] == people.text
    trials.undo("live")
    assert trials.state().count("live") == 1
    assert trials.lines()[0].text.startswith("0 of 1;")
    with pytest.raises(UnavailableError, match="cannot be written"):
        trials.save(tmp_path / "nowhere" / "report.json")


def test_nobody_there_is_no_presentation(trials: LivenessTrials, camera: Camera) -> None:
    camera.before = np.full((240, 320, 3), 90, np.uint8)
    state = record(trials, "live")
    assert state.problem.startswith("No face was seen: step in front of the camera")
    assert state.taken == (("live", 0), ("print", 0), ("phone", 0), ("tablet", 0))


def test_a_camera_that_hangs_ends_the_recording(
    trials: LivenessTrials, camera: Camera, bright: BgrImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness_wizard, "PATIENCE", 0.05)
    camera.before, camera.hangs = bright, True
    assert record(trials, "live").problem.startswith("No new picture comes from the camera")


def test_one_that_is_stopped_does_not_count(trials: LivenessTrials, camera: Camera) -> None:
    trials.begin("tablet")
    with pytest.raises(BugError, match="wait for it"):
        trials.begin("tablet")
    trials.stop()
    state = ended(trials)
    assert (state.count("tablet"), state.problem) == (0, "")


def test_files_do_as_well(trials: LivenessTrials, bright: BgrImage, dim: BgrImage, tmp_path: Path) -> None:
    for name, picture in (("a", bright), ("b", dim)):
        (tmp_path / f"{name}.jpg").write_bytes(encode_jpeg(picture))
    trials.read("print", tmp_path)
    assert ended(trials).count("print") == 2
    assert trials.lines()[0].text == "Nothing was tried."
    assert trials.lines()[1].text.startswith("1 of 2;")
    trials.read("print", tmp_path / "none")
    assert "is not there" in ended(trials).problem


def test_what_is_forgotten_stays_so(trials: LivenessTrials, camera: Camera, bright: BgrImage) -> None:
    camera.before = bright
    record(trials, "live")
    trials.begin("live")
    trials.forget()
    assert trials.state() == TrialState()
    record(trials, "print")
    assert (trials.state().count("live"), trials.state().count("print")) == (0, 1)


def test_without_a_model_it_says_so(parts: Parts, camera: Camera) -> None:
    trials = LivenessTrials(parts, camera.newest)
    assert trials.model() == ""
    assert "there is no liveness model here yet" in record(trials, "live").problem.lower()
    trials.forget()
