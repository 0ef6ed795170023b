"""A recogniser in an invented world, with two people enrolled."""

from __future__ import annotations

import pytest

from tests.fakes.watched import Watched


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch, "Ada", "Bo")
