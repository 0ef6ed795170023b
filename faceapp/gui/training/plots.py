"""The page's pictures: two curves, and triplets being pulled and pushed."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QSize, Qt

from faceapp.app.training.job import JobState
from faceapp.gui.evaluation.plots import Plot
from faceapp.gui.theme import Theme
from faceapp.types import JsonObject

_MOST = 400
"""Points of a curve that are drawn: more can't be told apart."""
_LOWEST = 150
"""Pixels: both curves and what is around them fit into the page as it opens."""
ACTIVE = (
    "Active triplets: of the pairs of one person's photos, those for which one of somebody else was found that still "
    "teaches something"
)
_SYMBOLS = ("o", "s", "t", "d", "+", "x", "star", "p")


class _Learning(Plot):
    """A plot that may have nothing to show yet, and then says what it will."""

    def __init__(self, theme: Theme, name: str, below: str, beside: str) -> None:
        super().__init__(theme, name, below, beside)
        self.setMinimumHeight(_LOWEST)

    def sizeHint(self) -> QSize:
        """The least; the page gives all it has."""
        return QSize(360, _LOWEST)

    def _axes(self, shown: bool) -> None:
        for side in ("bottom", "left"):
            self.item.showAxis(side, shown)

    def _promise(self, text: str) -> None:
        """Instead of empty axes."""
        self._axes(False)
        self.item.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
        hint = self._text(text, self._theme.tokens.muted, (0.5, 0.5))
        hint.setPos(0.5, 0.5)
        self.item.addItem(hint)
        self.setAccessibleDescription(text)


class _Course(_Learning):
    """Something of a run, over its steps."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "step", "")
        self._state = JobState()

    def show_state(self, state: JobState) -> None:
        """Draw it as it is now."""
        if (state.steps, state.looks, state.total) != (self._state.steps, self._state.looks, self._state.total):
            self._state = state
            self.restyle()


class Loss(_Course):
    """The loss, and the share of active triplets."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Loss and active triplets")
        self.setToolTip(ACTIVE)

    def restyle(self) -> None:
        """The scheme's colours."""
        super().restyle()
        self.item.clear()
        tokens, rows = self._theme.tokens, np.array(self._state.steps, np.float64)
        if len(rows) < 2:
            self._promise("The loss will appear here, step by step")
            return
        self._axes(True)
        rows = rows[:: max(1, len(rows) // _MOST)]
        end, top, highest = max(self._state.total, int(rows[-1, 0])), 1.1, max(1.0, float(rows[:, 1].max()))
        said = "loss" if highest == 1.0 else f"loss (1.0 is {highest:.1f})"  # ArcFace's would make the other a line
        rows = rows / [1, highest, 1]
        for column, colour, name, style in (
            (1, tokens.accent, said, Qt.PenStyle.SolidLine),
            (2, tokens.warning, "share of active triplets (dashed)", Qt.PenStyle.DashLine),
        ):
            smooth = _smoothed(rows[:, column])
            self.item.plot(rows[:, 0], smooth, pen=pg.mkPen(colour, width=2, style=style))
            text = self._text(name, colour, (1.0, 0.0))
            text.setPos(end, top * (1.0 if column == 1 else 0.88))
            self.item.addItem(text)
        self.item.setYRange(0, top, padding=0)
        self.item.setXRange(0, end, padding=0.02)
        loss, active = self._state.steps[-1][1:]
        self.setAccessibleDescription(f"Loss {loss:.3f}, {100 * active:.0f} % of the triplets active")


class Looks(_Course):
    """How well people are told apart whom it doesn't learn from."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Validation people")

    def restyle(self) -> None:
        """The scheme's colours."""
        super().restyle()
        self.item.clear()
        tokens, rows = self._theme.tokens, np.array(self._state.looks, np.float64)
        if not len(rows):
            self._promise("How many of them are accepted will appear here, now and then")
            return
        self._axes(True)
        end, low = max(self._state.total, int(rows[-1, 0])), max(0.0, float(rows[:, 1:].min()) - 0.25)
        for column, colour, name in (
            (1, tokens.accent, "accepted, mean over FARs of 0.1 to 10 %"),
            (2, tokens.warning, "accepted at FAR 1 % (dashed)"),
        ):
            style = Qt.PenStyle.SolidLine if column == 1 else Qt.PenStyle.DashLine
            pen = pg.mkPen(colour, width=2, style=style)
            self.item.plot(rows[:, 0], rows[:, column], pen=pen, symbol="o", symbolSize=6, symbolBrush=colour)
            text = self._text(name, colour, (1.0, 1.0))
            text.setPos(end, low + (1.02 - low) * (0.14 if column == 1 else 0.02))
            self.item.addItem(text)
        self.item.setYRange(low, 1.02, padding=0)
        self.item.setXRange(0, end, padding=0.02)
        self.setAccessibleDescription(f"{100 * rows[-1, 2]:.1f} % accepted at a false-accept rate of 1 %")


class TripletPlot(_Learning):
    """Some validation people's faces in two dimensions: outlines where they were, filled where they are; lines from an
    anchor to its positive, which is pulled, and to its negative, which is pushed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Triplets", "", "")
        self._picture: JsonObject = {}
        self.item.setAspectLocked(True)  # a distance is one whichever way it goes

    def show_picture(self, picture: JsonObject) -> None:
        """Draw it as it is now."""
        if picture != self._picture:
            self._picture = picture
            self.restyle()

    def restyle(self) -> None:
        """The scheme's colours."""
        super().restyle()
        self.item.clear()
        picture, tokens = self._picture, self._theme.tokens
        if not picture:
            self._promise("Faces of some of these people will appear here")
            return
        self._axes(False)
        self.item.enableAutoRange()
        before, now = (np.array(picture[k], np.float64) for k in ("before", "now"))
        person = np.array(picture["person"])
        for a, p, n in picture["triplets"]:
            pulled, pushed = (
                pg.mkPen(tokens.accent, width=2),
                pg.mkPen(tokens.warning, width=2, style=Qt.PenStyle.DashLine),
            )
            self.item.plot(*now[[a, p]].T, pen=pulled)
            self.item.plot(*now[[a, n]].T, pen=pushed)
        for k in np.unique(person):
            colour = pg.intColor(int(k), hues=int(person.max()) + 1, values=1, sat=150, maxValue=190)
            symbol = _SYMBOLS[int(k) % len(_SYMBOLS)]
            self.item.addItem(
                pg.ScatterPlotItem(
                    *before[person == k].T, size=7, symbol=symbol, pen=pg.mkPen(tokens.muted), brush=None
                )
            )
            self.item.addItem(
                pg.ScatterPlotItem(
                    *now[person == k].T, size=10, symbol=symbol, pen=pg.mkPen(tokens.surface), brush=colour
                )
            )
        self.setAccessibleDescription(words(picture))


def words(picture: JsonObject) -> str:
    """What the picture shows, in numbers."""
    first, now = (np.array(picture.get(k, []), np.float64) for k in ("distances_before", "distances_now"))
    if not len(first):
        return ""
    return (
        f"Of {len(first)} hard triplets, the person's own two photos were {first[:, 0].mean():.2f} apart and are now "
        f"{now[:, 0].mean():.2f}; the other person's was {first[:, 1].mean():.2f} away and is now "
        f"{now[:, 1].mean():.2f}."
    )


def _smoothed(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A running mean: single batches differ too much to see where it goes."""
    width = max(1, min(15, len(values) // 4))
    padded = np.concatenate([np.full(width - 1, values[0]), values])
    return np.convolve(padded, np.ones(width) / width, mode="valid")
