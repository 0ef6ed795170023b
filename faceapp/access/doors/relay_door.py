"""`serial:` and `gpio:`: a relay held by a process of its own, which releases it whatever happens (`watchdog.py`).

This side starts that process, asks it, and waits no longer than it may. Should the process die first, the relay is
released from here at once, the door is out of order for a moment, and a new process is started.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import faceapp
from faceapp.access.door import DoorReply, DoorState
from faceapp.access.doors.relay import Relay, relay_of
from faceapp.errors import KnownError, UnavailableError

SLOWEST_START = 15.0
"""Seconds after which a process that isn't ready is given up; a busy machine may take a while."""

_MARGIN = 0.05
"""Seconds before the caller's limit at which we give up, so as to be back in time."""
_RELEASES = 5
"""How often the relay is released from here after its process died, until it worked."""

_ADVICE = {
    "not there": "plug it in, or correct the door's address",
    "not allowed": "let this user use it (on Debian: the group dialout, for GPIO gpio)",
    "in use": "end the other program that uses it",
    "no answer": "check that the board is of the kind that the door's address says",
    "does not switch": "the relay is stuck or the board defective",
}

_log = logging.getLogger(__name__)


class RelayDoor:
    """One relay. Used by the door thread; what the process says is read by a thread for each process."""

    def __init__(
        self, url: str, relay: Callable[[], Relay], command: Sequence[str], *, name: str, start_limit: float
    ) -> None:
        """`relay` makes what releases it from here; `command` starts the process that keeps it, given `url`."""
        self.name = name
        self._url = url
        self._make = relay
        self._command = command
        self._start_limit = start_limit
        self._process: _Process | None = None

    @classmethod
    def from_url(cls, url: str, *, start_limit: float = SLOWEST_START) -> Self:
        """Starts nothing. Raises UsageError for an address that can't be."""
        name = relay_of(url).name
        # -P: the folder of this very module has a secrets.py, and the standard library's is meant by others.
        command = [sys.executable, "-P", "-m", "faceapp.access.doors.watchdog"]
        return cls(url, lambda: relay_of(url), command, name=name, start_limit=start_limit)

    def open(self, pulse: float, timeout: float) -> DoorReply:
        """Pull it in; the process releases it after `pulse` seconds."""
        try:
            answer = self._asked("open", timeout, pulse=pulse)
        except TimeoutError:
            return DoorReply("unreachable", "timeout")
        except (OSError, KnownError):
            return DoorReply("unreachable", "watchdog ended")
        if answer.get("ok"):
            return DoorReply("opened", confirmed=bool(answer.get("confirmed")))
        return DoorReply("failed" if answer["error"] == "does not switch" else "unreachable", answer["error"])

    def state(self, timeout: float) -> DoorState:
        """What the board says, `unknown` where it can't be asked."""
        said = self._kindly("state", timeout)["state"]
        return said if said in ("shut", "open") else "unknown"

    def shut(self, timeout: float) -> None:
        """Release it."""
        self._kindly("shut", timeout)

    def close(self) -> None:
        """Let the process release the relay and end."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _kindly(self, action: str, timeout: float) -> dict[str, Any]:
        """As `_asked`, with a line for the administrator where the relay can't be used."""
        answer = self._asked(action, timeout)
        if not answer.get("ok"):
            what = answer["error"]
            advice = _ADVICE.get(what, "check the cable")
            raise UnavailableError(answer.get("line") or f"the relay at {self.name} cannot be used ({what}): {advice}")
        return answer

    def _asked(self, action: str, timeout: float, **fields: float) -> dict[str, Any]:
        """The process's answer. Raises OSError, and UnavailableError where the process had ended by itself."""
        end = time.monotonic() + timeout - min(_MARGIN, timeout / 10)
        process = self._running(end)
        if not process.ready.wait(max(0.0, end - time.monotonic())):
            if process.age() > self._start_limit:
                process.kill()
            raise TimeoutError("the door's process is starting")
        try:
            return process.ask(action, end, **fields)
        except TimeoutError:
            process.kill()  # the relay is released from here
            raise

    def _running(self, end: float) -> _Process:
        """The process, started if there is none."""
        process = self._process
        if process is not None and process.leaving:  # we killed it: the next may start when the relay was released
            if not process.over.wait(max(0.0, end - time.monotonic())):
                raise TimeoutError("the relay is being released")
            self._process = process = None
        if process is not None and process.ended.is_set():
            self._process = None
            raise UnavailableError(f"the process that keeps {self.name} ended: it is started again")
        if process is None:
            process = self._process = _Process([*self._command, self._url], self._release)
        return process

    def _release(self) -> None:
        """Without the process. On the thread that noticed its end."""
        relay = self._make()
        pause = threading.Event()
        for _ in range(_RELEASES):
            try:
                relay.connect()
                relay.switch(False)
            except (OSError, KnownError) as e:
                _log.warning("the relay at %s could not be released: %s", self.name, e)
                pause.wait(0.2)
            else:
                _log.warning("the relay at %s was released after its process had ended", self.name)
                return
            finally:
                relay.disconnect()


class _Process:
    """One watchdog process and the thread that reads what it says."""

    def __init__(self, command: Sequence[str], release: Callable[[], None]) -> None:
        """Starts it. `release` is called when it ends unasked. Raises OSError."""
        self.ready = threading.Event()
        """Set once it takes commands, and when it ended."""
        self.ended = threading.Event()
        self.over = threading.Event()
        """Set when it has ended and the relay was released if need be."""
        self.leaving = False
        """We wanted it to end."""
        self._release = release
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._number = 0
        self._started = time.monotonic()
        root = str(Path(faceapp.__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FACEAPP_DOOR_")}
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module; the address is one argument
            list(command), bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**environment, "PYTHONPATH": path},
            start_new_session=os.name == "posix",  # what ends our terminal's programs doesn't end it
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )  # fmt: skip
        threading.Thread(target=self._read, name="door-process", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._popen.pid

    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    def ask(self, action: str, end: float, **fields: float) -> dict[str, Any]:
        """Its answer. Raises TimeoutError at `end` (monotonic seconds) and OSError where it has ended."""
        self._number += 1
        line = json.dumps({"id": self._number, "action": action, **fields, "until": end})
        assert self._popen.stdin is not None  # noqa: S101 - for mypy: it is a pipe
        try:
            self._popen.stdin.write(line.encode() + b"\n")
        except ValueError as e:  # closed by our thread
            raise BrokenPipeError("the door's process ended") from e
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError("the door's process does not answer") from None
            if answer is None:
                raise BrokenPipeError("the door's process ended")
            if answer.get("id") == self._number:
                return answer

    def kill(self) -> None:
        """At once. The relay is then released from here."""
        self.leaving = True
        self._popen.kill()

    def end(self) -> None:
        """Ask it to release the relay and end."""
        self.leaving = True
        with contextlib.suppress(OSError):
            if self._popen.stdin is not None:
                self._popen.stdin.close()
        self.over.wait(1.0)  # one that can't release the relay yet goes on trying for a minute: it isn't killed

    def _read(self) -> None:
        """On the thread."""
        try:
            with self._popen:  # which waits for its end
                for line in self._popen.stdout or ():
                    said = json.loads(line)
                    if said.get("ready"):
                        self.ready.set()
                    else:
                        self._answers.put(said)
        except (OSError, ValueError) as e:
            _log.warning("the door's process cannot be understood", exc_info=e)
        finally:
            self.ended.set()
            self._answers.put(None)
            self.ready.set()
            if self._popen.returncode != 0:
                self._release()
            self.over.set()
