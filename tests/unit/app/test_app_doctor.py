"""The examination of an installation that is broken in one way or another."""

import sys
from pathlib import Path

import pytest

from faceapp import paths
from faceapp.app import doctor
from faceapp.app.doctor import Check, examine
from faceapp.app.model_import import EmbedderEntry, import_embedder
from faceapp.app.parts import Parts
from faceapp.vision import session
from faceapp.zoo.specs import CropSpec
from tests.fakes.networks import SIZE, embedder, save


def checks(data_dir: Path) -> dict[str, Check]:
    return {c.name: c for c in examine(str(data_dir))}


def test_what_cannot_even_be_imported_is_one_line_of_the_list(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    found = checks(data_dir)
    assert found["OpenCV"].state == "fail"
    assert "ModuleNotFoundError" in found["OpenCV"].text or "ImportError" in found["OpenCV"].text
    assert "display" in found, "the list goes on"
    assert "TensorRT" not in found, "it is not in use"


@pytest.mark.parametrize(
    ("cards", "usable", "state", "says"),
    [(0, False, "ok", "none"), (1, True, "ok", "used"), (2, False, "note", "2 with CUDA, not used: ")],
)
def test_a_graphics_card_that_is_not_used_is_told(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, cards: int, usable: bool, state: str, says: str
) -> None:
    monkeypatch.setattr(session, "cuda_devices", lambda: cards)
    monkeypatch.setattr(session, "cuda_usable", lambda: usable)
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(data_dir / "none"))
    card = checks(data_dir)["graphics card"]
    assert card.state == state
    assert says in card.text


@pytest.mark.skipif(sys.platform == "win32", reason="modes as POSIX has them")
def test_a_data_folder_open_to_others_is_told(data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(0o750)
    assert checks(data_dir)["data"].state == "note"
    data_dir.chmod(0o700)
    assert checks(data_dir)["data"].state == "ok"


def test_an_own_network_that_was_altered_is_told(data_dir: Path, tmp_path: Path) -> None:
    assert checks(data_dir)["own networks"].text.startswith("none")
    file = save(embedder(), tmp_path / "brought.onnx")
    entry = EmbedderEntry("mine", CropSpec("box", SIZE), "rgb", (0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
    with Parts.open(str(data_dir)) as parts:
        kept = import_embedder(parts, file, entry).file
    assert checks(data_dir)["own networks"].text == "mine: as they were brought"
    kept.write_bytes(kept.read_bytes()[:-1])
    found = checks(data_dir)["own networks"]
    assert found.state == "note"
    assert "is not the file that was imported" in found.text
    assert checks(data_dir)["networks"].state == "ok"


@pytest.mark.parametrize(
    ("kiosk", "state", "says"),
    [
        ("{}", "ok", "active at the kiosk; no model"),
        ('{"liveness": "off"}', "note", "a photograph opens the door"),
        ('{"liveness": "both"}', "fail", "the liveness model that is asked for isn't here"),
        (
            '{"liveness_hours": {"daily 22:00-06:00": "passive"}}',
            "fail",
            "active at the kiosk, otherwise at some hours",
        ),
    ],
)
def test_how_a_person_is_told_from_a_picture_is_told(data_dir: Path, kiosk: str, state: str, says: str) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "settings.json").write_text(f'{{"version": 2, "kiosk": {kiosk}}}')
    found = checks(data_dir)["liveness"]
    assert (found.state, says in found.text) == (state, True), found.text


def test_where_tensorrt_keeps_what_it_compiles_is_told(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tensorrt"
    monkeypatch.setattr(paths, "engines_dir", lambda: folder)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "settings.json").write_text('{"version": 2, "device": "tensorrt"}')
    assert checks(data_dir)["TensorRT"] == Check("TensorRT", "ok", f"what it compiles is kept in {folder}")
    folder.rmdir()
    folder.write_bytes(b"")
    found = doctor._engines()
    assert (found.state, "compiled at each start" in found.text) == ("note", True), found.text
