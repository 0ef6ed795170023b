"""What ONNX Runtime's TensorRT is told about a network, and the folder in which it keeps the engines it makes.

Options as documented for ONNX Runtime's TensorRT execution provider.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

Shape: TypeAlias = Sequence[int | str | None]
"""Of an input as the network names it; an axis without a number is free."""

LARGEST_BATCH: Final = 32
"""Pictures a network is given at once; more is no faster and takes memory. TensorRT refuses more than it was told."""


def tensorrt_options(inputs: Mapping[str, Shape]) -> dict[str, str] | None:
    """The range of shapes to compile one engine for: 1 to `LARGEST_BATCH` pictures where the first axis is free.

    Without it TensorRT compiles again, for minutes, with every batch larger than any before. It is tuned for one
    picture, as most of those of a camera have. Nothing is needed where no axis is free. None for a network that is not
    for TensorRT: another axis is free, so that no range is given by the network, or a name can't be written in these
    options.
    """
    free = {name: shape[1:] for name, shape in inputs.items() if not all(isinstance(n, int) for n in shape)}
    if not free:
        return {}
    if any(not isinstance(n, int) for rest in free.values() for n in rest):
        return None
    if any(set(name) & set(":,") for name in free):
        return None

    def shapes(batch: int) -> str:
        return ",".join(f"{name}:{'x'.join(map(str, (batch, *rest)))}" for name, rest in free.items())

    return {
        "trt_profile_min_shapes": shapes(1),
        "trt_profile_opt_shapes": shapes(1),
        "trt_profile_max_shapes": shapes(LARGEST_BATCH),
    }


def cache_options(network: Path, folder: Path) -> dict[str, Any]:
    """Where to keep the engine of `network`; nothing where `folder` can't be used: then it is compiled at each start.

    Each network's engine lies in a folder named by its SHA-256: ONNX Runtime knows an engine by the network's file
    name and layers, not by its weights, and would go on with those of a network that has since been replaced.
    """
    try:
        private_folder(folder)
        with network.open("rb") as f:
            digest = hashlib.file_digest(f, "sha256").hexdigest()
        own = folder / digest[:32]
        private_folder(own)
    except OSError:
        return {}
    return {
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(own),
        "trt_timing_cache_enable": True,
        "trt_timing_cache_path": str(folder),
    }


def private_folder(folder: Path) -> None:
    """Make `folder`, ours alone: an engine is a program, and who can write there says what runs.

    Raises OSError where that can't be done, or where it belongs to somebody else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "posix":  # elsewhere the user's cache is the user's by the rights it inherits
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(f"{folder} is not a folder of this user")
    if found.st_mode & 0o077:
        folder.chmod(0o700)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder} can't be written")
