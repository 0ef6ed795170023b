"""How long faceapp takes to start, and how many frames a second it recognises here. `make bench` runs it.

    .venv/bin/python tests/bench/speed.py [--source SRC] [--frames N] [--runs N]

Starts the real command as a user would, on the demonstration or on any other source; every figure is the median of the
runs. Other work on the machine shows in the figures: nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", default="demo:")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {options.source}")
    with tempfile.TemporaryDirectory() as data_dir:
        faceapp = [sys.executable, "-m", "faceapp", "--data-dir", data_dir]
        show("faceapp --version", [seconds([*faceapp, "--version"])[0] for _ in range(options.runs)], "s")
        show("faceapp people list", [seconds([*faceapp, "people", "list"])[0] for _ in range(options.runs)], "s")
        live = [*faceapp, "live", "--json", "--headless", "--source", options.source]
        show("start to first frame", [seconds([*live, "--frames", "1"])[0] for _ in range(options.runs)], "s")
        ends = [seconds([*live, "--frames", str(options.frames)])[1] for _ in range(options.runs)]
    summaries = [json.loads(end) for end in ends]
    show("recognised", [s["fps"] for s in summaries], "frames/s")
    show("latency, median", [s["latency_ms"]["p50"] for s in summaries], "ms")
    show("latency, 95th percentile", [s["latency_ms"]["p95"] for s in summaries], "ms")
    show("dropped", [100 * s["frames_dropped"] / max(1, s["frames_read"]) for s in summaries], "% of the frames read")
    return 0


def seconds(command: list[str]) -> tuple[float, str]:
    """Run a command: how long it took from start to exit, and its last line of output."""
    started = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return time.perf_counter() - started, (done.stdout.splitlines() or [""])[-1]


def show(what: str, values: list[float], unit: str) -> None:
    """One figure, with its spread."""
    print(f"{what:26} {statistics.median(values):8.2f} {unit}   ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    raise SystemExit(main())
