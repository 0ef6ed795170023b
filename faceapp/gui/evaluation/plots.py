"""The page's two plots: how far pairs of photos lie apart, and one kind of mistake against the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from faceapp.app.evaluation_types import Measured, Numbers, Spot
from faceapp.gui.theme import Theme

_LEAST = 1e-5
"""Rates below this are drawn at it."""
_TICKS = ((1e-5, "0.001 %"), (1e-4, "0.01 %"), (1e-3, "0.1 %"), (1e-2, "1 %"), (1e-1, "10 %"), (1.0, "100 %"))
_MARGIN = 0.04


class Plot(QWidget):
    """A plot in the window's colours. It is looked at, not dragged about; what it shows is said in words as well."""

    def __init__(self, theme: Theme, name: str, below: str, beside: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setMinimumSize(240, 190)
        self.plot = pg.PlotWidget(enableMenu=False)
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.item = self.plot.getPlotItem()
        self.item.setMenuEnabled(False)
        self.item.hideButtons()
        self.item.setMouseEnabled(False, False)
        for side in ("bottom", "left"):
            self.item.getAxis(side).enableAutoSIPrefix(False)
        self._labels = {"bottom": below, "left": beside}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def end(self) -> None:
        """Let go of the library's menus and items, which have no window that would take them along."""
        self.plot.close()
        self.plot.deleteLater()  # it has left this widget

    def sizeHint(self) -> QSize:
        """Room for both plots on a small screen; a larger one gives them more."""
        return QSize(360, 230)

    def restyle(self) -> None:
        """The scheme's colours."""
        tokens = self._theme.tokens
        self.plot.setBackground(tokens.surface)
        for side, text in self._labels.items():
            axis = self.item.getAxis(side)
            axis.setPen(pg.mkPen(tokens.edge))
            axis.setTextPen(pg.mkPen(tokens.text))
            axis.setStyle(tickFont=self.font())
            axis.setLabel(text, **{"color": tokens.muted})
            axis.label.setFont(self.font())

    def _text(self, text: str, colour: str, anchor: tuple[float, float]) -> Any:
        item = pg.TextItem(text, color=colour, anchor=anchor)
        item.setFont(self.font())
        return item


class Histogram(Plot):
    """Distances of pairs of one person and of two, with the threshold as a line that can be moved."""

    moved = pyqtSignal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Distances between photos", "distance", "part of the pairs")
        self._measured: Measured | None = None
        self.line = pg.InfiniteLine(0.5, movable=True)
        self.line.sigDragged.connect(self._dragged)
        self.item.getAxis("left").setTicks([])
        self.item.getAxis("left").setWidth(28)

    def show_measured(self, measured: Measured) -> None:
        """Draw the histograms."""
        self._measured = measured
        self.restyle()

    def show_threshold(self, threshold: float) -> None:
        """Move the line."""
        self.line.setValue(threshold)
        if self._measured is None:
            return
        words = []
        for what, share in (("one person", self._measured.same), ("two people", self._measured.different)):
            if share.any():
                within = share[self._measured.edges[1:] <= threshold + 1e-9].sum()
                words.append(f"{within * 100:.1f} % of the pairs of {what} lie within the threshold")
        self.setAccessibleDescription("; ".join(words))

    def restyle(self) -> None:
        """The scheme's colours."""
        super().restyle()
        tokens, measured = self._theme.tokens, self._measured
        self.item.clear()
        self.line.setPen(pg.mkPen(tokens.text, width=2))
        self.line.setHoverPen(pg.mkPen(tokens.accent, width=4))
        if measured is None:
            return
        highest = max(float(measured.same.max()), float(measured.different.max()), 1e-9)
        rows = (
            (measured.same, tokens.accent, "one person", (0.5, 1.0)),
            (measured.different, tokens.warning, "two people", (0.5, 1.0)),
        )
        for share, colour, name, anchor in rows:
            if not share.any():
                continue
            fill = QColor(colour)
            fill.setAlpha(70)
            style = Qt.PenStyle.SolidLine if name == "one person" else Qt.PenStyle.DashLine
            pen = pg.mkPen(colour, width=2, style=style)
            self.item.plot(measured.edges, share, stepMode="center", fillLevel=0, brush=fill, pen=pen)
            text = self._text(name, colour, anchor)
            peak = int(share.argmax())
            text.setPos((measured.edges[peak] + measured.edges[peak + 1]) / 2, float(share[peak]))
            self.item.addItem(text)
        if measured.door is not None:
            door = pg.InfiniteLine(measured.door, pen=pg.mkPen(tokens.muted, style=Qt.PenStyle.DotLine, width=2))
            self.item.addItem(door)
            text = self._text("the door's", tokens.muted, (0.0, 0.0))
            text.setPos(measured.door, highest * 1.33)
            self.item.addItem(text)
        self.item.addItem(self.line)
        used = np.flatnonzero(measured.same + measured.different > 0)
        low, high = measured.edges[used[0]], measured.edges[used[-1] + 1]
        self.item.setXRange(max(0.0, low - 0.05), min(2.0, high + 0.05), padding=0)
        self.item.setYRange(0, highest * 1.35, padding=0)

    def _dragged(self) -> None:
        self.moved.emit(float(self.line.value()))


class TradeOff(Plot):
    """Strangers accepted against own people refused, both on logarithmic axes, with the threshold as a point on each
    curve and its intervals as arms."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "One mistake against the other", "strangers accepted", "own people refused")
        self._measured: Measured | None = None
        self._threshold = 0.5
        self._marks: list[Any] = []
        ticks = [[(float(np.log10(at)), text) for at, text in _TICKS]]
        self.item.getAxis("bottom").setTicks(ticks)
        self.item.getAxis("left").setTicks([ticks[0][1:]])
        self.item.showGrid(x=True, y=True, alpha=0.15)

    def show_measured(self, measured: Measured) -> None:
        """Draw the curves."""
        self._measured = measured
        self.restyle()

    def show_threshold(self, threshold: float) -> None:
        """Put the points where they belong."""
        self._threshold = threshold
        for mark in self._marks:
            self.item.removeItem(mark)
        self._marks = []
        if self._measured is None:
            return
        words = []
        for k, trade in enumerate(self._measured.trades):
            spot = self._measured.spot(k, threshold)
            self._mark(spot, self._colours()[k])
            words.append(
                f"{trade.title}: {spot.accepts[0] * 100:.3g} % accepted, {spot.refuses[0] * 100:.3g} % refused"
            )
        self.setAccessibleDescription("; ".join(words))

    def restyle(self) -> None:
        """The scheme's colours."""
        super().restyle()
        self.item.clear()
        self._marks = []
        tokens, measured = self._theme.tokens, self._measured
        self.item.setXRange(np.log10(_LEAST), 0, padding=_MARGIN)
        self.item.setYRange(-3, 0, padding=_MARGIN)
        if measured is None:
            return
        styles = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
        for k, trade in enumerate(measured.trades):
            colour = self._colours()[k]
            accepts, refuses = _logs(trade.accepts, _LEAST), _logs(trade.refuses, 1e-3)
            self.item.plot(accepts, refuses, pen=pg.mkPen(colour, width=2, style=styles[k]))
            text = self._text(trade.title, colour, (1.0, 0.0))
            text.setPos(0.0, -0.05 - 0.28 * k)
            self.item.addItem(text)
        if not measured.trades:
            text = self._text("Nobody has two photos yet.", tokens.muted, (0.5, 0.5))
            text.setPos(np.log10(_LEAST) / 2, -1.5)
            self.item.addItem(text)
        self.show_threshold(self._threshold)

    def _colours(self) -> Sequence[str]:
        return self._theme.tokens.accent, self._theme.tokens.warning

    def _mark(self, spot: Spot, colour: str) -> None:
        x, left, right = (float(v) for v in _logs(np.array(spot.accepts), _LEAST))
        y, low, high = (float(v) for v in _logs(np.array(spot.refuses), 1e-3))
        pen = pg.mkPen(colour, width=1)
        arms = pg.ErrorBarItem(
            x=np.array([x]), y=np.array([y]), left=np.array([x - left]), right=np.array([right - x]),
            bottom=np.array([y - low]), top=np.array([high - y]), beam=0.05, pen=pen,
        )  # fmt: skip
        point = pg.ScatterPlotItem(
            [x], [y], size=11, brush=pg.mkBrush(colour), pen=pg.mkPen(self._theme.tokens.surface, width=2)
        )
        self._marks += [arms, point]
        for mark in (arms, point):
            self.item.addItem(mark)

    def point(self, k: int) -> QPointF:
        """Where a curve's point is, logarithms: for tests."""
        x, y = self._marks[2 * k + 1].getData()
        return QPointF(float(x[0]), float(y[0]))


def _logs(rates: Numbers, least: float) -> Numbers:
    return np.asarray(np.log10(np.maximum(rates, least)))
