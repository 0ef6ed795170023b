"""Where a training run stands, in one file: arrays and a little JSON, whole or not there, and never a pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from faceapp.errors import InputError
from faceapp.files import write_atomically
from faceapp.types import JsonObject

_FACTS = "facts"


@dataclass(slots=True, eq=False)
class Checkpoint:
    """Tensors by name, and what else there is to remember."""

    tensors: dict[str, Tensor]
    facts: JsonObject = field(default_factory=dict)


def save(file: Path, checkpoint: Checkpoint) -> None:
    """Write `file`, readable for its owner alone: what is learned from faces is personal data."""
    arrays = {f"t/{name}": tensor.detach().cpu().numpy() for name, tensor in checkpoint.tensors.items()}
    facts = np.frombuffer(json.dumps(checkpoint.facts, sort_keys=True).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **{_FACTS: facts}, **arrays)  # type: ignore[arg-type]  # the names are not its own parameters
    write_atomically(file, buffer.getvalue())


def load(file: Path) -> Checkpoint | None:
    """What `file` holds; None where there is none. Raises InputError for a file that is damaged or something else."""
    try:
        with file.open("rb") as f, np.load(f, allow_pickle=False) as stored:
            facts = json.loads(stored[_FACTS].tobytes())
            tensors = {n[2:]: torch.from_numpy(stored[n]) for n in stored.files if n.startswith("t/")}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as e:
        raise InputError(f"{file} is no checkpoint or is damaged: delete it to begin again") from e
    return Checkpoint(tensors, facts)


def belongs(facts: JsonObject, plan: str, data: str) -> bool:
    """Whether these facts are of a run with this plan and this data, both by fingerprint."""
    return (facts.get("plan"), facts.get("data")) == (plan, data)


def resumable(file: Path, plan: str, data: str) -> bool:
    """Whether `file` is whole and of a run with this plan and this data."""
    try:
        stored = load(file)
    except InputError:
        return False
    return stored is not None and belongs(stored.facts, plan, data)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """An optimiser's state of each parameter, by `number/name`."""
    state: Mapping[int, Mapping[str, Tensor]] = optimizer.state_dict()["state"]
    return {f"{number}/{name}": value for number, values in state.items() for name, value in values.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, _, name = key.partition("/")
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
