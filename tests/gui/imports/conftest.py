"""A dialog on fake imports, over a plain window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from faceapp.gui.theme import Theme
from tests.fakes.imports import FakeImports
from tests.fakes.live import FakeSession, person
from tests.gui.conftest import let_go


@pytest.fixture
def fake() -> FakeImports:
    return FakeImports()


@pytest.fixture
def session(fake: FakeImports) -> FakeSession:
    """Has the fake imports, three people and no PIN."""
    session = FakeSession(*(person(n) for n in ("Ada", "Zoë", "Bo")))
    session.fake_imports, session.kiosk.pin = fake, None
    return session


@pytest.fixture
def parent(qapp: QApplication, qtbot: QtBot, theme: Theme) -> Iterator[QWidget]:
    window = QWidget()
    window.resize(900, 700)
    window.show()
    yield window
    let_go([window])


@pytest.fixture
def chosen_file(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What file dialogs answer, the next one first; a dialog that opens with nothing in it fails the test."""
    answers: list[str] = []
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (answers.pop(0), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: answers.pop(0))
    return answers
