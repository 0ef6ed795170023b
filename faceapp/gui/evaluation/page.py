"""The evaluation page: plots, figures and the risk dial, beside the live picture, which goes on."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.evaluation_types import Measured
from faceapp.app.live_types import LiveControl
from faceapp.gui.evaluation.dial import RiskDial
from faceapp.gui.evaluation.plots import Histogram, TradeOff
from faceapp.gui.scrolled import Scrolled
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, every, fit_to_screen, label, rule

_SIZE = QSize(1040, 740)
_LOOK_MS = 300


class EvaluationDialog(QDialog):
    """Follows the gallery while it is open. The measuring is the session's."""

    def __init__(self, session: LiveControl, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._control = session.evaluation
        self._theme = theme
        self._shown: Measured | None = None
        self.setWindowTitle("Evaluation")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title = label("How well your people are told apart", kind="title")
        self.summary = label(kind="muted", wrap=True)
        self.cautions = label(kind="small", wrap=True)
        self.message = label(kind="muted", wrap=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.histogram = Histogram(theme)
        self.trade_off = TradeOff(theme)
        self.dial = RiskDial(session)
        self.close_button = button("Close")
        self.close_button.clicked.connect(self.close)
        self._pages = QStackedWidget()
        self._lay_out()
        self.dial.moved.connect(self.histogram.show_threshold)
        self.dial.moved.connect(self.trade_off.show_threshold)
        self.histogram.moved.connect(self.dial.look_at)
        theme.changed.connect(self._restyle)
        fit_to_screen(self, _SIZE)
        self._restyle()
        self.refresh()
        self.timer = every(_LOOK_MS, self.refresh, self)

    def refresh(self) -> None:
        """Look how far measuring is, and what is in force."""
        self._control.measure()
        state = self._control.state()
        if state.measured is None:
            self.message.setText(state.text)
            self.message.setAccessibleName(state.text)
            self._pages.setCurrentIndex(0)
            return
        if state.measured is self._shown:
            self.dial.refresh()
            return
        self._shown = state.measured
        self.summary.setText(state.measured.summary)
        self.cautions.setText(" ".join(state.measured.cautions))
        self.histogram.show_measured(state.measured)
        self.trade_off.show_measured(state.measured)
        self.dial.show_measured(state.measured)
        if self._pages.currentIndex() == 0:
            self._pages.setCurrentIndex(1)
            self.dial.slider.setFocus()

    def done(self, a0: int) -> None:
        """Closed, whichever way."""
        self.timer.stop()
        self._theme.changed.disconnect(self._restyle)
        super().done(a0)
        self.histogram.end()
        self.trade_off.end()

    def _restyle(self) -> None:
        self.histogram.restyle()
        self.trade_off.restyle()
        if self._shown is not None:
            self.histogram.show_threshold(self.dial.threshold)

    def _lay_out(self) -> None:
        plots = QHBoxLayout()
        plots.setSpacing(16)
        for plot, text in (
            (self.histogram, "How far photos lie apart"),
            (self.trade_off, "One mistake against the other"),
        ):
            part = QVBoxLayout()
            part.setSpacing(6)
            part.addWidget(label(text))
            part.addWidget(plot, 1)
            plots.addLayout(part, 1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(12)
        column.addWidget(self.summary)
        column.addLayout(plots, 1)
        column.addWidget(rule())
        column.addWidget(self.dial)
        column.addWidget(self.cautions)
        self._pages.addWidget(self.message)
        self._pages.addWidget(Scrolled(content))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 16)
        outer.setSpacing(12)
        outer.addWidget(self.title)
        outer.addWidget(self._pages, 1)
        outer.addLayout(foot)
