"""Real processes, killed at random moments while they write, prune or open: afterwards the log verifies, nothing that
was confirmed is missing, and the door is shut."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from faceapp.access.audit import AuditLog
from faceapp.access.chain import CHECKPOINT
from faceapp.access.door_thread import DoorThread
from faceapp.access.opening import DoorOptions
from tests.fakes.doors import ScriptedDoor, always
from tests.fakes.killed import KEY

ROOT = Path(__file__).parents[3]
KILLS = {"append": 25, "prune": 25, "door": 25}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")


class Victim:
    """The program, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.killed", str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def killed_after(self, job: str, lines: int, seconds: float) -> list[str]:
        """What the job said until it was killed, some `seconds` after its so many lines."""
        said: list[str] = []
        print(job, file=pipe(self.process.stdin), flush=True)
        pid = int(pipe(self.process.stdout).readline().split()[1])
        for _ in range(lines):
            said.append(pipe(self.process.stdout).readline().strip())
        threading.Event().wait(seconds)
        os.kill(pid, signal.SIGKILL)
        while (line := pipe(self.process.stdout).readline().strip()) != "end":
            assert line, "the program ended"
            said.append(line)
        return said


def pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None
    return end


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    victim = Victim(tmp_path / "door")
    yield victim
    victim.process.kill()
    victim.process.communicate()


@pytest.mark.parametrize("job", KILLS)
def test_killed_at_any_moment_the_log_verifies_and_nothing_confirmed_is_lost(
    victim: Victim, tmp_path: Path, job: str
) -> None:
    rng = random.Random(job)  # noqa: S311 - moments, not secrets
    for kill in range(KILLS[job]):
        said = victim.killed_after(job, rng.randrange(4), rng.random() * 0.02)
        log = AuditLog.open_existing(tmp_path / "door", KEY)
        if log is None:
            continue  # killed before it wrote anything at all
        assert log.verify() == [], f"kill {kill}, before anybody tidied up"
        entries = list(AuditLog.open(tmp_path / "door", KEY).entries())
        assert log.verify() == [], f"kill {kill}"
        oldest, newest = entries[0], entries[-1]
        confirmed = [int(line.split()[1]) for line in said if line.startswith("entry")]
        assert max(confirmed, default=0) <= newest.number
        if oldest.kind != CHECKPOINT:
            assert [e.number for e in entries] == list(range(1, newest.number + 1))


def test_killed_while_opening_there_was_an_intention_first_and_the_next_start_shuts(
    victim: Victim, tmp_path: Path
) -> None:
    rng = random.Random(1)  # noqa: S311 - moments, not secrets
    opened = interrupted = 0
    log = AuditLog.open(tmp_path / "door", KEY)
    for _ in range(KILLS["door"]):
        said = victim.killed_after("door", rng.randrange(3), rng.random() * 0.01)
        opened += said.count("door")
        kinds = [e.kind for e in log.entries()]
        assert kinds.count("intention") >= opened, "no opening without an intention on the disk"
        door = ScriptedDoor()
        thread = DoorThread(door, log, always, options=DoorOptions(look_every=0.001))
        thread.start()
        while "state" not in door.calls:
            threading.Event().wait(0.001)
        assert thread.stop(5)
        assert door.calls[0] == "shut"
        assert "open" not in door.calls, "what was under way is not taken up again"
        outcomes = [e.fields["outcome"] for e in log.entries() if e.kind == "outcome"]
        assert len(outcomes) == [e.kind for e in log.entries()].count("intention")
        interrupted = outcomes.count("interrupted")
        assert log.verify() == []
    assert opened > 10
    assert interrupted > 0
