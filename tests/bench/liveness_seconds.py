"""How long the door takes with its questions, from the first frame to the grant, and where the seconds go.

    OMP_NUM_THREADS=1 python -m tests.bench.liveness_seconds [--count 300] [--fps 15 20 30] [--lag 0.06]

Invented people (`tests/fakes/heads.py`) before the real examiner and the real policy, in film time. `lag`: seconds from
a frame's capture until the screen shows what it led to. Exit status 1 where nine in ten need four seconds or more at 30
frames a second.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from faceapp.access.decisions import Grant
from faceapp.app.kiosk.life import Examiner
from tests.fakes.examined import SAME_PERSON, Kiosk, Somebody
from tests.fakes.heads import Person

LIMIT = 60.0


@dataclass(slots=True)
class Visit:
    """Somebody's way in."""

    seconds: float | None = None
    """None: they were not let in."""
    attempt: int = 1
    parts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds for each thing they were told, in the first try."""


def visit(number: int, fps: float, lag: float) -> Visit:
    """The same person at every frame rate."""
    kiosk = Kiosk(Examiner(same_person=SAME_PERSON, life=8.0), fps=fps, lag=lag)
    somebody = Somebody(Person(np.random.default_rng([8, 5, number])).points)
    found, began = Visit(), kiosk.now
    while kiosk.now - began < LIMIT:
        granted = isinstance(kiosk.frame(somebody), Grant)
        asked = kiosk.examined.question
        found.attempt = max(found.attempt, 1 if asked is None else asked.attempt)
        found.parts["nothing" if asked is None else part(asked.instruction, asked.done)] += 1 / fps
        if granted:
            found.seconds = kiosk.now - began
            break
    return found


def part(instruction: str, done: int) -> str:
    """What the time is spent on."""
    if instruction in ("look_here", "once_more"):
        return "reference"
    return f"back {done}" if instruction == "look_back" else f"answer {done + 1}"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--fps", type=float, nargs="+", default=[15, 20, 30])
    parser.add_argument("--lag", type=float, default=0.06)
    arguments = parser.parse_args()
    slow = False
    for fps in arguments.fps:
        visits = [visit(n, fps, arguments.lag) for n in range(arguments.count)]
        seconds = [v.seconds for v in visits if v.seconds is not None]
        first = [v for v in visits if v.seconds is not None and v.attempt == 1]
        p50, p90, p95 = np.percentile(seconds, [50, 90, 95])
        ten = np.percentile([v.seconds for v in first if v.seconds is not None], 90)
        print(f"{fps:g} frames a second: {len(seconds)} of {len(visits)} let in, {len(first)} in the first try")
        print(f"  seconds p50 {p50:.1f}, p90 {p90:.1f}, p95 {p95:.1f}; of the first tries p90 {ten:.1f}")
        names = sorted({name for v in first for name in v.parts}, key=lambda n: (n[-1], n))
        print("  mean: " + ", ".join(f"{n} {np.mean([v.parts[n] for v in first]):.2f}" for n in names))
        slow = slow or (fps >= 30 and p90 >= 4)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
