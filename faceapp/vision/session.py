"""Running a network: the one place that makes ONNX Runtime sessions, with one policy for provider, precision, threads.

Everything in this room knows only `ModelSession`, so a fake with two methods tests every class that uses a network.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import platform
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_state

from faceapp import paths
from faceapp.errors import UnavailableError
from faceapp.vision.tensorrt import cache_options, tensorrt_options

Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt"]
Precision: TypeAlias = Literal["fp32", "int8", "fp16"]
Tensor: TypeAlias = NDArray[Any]
Provider: TypeAlias = "str | tuple[str, dict[str, Any]]"

CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
TENSORRT: Final = "TensorrtExecutionProvider"

_MAX_THREADS = 4
"""More threads make networks as small as ours no faster, and leave nothing for the window."""

_SILENT = 4
"""ONNX Runtime's severity "fatal". What goes wrong comes as an exception as well; what it prints would land in the
middle of our own output."""

_ORT_ERRORS: tuple[type[Exception], ...] = tuple(
    e for e in vars(ort_state).values() if isinstance(e, type) and issubclass(e, Exception)
)


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """Where networks run and with how many threads each."""

    device: Device = "auto"
    threads: int = 0
    """0: as many as this process has cores, at most 4."""


class ModelSession(Protocol):
    """A loaded network. One thread uses it at a time."""

    @property
    def provider(self) -> str:
        """ONNX Runtime's name of the execution provider that is really in use."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs, in the network's order."""

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """All outputs, in the network's order."""


def open_session(path: Path, policy: SessionPolicy, precision: Precision = "fp32") -> ModelSession:
    """Load the network in `path`, which is of that `precision`.

    On "auto" a graphics card that refuses the network is passed over without a word: `provider` says what is in use.
    TensorRT compiles a network for the card when it first runs, for minutes, and keeps that in `paths.engines_dir()`.
    INT8 networks (their numbers are made for the processor) and those with a free height or width are left to CUDA.
    Raises UnavailableError if the file is missing or no network, or if a card was asked for by name and is not to be
    had.
    """
    ort.set_default_logger_severity(_SILENT)
    ort.disable_telemetry_events()
    # OpenCV's own pool would fight with the networks' over the cores, for what takes 0.2 ms in one thread.
    cv2.setNumThreads(1)
    available = ort.get_available_providers()
    usable = cuda_usable() if policy.device != "cpu" else False
    providers = choose_providers(policy, available, usable)
    try:
        if policy.device == "tensorrt":
            options = _tensorrt(path, precision)
            policy = policy if options else SessionPolicy("cuda", policy.threads)
            providers = choose_providers(policy, available, usable, options)
        session = _load(path, policy, providers)
    except _ORT_ERRORS as e:
        if not path.is_file():
            raise UnavailableError(f'{path} is missing: run "faceapp models install"') from e
        if policy.device in _BY_NAME:
            what = _BY_NAME[policy.device][1]
            raise UnavailableError(f'{path.name} does not run on {what} ({_line(e)}): set "device" to "auto"') from e
        if providers == [CPU]:
            raise UnavailableError(
                f'{path} is not a network we can run ({_line(e)}): run "faceapp models install" to build it again'
            ) from e
        return open_session(path, SessionPolicy("cpu", policy.threads), precision)
    if policy.device in _BY_NAME and session.get_providers()[0] != _BY_NAME[policy.device][0]:
        raise UnavailableError(_NO_TENSORRT if policy.device == "tensorrt" else _NO_CUDA)
    return OrtSession(session)


