"""Running a network that somebody brought for the first time, where it can do no harm: in a process of its own.

`python -m faceapp.app.model_trial` reads what to try from its standard input, one JSON object, and answers with one. A
network that needs too much memory or time, or that crashes ONNX Runtime, ends that process, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.types import Floats, JsonObject

SECONDS = 60.0
"""For reading, loading and seven pictures; the slowest embedder in use takes two."""
MEMORY = 6 << 30
"""Bytes of address space."""

_FRUGAL = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Environment of the other process: on a machine of many cores each thread's pool of memory would count as taken."""

_MAX_DIMENSION = 4096
_BATCH = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """What a network did when it was run."""

    sha256: str
    bytes: int
    opset: int
    nodes: int
    dimension: int
    milliseconds: float
    """For one picture, in a process of its own; only an indication."""
    freed: bool
    """True where the file took one picture at a time and the one in `scratch` is the network to keep."""


def try_embedder(
    file: Path,
    size: int,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    *,
    scratch: Path | None = None,
    seconds: float = SECONDS,
) -> Trial:
    """Inspect an embedder's network and run it on made-up pictures of `size` x `size`, all in another process.

    One that was exported for a single picture at a time is opened for any number, and written to `scratch`, if given.
    Raises InputError, in one line, for whatever `zoo.inspection` refuses, for a network that can't be run within
    `seconds` and in the memory allowed, and for one whose result is no embedding: of another shape, not finite, or the
    same for every picture.
    """
    request = {"file": str(file.absolute()), "size": size, "mean": list(mean), "std": list(std)}
    request["scratch"] = None if scratch is None else str(scratch.absolute())
    return Trial(**ask("faceapp.app.model_trial", request, file.name, seconds))


def ask(module: str, request: JsonObject, name: str, seconds: float) -> JsonObject:
    """What `module`, run as a process of its own, answers. Raises InputError, in one line that names the file `name`,
    for what it found wrong, and where it crashes, takes too long or too much memory."""
    command = [sys.executable, "-P", "-m", module]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no arguments
            command,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env={**os.environ, **_FRUGAL},
        )
    except subprocess.TimeoutExpired as e:
        raise InputError(f"{name} is refused: it did not finish within {seconds:g} seconds") from e
    except OSError as e:
        raise UnavailableError(f"no process can be started to try {name} ({e.strerror}): close something") from e
    try:
        answer: JsonObject = json.loads(done.stdout)
    except ValueError as e:
        raise InputError(f"{name} is refused: it crashes, or needs more than {MEMORY >> 30} GB of memory") from e
    if "error" in answer:
        raise InputError(answer["error"])
    return answer


def answer(work: Callable[[JsonObject], JsonObject]) -> int:
    """The other process: one JSON object in, `work`, one out."""
    _limit_memory()
    request = json.loads(sys.stdin.read())
    try:
        found = work(request)
    except MemoryError:
        name = Path(request["file"]).name
        found = {"error": f"{name} is refused: it needs more than {MEMORY >> 30} GB of memory"}
    except KnownError as e:
        found = {"error": str(e)}
    sys.stdout.write(json.dumps(found))
    return 0


def main() -> int:
    """The other process."""
    return answer(lambda request: asdict(_try(**request)))


def _try(file: str, size: int, mean: list[float], std: list[float], scratch: str | None) -> Trial:
    from faceapp.vision.session import SessionPolicy, open_session
    from faceapp.zoo.inspection import check_embedder, inspect_network, takes_one_picture

    network, label = Path(file), Path(file).name
    found = inspect_network(network)
    freed = scratch is not None and takes_one_picture(found)
    if freed:
        network = _freed(network, Path(scratch or ""))
        found = inspect_network(network)
    name = check_embedder(found, label, size)
    try:
        session = open_session(network, SessionPolicy("cpu"))
    except UnavailableError as e:
        raise InputError(f"{label} is refused: ONNX Runtime cannot load it{_reason(e.__cause__ or e)}") from e
    pictures = _pictures(size, mean, std)
    together = _run(session.run, label, name, pictures)
    started = time.perf_counter()
    alone = np.concatenate([_run(session.run, label, name, pictures[i : i + 1]) for i in range(_BATCH)])
    spent = (time.perf_counter() - started) / _BATCH
    check_results(label, together, alone)
    return Trial(
        sha256=found.sha256,
        bytes=found.bytes,
        opset=found.opset,
        nodes=found.nodes,
        dimension=int(together.shape[1]),
        milliseconds=round(1000 * spent, 1),
        freed=freed,
    )


