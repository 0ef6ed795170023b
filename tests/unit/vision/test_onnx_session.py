# ruff: noqa: ARG002, ARG005 - fakes take what the real ones take
from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from faceapp.errors import UnavailableError
from faceapp.vision import session as module
from faceapp.vision.session import (
    CPU,
    CUDA,
    TENSORRT,
    OrtSession,
    SessionPolicy,
    choose_precision,
    choose_providers,
    cpu_flags,
    cuda_devices,
    cuda_usable,
    open_session,
    run_bound,
    thread_count,
)

BOTH = [TENSORRT, CUDA, CPU]


@pytest.fixture
def network(models_dir: Path) -> Path:
    return models_dir / "mtcnn-rnet.fp32.onnx"


# Providers


@pytest.mark.parametrize(
    ("device", "available", "usable", "expected"),
    [
        ("auto", BOTH, True, [CUDA, CPU]),
        ("auto", BOTH, False, [CPU]),
        ("auto", [CPU], True, [CPU]),
        ("cpu", BOTH, True, [CPU]),
        ("cuda", BOTH, True, [CUDA, CPU]),
        ("tensorrt", BOTH, True, [TENSORRT, CUDA, CPU]),
    ],
)
def test_the_provider_follows_policy_and_machine(
    device: Any, available: list[str], usable: bool, expected: list[str]
) -> None:
    providers = choose_providers(SessionPolicy(device), available, usable)
    assert [p if isinstance(p, str) else p[0] for p in providers] == expected


def test_cuda_does_not_search_anew_for_every_size() -> None:
    (_, options), _ = choose_providers(SessionPolicy("cuda"), BOTH, True)
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"


@pytest.mark.parametrize(("available", "usable"), [(BOTH, False), ([CPU], True)])
def test_cuda_by_name_is_cuda_or_an_error(available: list[str], usable: bool) -> None:
    with pytest.raises(UnavailableError, match='set "device" to "auto"'):
        choose_providers(SessionPolicy("cuda"), available, usable)


def test_tensorrt_is_given_its_options() -> None:
    (_, options), (_, cuda), _ = choose_providers(SessionPolicy("tensorrt"), BOTH, True, {"trt_fp16_enable": True})
    assert options == {"trt_fp16_enable": True}
    assert cuda["cudnn_conv_algo_search"] == "HEURISTIC", "for what TensorRT leaves to CUDA"


@pytest.mark.parametrize(("available", "usable"), [(BOTH, False), ([CUDA, CPU], True), ([CPU], True)])
def test_tensorrt_by_name_is_that_or_an_error(available: list[str], usable: bool) -> None:
    with pytest.raises(UnavailableError, match=r'no usable TensorRT.*set "device" to "auto"'):
        choose_providers(SessionPolicy("tensorrt"), available, usable)


class Driver:
    """A CUDA driver."""

    def __init__(self, cards: int, broken: bool = False) -> None:
        self.cards, self.broken = cards, broken

    def cuInit(self, flags: int) -> int:  # noqa: N802
        return 100 if self.broken else 0

    def cuDeviceGetCount(self, count: Any) -> int:  # noqa: N802
        count._obj.value = self.cards
        return 0


@pytest.mark.parametrize(("driver", "cards"), [(Driver(2), 2), (Driver(0), 0), (Driver(2, broken=True), 0)])
def test_the_driver_is_asked_for_cards(monkeypatch: pytest.MonkeyPatch, driver: Driver, cards: int) -> None:
    monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    monkeypatch.setattr(module.ctypes, "CDLL", lambda name: driver)
    assert cuda_devices() == cards


def test_no_driver_no_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(module.ctypes, "CDLL", missing)
    assert cuda_devices() == 0
    assert not cuda_usable()


def test_a_mac_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(module.ctypes, "CDLL", lambda name: pytest.fail("there is nothing to load"))
    assert cuda_devices() == 0


@pytest.mark.parametrize("libraries", [True, False])
def test_a_card_without_its_libraries_is_not_usable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], libraries: bool
) -> None:
    monkeypatch.setattr(module.ort, "get_available_providers", lambda: BOTH)
    monkeypatch.setattr(module, "cuda_devices", lambda: 1)
    monkeypatch.setattr(module.ort, "preload_dlls", lambda: print("Failed to load libcudnn.so"), raising=False)  # noqa: T201
    monkeypatch.setattr(module, "_loads", lambda library: libraries or "cuda" not in library)
    assert cuda_usable() is libraries
    assert capsys.readouterr().out == ""


# Precision


@pytest.mark.parametrize(
    ("setting", "provider", "flags", "expected"),
    [
        ("auto", CPU, {"avx2", "avx512_vnni"}, "int8"),
        ("auto", CPU, {"avx_vnni"}, "int8"),
        ("auto", CPU, {"avx2", "avx512f"}, "fp32"),
        ("auto", CPU, set(), "fp32"),
        ("auto", CUDA, {"avx512_vnni"}, "fp16"),
        ("auto", TENSORRT, {"avx512_vnni"}, "fp16"),
        ("fp32", CUDA, {"avx512_vnni"}, "fp32"),
        ("int8", CPU, set(), "int8"),
    ],
)
def test_precision(setting: Any, provider: str, flags: set[str], expected: str) -> None:
    assert choose_precision(setting, provider, flags) == expected


