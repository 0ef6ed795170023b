"""The process that holds a relay and always releases it: `python -m faceapp.access.doors.watchdog ADDRESS`.

Relay boards have no timer, so a relay pulled in by a program that dies stays pulled in. This small program of its own,
in its own session, holds the device for the kiosk. It releases the relay when it starts, when a pulse is over, when it
is asked to, and when the kiosk is gone: its standard input then ends, whatever killed the kiosk. Before it pulls a
relay in it has noted that it must release it and when. A release that fails (the cable is out) is tried until it works.

Each line of its input is a JSON object, `{"id", "action": "open"|"shut"|"state", "pulse": seconds, "until": …}`, where
`until` is the moment (time.monotonic, which all processes share) from which on the caller doesn't wait any more and
nothing is opened. Each line of its output answers one.

If this process is killed the kiosk notices and releases the relay itself. If both are killed at the same moment, or the
machine stops while its USB ports keep their power, the relay stays as it is until faceapp starts again: only a door
controller with a timer of its own helps against that.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from faceapp.access.doors.relay import Relay, StuckError, relay_of
from faceapp.errors import KnownError

Command: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]

AGAIN = 0.25
"""Seconds after which a release that failed is tried again, and between two looks for the kiosk's process."""
TRIES_AT_THE_END = 240
"""How often a release is tried when the kiosk is gone: for a minute."""

_CODES = {
    errno.ENOENT: "not there",
    errno.EACCES: "not allowed",
    errno.EPERM: "not allowed",
    errno.EBUSY: "in use",
    errno.EAGAIN: "in use",  # pyserial's lock
    errno.ETIMEDOUT: "no answer",
}


class Keeper:
    """Keeps one relay. All of it runs on one thread; commands come through a queue, None when there are no more."""

    def __init__(
        self,
        relay: Relay,
        commands: queue.SimpleQueue[Command | None],
        say: Callable[[Answer], None],
        *,
        gone: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`say` sends an answer, `gone` tells that the kiosk's process has ended."""
        self._relay = relay
        self._commands = commands
        self._say = say
        self._gone = gone
        self._now = now
        self._owed = True
        """The relay may be pulled in: what an earlier run left behind isn't known."""
        self._release_at = 0.0
        self._pulled = False
        """We pulled it in, and haven't released it since."""
        self._error: Exception | None = None

    def run(self) -> None:
        """Until the commands end; then release."""
        self._release()
        self._say({"ready": True})
        while True:
            if self._owed and self._now() >= self._release_at:
                self._release()
            try:
                command = self._commands.get(timeout=self._patience())
            except queue.Empty:
                if self._gone():
                    break
                continue
            if command is None:
                break
            self._say({"id": command["id"], **self._obeyed(command)})
        self._leave()

    def _leave(self) -> None:
        """Release what we pulled in, for a minute if need be; what we never could use is another one's."""
        pause = threading.Event()
        for _ in range(TRIES_AT_THE_END if self._pulled else 1):
            if self._owed:
                self._release()
            if not self._owed:
                break
            pause.wait(AGAIN)
        self._relay.disconnect()

    def _patience(self) -> float:
        """Seconds until something must be done unasked."""
        return min(AGAIN, max(0.0, self._release_at - self._now())) if self._owed else AGAIN

    def _release(self) -> None:
        """Release the relay, or note that it's still to be done and when."""
        try:
            self._relay.connect()
            self._relay.switch(False)
        except (OSError, KnownError) as e:
            self._failed(e)
            self._owed, self._release_at = True, self._now() + AGAIN
        else:
            self._owed, self._pulled, self._error = False, False, None

    def _failed(self, e: Exception) -> None:
        self._error = e
        self._relay.disconnect()

    def _obeyed(self, command: Command) -> Answer:
        match command["action"]:
            case "open":
                return self._open(command["pulse"], command["until"])
            case "shut":
                self._release()
                return self._trouble() if self._owed else {"ok": True}
            case _:
                return self._looked()

    def _open(self, pulse: float, until: float) -> Answer:
        began = self._now()
        if began >= until:
            return {"error": "late"}
        self._owed, self._release_at = True, began + pulse  # before anything is pulled in
        try:
            self._relay.connect()
            self._pulled = True
            confirmed = self._relay.switch(True)
        except (OSError, KnownError) as e:
            self._failed(e)
            trouble = self._trouble()
            self._release()
            return trouble
        if self._now() >= until:
            self._release()
            return {"error": "late"}
        return {"ok": True, "confirmed": confirmed}

    def _looked(self) -> Answer:
        """While nothing is open the release is said again: it does no harm, and shows that the board takes commands."""
        if not self._owed or self._error is not None:
            self._release()
            if self._owed:
                return self._trouble()
        try:
            return {"ok": True, "state": self._relay.look()}
        except (OSError, KnownError) as e:
            self._failed(e)
            return self._trouble()

    def _trouble(self) -> Answer:
        """What is wrong, as a code, and as a line where there is one."""
        e = self._error
        if isinstance(e, KnownError):
            return {"error": "unavailable", "line": str(e)}
        if isinstance(e, StuckError):
            return {"error": "does not switch"}
        if isinstance(e, TimeoutError) or "Timeout" in type(e).__name__:  # pyserial's is not a TimeoutError
            return {"error": "no answer"}
        return {"error": _CODES.get(getattr(e, "errno", None) or 0, "disconnected")}


def _lines(handle: int) -> Iterator[bytes]:
    """Of a pipe. Not through `sys.stdin`: a thread that reads it can't be ended with the program."""
    rest = b""
    while chunk := os.read(handle, 4096):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _listen(commands: queue.SimpleQueue[Command | None]) -> None:
    try:
        for line in _lines(0):
            commands.put(json.loads(line))
    finally:
        commands.put(None)


def _say(answer: Answer) -> None:
    with contextlib.suppress(OSError):  # the kiosk is gone: the end of the input will say so
        os.write(1, json.dumps(answer).encode() + b"\n")


def main() -> None:
    """Keep the relay whose address is the one argument."""
    commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
    for name in ("SIGINT", "SIGHUP"):  # of the kiosk's terminal, should they get here: releasing comes first
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: commands.put(None))
    kiosk = os.getppid()
    threading.Thread(target=_listen, args=(commands,), name="commands", daemon=True).start()
    Keeper(relay_of(sys.argv[1]), commands, _say, gone=lambda: os.getppid() != kiosk).run()


if __name__ == "__main__":
    main()
