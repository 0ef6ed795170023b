"""How a run without a window ends."""

import signal

import pytest

from faceapp.app.headless import Interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_ends_at_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    calls: list[str] = []
    with Interruption() as interruption:
        interruption.stops(lambda: calls.append("stop"))
        signal.raise_signal(number)
        assert calls == ["stop"]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert calls == ["stop"]
    assert signal.getsignal(number) is before


def test_a_signal_while_the_networks_load_is_not_forgotten() -> None:
    calls: list[str] = []
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        interruption.stops(lambda: calls.append("stop"))
    assert calls == ["stop"]
