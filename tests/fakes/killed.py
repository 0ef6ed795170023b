"""A program to be killed: `python -m tests.fakes.killed FOLDER`.

For each line it reads, the name of a job, it forks a process that does the job for ever and says on standard output
what is done for good; the test kills that process. Forking saves importing everything a hundred times.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from faceapp.access.audit import AuditLog
from faceapp.access.door import DoorReply, SimulatedDoor
from faceapp.access.door_thread import DoorThread
from faceapp.access.opening import DoorOptions
from tests.fakes.doors import PERSON, always, grant_at

KEY = bytes(range(32))


def say(*words: object) -> None:
    """A line at once, in one call."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class TellingDoor(SimulatedDoor):
    """Says when it opens."""

    def open(self, pulse: float, timeout: float) -> DoorReply:
        """Open, and say so first."""
        say("door")
        return super().open(pulse, timeout)


def append(log: AuditLog) -> None:
    """Write entries."""
    while True:
        say("entry", log.append("denied", person=PERSON, distance=0.5, reason="not_recognised").number)


def prune(log: AuditLog) -> None:
    """Write entries and prune all but the last few."""
    while True:
        for _ in range(3):
            say("entry", log.append("denied", reason="tie").number)
        log.prune(datetime.now(UTC))


def door(log: AuditLog) -> None:
    """Open the door again and again."""
    thread = DoorThread(TellingDoor(), log, always, options=DoorOptions(pulse=0.0))
    thread.start()
    pause = threading.Event()
    while True:
        before = thread.last
        if thread.submit(grant_at(time.monotonic_ns()), {"person": PERSON, "reason": "granted"}):
            while thread.last is before:
                pause.wait(0.0005)


def main() -> None:
    folder = Path(sys.argv[1])
    jobs = {"append": append, "prune": prune, "door": door}
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            say("pid", os.getpid())
            jobs[line.strip()](AuditLog.open(folder, KEY))
        os.waitpid(child, 0)
        say("end")


if __name__ == "__main__":
    main()
