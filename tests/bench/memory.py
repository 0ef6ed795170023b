"""Is the live window's memory flat, and small? It runs off screen, in real time, on the demonstration without end.

    .venv/bin/python -m tests.bench.memory [--minutes 20] [--source demo:]

One person and six take turns in the demonstration; they are found, followed, embedded, named and painted as ever.
Resident memory is read every second; printed is the mean of each minute and, from the second minute on, the slope of a
straight line through these means with its 95 % interval. Fails where the whole interval lies above a megabyte an hour,
and where memory passes 800 MB: it is promised below that.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

MOST_MB = 800
_T95 = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 8: 2.31, 10: 2.23, 12: 2.18, 16: 2.12, 20: 2.09}
"""Student's t, two-sided 95 %, by degrees of freedom."""


def window(source: str) -> int:
    """The live window, in this process, until it is told to close."""
    from faceapp.app.live import LiveSession
    from faceapp.app.parts import Parts
    from faceapp.gui.run import run_window

    session = LiveSession.demonstration(Parts.open()) if source == "demo:" else LiveSession.open(Parts.open(), source)
    status = run_window(session, ["faceapp"])
    stats = session.stats()
    print(f"{stats.frames_read} frames read, {stats.frames_processed} recognised", file=sys.stderr)
    return status


def resident_mb(pid: int) -> float:
    """Of another process, now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def slope(values: Sequence[float]) -> tuple[float, float]:
    """Of a straight line through values one apart: what it rises by each step, and the half-width of its 95 %
    interval (least squares; infinite with fewer than three)."""
    n = len(values)
    if n < 3:
        return 0.0, math.inf
    middle, mean = (n - 1) / 2, statistics.fmean(values)
    spread = sum((k - middle) ** 2 for k in range(n))
    rise = sum((k - middle) * (v - mean) for k, v in enumerate(values)) / spread
    left = sum((v - mean - rise * (k - middle)) ** 2 for k, v in enumerate(values))
    t = _T95[max(k for k in _T95 if k <= n - 2)]
    return rise, t * math.sqrt(left / (n - 2) / spread)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--source", default="demo:")
    parser.add_argument("--window", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.window:
        return window(options.source)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "FACEAPP_DATA_DIR": f"{folder}/data",
            "FACEAPP_KEYS_DIR": f"{folder}/keys",
        }
        command = [sys.executable, "-m", "tests.bench.memory", "--window", "--source", options.source]
        child = subprocess.Popen(command, env=environment)
        minutes: list[float] = []
        most = 0.0
        try:
            end = time.monotonic() + 60 * options.minutes
            while time.monotonic() < end:
                seconds = []
                turn = min(end, time.monotonic() + 60)
                while time.monotonic() < turn:
                    time.sleep(1)
                    if child.poll() is not None:
                        raise SystemExit("the window closed before its time")
                    seconds.append(resident_mb(child.pid))
                minutes.append(statistics.fmean(seconds))
                most = max(most, *seconds)
                print(f"minute {len(minutes):3}: {minutes[-1]:7.1f} MB, most so far {most:.1f}", flush=True)
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)
    rise, half = slope(minutes[1:])
    if math.isinf(half):
        raise SystemExit("too short to tell: at least 4 minutes")
    flat = rise - half <= 1 / 60
    print(f"slope from the second minute on: {60 * rise:+.1f} MB an hour, 95 % interval ± {60 * half:.1f}: ", end="")
    print("flat within its noise" if flat else "it grows")
    print(f"at most {most:.0f} MB: {'under' if most < MOST_MB else 'NOT under'} {MOST_MB}")
    return 0 if flat and most < MOST_MB else 1


if __name__ == "__main__":
    raise SystemExit(main())
