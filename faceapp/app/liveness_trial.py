"""Running a passive liveness network for the first time, in a process of its own; `model_trial` does it for embedders.

`python -m faceapp.app.liveness_trial` reads what to try from its standard input and answers with one JSON object.
"""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from faceapp.app.model_trial import SECONDS, answer, ask
from faceapp.errors import InputError, UnavailableError
from faceapp.types import Floats, JsonObject


@dataclass(frozen=True, slots=True)
class LivenessTrial:
    """What a liveness network did when it was run."""

    sha256: str
    bytes: int
    classes: int
    softmax: bool
    """True where its outputs are no shares yet."""
    milliseconds: float
    """For one picture, in a process of its own; only an indication."""


def try_liveness(
    file: Path,
    size: int,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    live_class: int,
    *,
    seconds: float = SECONDS,
) -> LivenessTrial:
    """Inspect a liveness network and run it on made-up pictures of `size` x `size`, all in another process.

    Raises InputError, in one line, for whatever `zoo.inspection` refuses, for a network that can't be run within
    `seconds` and in the memory allowed, and for one whose result is no row of classes, `live_class` among them: of
    another shape, not finite, or the same for every picture.
    """
    request = {"file": str(file.absolute()), "size": size, "mean": list(mean), "std": list(std), "live": live_class}
    return LivenessTrial(**ask("faceapp.app.liveness_trial", request, file.name, seconds))


def main() -> int:
    """The other process."""
    return answer(lambda request: asdict(_work(request)))


def _work(request: JsonObject) -> LivenessTrial:
    from faceapp.vision.session import SessionPolicy, open_session
    from faceapp.zoo.inspection import check_liveness, inspect_network

    file, size = Path(request["file"]), int(request["size"])
    found = inspect_network(file)
    name = check_liveness(found, file.name, size)
    try:
        session = open_session(file, SessionPolicy("cpu"))
    except UnavailableError as e:
        raise InputError(f"{file.name} is refused: ONNX Runtime cannot load it") from e
    noise = np.random.default_rng(1).uniform(0, 255, (3, 1, 3, size, size))
    noise[1] = np.linspace(0, 255, size)
    shape = (1, 3, 1, 1)
    rows, started = [], time.perf_counter()
    for picture in noise:
        values = ((picture - np.reshape(request["mean"], shape)) / np.reshape(request["std"], shape)).astype(np.float32)
        try:
            rows.append(session.run({name: values})[0])
        except Exception as e:  # ONNX Runtime's errors have no common base; it can't be used
            raise InputError(f"{file.name} is refused: it cannot be run on a picture of {size} pixels") from e
    spent = (time.perf_counter() - started) / len(rows)
    softmax = check_rows(file.name, rows, int(request["live"]))
    return LivenessTrial(found.sha256, found.bytes, rows[0].shape[1], softmax, round(1000 * spent, 1))


MOST_CLASSES = 10
"""Live, print, screen, mask ...: three are usual, and an embedder gives a hundred numbers or more."""


def check_rows(file: str, rows: list[Floats], live_class: int) -> bool:
    """Whether rows (1, C) of classes, one for each picture, still need a softmax.

    Raises InputError for others, for numbers that are not finite, and for the same row for every picture."""
    for row in rows:
        if row.ndim != 2 or row.shape[0] != 1 or row.shape[1] < 2:
            raise InputError(f"{file} is refused: it gives {row.shape}, and a liveness model gives (1, C)")
        if row.shape[1] > MOST_CLASSES:
            raise InputError(
                f"{file} is refused: it gives {row.shape[1]} numbers for a face, a liveness model 2 to {MOST_CLASSES}; "
                "an embedder is taken in with `faceapp models import onnx`"
            )
        if not np.isfinite(row).all():
            raise InputError(f"{file} is refused: its results are not finite numbers: check --range")
    together = np.concatenate(rows).astype(np.float64)
    if live_class >= together.shape[1]:
        raise InputError(f"{file} has {together.shape[1]} classes, from 0: --live-class {live_class} is none of them")
    if np.ptp(together, axis=0).max() < 1e-9:
        raise InputError(f"{file} is refused: it gives the same numbers for every picture: check --range")
    shares = together.min() >= 0 and np.abs(together.sum(axis=1) - 1).max() < 1e-3
    return not shares


if __name__ == "__main__":
    sys.exit(main())
