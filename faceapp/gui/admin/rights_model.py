"""Everybody's right to the door as a list, and how a row is painted: a sign, the name, a line that says when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceapp.app.kiosk.types import RightsControl, RightsRow
from faceapp.gui.admin.hours import hours_words
from faceapp.gui.admin.words import translate
from faceapp.gui.icons import pixmap
from faceapp.gui.people_model import folded
from faceapp.gui.theme import Theme

ID = int(Qt.ItemDataRole.UserRole)
STATUS = ID + 1
SIGN = ID + 2
_ROW = 60


def may_enter(row: RightsRow) -> bool:
    """Whether the door opens for them at some hour."""
    return row.allowed and row.active


def status_words(row: RightsRow) -> str:
    """What holds in the end, in one line."""
    if not row.active:
        return translate("Rights", "deactivated")
    if row.own == "allow":
        return hours_words(row.hours)
    if row.own == "deny":
        return translate("Rights", "not allowed")
    groups = ", ".join(row.groups)
    if row.allowed:
        return translate("Rights", "through {groups}").format(groups=groups)
    if groups:
        return translate("Rights", "no right through {groups}").format(groups=groups)
    return translate("Rights", "no right yet")


def badge_words(row: RightsRow) -> str:
    """How many badges; empty where there is none."""
    if row.badges == 0:
        return ""
    one, more = translate("Rights", "1 badge"), translate("Rights", "{count} badges")
    return one if row.badges == 1 else more.format(count=row.badges)


class RightsModel(QAbstractListModel):
    """Those whose name contains what is searched for, in the order given."""

    def __init__(self, rights: RightsControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rights = rights
        self._marker: int | None = None
        self._all: tuple[RightsRow, ...] = ()
        self._shown: tuple[RightsRow, ...] = ()
        self._wanted = ""

    @property
    def everybody(self) -> Sequence[RightsRow]:
        """Whatever is searched for."""
        return self._all

    def refresh(self) -> bool:
        """Read the rows again if they may have changed. True if they were read."""
        marker = self._rights.marker()
        if marker == self._marker:
            return False
        self._marker = marker
        self._all = tuple(self._rights.rows())
        self._show()
        return True

    def search(self, text: str) -> None:
        """Compared without case and accents."""
        self._wanted = folded(text.strip())
        self._show()

    def row(self, index: int) -> RightsRow | None:
        """The person shown in that row."""
        return self._shown[index] if 0 <= index < len(self._shown) else None

    def index_of(self, person_id: str | None) -> int | None:
        """Where they are shown."""
        return next((i for i, r in enumerate(self._shown) if r.person_id == person_id), None)

    def _show(self) -> None:
        shown = tuple(r for r in self._all if self._wanted in folded(r.name))
        if [r.person_id for r in shown] == [r.person_id for r in self._shown]:
            self._shown = shown
            if shown:
                self.dataChanged.emit(self.index(0), self.index(len(shown) - 1))
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """One for each person shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, and the roles above."""
        row = self.row(index.row())
        if row is None or not index.isValid():
            return None
        needed = translate("Rights", "badge needed") if row.badge_required else ""
        status = " · ".join(part for part in (status_words(row), badge_words(row), needed) if part)
        enters = translate("Rights", "may enter") if may_enter(row) else translate("Rights", "may not enter")
        return {
            int(Qt.ItemDataRole.DisplayRole): row.name,
            int(Qt.ItemDataRole.ToolTipRole): row.name,
            int(Qt.ItemDataRole.AccessibleTextRole): f"{row.name}, {enters}, {status}",
            ID: row.person_id,
            STATUS: status,
            SIGN: "check" if may_enter(row) else "close" if row.active else "pause",
        }.get(int(role))


class RightsDelegate(QStyledItemDelegate):
    """Paints a row."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All rows are equally high."""
        return QSize(120, max(_ROW, 2 * option.fontMetrics.height() + 20))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Ground, sign, two lines."""
        if painter is None:
            return
        tokens, state = self._theme.tokens, option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(option.rect).adjusted(2, 1, -2, -1)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft if selected else tokens.hover))
            painter.drawRoundedRect(body, 8, 8)
        if selected:
            painter.setPen(QPen(QColor(tokens.accent), 2 if state & QStyle.StateFlag.State_HasFocus else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(1, 1, -1, -1), 8, 8)
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        sign = str(index.data(SIGN))
        colour = {"check": tokens.accent, "close": tokens.warning}.get(sign, tokens.muted)
        # As high as a line of text, also where the letters are large.
        size = round(option.fontMetrics.height() * 1.2)
        at = QPointF(body.left() + 12, body.center().y() - size / 2)
        painter.drawPixmap(at, pixmap(sign, colour, size, ratio))
        bold, small = QFont(option.font), QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPointSizeF(option.font.pointSizeF() * 0.92)
        text = option.rect.adjusted(24 + size, 0, -12, 0)
        lines = ((bold, tokens.text, str(index.data())), (small, tokens.muted, str(index.data(STATUS))))
        heights = [QFontMetrics(font).height() for font, _, _ in lines]
        top = text.center().y() - (sum(heights) + 2) // 2
        for (font, ink, words), height in zip(lines, heights, strict=True):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            elided = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(QRect(text.left(), top, text.width(), height), Qt.AlignmentFlag.AlignVCenter, elided)
            top += height + 2
        painter.restore()
