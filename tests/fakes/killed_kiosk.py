"""A kiosk to be killed: `python -m tests.fakes.killed_kiosk ARGUMENT...`.

For each line it reads it forks a process that is `faceapp ARGUMENT...` and nothing else, and says its pid; when that
has ended it says how. Forking saves importing everything each time. `Victim` is the other end, for a test.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faceapp.access.chain import Entry
from faceapp.app.audit import open_log
from tests.fakes.boards import Board
from tests.polling import until

ROOT = Path(__file__).parents[2]
PULSE = 0.3
"""Seconds, of the site's settings."""
SLACK = 1.0
"""Seconds in which a watchdog on two busy cores notices that its kiosk is gone."""


class Victim:
    """A context manager: a kiosk that is started and killed again and again. One thread uses it."""

    def __init__(self, data_dir: Path, film: Path, door: str) -> None:
        self._data_dir = data_dir
        self._words = ["kiosk", "--source", str(film), "--door", door, "--headless", "--liveness", "off"]
        self._words += ["--events", "-", "--data-dir", str(data_dir)]
        self._pid = 0
        self._left: list[int] = []
        self.interrupted = 0
        """How often a kill met an opening between its intention and its outcome."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.fakes.killed_kiosk", *self._words]
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
        self._popen.communicate()

    def start(self) -> None:
        """Run it until its door is ready and somebody's face was seen four times: the next one or two open."""
        assert self._popen.stdin is not None
        self._popen.stdin.write("go\n")
        self._popen.stdin.flush()
        self._pid = self._said("pid")["pid"]
        for _ in range(4):
            while not self._said("frame")["faces"]:
                pass

    def end(self, number: signal.Signals) -> int:
        """Send the signal; returns the exit status, or minus the signal that ended it."""
        os.kill(self._pid, number)
        self._pid = 0
        return int(self._said("end")["end"])

    def _said(self, kind: str) -> dict[str, Any]:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            try:
                event: dict[str, Any] = json.loads(line)
            except ValueError:
                continue  # the kill cut it off
            if event["type"] == kind:
                return event
        raise AssertionError("the kiosk's parent ended")

    def entries(self) -> list[Entry]:
        """The audit log's, which must be whole."""
        log = open_log(self._data_dir)
        assert log.verify() == []
        return list(log.entries())

    def unanswered(self) -> list[int]:
        """Numbers of the intentions without an outcome."""
        entries = self.entries()
        answered = {e.fields.get("intention") for e in entries if e.kind == "outcome"}
        return [e.number for e in entries if e.kind == "intention" and e.number not in answered]

    def killed_once(self, board: Callable[[], Board], dice: random.Random) -> float | None:
        """Start it, and kill it some time around an opening. Returns for how long the relay was pulled in, None where
        it wasn't. Everything that must hold afterwards is checked."""
        log = self._data_dir / "audit.jsonl"
        before = len(board().times(on=True))
        self.start()
        # What the kill before interrupted is marked. The next opening may have begun already: that isn't meant.
        until(lambda: not set(self._left).intersection(self.unanswered()))
        pause = threading.Event()
        if dice.random() < 0.5:
            pause.wait(dice.uniform(0.0, 0.3))
        else:  # in the middle of it, most of all
            size = log.stat().st_size
            until(lambda: log.stat().st_size != size, every=0.0005)
            pause.wait(dice.uniform(0.0, 0.03))
        assert self.end(signal.SIGKILL) == -signal.SIGKILL
        killed = time.monotonic()
        self._left = self.unanswered()
        self.interrupted += len(self._left)
        until(lambda: not board().on, PULSE + SLACK)
        pulled = board().times(on=True)[before:]
        assert len(pulled) <= 1
        if not pulled:
            return None
        released = min(at for at in board().times(on=False) if at >= pulled[0])
        assert released - max(pulled[0], killed - PULSE) < PULSE + SLACK
        return released - pulled[0]


def main() -> None:
    """The parent: forks, and waits."""
    import cv2  # noqa: F401 - imported once for all
    import onnxruntime  # noqa: F401

    import faceapp.app.kiosk.headless
    import faceapp.gallery.store  # noqa: F401
    from faceapp.cli.main import main as command

    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os.write(1, b'{"type": "pid", "pid": %d}\n' % os.getpid())
            sys.exit(command(sys.argv[1:]))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(1, b'\n{"type": "end", "end": %d}\n' % status)


if __name__ == "__main__":
    main()
