"""The page's pictures: two curves, and triplets being pulled and pushed."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt

from faceapp.app.training.job import JobState
from faceapp.gui.evaluation.plots import Plot
from faceapp.gui.theme import Theme
from faceapp.types import JsonObject

_MOST = 400
"""Points of a curve that are drawn: more can't be told apart."""
_SYMBOLS = ("o", "s", "t", "d", "+", "x", "star", "p")


class _Course(Plot):
    """Something of a run, over its steps."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "step", "")
        self._state = JobState()

    def show_state(self, state: JobState) -> None:
        """Draw it as it is now."""
        self._state = state
        self.restyle()


class Loss(_Course):
    """The loss, and the share of triplets that still teach."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Loss and active triplets")

    def restyle(self) -> None:
        """The scheme's colours."""
        super().restyle()
        self.item.clear()
        tokens, rows = self._theme.tokens, np.array(self._state.steps, np.float64)
        if len(rows) < 2:
            self.setAccessibleDescription("Nothing was learned yet")
            return
        rows = rows[:: max(1, len(rows) // _MOST)]
        end, top = max(self._state.total, int(rows[-1, 0])), max(1.0, float(rows[:, 1:].max())) * 1.1
        for column, colour, name, style in (
            (1, tokens.accent, "loss", Qt.PenStyle.SolidLine),
            (2, tokens.warning, "share of triplets that still teach (dashed)", Qt.PenStyle.DashLine),
        ):
            smooth = _smoothed(rows[:, column])
            self.item.plot(rows[:, 0], smooth, pen=pg.mkPen(colour, width=2, style=style))
            text = self._text(name, colour, (1.0, 0.0))
            text.setPos(end, top * (1.0 if column == 1 else 0.88))
            self.item.addItem(text)
        self.item.setYRange(0, top, padding=0)
        self.item.setXRange(0, end, padding=0.02)
        self.setAccessibleDescription(f"Loss {rows[-1, 1]:.3f}, {100 * rows[-1, 2]:.0f} % of the triplets active")


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
            self.setAccessibleDescription("Nobody has looked yet")
            return
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


class TripletPlot(Plot):
    """Some validation people's faces in two dimensions: rings where they were, filled where they are; lines from an
    anchor to its positive, which is pulled, and to its negative, which is pushed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Triplets", "", "")
        self._picture: JsonObject = {}
        for side in ("bottom", "left"):
            self.item.getAxis(side).setTicks([])

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
            self.setAccessibleDescription("No picture yet")
            return
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
