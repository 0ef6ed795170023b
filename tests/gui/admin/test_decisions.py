"""The table of the last decisions and the chosen one beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QApplication

from faceapp.app.kiosk.types import Explained
from faceapp.gui.admin.decisions import DecisionsPage
from faceapp.gui.admin.decisions_model import Column, DecisionsModel
from faceapp.gui.admin.panel import AdminPanel
from faceapp.gui.theme import Theme
from tests.fakes.kiosk import FakeKiosk
from tests.gui.admin.conftest import ADA

REFUSED = replace(
    ADA, number=2, at="2026-11-22T08:31:00", decision="deny", reason="not_recognised", name=None, outcome=None,
    distance=0.83,
)  # fmt: skip
YESTERDAY = replace(ADA, number=0, at="2026-11-21T18:00:00")


@pytest.fixture
def page(panel: AdminPanel, fake: FakeKiosk) -> DecisionsPage:
    fake.now_decisions = (REFUSED, ADA, YESTERDAY)
    panel.show_page(1)
    panel.decisions._timer.stop()  # the test calls what it would call
    return panel.decisions


def row(page: DecisionsPage, at: int) -> list[str]:
    return [str(page.model.index(at, c).data()) for c in Column]


def test_the_model_keeps_the_rules_of_models(qapp: QApplication, theme: Theme) -> None:
    model = DecisionsModel(theme)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.show_rows([ADA])
    assert not model.show_rows([ADA]), "nothing has changed"
    assert model.show_rows([replace(ADA, outcome="late")])
    assert model.show_rows([REFUSED, ADA])
    assert model.index(7, 0).data() is None
    tester.deleteLater()


def test_the_newest_comes_first_and_is_explained(page: DecisionsPage) -> None:
    assert row(page, 0) == ["08:31:00", "Refused", "unknown", "not recognised", "0.83"]
    assert row(page, 1) == ["08:30:00", "Opened", "Ada", "everything fits", "0.31"]
    assert row(page, 2)[0] == "21 Nov 18:00", "another day says which"
    assert page.title.text() == "Refused: not recognised"
    assert page.sentence.text().startswith("Nobody enrolled is near enough; distance 0.83, above the threshold 0.45")


def test_a_chosen_decision_stays_chosen_while_others_come(page: DecisionsPage, fake: FakeKiosk) -> None:
    page.choose_row(1)
    assert page.title.text() == "Opened for Ada"
    fake.now_decisions = (replace(REFUSED, number=3), *fake.now_decisions)
    page.refresh()
    assert page.title.text() == "Opened for Ada"
    assert page.table.currentIndex().row() == 2


def test_who_looks_at_the_newest_goes_on_to_the_next(page: DecisionsPage, fake: FakeKiosk) -> None:
    new: Explained = replace(ADA, number=3, at="2026-11-22T08:32:00", name="Bob")
    fake.now_decisions = (new, *fake.now_decisions)
    page.refresh()
    assert page.title.text() == "Opened for Bob"


def test_an_outcome_that_comes_later_is_shown(page: DecisionsPage, fake: FakeKiosk) -> None:
    waiting = replace(ADA, number=4, outcome=None)
    fake.now_decisions = (waiting, *fake.now_decisions)
    page.refresh()
    assert page.title.text() == "Opening for Ada"
    fake.now_decisions = (replace(waiting, outcome="unreachable"), *fake.now_decisions[1:])
    page.refresh()
    assert page.title.text() == "Not opened for Ada"
    assert row(page, 0)[1:4] == ["Not opened", "Ada", "the door could not be reached"]


def test_figures_are_aligned_at_the_right(page: DecisionsPage) -> None:
    side = page.model.index(0, Column.DISTANCE).data(Qt.ItemDataRole.TextAlignmentRole)
    head = page.model.headerData(Column.DISTANCE, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert side == head == Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def test_opened_and_refused_differ_in_shape(page: DecisionsPage) -> None:
    signs = [page.model.index(r, Column.VERDICT).data(Qt.ItemDataRole.DecorationRole) for r in (0, 1)]
    alphas = [i.pixmap(18).toImage().createAlphaMask().bits().asstring(3 * 18) for i in signs]
    assert alphas[0] != alphas[1]


def test_a_small_screen_leaves_the_quieter_columns_out(page: DecisionsPage, panel: AdminPanel) -> None:
    panel.resize(800, 480)
    QApplication.processEvents()
    assert [page.table.isColumnHidden(c) for c in Column] == [False, False, False, True, True]
    panel.resize(1280, 800)
    QApplication.processEvents()
    assert not any(page.table.isColumnHidden(c) for c in Column)


def test_before_anybody_came_it_says_so(panel: AdminPanel) -> None:
    panel.show_page(1)
    assert not panel.decisions.table.isVisible()
    assert panel.decisions.hint() == "Nobody has come to the door yet."
