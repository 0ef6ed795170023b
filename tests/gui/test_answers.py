"""Waiting for other threads without holding up the window."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from faceapp.errors import InputError
from faceapp.gui.answers import BUG, STOPPED, Answers


class Rig:
    """Answers, and what they called back with, and on which thread."""

    def __init__(self) -> None:
        self.parent = QObject()
        self.answers = Answers(self.parent)
        self.said: list[object] = []
        self.threads: set[int] = set()

    def ask(self) -> Future[int]:
        future: Future[int] = Future()
        self.answers.when_done(future, self._then, self._then)
        return future

    def _then(self, what: object) -> None:
        self.said.append(what)
        self.threads.add(threading.get_ident())


@pytest.fixture
def rig(qapp: QApplication) -> Rig:
    return Rig()


def test_what_is_done_already_is_answered_at_once(rig: Rig) -> None:
    future: Future[int] = Future()
    future.set_result(7)
    rig.answers.when_done(future, rig.said.append, rig.said.append)
    assert rig.said == [7]
    (timer,) = rig.answers.findChildren(QTimer)
    assert not timer.isActive()


def test_another_threads_answer_comes_on_this_one_in_the_order_of_asking(rig: Rig, qtbot: QtBot) -> None:
    first, second = rig.ask(), rig.ask()
    worker = threading.Thread(target=lambda: (second.set_result(2), first.set_result(1)))
    worker.start()
    qtbot.waitUntil(lambda: rig.said == [1, 2])
    worker.join()
    assert rig.threads == {threading.get_ident()}
    (timer,) = rig.answers.findChildren(QTimer)
    assert not timer.isActive(), "nothing to wait for any more"


def test_a_refusal_is_its_line(rig: Rig) -> None:
    rig.ask().set_exception(InputError("somebody is called that already"))
    rig.answers.look()
    assert rig.said == ["somebody is called that already"]


def test_what_the_end_of_the_session_cancelled_is_said(rig: Rig) -> None:
    rig.ask().cancel()
    rig.answers.look()
    assert rig.said == [STOPPED]


def test_what_nobody_foresaw_is_said_and_raised(rig: Rig) -> None:
    first, later = rig.ask(), rig.ask()
    first.set_exception(ZeroDivisionError("odd"))
    with pytest.raises(ZeroDivisionError):
        rig.answers.look()
    later.set_result(1)
    rig.answers.look()
    assert rig.said == [BUG, 1], "and whoever asked next is answered all the same"
