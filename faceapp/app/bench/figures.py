"""Figures as a bench tells them, and the machine they come from."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from faceapp import __version__
from faceapp.types import JsonObject

MEANING = (
    "Times are milliseconds by the clock, on this machine as it is now: half of all are within p50, 95 of 100 within "
    "p95, 99 within p99. Other work on the machine makes them worse."
)


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of many."""

    count: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Spread:
        """All 0 where there is none."""
        if not milliseconds:
            return cls(0, 0.0, 0.0, 0.0)
        p50, p95, p99 = np.percentile(milliseconds, [50, 95, 99])
        return cls(len(milliseconds), float(p50), float(p95), float(p99))

    def as_json(self) -> JsonObject:
        return {"count": self.count, **{k: round(getattr(self, k), 3) for k in ("p50", "p95", "p99")}}

    def cells(self) -> list[str]:
        """For a table: p50, p95, p99."""
        return [f"{v:.2f}" for v in (self.p50, self.p95, self.p99)]


def machine() -> JsonObject:
    """What the figures were measured on, and with which libraries."""
    import cv2
    import onnxruntime

    from faceapp.vision.session import cpu_flags

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "processor": _processor(),
        "cores": cores,
        "vnni": bool({"avx512_vnni", "avx_vnni"} & cpu_flags()),
        "memory_gb": _memory_gb(),
        "system": platform.platform(terse=True),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "faceapp": __version__,
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "opencv": cv2.__version__,
        "numpy": np.__version__,
    }


def resident_mb() -> tuple[float | None, float | None]:
    """This process's memory in megabytes: now, and the most so far; None where the system doesn't say."""
    now = peak = None
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        now = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak = most / 1e6 if sys.platform == "darwin" else most / 1e3
    except ImportError:  # Windows
        pass
    return now, peak


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model"):
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return None
