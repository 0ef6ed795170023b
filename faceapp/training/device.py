"""Where a network is trained: the processor, or a card where PyTorch finds one, and in which precision."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from faceapp.errors import UnavailableError, UsageError


@dataclass(frozen=True, slots=True)
class Where:
    """A device."""

    device: str
    """As PyTorch calls it."""
    name: str
    """For people."""
    mixed: bool = False
    """Forwards in bfloat16, weights and losses in float32. It has float32's range, so no loss need be scaled."""


CPU = Where("cpu", "CPU")


def choose(wanted: str, threads: int) -> Where:
    """`auto`, `cpu` or `cuda`; on the CPU with so many `threads`. Sets PyTorch's number of threads and asks it for the
    same result every time. Raises UnavailableError where CUDA was asked for and isn't there, UsageError for another
    device."""
    if wanted not in ("auto", "cpu", "cuda"):
        raise UsageError("the device is auto, cpu or cuda")
    torch.set_num_threads(threads)
    # What we compute is the same each time on a processor; PyTorch's own switch for all of it costs five seconds.
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    # A card would round what is called float32 to 10 bits: our looks and the ONNX network must agree to 1e-4.
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    if wanted != "cpu" and torch.cuda.is_available():
        mixed = torch.cuda.is_bf16_supported()
        return Where("cuda", f"{torch.cuda.get_device_name()}, {'mixed precision' if mixed else 'float32'}", mixed)
    if wanted == "cuda":
        raise UnavailableError("PyTorch finds no CUDA device here: leave --device out to train on the processor")
    return Where("cpu", f"CPU, {threads} thread{'' if threads == 1 else 's'}")


def device_of(module: nn.Module) -> torch.device:
    """Where a network's weights are."""
    return next(module.parameters()).device
