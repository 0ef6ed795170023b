"""Where it is learned: the device that is named, half precision on a card only, and the same figures everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from faceapp.errors import UnavailableError, UsageError
from faceapp.training.batches import Rows
from faceapp.training.device import CPU, Where, choose
from faceapp.training.loop import Trainer
from faceapp.training.plan import Plan

CARD = "NVIDIA T400"


@pytest.fixture(autouse=True)
def _backends() -> Iterator[None]:
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    before = cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32, matmul.allow_tf32
    yield
    cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32, matmul.allow_tf32 = before


def card(monkeypatch: pytest.MonkeyPatch, bfloat16: bool) -> None:
    """As PyTorch would say with a card in the computer."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: CARD)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bfloat16)


def test_a_card_is_used_where_there_is_one_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    card(monkeypatch, True)
    assert choose("auto", 1) == choose("cuda", 1) == Where("cuda", f"{CARD}, mixed precision", True)
    assert not torch.backends.cudnn.allow_tf32, "or it differs from the ONNX network by more than 1e-4"
    assert not torch.backends.cuda.matmul.allow_tf32
    assert torch.backends.cudnn.deterministic
    assert choose("cpu", 2) == Where("cpu", "CPU, 2 threads"), "as it was asked for"


def test_an_older_card_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    card(monkeypatch, False)
    assert choose("auto", 1) == Where("cuda", f"{CARD}, float32", False)


def test_without_a_card_the_processor_is_used_and_cuda_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose("auto", 1) == Where("cpu", "CPU, 1 thread", False)
    with pytest.raises(UnavailableError, match="no CUDA device"):
        choose("cuda", 1)
    with pytest.raises(UsageError):
        choose("tpu", 1)


class Watched:
    """One linear layer that remembers in what it computed."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module = nn.Linear(4, 3)
        self.dimension = 3
        self.inputs = torch.randn(12, 4)
        self.seen: list[torch.dtype] = []

    def forward(self, rows: Rows, draw: torch.Generator) -> Tensor:  # noqa: ARG002 - a learner's
        computed: Tensor = self.module(self.inputs[torch.from_numpy(rows)])
        self.seen.append(computed.dtype)
        return nn.functional.normalize(computed)

    def look(self) -> float:
        self.seen.append(self.module(self.inputs).dtype)
        return 0.0


@pytest.mark.parametrize(
    ("where", "steps"), [(Where("cpu", "as a card", mixed=True), torch.bfloat16), (CPU, torch.float32)]
)
def test_steps_alone_are_in_half_precision_and_only_where_wanted(where: Where, steps: torch.dtype) -> None:
    learner = Watched()
    before = learner.module.weight.detach().clone()
    plan = Plan(steps=2, check_every=2, people_per_batch=3, pictures_each=2, rate=0.1, selection="all")
    Trainer(learner, np.repeat(np.arange(4), 3), plan, learner.look, "data", where).run(None)
    assert learner.seen == [torch.float32, steps, steps, torch.float32], "a look is as exact as the ONNX network"
    assert learner.module.weight.dtype == torch.float32
    assert torch.equal(before, learner.module.weight), "the first look was the best: its weights are kept"
