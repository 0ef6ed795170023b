"""All threads are told to end before any is waited for, within one time limit."""

from __future__ import annotations

import pytest

from faceapp.pipeline import threads
from faceapp.pipeline.threads import stop_all


class Ending:
    """Ends when waited for so many seconds."""

    def __init__(self, needs: float, told: list[tuple[str, float]], name: str) -> None:
        self.needs, self.told, self.name = needs, told, name

    def stop(self, timeout: float) -> bool:
        self.told.append((self.name, timeout))
        return timeout >= self.needs


def test_each_is_told_first_and_who_goes_on_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.0, 10.6, 12.0])
    monkeypatch.setattr(threads.time, "monotonic", lambda: next(clock))
    told: list[tuple[str, float]] = []
    quick, slow, late = (Ending(needs, told, name) for needs, name in ((0.1, "quick"), (5.0, "slow"), (0.1, "late")))
    assert stop_all([quick, slow, late], 1.0) == [slow, late]
    assert told[:3] == [("quick", 0), ("slow", 0), ("late", 0)]
    assert [t for _, t in told[3:]] == pytest.approx([1.0, 0.4, 0.0])