class OrtSession:
    """`ModelSession` over an opened `InferenceSession` (also the way to hand one to InsightFace's classes)."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self.session = session
        self._provider = str(session.get_providers()[0])
        self._input_names = tuple(str(i.name) for i in session.get_inputs())
        self._output_names = [str(o.name) for o in session.get_outputs()]
        # Without binding, every run on the card would wait for each of its copies on its own.
        self._bind = self._provider in (CUDA, TENSORRT)

    @property
    def provider(self) -> str:
        return self._provider

    @property
    def input_names(self) -> tuple[str, ...]:
        return self._input_names

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        if self._bind:
            return run_bound(self.session, inputs, self._output_names, "cuda")
        return list(self.session.run(self._output_names, dict(inputs)))


def run_bound(
    session: ort.InferenceSession, inputs: Mapping[str, Tensor], outputs: Sequence[str], device: str
) -> list[Tensor]:
    """Run with inputs and outputs bound, the outputs made on `device` and fetched once at the end."""
    binding = session.io_binding()
    for name, value in inputs.items():
        binding.bind_cpu_input(name, np.ascontiguousarray(value))
    for name in outputs:
        binding.bind_output(name, device)
    session.run_with_iobinding(binding)
    return list(binding.copy_outputs_to_cpu())


def choose_providers(
    policy: SessionPolicy, available: Collection[str], cuda_usable: bool, tensorrt: Mapping[str, Any] | None = None
) -> list[Provider]:
    """ONNX Runtime's providers in order of preference; the last is always the processor.

    `available` is what this ONNX Runtime was built with, `cuda_usable` whether there is a card and its libraries: a
    session that asks for CUDA without them is given the processor, after an error in the middle of our output.
    `tensorrt`: TensorRT's options for the network. It is used where it was asked for by name only: what it saves in
    each run it takes once for each network, card and driver. Raises UnavailableError if a card was asked for by name
    and is not to be had.
    """
    if policy.device == "cpu":
        return [CPU]
    # MTCNN's P-net sees a new size with every level of its pyramid: an exhaustive search for each takes seconds.
    options = {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"}
    cuda = CUDA in available and cuda_usable
    if policy.device == "tensorrt":
        if not cuda or TENSORRT not in available:
            raise UnavailableError(_NO_TENSORRT)
        return [(TENSORRT, dict(tensorrt or {})), (CUDA, options), CPU]
    if cuda:
        return [(CUDA, options), CPU]
    if policy.device == "cuda":
        raise UnavailableError(_NO_CUDA)
    return [CPU]


_NO_CUDA = 'there is no usable CUDA graphics card (card, driver, CUDA and cuDNN libraries): set "device" to "auto"'
_NO_TENSORRT = 'there is no usable TensorRT (CUDA, its libraries, and a card that it knows): set "device" to "auto"'
_BY_NAME = {"cuda": (CUDA, "CUDA"), "tensorrt": (TENSORRT, "TensorRT")}
"""Devices that are used or an error: their provider, and what people call it."""


def choose_precision(
    setting: Literal["auto", "fp32", "int8", "fp16"], provider: str, flags: Collection[str]
) -> Precision:
    """The precision to load: what the setting says; on "auto" FP16 on a card, INT8 on a processor with VNNI, else FP32.

    Without VNNI (ARM among them, where we have not measured) INT8 is hardly faster than FP32 and gains nothing."""
    if setting != "auto":
        return setting
    if provider in (CUDA, TENSORRT):
        return "fp16"
    return "int8" if {"avx512_vnni", "avx_vnni"} & set(flags) else "fp32"


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """The processor's features as Linux names them; empty where there is no `/proc/cpuinfo` (macOS, Windows)."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):  # x86, ARM
            return frozenset(value.split())
    return frozenset()


def thread_count(threads: int) -> int:
    """The number of threads for one network; `threads` 0: chosen by the cores this process may use."""
    if threads:
        return threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MAX_THREADS)


def cuda_usable() -> bool:
    """True if there is an NVIDIA card, its driver answers and ONNX Runtime's CUDA part finds its libraries.

    Asks the driver itself: ONNX Runtime would print an error where something is missing.
    """
    if CUDA not in ort.get_available_providers() or cuda_devices() == 0:
        return False
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it cannot find
        ort.preload_dlls()
    folder = Path(ort.__file__).parent / "capi"
    names = ["onnxruntime_providers_shared", "onnxruntime_providers_cuda"]
    files = [f"{n}.dll" if sys.platform == "win32" else f"lib{n}.so" for n in names]
    return all(_loads(str(folder / f)) for f in files)


def cuda_devices() -> int:
    """How many NVIDIA cards the driver has; 0 without a driver."""
    library = {"Linux": "libcuda.so.1", "Windows": "nvcuda.dll"}.get(platform.system())
    if library is None:
        return 0
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _tensorrt(path: Path, precision: Precision) -> dict[str, Any] | None:
    """TensorRT's options for a network; None where it is left to CUDA."""
    if precision == "int8":
        return None
    look = ort.SessionOptions()
    look.log_severity_level = _SILENT
    look.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # nothing is going to be run
    session = ort.InferenceSession(str(path), look, providers=[CPU], enable_fallback=0)
    shapes = tensorrt_options({str(i.name): i.shape for i in session.get_inputs()})
    if shapes is None:
        return None
    return {"trt_fp16_enable": precision == "fp16", **shapes, **cache_options(path, paths.engines_dir())}


def _load(path: Path, policy: SessionPolicy, providers: list[Provider]) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = _SILENT
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = thread_count(policy.threads)
    options.inter_op_num_threads = 1
    # Idle pools of several sessions would spin and fight over the cores: 17.6 frames a second instead of 45.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # No fallback of its own: it prints, and `provider` would no longer be what is in use.
    return ort.InferenceSession(str(path), options, providers=providers, enable_fallback=0)


def _line(e: Exception) -> str:
    return " ".join(str(e).split())[:160]
