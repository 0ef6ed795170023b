"""A decision's figures as rows: a sign, a word, a bar with its limit, the figure, what is needed.

Whether a condition holds is told by the sign and by the bar's end on one side of the mark; colour only repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from faceapp.app.kiosk.types import Explained
from faceapp.gui.admin.explain import Condition, Key, conditions
from faceapp.gui.admin.pages import Sign, zoom
from faceapp.gui.theme import Theme, tabular
from faceapp.gui.widgets import label

_SIGN = 18
_KEYS: tuple[Key, ...] = ("height", "quality", "distance", "margin", "votes")


class Bar(QWidget):
    """A bar from 0 to 1 with a mark where the limit is; its good side has the stronger ground."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._condition: Condition | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(56)

    def sizeHint(self) -> QSize:
        """As high as a line of text."""
        return QSize(round(140 * zoom(self)), round(22 * zoom(self)))

    def show_condition(self, condition: Condition | None) -> None:
        """None: an empty bar."""
        if condition != self._condition:
            self._condition = condition
            self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Groove, good side, filling, mark."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        thick = 8 * zoom(self)
        groove = QRectF(1, (self.height() - thick) / 2, self.width() - 2, thick)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(groove, thick / 2, thick / 2)
        c = self._condition
        if c is None:
            painter.end()
            return
        mark = groove.left() + groove.width() * min(0.995, c.mark)
        if c.share > 0:
            painter.setBrush(QColor(tokens.accent if c.ok else tokens.warning))
            filled = QRectF(groove.left(), groove.top(), max(thick, groove.width() * c.share), thick)
            painter.drawRoundedRect(filled, thick / 2, thick / 2)
        painter.setPen(QPen(QColor(tokens.window), 5))
        ends = QPointF(mark, groove.top() - 4), QPointF(mark, groove.bottom() + 4)
        painter.drawLine(*ends)
        painter.setPen(QPen(QColor(tokens.text), 2))
        painter.drawLine(*ends)
        painter.end()


class Dots(QWidget):
    """Votes: a filled dot for each that agrees, a ring for each that is still needed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._votes, self._needed = 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As the bars."""
        return QSize(round(140 * zoom(self)), round(22 * zoom(self)))

    def show_votes(self, votes: int, needed: int) -> None:
        """So many of so many."""
        if (votes, needed) != (self._votes, self._needed):
            self._votes, self._needed = votes, needed
            self.update()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """From the left."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        count = max(self._needed, 1)
        step = min(20.0 * zoom(self), self.width() / count)
        radius = max(2.0, min(6.0 * zoom(self), step * 0.36))
        for i in range(self._needed):
            filled = i < self._votes
            painter.setPen(QPen(QColor(tokens.accent if filled else tokens.edge), 1.5))
            painter.setBrush(QColor(tokens.accent) if filled else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(1 + radius + i * step, self.height() / 2), radius, radius)
        painter.end()


@dataclass(frozen=True, slots=True)
class _Row:
    sign: Sign
    word: QLabel
    bar: Bar | Dots
    value: QLabel
    limit: QLabel


class Figures(QWidget):
    """The conditions of one decision, one row each, figures aligned."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Explained | None = None
        words: dict[Key, tuple[str, str]] = {
            "height": (
                self.tr("Size"),
                self.tr("How high the face is in the picture, in pixels: how near the person is."),
            ),
            "quality": (
                self.tr("Quality"),
                self.tr("How well the face is seen, 0 to 100: sharpness, light, both eyes."),
            ),
            "distance": (
                self.tr("Distance"),
                self.tr("How different the face is from the nearest enrolled photo. Smaller is more alike."),
            ),
            "margin": (
                self.tr("Margin"),
                self.tr("How much farther the next nearest person is. Too little, and two people can't be told apart."),
            ),
            "votes": (
                self.tr("Votes"),
                self.tr("How many of the last pictures agree on the same person, and how many must."),
            ),
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        self._rows: dict[Key, _Row] = {}
        for at, key in enumerate(_KEYS):
            word, tip = words[key]
            row = _Row(
                Sign(_SIGN), label(word), Dots(theme) if key == "votes" else Bar(theme), label(), label(kind="muted")
            )
            row.value.setFont(tabular(row.value.font()))
            row.limit.setFont(tabular(row.limit.font()))
            row.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate((row.sign, row.word, row.bar, row.value, row.limit)):
                widget.setToolTip(tip)
                grid.addWidget(widget, at, column)
            self._rows[key] = row
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_decision(self, e: Explained | None) -> None:
        """The figures of `e`; None: nobody is looked at."""
        self._shown = e
        found = {c.key: c for c in conditions(e)} if e is not None else {}
        for key, row in self._rows.items():
            c = found.get(key)
            if isinstance(row.bar, Bar):
                row.bar.show_condition(c)
            else:
                row.bar.show_votes(e.votes if e is not None else 0, e.votes_needed if e is not None else 0)
            row.value.setText(c.value if c is not None else "–")
            row.limit.setText(c.limit if c is not None else "")
            row.word.setAccessibleName(f"{row.word.text()}: {self._spoken(c)}")
            self._sign(row.sign, c)

    def changeEvent(self, a0: QEvent | None) -> None:
        """Larger letters need more room."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._restyle()

    def spoken(self) -> list[str]:
        """What a screen reader says, row by row."""
        return [row.word.accessibleName() for row in self._rows.values()]

    def _spoken(self, c: Condition | None) -> str:
        if c is None or c.ok is None:
            return self.tr("not measured")
        holds = self.tr("fulfilled") if c.ok else self.tr("not fulfilled")
        return f"{c.value}, {c.limit}, {holds}"

    def _sign(self, sign: Sign, c: Condition | None) -> None:
        tokens = self._theme.tokens
        if c is None or c.ok is None:
            sign.show_sign(None)
        else:
            sign.show_sign(*(("check", tokens.accent) if c.ok else ("close", tokens.warning)))

    def _restyle(self) -> None:
        self.show_decision(self._shown)
        for row in self._rows.values():
            row.bar.update()
            # Always room for the widest, so that nothing moves while figures change.
            row.value.setMinimumWidth(row.value.fontMetrics().horizontalAdvance("0000 px"))
