"""What the one place that builds concrete parts chooses, on machines of several kinds."""

import json
from pathlib import Path

import pytest

from faceapp.app.parts import Parts
from faceapp.errors import InputError, UnavailableError, UsageError
from faceapp.vision import session


@pytest.mark.parametrize(
    ("setting", "card", "flags", "fp16_built", "expected"),
    [
        ("auto", False, {"avx512_vnni"}, False, "int8"),
        ("auto", False, {"avx2"}, False, "fp32"),
        ("auto", True, {"avx512_vnni"}, True, "fp16"),
        ("auto", True, {"avx512_vnni"}, False, "fp32"),  # the card came after the networks were built
        ("fp32", True, {"avx512_vnni"}, True, "fp32"),
    ],
)
def test_the_precision_suits_the_machine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    card: bool,
    flags: set[str],
    fp16_built: bool,
    expected: str,
) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(session, "cuda_usable", lambda: card)
    monkeypatch.setattr(session, "cpu_flags", lambda: frozenset(flags))
    if fp16_built:
        (tmp_path / "models").mkdir()
        (tmp_path / "models" / "facenet-512.fp16.onnx").write_bytes(b"")
    with Parts.open(tmp_path, precision=setting) as parts:
        assert parts.precision_of("facenet-512") == expected


def test_fp16_that_was_chosen_and_not_built_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(tmp_path / "models"))
    with (
        Parts.open(tmp_path, precision="fp16") as parts,
        pytest.raises(UnavailableError, match="faceapp models install --precision fp16"),
    ):
        parts.precision_of("facenet-512")


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_session_is_told_the_precision_it_gets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    asked: list[tuple[str, str, str]] = []

    def opened(path: Path, policy: session.SessionPolicy, precision: str) -> None:
        asked.append((path.name, policy.device, precision))

    monkeypatch.setattr(session, "open_session", opened)
    with Parts.open(tmp_path, device="tensorrt", precision=precision) as parts:
        for network in ("dlib-resnet-128", "mtcnn-rnet"):
            parts._session(network)
    assert asked == [
        (f"dlib-resnet-128.{precision}.onnx", "tensorrt", precision),
        ("mtcnn-rnet.fp32.onnx", "cuda", "fp32"),
    ]


def test_the_detectors_networks_stay_in_fp32_where_int8_gains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "cuda_usable", lambda: False)
    monkeypatch.setattr(session, "cpu_flags", lambda: frozenset({"avx512_vnni"}))
    with Parts.open(tmp_path) as parts:
        assert parts.precision_of("mtcnn-pnet") == "fp32"


def test_what_cannot_be_chosen_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no embedder"):
        Parts.open(tmp_path, embedder="none")
    with pytest.raises(InputError, match="there is no detector 'haar': choose one of mtcnn, ssd"):
        Parts.open(tmp_path, detector="haar")
    with pytest.raises(UsageError, match="min_face"):
        Parts.open(tmp_path, min_face=3)
    for name in ("detector", "embedder"):
        (tmp_path / "settings.json").write_text(json.dumps({"version": 1, name: "none"}))
        with pytest.raises(UnavailableError, match=f"no {name} 'none': choose one of"):
            Parts.open(tmp_path)


def test_the_sites_own_threshold_wins_in_its_own_space(tmp_path: Path) -> None:
    with Parts.open(tmp_path) as parts:
        assert parts.identify_threshold(1) == parts.automatic_threshold(1)
        assert parts.automatic_threshold(1000) < parts.automatic_threshold(10) <= parts.thresholds().verify
        assert parts.thresholds().door < parts.thresholds().verify
        space = parts.space()
    chosen = {"version": 1, "identify_threshold": 0.3, "identify_threshold_space": space}
    (tmp_path / "settings.json").write_text(json.dumps(chosen))
    with Parts.open(tmp_path) as parts:
        assert parts.identify_threshold(1) == parts.identify_threshold(1000) == 0.3
    with Parts.open(tmp_path, embedder="facenet-512") as parts:  # distances there are other ones
        assert parts.identify_threshold(1) == parts.automatic_threshold(1) != 0.3
