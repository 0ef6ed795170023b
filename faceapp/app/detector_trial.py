"""Running a pack's detector for the first time, in a process of its own; `model_trial` does it for embedders.

`python -m faceapp.app.detector_trial` reads what to try from its standard input and answers with one JSON object.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from faceapp.app.model_trial import SECONDS, answer, ask
from faceapp.errors import InputError, UnavailableError
from faceapp.types import Floats, JsonObject

_ANY_SIZE = (128, 640)  # what InsightFace shows a network that takes any size
_WIDTHS = (1, 4, 10)  # a score, a box's four distances, five points


def try_detector(file: Path, size: int, mean: float, std: float, *, seconds: float = SECONDS) -> str:
    """Run an SCRFD's network on a made-up picture of `size` x `size` (0: it takes any) in another process, and return
    the SHA-256 of the file that was tried.

    Raises InputError, in one line, for whatever `zoo.inspection` refuses, for a network that can't be run within
    `seconds` and in the memory allowed, and for one whose outputs are not SCRFD's.
    """
    request = {"file": str(file.absolute()), "size": size, "mean": mean, "std": std}
    return str(ask("faceapp.app.detector_trial", request, file.name, seconds)["sha256"])


def main() -> int:
    """The other process."""
    return answer(_work)


def _work(request: JsonObject) -> JsonObject:
    from faceapp.vision.session import SessionPolicy, open_session
    from faceapp.zoo.inspection import inspect_network
    from faceapp.zoo.pack_networks import scrfd_strides

    file = Path(request["file"])
    found = inspect_network(file)
    strides = scrfd_strides(found.outputs, file.name)
    # Their class tells by the first output's declared shape whether there is an axis for the batch.
    batched = len(found.outputs[0].shape or ()) == 3
    try:
        session = open_session(file, SessionPolicy("cpu"))
    except UnavailableError as e:
        raise InputError(f"{file.name} is refused: ONNX Runtime cannot load it") from e
    for side in (request["size"],) if request["size"] else _ANY_SIZE:
        noise = np.random.default_rng(1).uniform(0, 255, (1, 3, side, side))
        picture = ((noise - request["mean"]) / request["std"]).astype(np.float32)
        try:
            results = session.run({session.input_names[0]: picture})
        except Exception as e:  # ONNX Runtime's errors have no common base; whatever it is, it can't be used
            raise InputError(f"{file.name} is refused: it cannot be run on a picture of {side} pixels") from e
        check_outputs(file.name, results, strides, side, batched)
    return {"sha256": found.sha256}


def check_outputs(file: str, results: list[Floats], strides: tuple[int, ...], side: int, batched: bool) -> None:
    """Whether these are an SCRFD's outputs for a picture of `side` pixels: scores, boxes and landmarks for each of the
    `strides`, two of each at every place (one, where there are five strides); `batched`: with a first axis of one.

    Raises InputError for others, for numbers that are not finite, and for scores that are none."""
    anchors = 2 if len(strides) == 3 else 1
    for k, result in enumerate(results):
        stride, width = strides[k % len(strides)], _WIDTHS[k // len(strides)]
        wanted: tuple[int, ...] = ((side // stride) ** 2 * anchors, width)
        wanted = (1, *wanted) if batched else wanted
        if result.shape != wanted:
            raise InputError(f"{file} is refused: output {k} is {result.shape}, and an SCRFD's is {wanted}")
        if result.dtype != np.float32 or not np.isfinite(result).all():
            raise InputError(f"{file} is refused: output {k} holds what is not a finite float32")
        if width == 1 and (result.min() < 0 or result.max() > 1):
            raise InputError(f"{file} is refused: output {k} should hold scores from 0 to 1")


if __name__ == "__main__":
    sys.exit(main())
