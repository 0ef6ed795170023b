"""How one unknown face is painted: the picture, and what is known of it below."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceapp.gui.icons import pixmap
from faceapp.gui.pictures import rounded
from faceapp.gui.theme import Theme
from faceapp.gui.unknown.model import MOST_LINES, Role

PICTURE = 148
"""Side in device-independent pixels."""
_MARGIN = 10
_GAP = 4
_MARK = 24
_CACHED = 120


class TileDelegate(QStyledItemDelegate):
    """Paints tiles."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pictures: OrderedDict[tuple[bytes | None, str, float], QPixmap] = OrderedDict()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All tiles are equally large, and wider where the letters are."""
        line = option.fontMetrics.height()
        width = max(PICTURE + 2 * (_MARGIN + _GAP), 11 * line)
        return QSize(width, PICTURE + 2 * (_MARGIN + _GAP) + 6 + MOST_LINES * (line + 1))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """One tile."""
        if painter is None:
            return
        tokens, state = self._theme.tokens, option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(option.rect).adjusted(_GAP, _GAP, -_GAP, -_GAP)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft if selected else tokens.hover))
            painter.drawRoundedRect(body, 10, 10)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(1, 1, -1, -1), 10, 10)
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        at = QPointF(body.center().x() - PICTURE / 2, body.top() + _MARGIN)
        painter.drawPixmap(at, self._picture(index.data(Role.PICTURE), tokens.line, ratio))
        if selected:  # told by its form, too
            centre = at + QPointF(PICTURE - 16, 16)
            painter.setPen(QPen(QColor(tokens.surface), 2))
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(centre, _MARK / 2, _MARK / 2)
            mark = pixmap("check", tokens.on_accent, 16, ratio)
            painter.drawPixmap(centre - QPointF(8, 8), mark)
        self._lines(painter, option, index, round(at.y()) + PICTURE + 6)
        painter.restore()

    def _lines(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, top: int) -> None:
        tokens = self._theme.tokens
        bold, small = QFont(option.font), QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPointSizeF(option.font.pointSizeF() * 0.92)
        left, width = option.rect.left() + _MARGIN + _GAP, option.rect.width() - 2 * (_MARGIN + _GAP)
        for row, words in enumerate(index.data(Role.LINES)):
            font, colour = (small, tokens.muted) if row else (bold, tokens.text)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(left, top, width, metrics.height()), flags, shown)
            top += metrics.height() + 1

    def _picture(self, data: Any, ground: str, ratio: float) -> QPixmap:
        jpeg = bytes(data) if data else None
        key = (jpeg, ground, ratio)
        known = self._pictures.get(key)
        if known is not None:
            self._pictures.move_to_end(key)
            return known
        made = self._pictures[key] = _tile(jpeg, ground, self._theme.tokens.muted, ratio)
        while len(self._pictures) > _CACHED:
            self._pictures.popitem(last=False)
        return made


def _tile(jpeg: bytes | None, ground: str, ink: str, ratio: float) -> QPixmap:
    """The picture, or the sign of a person."""
    picture = QImage()
    if jpeg is not None and picture.loadFromData(jpeg):
        return rounded(picture, PICTURE, 12, ratio, ground)
    result = rounded(picture, PICTURE, 12, ratio, ground)
    painter = QPainter(result)
    sign = PICTURE // 2
    painter.drawPixmap(QPointF((PICTURE - sign) / 2, (PICTURE - sign) / 2), pixmap("person", ink, sign, ratio))
    painter.end()
    return result
