"""How one person is painted in the list: a round thumbnail, the name, a quiet line with a sign for consent, and a dot
while in view."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QImage, QMouseEvent, QPainter, QPen, QPixmap
from PyQt6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from faceapp.gui.icons import pixmap
from faceapp.gui.people_model import Role
from faceapp.gui.pictures import rounded
from faceapp.gui.theme import Theme

_ROW = 58
_AVATAR = 40
_MARGIN = 10
_MORE = 28
_CACHED = 300
_SIGN = 14


class PersonDelegate(QStyledItemDelegate):
    """Paints rows and edits names in place."""

    menu_wanted = pyqtSignal(QModelIndex)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._signs: dict[tuple[str, str, float], QPixmap] = {}
        self._avatars: OrderedDict[tuple[bytes | None, str, float], QPixmap] = OrderedDict()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """All rows are equally high, whatever they contain."""
        return QSize(120, max(_ROW, 2 * option.fontMetrics.height() + 18))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """One row."""
        if painter is None:
            return
        tokens = self._theme.tokens
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(option.rect).adjusted(2, 1, -2, -1)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft if selected else tokens.hover))
            painter.drawRoundedRect(body, 8, 8)
        if focused:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(1, 1, -1, -1), 8, 8)

        ratio = painter.device().devicePixelRatioF() if painter.device() is not None else 1.0  # type: ignore[union-attr]  # just tested
        avatar = self._avatar(index.data(Role.THUMBNAIL), tokens.line, ratio)
        at = QPointF(body.left() + _MARGIN - 2, body.center().y() - _AVATAR / 2)
        painter.drawPixmap(at, avatar)
        if index.data(Role.IN_VIEW):
            painter.setPen(QPen(QColor(tokens.accent_soft if selected else tokens.window), 2))
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(QPointF(at.x() + _AVATAR - 5, at.y() + _AVATAR - 5), 6, 6)

        text = text_rect(option.rect)
        if selected or hovered:
            text.setRight(text.right() - _MORE)
            more = more_rect(option.rect)
            dots = pixmap("more", tokens.muted, 18, ratio)
            painter.drawPixmap(QPointF(more.center().x() - 8.5, more.center().y() - 8.5), dots)
        name_font = QFont(option.font)
        name_font.setWeight(QFont.Weight.DemiBold)
        colour, sign = self._second_line(index)
        _two_lines(
            painter,
            text,
            (name_font, QColor(tokens.text), (str(index.data()),)),
            (_smaller(option.font), QColor(colour), index.data(Role.LINES)),
            self._sign(sign, colour, ratio) if sign else None,
        )
        painter.restore()

    def createEditor(self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget | None:
        """A plain field over the name."""
        editor = QLineEdit(parent)
        editor.setProperty("kind", "inline")
        editor.setAccessibleName("New name")
        editor.setMaxLength(120)
        return editor

    def setEditorData(self, editor: QWidget | None, index: QModelIndex) -> None:
        """The name as it is, selected."""
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget | None, model: QAbstractItemModel | None, index: QModelIndex) -> None:
        """Hand the name to the model, which may refuse it."""
        if isinstance(editor, QLineEdit) and model is not None:
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Where the text stands."""
        if editor is not None:
            height = max(editor.sizeHint().height(), 32)
            rect = text_rect(option.rect).adjusted(-8, 0, 0, 0)
            editor.setGeometry(rect.left(), rect.center().y() - height // 2, rect.width(), height)

    def editorEvent(
        self, event: QEvent | None, model: QAbstractItemModel | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> bool:
        """A click on the three dots asks for the row's menu."""
        if (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonRelease
            and event.button() == Qt.MouseButton.LeftButton
            and more_rect(option.rect).contains(event.position().toPoint())
        ):
            self.menu_wanted.emit(index)
            return True
        return super().editorEvent(event, model, option, index)

    def _second_line(self, index: QModelIndex) -> tuple[str, str | None]:
        """Its colour, and the icon before it."""
        tokens = self._theme.tokens
        sign = index.data(Role.SIGN)
        if sign == "warning" or not index.data(Role.USABLE):
            return tokens.warning, sign
        return (tokens.accent if index.data(Role.IN_VIEW) else tokens.muted), sign

    def _sign(self, name: str, colour: str, ratio: float) -> QPixmap:
        key = (name, colour, ratio)
        if key not in self._signs:
            self._signs[key] = pixmap(name, colour, _SIGN, ratio)
        return self._signs[key]

    def _avatar(self, thumbnail: Any, ground: str, ratio: float) -> QPixmap:
        data = bytes(thumbnail) if thumbnail else None
        key = (data, ground, ratio)
        known = self._avatars.get(key)
        if known is not None:
            self._avatars.move_to_end(key)
            return known
        made = _disc(data, ground, self._theme.tokens.muted, ratio)
        self._avatars[key] = made
        while len(self._avatars) > _CACHED:
            self._avatars.popitem(last=False)
        return made


def text_rect(row: QRect) -> QRect:
    """Where a row's text stands."""
    return row.adjusted(_MARGIN + _AVATAR + 12, 0, -_MARGIN, 0)


def more_rect(row: QRect) -> QRect:
    """Where a row's three dots stand."""
    return QRect(row.right() - _MORE - 8, row.top() + 4, _MORE + 4, row.height() - 8)


def _smaller(font: QFont) -> QFont:
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * 0.92)
    return result


_Line = tuple[QFont, QColor, Sequence[str]]
"""The last are the words, longest first."""


def _two_lines(painter: QPainter, rect: QRect, upper: _Line, lower: _Line, sign: QPixmap | None) -> None:
    """`sign` stands before the lower line."""
    heights = [QFontMetrics(line[0]).height() for line in (upper, lower)]
    top = rect.center().y() - (sum(heights) + 2) // 2
    flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine)
    for (font, colour, choices), height, mark in zip((upper, lower), heights, (None, sign), strict=True):
        line = QRect(rect.left(), top, rect.width(), height)
        if mark is not None:
            painter.drawPixmap(QPointF(line.left(), line.top() + (height - _SIGN) / 2), mark)
            line.setLeft(line.left() + _SIGN + 5)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(line, flags, fitting(choices, QFontMetrics(font), line.width()))
        top += height + 2


def fitting(choices: Sequence[str], metrics: QFontMetrics, width: int) -> str:
    """The first of `choices` that is at most `width` device-independent pixels wide, or the last, cut off."""
    for text in choices:
        if metrics.horizontalAdvance(text) <= width:
            return text
    return metrics.elidedText(choices[-1], Qt.TextElideMode.ElideRight, width)


def _disc(jpeg: bytes | None, ground: str, ink: str, ratio: float) -> QPixmap:
    """The middle of the picture as a disc, or the sign of a person."""
    picture = QImage()
    if jpeg is not None and picture.loadFromData(jpeg):
        return rounded(picture, _AVATAR, _AVATAR / 2, ratio, ground)
    result = rounded(picture, _AVATAR, _AVATAR / 2, ratio, ground)
    painter = QPainter(result)
    sign = round(_AVATAR * 0.56)
    painter.drawPixmap(QPointF((_AVATAR - sign) / 2, (_AVATAR - sign) / 2), pixmap("person", ink, sign, ratio))
    painter.end()
    return result
