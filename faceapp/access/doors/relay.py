"""What the watchdog process needs of a relay, and which one an address means."""

from __future__ import annotations

import urllib.parse
from typing import Protocol

from faceapp.access.door import DoorState
from faceapp.errors import UsageError


class StuckError(OSError):
    """The device answers, and says that the relay isn't as it was told to be."""


class Relay(Protocol):
    """One relay, used by one thread. Every method but `disconnect` raises OSError, or UnavailableError with a line for
    people, where the device can't be used, and returns within about a second."""

    name: str

    def connect(self) -> None:
        """Take the device; nothing where it is taken already. Switches nothing on."""

    def switch(self, on: bool) -> bool:
        """Connected: pull it in or release it. True where the device itself says that it is so."""

    def look(self) -> DoorState:
        """Connected: `open` while it is pulled in, `unknown` where the device can't be asked."""

    def disconnect(self) -> None:
        """Let go of the device."""


def relay_of(url: str) -> Relay:
    """The relay at `serial:…` or `gpio:…`. Opens nothing. Raises UsageError for an address that can't be."""
    if url.partition(":")[0].strip().lower() == "gpio":
        from faceapp.access.doors.gpio import GpioRelay

        return GpioRelay.from_url(url)
    from faceapp.access.doors.serial_relay import SerialRelay

    return SerialRelay.from_url(url)


def split(url: str, example: str, *options: str) -> tuple[str, dict[str, str]]:
    """The place and the options of such an address: `serial:PLACE?name=value&…`. Raises UsageError."""
    _, _, rest = url.strip().partition(":")
    place, _, query = rest.partition("?")
    try:
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as e:
        raise UsageError(f"the door's options cannot be understood: write it as {example}") from e
    found = dict(pairs)
    if len(found) < len(pairs) or not found.keys() <= set(options):
        raise UsageError(f"a door of this kind has the options {' and '.join(options)}, each once: {example}")
    if not place or place.startswith("//"):
        raise UsageError(f"the door's address names no device: write it as {example}")
    return urllib.parse.unquote(place), found


def number(text: str, low: int, high: int, what: str) -> int:
    """Of an option. Raises UsageError."""
    if text.isascii() and text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise UsageError(f"{what} must be a number from {low} to {high}")
