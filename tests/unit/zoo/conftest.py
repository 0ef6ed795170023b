"""Running small networks in the zoo's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

Run = Callable[[onnx.ModelProto, NDArray[np.float32]], list[NDArray[Any]]]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a model on one input; its results in order."""
    onnxruntime.set_default_logger_severity(4)

    def _run(model: onnx.ModelProto, x: NDArray[np.float32]) -> list[NDArray[Any]]:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        results: list[NDArray[Any]] = session.run(None, {session.get_inputs()[0].name: x})
        return results

    return _run
