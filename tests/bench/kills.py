"""Kill a kiosk with `kill -9` at random moments around an opening: `python -m tests.bench.kills [KILLS] [SEED]`.

Each time the log must verify, the next start must mark what was interrupted, and the USB relay (a pseudo-terminal) must
be released. Stops at the first time that this doesn't hold. Needs nothing but the project."""

from __future__ import annotations

import random
import signal
import sys
import tempfile
from pathlib import Path

from faceapp import images, paths
from tests.fakes.boards import plugged
from tests.fakes.entrance import site_with_ada
from tests.fakes.killed_kiosk import Victim
from tests.fakes.walk_up import walk_up


def main() -> None:
    """Count what the kills met."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)  # noqa: S311 - moments
    with tempfile.TemporaryDirectory() as folder:
        data_dir = site_with_ada(Path(folder) / "data")
        film = walk_up(Path(folder) / "film", images.read_image(paths.resource("astronaut.jpg")), 90)
        with plugged(Path(folder)) as cable, Victim(data_dir, film, cable.url) as victim:
            pulled = [victim.killed_once(lambda: cable.board, dice) for _ in range(kills)]
            victim.start()
            status = victim.end(signal.SIGTERM)
            left = victim.unanswered()
    longest = max((p for p in pulled if p is not None), default=0.0)
    times = sum(p is not None for p in pulled)
    print(f"{kills} kills, {victim.interrupted} in the middle of an opening; left unmarked: {left}")
    print(f"the relay had pulled in {times} times, for {longest:.2f} s at most with a pulse of 0.30 s")
    print(f"the log verified each time; ended by SIGTERM with exit status {status}")


if __name__ == "__main__":
    main()
