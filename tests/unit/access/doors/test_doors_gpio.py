"""GPIO with gpiozero's own mock pins, in this process and in the watchdog's, and on a machine that has none."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPin

from faceapp.access.door import DoorReply
from faceapp.access.doors.gpio import GpioRelay
from faceapp.access.doors.relay_door import RelayDoor
from faceapp.errors import UnavailableError
from tests.polling import until

SLOW = 10.0


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockFactory]:
    factory = MockFactory()
    monkeypatch.setattr(Device, "pin_factory", factory)
    yield factory
    factory.close()


def changes(pin: MockPin) -> list[bool]:
    """The levels it had since it became an output, in order."""
    return [state.state for state in pin.states]


@pytest.mark.parametrize(("active", "pulled_in"), [("high", True), ("low", False)])
def test_the_pin_is_never_at_the_level_that_pulls_in_but_when_told(
    pins: MockFactory, active: str, pulled_in: bool
) -> None:
    pin = pins.pin(17)
    relay = GpioRelay.from_url(f"gpio:17?active={active}")
    relay.connect()
    assert pin.function == "output"
    assert relay.look() == "shut"
    assert pin.state is not pulled_in
    pin.clear_states()
    assert relay.switch(True) is False  # nothing confirms it
    assert relay.look() == "open"
    relay.switch(False)
    assert relay.look() == "shut"
    assert changes(pin)[1:] == [pulled_in, not pulled_in]
    relay.disconnect()
    assert pin.function == "input"
    relay.disconnect()


def test_a_pin_that_is_in_use_is_a_line(pins: MockFactory) -> None:
    first, second = GpioRelay(17), GpioRelay(17)
    first.connect()
    with pytest.raises(UnavailableError, match=r"pin 17 cannot be used on this machine \(GPIOPinInUse\)"):
        second.connect()
    with pytest.raises(OSError, match="not connected"):
        second.switch(True)
    first.disconnect()


@pytest.fixture
def door() -> Iterator[RelayDoor]:
    door = RelayDoor.from_url("gpio:17?active=low")
    yield door
    door.close()


def test_the_watchdog_holds_the_pin_and_ends_the_pulse(door: RelayDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")  # for the process
    door.shut(SLOW)
    assert door.state(2.0) == "shut"
    assert door.open(0.4, 2.0) == DoorReply("opened", confirmed=False)
    assert door.state(2.0) == "open"
    until(lambda: door.state(2.0) == "shut")
    door.open(60.0, 2.0)
    door.shut(2.0)
    assert door.state(2.0) == "shut"


@pytest.mark.skipif(sys.platform != "linux", reason="gpiozero asks Linux")
def test_a_machine_without_gpio_is_a_line(door: RelayDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "native")  # needs /dev/gpiomem
    with pytest.raises(
        UnavailableError, match=r"pin 17 cannot be used on this machine .*: a GPIO door needs"
    ) as refused:
        door.shut(SLOW)
    assert "\n" not in str(refused.value)
    assert door.open(3.0, 2.0) == DoorReply("unreachable", "unavailable")
    assert door._process is not None
    assert not door._process.ended.is_set()
