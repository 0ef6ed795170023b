"""How the table's cells are painted: a face beside the name, a sign before what is said of consent, quiet words."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from faceapp.gui.people.table_model import Column
from faceapp.gui.people_delegate import PersonDelegate
from faceapp.gui.people_model import Role

_ROW = 52
_AVATAR = 40
_GAP = 10
_HEAD = 13
"""Where a heading's words stand (`resources/style`)."""
_SIGN = 14


class CellDelegate(PersonDelegate):
    """Paints every column and edits names in place. Nothing is laid out, nothing is a widget."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All rows are equally high."""
        return QSize(80, max(_ROW, option.fontMetrics.height() + 20))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """One cell."""
        if painter is None:
            return
        tokens, rect = self._theme.tokens, option.rect
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, QColor(tokens.accent_soft))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(tokens.line))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        text, font, colour = text_of(rect, index.column()), QFont(option.font), tokens.text
        match index.column():
            case Column.NAME:
                at = QPointF(rect.left() + _GAP, rect.top() + (rect.height() - _AVATAR) / 2)
                painter.drawPixmap(at, self._avatar(index.data(Role.THUMBNAIL), tokens.line, ratio))
                font.setWeight(QFont.Weight.DemiBold)
            case Column.CONSENT:
                sign = index.data(Role.SIGN)
                colour = tokens.warning if sign == "warning" else tokens.muted
                if sign is not None:
                    top = rect.top() + (rect.height() - _SIGN) / 2
                    painter.drawPixmap(QPointF(text.left(), top), self._sign(sign, colour, ratio))
                    text.setLeft(text.left() + _SIGN + 5)
            case Column.PHOTOS:
                colour = tokens.text if index.data(Role.USABLE) else tokens.warning
            case _:
                colour = tokens.muted
        painter.setFont(font)
        painter.setPen(QColor(colour))
        words = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Where the name stands."""
        if editor is not None:
            height = max(editor.sizeHint().height(), 32)
            rect = text_of(option.rect, Column.NAME).adjusted(-8, 0, 0, 0)
            editor.setGeometry(rect.left(), rect.center().y() - height // 2, rect.width(), height)

    def editorEvent(self, event, model, option, index) -> bool:  # type: ignore[no-untyped-def]  # Qt's own types
        """There are no dots to click on here."""
        return False


def text_of(rect: QRect, column: int) -> QRect:
    """Where a cell's words stand."""
    left = _GAP + _AVATAR + 12 if column == Column.NAME else _HEAD
    return rect.adjusted(left, 0, -8, 0)
