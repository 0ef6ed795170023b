"""`gpio:17?active=low`: a relay at a pin of a single-board computer, through gpiozero.

The number is the processor's (BCM 17 is the header's pin 11). `active=low` is for the common relay modules that pull in
when the pin goes to ground; `high` is the default. After a reset, until faceapp runs, the pin is an input: choose one
whose pull at reset leaves the relay released (0 to 8 are pulled up, 9 to 27 down). The pulse and the release are the
watchdog's (`watchdog.py`), which holds the pin: what a pin does when its program dies differs from system to system.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING, Self

from faceapp.access.door import DoorState
from faceapp.access.doors.relay import number, split
from faceapp.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from gpiozero import OutputDevice

_EXAMPLE = "gpio:17?active=low"


class GpioRelay:
    """One pin. Used by one thread."""

    def __init__(self, pin: int, active_high: bool = True) -> None:
        """`pin`: 0 to 27, as the processor counts."""
        self.name = f"gpio:{pin}"
        self._pin = pin
        self._active_high = active_high
        self._device: OutputDevice | None = None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Raises UsageError."""
        place, options = split(url, _EXAMPLE, "active")
        active = options.get("active", "high")
        if active not in ("high", "low"):
            raise UsageError(f"active must be high or low: {_EXAMPLE}")
        return cls(number(place, 0, 27, "a GPIO door's pin"), active == "high")

    def connect(self) -> None:
        """Make the pin an output that releases the relay."""
        if self._device is not None:
            return
        try:
            from gpiozero import OutputDevice
        except ImportError as e:
            raise UnavailableError("a GPIO door needs the Python package gpiozero: install it") from e
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it tells of every library that it tries
                self._device = OutputDevice(self._pin, active_high=self._active_high, initial_value=False)
        except Exception as e:  # each of the libraries behind gpiozero has exceptions of its own
            raise UnavailableError(
                f"pin {self._pin} cannot be used on this machine ({type(e).__name__}): a GPIO door needs "
                "a Raspberry Pi or the like, the package lgpio, and a user in the group gpio"
            ) from e

    def switch(self, on: bool) -> bool:
        """Set the pin. A relay says nothing, so nothing is ever confirmed."""
        if on:
            self._output.on()
        else:
            self._output.off()
        return False

    def look(self) -> DoorState:
        """The pin's level, read back."""
        return "open" if self._output.value else "shut"

    def disconnect(self) -> None:
        """Make the pin an input again."""
        device, self._device = self._device, None
        if device is not None:
            with contextlib.suppress(Exception):  # as above; there is nothing left to do with it
                device.close()

    @property
    def _output(self) -> OutputDevice:
        if self._device is None:
            raise OSError("not connected")
        return self._device
