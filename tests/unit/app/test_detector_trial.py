"""What a pack's detector must do when it is run for the first time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faceapp.app.detector_trial import check_outputs, try_detector
from faceapp.errors import InputError
from faceapp.types import Floats
from tests.fakes.packs import tiny_scrfd

STRIDES = (8, 16, 32)


def outputs(batched: bool = False, side: int = 64) -> list[Floats]:
    shapes = [((side // s) ** 2 * 2, width) for width in (1, 4, 10) for s in STRIDES]
    return [np.full((1, *shape) if batched else shape, 0.5, np.float32) for shape in shapes]


@pytest.mark.parametrize("batched", [False, True])
def test_scrfds_own_outputs_pass(batched: bool) -> None:
    check_outputs("det.onnx", outputs(batched), STRIDES, 64, batched)


@pytest.mark.parametrize(
    ("changed", "value", "what"),
    [
        (4, np.zeros((32, 5), np.float32), r"output 4 is \(32, 5\), and an SCRFD's is \(32, 4\)"),
        (1, np.zeros((31, 1), np.float32), r"output 1 is \(31, 1\)"),
        (8, np.full((8, 10), np.nan, np.float32), "output 8 holds what is not a finite"),
        (8, np.zeros((8, 10), np.float64), "output 8 holds what is not a finite float32"),
        (2, np.full((8, 1), 1.5, np.float32), "output 2 should hold scores"),
    ],
)
def test_other_outputs_are_refused(changed: int, value: Floats, what: str) -> None:
    results = outputs()
    results[changed] = value
    with pytest.raises(InputError, match=what):
        check_outputs("det.onnx", results, STRIDES, 64, False)


def test_the_axis_for_the_batch_must_be_there_as_declared() -> None:
    with pytest.raises(InputError, match=r"output 0 is \(128, 1\), and an SCRFD's is \(1, 128, 1\)"):
        check_outputs("det.onnx", outputs(False), STRIDES, 64, True)


def test_it_is_run_in_a_process_of_its_own(tmp_path: Path) -> None:
    good = tmp_path / "good.onnx"
    good.write_bytes(tiny_scrfd(side=None, batched=False))
    assert len(try_detector(good, 0, 127.5, 128.0)) == 64
    with pytest.raises(InputError, match="did not finish within"):
        try_detector(good, 0, 127.5, 128.0, seconds=0.01)
