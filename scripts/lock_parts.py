"""Sort the blocks of a lock file, for `scripts/lock.sh`: PyTorch and what only it needs go into files of their own.

    lock_parts.py RUNTIME DEV TRAIN OUT_TRAIN OUT_CUDA WHEEL...

RUNTIME, DEV, TRAIN: what `uv pip compile` wrote for faceapp, for its tests and for training. OUT_TRAIN gets what
training needs everywhere, OUT_CUDA what PyTorch needs besides to use an NVIDIA card. DEV loses what the others
have. Each WHEEL is a build of PyTorch that the package index in use offers besides the public one's (one for
the processor alone, a tenth as large): its hash is allowed too.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

CUDA = re.compile(r"(nvidia-|cuda-|triton)")


def blocks(file: Path) -> tuple[str, dict[str, str]]:
    """The comment at a lock file's head, and each pin's lines by "name marker"."""
    head, *rest = re.split(r"(?m)^(?=[A-Za-z0-9])", file.read_text(encoding="utf-8"))
    return head, {re.split(r"\s*\\\n", block, maxsplit=1)[0]: block for block in rest}


def name(pin: str) -> str:
    """`numpy==2.4.6 ; python_full_version < '3.12'` is numpy."""
    return pin.partition("==")[0]


def write(file: Path, head: str, pins: dict[str, str]) -> None:
    """A lock file of these blocks."""
    file.write_text(head + "".join(pins.values()), encoding="utf-8")


def main(runtime: str, dev: str, train: str, out_train: str, out_cuda: str, *wheels: str) -> None:
    """See above."""
    running = blocks(Path(runtime))[1]
    head, learning = blocks(Path(train))
    learning = {pin: block for pin, block in learning.items() if pin not in running}
    for pin in learning:
        if name(pin) == "torch":
            hashes = [f"    --hash=sha256:{hashlib.sha256(Path(w).read_bytes()).hexdigest()}" for w in wheels]
            known = learning[pin]
            more = [h for h in hashes if h not in known]
            first, rest = known.split("\n", 1)
            learning[pin] = "\n".join([first, *(f"{h} \\" for h in more), rest])
    write(Path(out_train), head, {p: b for p, b in learning.items() if not CUDA.match(name(p))})
    write(Path(out_cuda), head, {p: b for p, b in learning.items() if CUDA.match(name(p))})
    head, testing = blocks(Path(dev))
    write(Path(dev), head, {p: b for p, b in testing.items() if p not in running and p not in learning})


main(*sys.argv[1:])
