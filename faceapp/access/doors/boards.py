"""The USB relay boards that `serial:` knows: what they are told and what they say.

- `lcus1`: LCUS-1 and its kin, the cheap ones with a CH340: A0, relay, 0 or 1, and the sum of the three
  (LC Technology, "LC USB switch communication protocol"). They say nothing.
- `kmtronic`: FF, relay, 0 or 1; `FF relay 03` asks, on boards with one or two relays, the answer being `FF relay 0|1`
  (KMTronic, "USB Relay test software"). Larger boards are only told.
- `numato`: lines of text, `relay on 0`, `relay read 0`, answered with an echo, `on` or `off`, and a prompt
  (Numato Lab, "USB Relay Module User Guide"). They count from 0; beyond 9 comes A.
- `devantech`: USB-RLY02, -08 and -16: 65 hex and on turns relay 1 and on to on, 6F and on to off, 5B asks for a byte of
  states, bit 0 being relay 1 (Devantech, "USB-RLY16 technical documentation").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Board:
    """How one make is spoken to. 8 bits, no parity, 1 stop bit."""

    baud: int
    first: int
    """Number of the first relay, as the maker counts."""
    last: int
    command: Callable[[int, bool], bytes]
    """What switches a relay."""
    question: Callable[[int], bytes] | None = None
    """What asks for its state; None: it can't be asked."""
    reply: int | bytes = 0
    """Length of the answer, or what it ends with."""
    answer: Callable[[int, bytes], bool | None] | None = None
    """Whether the relay is on, from the reply; None: that was no answer."""
    prompt: bytes = b""
    """What the board says after every command."""
    asks_up_to: int = 99
    """The last relay that can be asked for."""


def _lcus(relay: int, on: bool) -> bytes:
    return bytes([0xA0, relay, on, (0xA0 + relay + on) & 0xFF])


def _kmtronic_answer(relay: int, reply: bytes) -> bool | None:
    return {bytes([0xFF, relay, 0]): False, bytes([0xFF, relay, 1]): True}.get(reply)


def _numato_name(relay: int) -> str:
    return "0123456789ABCDEFGHIJKLMNOPQRSTUV"[relay]


def _numato_answer(relay: int, reply: bytes) -> bool | None:
    said = re.search(rb"relay read %s\s+(on|off)\s" % _numato_name(relay).encode(), reply)
    return None if said is None else said[1] == b"on"


BOARDS: dict[str, Board] = {
    "lcus1": Board(9600, 1, 8, _lcus),
    "kmtronic": Board(
        9600,
        1,
        8,
        lambda relay, on: bytes([0xFF, relay, on]),
        lambda relay: bytes([0xFF, relay, 3]),
        3,
        _kmtronic_answer,
        asks_up_to=2,
    ),
    "numato": Board(
        19200,
        0,
        31,
        lambda relay, on: f"relay {'on' if on else 'off'} {_numato_name(relay)}\r".encode(),
        lambda relay: f"relay read {_numato_name(relay)}\r".encode(),
        b">",
        _numato_answer,
        prompt=b">",
    ),
    "devantech": Board(
        19200,
        1,
        8,
        lambda relay, on: bytes([(0x64 if on else 0x6E) + relay]),
        lambda _: b"\x5b",
        1,
        lambda relay, reply: bool(reply[0] >> (relay - 1) & 1) if reply else None,
    ),
}
