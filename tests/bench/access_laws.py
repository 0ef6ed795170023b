"""The laws of the door over 100,000 random stories (some 1.35 million frames); exits with 1 if one was broken.

    .venv/bin/python tests/bench/access_laws.py [--stories N] [--first SEED] [--processes N]

A seed it names is replayed with `--first SEED --stories 1`.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from faceapp.access.policy import AccessPolicy
from tests.fakes.access_histories import kind, lived_through, settings, story
from tests.fakes.access_laws import Laws

PORTION = 1_000


def portion(first: int, stories: int) -> tuple[dict[int, list[str]], Counter[str]]:
    """The broken laws by seed, and what was said how often."""
    broken, said = {}, Counter[str]()
    for seed in range(first, first + stories):
        rng = random.Random(seed)  # noqa: S311 - stories, not secrets
        chosen = settings(rng)
        lived = lived_through(AccessPolicy(chosen), story(rng, chosen))
        said.update(kind(s) if kind(s) == "Grant" else s.decision.reason.code for s in lived)
        if laws := Laws(chosen, lived).broken():
            broken[seed] = laws
    return broken, said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    start = time.perf_counter()
    broken: dict[int, list[str]] = {}
    said: Counter[str] = Counter()
    last = options.first + options.stories
    firsts = range(options.first, last, PORTION)
    sizes = [min(PORTION, last - first) for first in firsts]
    with ProcessPoolExecutor(options.processes) as pool:
        for found, counts in pool.map(portion, firsts, sizes):
            broken.update(found)
            said.update(counts)
    seconds = time.perf_counter() - start
    print(f"{options.stories} stories, {said.total()} frames, {said['Grant']} openings: {seconds:.1f} s")
    print("  " + ", ".join(f"{code} {n}" for code, n in said.most_common() if code != "Grant"))
    for seed, laws in list(broken.items())[:10]:
        print(f"  seed {seed}: {'; '.join(laws)}")
    print(f"  laws broken in {len(broken)} stories")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
