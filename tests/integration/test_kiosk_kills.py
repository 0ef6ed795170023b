"""`kill -9` of a kiosk around an opening: afterwards the log verifies, what was interrupted is marked, and the relay is
released. `tests/bench/kills.py` does it a hundred times."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from faceapp.cli.main import main
from faceapp.types import BgrImage
from tests.fakes.boards import plugged
from tests.fakes.entrance import site_with_ada
from tests.fakes.killed_kiosk import Victim
from tests.fakes.walk_up import walk_up

KILLS = 8


@pytest.mark.usefixtures("models_dir")
def test_killed_at_any_moment_around_an_opening(data_dir: Path, tmp_path: Path, astronaut: BgrImage) -> None:
    site_with_ada(data_dir)
    film = walk_up(tmp_path / "film", astronaut, 90)
    dice = random.Random(3)  # noqa: S311 - moments
    with plugged(tmp_path) as cable, Victim(data_dir, film, cable.url) as victim:
        pulled = [victim.killed_once(lambda: cable.board, dice) for _ in range(KILLS)]
        victim.start()
        assert victim.end(signal.SIGTERM) == 0
        assert victim.unanswered() == []
        outcomes = [e.fields["outcome"] for e in victim.entries() if e.kind == "outcome"]
    assert any(pulled), "no kill came after the relay had pulled in: look at the moments"
    assert outcomes.count("interrupted") == victim.interrupted
    assert not cable.board.on
    assert main(["audit", "verify", "--data-dir", str(data_dir)]) == 0