def _freed(network: Path, scratch: Path) -> Path:
    import onnx

    from faceapp.zoo.batch import free_batch

    scratch.write_bytes(free_batch(onnx.load_model(network, load_external_data=False)).SerializeToString())
    return scratch


def _run(run: Any, file: str, name: str, pictures: Floats) -> Floats:
    try:
        results = run({name: pictures})
    except Exception as e:  # ONNX Runtime's errors have no common base, and whatever it is, this network can't be used
        raise InputError(f"{file} is refused: it cannot be run on {len(pictures)} pictures{_reason(e)}") from e
    points: Floats = results[0]
    if points.dtype != np.float32 or points.ndim != 2 or len(points) != len(pictures):
        raise InputError(f"{file} is refused: it gives {points.shape} for {len(pictures)} pictures, not (N, D)")
    return points


def check_results(file: str, together: Floats, alone: Floats) -> None:
    """Whether these are embeddings: (N, D) of the pictures in one batch, and one by one.

    Raises InputError where D is out of range, numbers are not finite, or the same whatever the picture, or where
    a picture's embedding depends on its neighbours in the batch.
    """
    dimension = together.shape[1]
    if not 2 <= dimension <= _MAX_DIMENSION:
        raise InputError(f"{file} is refused: {dimension} numbers are no embedding (2 to {_MAX_DIMENSION} are)")
    if not (np.isfinite(together).all() and np.isfinite(alone).all()):
        raise InputError(f"{file} is refused: its results are not finite numbers: check mean and std")
    lengths = np.linalg.norm(together.astype(np.float64), axis=1, keepdims=True)
    if lengths.min() < 1e-9:
        raise InputError(f"{file} is refused: it gives zeros: check mean and std")
    unit = together / lengths
    gaps = np.linalg.norm(unit[:, None] - unit[None], axis=2)[np.triu_indices(len(unit), 1)]
    if gaps.max() < 1e-5:
        raise InputError(f"{file} is refused: it gives the same numbers for every picture: check mean and std")
    if np.abs(together - alone).max() > 1e-3 * lengths.max():
        raise InputError(f"{file} is refused: a picture's numbers depend on the pictures beside it in a batch")


def _pictures(size: int, mean: list[float], std: list[float]) -> Floats:
    """(3, 3, size, size) float32: noise, a ramp, and its mirror image, as the network is shown pictures."""
    noise = np.random.default_rng(1).uniform(0, 255, (3, size, size))
    ramp = np.broadcast_to(np.linspace(0, 255, size), (3, size, size))
    values = np.stack([noise, ramp, ramp[:, :, ::-1]])
    shape = (1, 3, 1, 1)
    scaled: Floats = ((values - np.reshape(mean, shape)) / np.reshape(std, shape)).astype(np.float32)
    return scaled


def _reason(e: BaseException) -> str:
    """What ONNX Runtime says, without its own codes, names and paths before it."""
    text = "".join(c if c.isprintable() else " " for c in str(e))
    for before in ("failed:", "Status Message:"):
        text = text.rpartition(before)[2]
    return f" ({' '.join(text.split())[:160]})"


def _limit_memory() -> None:
    """Where the system can: a tensor of 100 GB then fails, instead of taking the machine with it."""
    if sys.platform == "win32":
        return
    import resource

    for what, wanted in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS doesn't limit address space: the time limit is left
            resource.setrlimit(what, (limit, hard))


if __name__ == "__main__":
    sys.exit(main())
