"""`serial:/dev/ttyUSB0?board=lcus1`: a USB relay board, through pyserial.

A board that is unplugged and plugged in again may get another name: `/dev/serial/by-id/…` stays. None of these boards
has a timer: the pulse is the watchdog's (`watchdog.py`), which holds the port.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Self

from faceapp.access.door import DoorState
from faceapp.access.doors.boards import BOARDS, Board
from faceapp.access.doors.relay import StuckError, number, split
from faceapp.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from serial import Serial

_EXAMPLE = "serial:/dev/ttyUSB0?board=lcus1&relay=1"
_PATIENCE = 0.4
"""Seconds that a board may take to take a command or to answer."""


class SerialRelay:
    """One relay of one board. Used by one thread."""

    def __init__(self, port: str, board: str, relay: int, baud: int) -> None:
        """`port`: a device's path, or COM3. `board`: one of BOARDS. `relay`: as its maker counts."""
        self.name = f"serial:{port}"
        self._path = port
        self._board: Board = BOARDS[board]
        self._relay = relay
        self._baud = baud
        self._port: Serial | None = None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """`serial:PORT?board=B`, with `relay` (default: the first) and `baud` (default: the board's). Raises
        UsageError."""
        place, options = split(url, _EXAMPLE, "board", "relay", "baud")
        board = BOARDS.get(options.get("board", ""))
        if board is None:
            raise UsageError(f"a serial door needs its board, one of {', '.join(BOARDS)}: {_EXAMPLE}")
        relay = number(options.get("relay", str(board.first)), board.first, board.last, "the relay of this board")
        baud = number(options.get("baud", str(board.baud)), 300, 4_000_000, "the baud rate of a serial door")
        return cls(place, options["board"], relay, baud)

    def connect(self) -> None:
        """Open the port for us alone."""
        if self._port is not None:
            return
        try:
            from serial import Serial
        except ImportError as e:
            raise UnavailableError("a serial door needs the Python package pyserial: install it") from e
        self._port = Serial(self._path, self._baud, timeout=_PATIENCE, write_timeout=_PATIENCE, exclusive=True)

    def switch(self, on: bool) -> bool:
        """Tell it, and ask it where it can be asked: StuckError if it then says otherwise."""
        self._exchange(self._board.command(self._relay, on), self._board.prompt)
        said = self._asked()
        if said is not None and said != on:
            raise StuckError(f"the board says that the relay is {'on' if said else 'off'}")
        return said is not None

    def look(self) -> DoorState:
        """Ask it."""
        said = self._asked()
        if said is None:
            _ = self._opened.in_waiting  # an unplugged device is noticed by this
            return "unknown"
        return "open" if said else "shut"

    def disconnect(self) -> None:
        """Close the port."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(Exception):  # of a device that is gone; and `termios.error` is no OSError
                port.close()

    @property
    def _opened(self) -> Serial:
        if self._port is None:
            raise OSError("not connected")
        return self._port

    def _asked(self) -> bool | None:
        """Whether it is on; None where it can't be asked. Raises OSError where it doesn't answer."""
        board = self._board
        if board.question is None or board.answer is None or self._relay > board.asks_up_to:
            return None
        reply = self._exchange(board.question(self._relay), board.reply)
        said = board.answer(self._relay, reply)
        if said is None:
            raise TimeoutError("the board does not answer")
        return said

    def _exchange(self, data: bytes, until: int | bytes) -> bytes:
        """Send, and read so many bytes or up to a mark."""
        port = self._opened
        port.read(port.in_waiting)  # what is left of earlier answers
        port.write(data)
        self._wait_until_sent(port)
        if isinstance(until, bytes):
            return bytes(port.read_until(until)) if until else b""
        return bytes(port.read(until))

    @staticmethod
    def _wait_until_sent(port: Serial) -> None:
        """What lies in the system's buffer could still switch a relay long after. Raises TimeoutError."""
        end, pause = time.monotonic() + _PATIENCE, threading.Event()
        while port.out_waiting:
            if time.monotonic() >= end:
                with contextlib.suppress(Exception):  # as above
                    port.reset_output_buffer()
                raise TimeoutError("the board takes nothing")
            pause.wait(0.005)
