"""What is exported computes what was learned: every run looks, and one where it doesn't ends there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faceapp.app.parts import Parts
from faceapp.app.training.data import People
from faceapp.app.training.wish import Wish, plan_of
from faceapp.errors import BugError
from faceapp.training.plan import SMALL_SIDE
from tests.fakes.learning import picture

torch = pytest.importorskip("torch", reason="PyTorch is an extra")


def test_a_network_that_computes_something_else_is_not_written(data_dir: Path) -> None:
    from onnx import numpy_helper

    from faceapp.app.training.kinds import PARITY, check_parity, prepare

    person = np.repeat(np.arange(4), 3)
    crops = [picture(int(p), n % 3, SMALL_SIDE) for n, p in enumerate(person)]
    hashes = tuple(map(str, range(12)))
    people = People("people", tuple("ABCD"), person, hashes, crops, np.empty((12, 0), np.float32))
    wish = Wish("scratch", None, data_dir / "out", plan_of("scratch"), alike=True)
    rows = np.arange(12)
    with Parts.open(data_dir) as base, prepare(wish, base, people, rows) as work:
        work.settle()
        model = work.to_onnx()
        assert check_parity(model, work, people, rows) <= PARITY
        weights = max(model.graph.initializer, key=lambda i: len(i.raw_data))
        weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) * np.float32(1.01), weights.name))
        with pytest.raises(BugError, match="something else in ONNX Runtime"):
            check_parity(model, work, people, rows)
