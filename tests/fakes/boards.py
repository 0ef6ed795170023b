"""A relay board at the other end of a pseudo-terminal, as its maker describes it."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LCUS_ON, LCUS_OFF = bytes.fromhex("A00101A2"), bytes.fromhex("A00100A1")


class Board:
    """Takes bytes on a thread of its own and notes when. Subclasses understand them, and answer."""

    url_options = ""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        self._slave = slave
        """Held, so that a port without a user isn't a cable pulled."""
        self.on = False
        self.mute = False
        """Takes everything and does nothing."""
        self.changes: list[tuple[float, bool]] = []
        """When (time.monotonic) it was told to pull in or release."""
        self._rest = b""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def times(self, on: bool) -> list[float]:
        """When it was told so."""
        return [at for at, was in list(self.changes) if was == on]

    def unplug(self) -> None:
        """The cable is pulled: the port is gone, whoever has it open."""
        self._over.set()
        self._thread.join()
        for handle in (self._slave, self._master):
            with suppress(OSError):
                os.close(handle)

    def _run(self) -> None:
        while not self._over.is_set():
            if select.select([self._master], [], [], 0.01)[0]:
                data = os.read(self._master, 4096)
                if not self.mute:
                    self._rest = self.understand(self._rest + data)

    def switched(self, on: bool) -> None:
        """It was told to."""
        self.on = on
        self.changes.append((time.monotonic(), on))

    def say(self, data: bytes) -> None:
        """To whoever asked."""
        os.write(self._master, data)

    def understand(self, data: bytes) -> bytes:
        """Do what the bytes say; returns what isn't complete."""
        raise NotImplementedError


class LcusBoard(Board):
    """Says nothing."""

    url_options = "board=lcus1"

    def understand(self, data: bytes) -> bytes:
        """Frames of four."""
        while len(data) >= 4:
            frame, data = data[:4], data[4:]
            assert frame in (LCUS_ON, LCUS_OFF), frame
            self.switched(frame == LCUS_ON)
        return data


class KmtronicBoard(Board):
    """Its second relay is ours."""

    url_options = "board=kmtronic&relay=2"

    def understand(self, data: bytes) -> bytes:
        """Frames of three."""
        while len(data) >= 3:
            frame, data = data[:3], data[3:]
            assert frame[:2] == b"\xff\x02", frame
            if frame[2] == 3:
                self.say(bytes([0xFF, 2, self.on]))
            else:
                self.switched(frame[2] == 1)
        return data


class NumatoBoard(Board):
    """Its eleventh relay, which is A, is ours. It echoes and prompts."""

    url_options = "board=numato&relay=10"

    def understand(self, data: bytes) -> bytes:
        """Lines."""
        while b"\r" in data:
            line, _, data = data.partition(b"\r")
            answer = b""
            match line:
                case b"relay on A":
                    self.switched(True)
                case b"relay off A":
                    self.switched(False)
                case b"relay read A":
                    answer = (b"on" if self.on else b"off") + b"\n\r"
                case _:
                    raise AssertionError(line)
            self.say(line + b"\n\r" + answer + b">")
        return data


class DevantechBoard(Board):
    """Its third relay is ours, and the first is on."""

    url_options = "board=devantech&relay=3"

    def understand(self, data: bytes) -> bytes:
        """Bytes."""
        for byte in data:
            match byte:
                case 0x67:
                    self.switched(True)
                case 0x71:
                    self.switched(False)
                case 0x5B:
                    self.say(bytes([0b0001 | self.on << 2]))
                case _:
                    raise AssertionError(byte)
        return b""


class StuckBoard(KmtronicBoard):
    """Its relay never pulls in."""

    def switched(self, on: bool) -> None:
        """It was told to, in vain."""
        super().switched(on)
        self.on = False


class Cable:
    """A port with a name that stays, at which a board can be plugged in and out."""

    def __init__(self, folder: Path, kind: type[Board] = LcusBoard) -> None:
        self.link = folder / "ttyRelay"
        self._kind = kind
        self.boards: list[Board] = []
        self.plug_in()

    def plug_in(self) -> Board:
        """A board, freshly powered."""
        self.boards.append(self._kind())
        self.link.symlink_to(self.board.port)
        return self.board

    def pull(self) -> None:
        """It is gone."""
        self.link.unlink()
        self.board.unplug()

    @property
    def board(self) -> Board:
        """The newest."""
        return self.boards[-1]

    @property
    def url(self) -> str:
        """The door's address."""
        return f"serial:{self.link}?{self.board.url_options}"


@contextmanager
def plugged(folder: Path, kind: type[Board] = LcusBoard) -> Iterator[Cable]:
    """A cable with a board at its end."""
    cable = Cable(folder, kind)
    try:
        yield cable
    finally:
        for board in cable.boards:
            if not board._over.is_set():
                board.unplug()