def test_flags_of_an_x86_an_arm_and_none(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: flags of doom\nflags\t\t: fpu avx2 avx512_vnni\n\nprocessor\t: 1\n")
    assert cpu_flags(file) == {"fpu", "avx2", "avx512_vnni"}
    file.write_text("processor\t: 0\nFeatures\t: fp asimd asimddp\n")
    assert cpu_flags(file) == {"fp", "asimd", "asimddp"}
    file.write_text("nothing of the kind\n")
    assert cpu_flags(file) == frozenset()
    assert cpu_flags(tmp_path / "missing") == frozenset()


# Sessions


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda pid: set(range(16)), raising=False)
    assert thread_count(0) == 4
    assert thread_count(7) == 7
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert thread_count(0) == 1
    monkeypatch.delattr(module.os, "sched_getaffinity")
    monkeypatch.setattr(module.os, "cpu_count", lambda: None)
    assert thread_count(0) == 1


def test_a_network_runs(network: Path) -> None:
    session = open_session(network, SessionPolicy("cpu", 1))
    assert session.provider == CPU
    assert session.input_names == ("input",)
    boxes, score = session.run({"input": np.zeros((3, 3, 24, 24), np.float32)})
    assert (boxes.shape, score.shape) == ((3, 4), (3, 1))


def test_idle_threads_do_not_spin_and_nothing_is_printed(network: Path) -> None:
    session = open_session(network, SessionPolicy("cpu", 2))
    assert isinstance(session, OrtSession)
    options = session.session.get_session_options()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.intra_op_num_threads == 2
    assert options.log_severity_level == 4


def test_bound_outputs_are_the_same(network: Path) -> None:
    session = open_session(network, SessionPolicy("cpu", 1))
    assert isinstance(session, OrtSession)
    x = np.random.default_rng(0).normal(0, 0.5, (2, 3, 24, 24)).astype(np.float32)
    bound = run_bound(session.session, {"input": x[:, :, ::1]}, ["boxes", "score"], "cpu")
    for a, b in zip(session.run({"input": x}), bound, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_missing_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r'none\.onnx is missing: run "faceapp models install"'):
        open_session(tmp_path / "none.onnx", SessionPolicy("cpu"))


def test_a_cut_off_network_is_told(tmp_path: Path, network: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(network.read_bytes()[:5000])
    with pytest.raises(UnavailableError, match="is not a network we can run") as caught:
        open_session(broken, SessionPolicy("cpu"))
    assert "\n" not in str(caught.value)


def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that is there and refuses every network."""
    real = ort.InferenceSession

    def load(path: str, options: Any, providers: list[Any], **rest: Any) -> Any:
        if providers != [CPU]:
            raise module.ort_state.EPFail("CUDA failure 2: out of memory\n; GPU=0")
        return real(path, options, providers=providers, **rest)

    monkeypatch.setattr(module.ort, "InferenceSession", load)
    monkeypatch.setattr(module, "cuda_usable", lambda: True)
    monkeypatch.setattr(module.ort, "get_available_providers", lambda: BOTH)


def test_a_card_that_refuses_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, network: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    refusing(monkeypatch)
    assert open_session(network, SessionPolicy("auto")).provider == CPU
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("device", "called"), [("cuda", "CUDA"), ("tensorrt", "TensorRT")])
def test_a_card_that_refuses_is_told_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, network: Path, device: Any, called: str
) -> None:
    refusing(monkeypatch)
    with pytest.raises(UnavailableError, match=rf"does not run on {called} .*out of memory") as caught:
        open_session(network, SessionPolicy(device))
    assert "\n" not in str(caught.value)


def test_a_session_on_another_provider_than_asked_for_is_told(monkeypatch: pytest.MonkeyPatch, network: Path) -> None:
    refusing(monkeypatch)
    real = module.ort.InferenceSession
    monkeypatch.setattr(module.ort, "InferenceSession", lambda p, o, providers, **r: real(p, o, [CPU], **r))
    with pytest.raises(UnavailableError, match="no usable CUDA"):
        open_session(network, SessionPolicy("cuda"))
    with pytest.raises(UnavailableError, match="no usable TensorRT"):
        open_session(network, SessionPolicy("tensorrt"))


def test_nothing_is_printed_on_a_machine_without_a_card(network: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from faceapp.vision.session import SessionPolicy, open_session\n"
        "open_session(Path(sys.argv[1]), SessionPolicy('auto'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(network)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


class CardSession:
    """An `InferenceSession` on a card that notes how it is used."""

    def __init__(self) -> None:
        self.log: list[tuple[str, ...]] = []

    def get_providers(self) -> list[str]:
        return [CUDA, CPU]

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="x")]

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(name="y")]

    def io_binding(self) -> CardSession:
        return self

    def bind_cpu_input(self, name: str, value: Any) -> None:
        assert value.flags.c_contiguous
        self.log.append(("input", name))

    def bind_output(self, name: str, device: str) -> None:
        self.log.append(("output", name, device))

    def run_with_iobinding(self, binding: Any) -> None:
        self.log.append(("run",))

    def copy_outputs_to_cpu(self) -> list[Any]:
        return [np.ones(1, np.float32)]


def test_on_a_card_inputs_and_outputs_are_bound() -> None:
    card = CardSession()
    session = OrtSession(card)
    assert session.provider == CUDA
    assert session.run({"x": np.zeros((4, 4), np.float32).T})[0].tolist() == [1]
    assert card.log == [("input", "x"), ("output", "y", "cuda"), ("run",)]


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    assert not module._loads(str(tmp_path / "libnothing.so"))
