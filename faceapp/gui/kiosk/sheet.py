"""The giant message: an icon on a disc, a headline, one line below, and the small print at the bottom."""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QWidget

from faceapp.gui.icons import pixmap
from faceapp.gui.kiosk.lettering import Block, fit
from faceapp.gui.kiosk.looks import Look, Tone
from faceapp.gui.kiosk.messages import Message

MS = 1_000_000
FADE_NS = 200 * MS
HEADLINE = 0.072
"""Smallest height of the headline's letters' em, as part of the screen's height: read from two metres."""
HEADLINE_LARGEST = 0.115
_TURN_NS = 1600 * MS
_EASE = 0.25
"""Part of the way to its new value that the ring goes with each tick."""
RADIUS = 0.03
"""Of the sheet's upper corners, as part of the screen's shorter side."""


def footer_pixels(width: int, height: int) -> int:
    """Size of the small print on a screen of this size: small, and still readable from an arm's length."""
    side = min(width, height)
    # At 200 % a small wall panel has 240 pixels of height, each of them two.
    return round(max(side * 0.023, min(13.0, side * 0.029)))


@lru_cache(maxsize=32)
def _icon(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    return pixmap(name, colour, size, ratio)


class Sheet(QWidget):
    """Paints a message over the whole widget. Time comes from `advance`; nothing runs by itself."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._message: Message | None = None
        self._before: Message | None = None
        self._changed_ns = 0
        self._now_ns = 0
        self._progress: float | None = None
        self._ring = 0.0
        self._footer = ""
        self._aside = 0
        self._below = 0
        self.still = False
        """True: nothing moves, messages replace each other at once (reduced motion)."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def message(self) -> Message | None:
        """What is shown, or fading in."""
        return self._message

    @property
    def footer(self) -> str:
        """The small print."""
        return self._footer

    @property
    def tone(self) -> Tone:
        """What it is painted with."""
        return self._look.tone(self._message.tone if self._message is not None else "calm")

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self._look = look
        self.update()

    def set_footer(self, text: str) -> None:
        """The small print; empty: none."""
        if text != self._footer:
            self._footer = text
            self.update()

    def set_room(self, aside: int, below: int) -> None:
        """Pixels that buttons take at the right, and above the small print."""
        if (aside, below) != (self._aside, self._below):
            self._aside, self._below = aside, below
            self.update()

    def tell(self, message: Message, now_ns: int) -> bool:
        """Show `message`; True where it is another one than before."""
        if message == self._message:
            return False
        before = self._message
        if before is not None and before.screen == message.screen:
            self._message = message  # seconds counting down, another language: no fading
            self.update()
            return True
        # A name doesn't linger, not even for the time of a fade.
        self._before = before if before is not None and before.screen != "welcome" else None
        self._message = message
        self._changed_ns = now_ns
        self._ring = 0.0
        self.update()
        return True

    def set_progress(self, progress: float | None) -> None:
        """0 to 1: the ring; None: no ring. Above 1: it turns, because nobody knows how long it takes."""
        if progress != self._progress:
            self._progress = progress
            self.update()

    def advance(self, now_ns: int) -> None:
        """Another tick: repaint what moves."""
        fading = self._now_ns - self._changed_ns < FADE_NS
        self._now_ns = now_ns
        moving = fading
        if self._progress is not None:
            aim = min(self._progress, 1.0)
            if self.still or abs(aim - self._ring) < 0.004:
                moving = moving or self._ring != aim
                self._ring = aim
            else:
                self._ring += (aim - self._ring) * _EASE
                moving = True
            moving = moving or (self._progress > 1 and not self.still)
        if moving:
            self.update()

    def icon_size(self) -> int:
        """Diameter of the icon's disc."""
        if self._is_upright():
            return round(min(self.width() * 0.28, self.height() * 0.28))
        return round(min(self.height() * 0.56, self.width() * 0.17))

    def layout_message(self, message: Message) -> tuple[Block, Block]:
        """Headline and line, laid out for the sheet's size."""
        screen = self._screen_height()
        width = self._text_width()
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        upright = self._is_upright()
        largest = screen * (HEADLINE if upright else HEADLINE_LARGEST)
        head = fit(message.headline, bold, largest, screen * HEADLINE, width, 3 if upright else 2, 1.12)
        size = max(min(16.0, screen * 0.04), screen * (0.027 if upright else 0.042))
        line = fit(message.line, self.font(), size * 1.1, size * 0.9, width, 3, 1.3)
        return head, line

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Ground, then the message, during a change the one before fading out."""
        message = self._message
        if message is None:
            return
        part = self._part()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        tone = self._look.tone(message.tone)
        before = self._look.tone(self._before.tone) if self._before is not None else tone
        radius = min(self.width(), self._screen_height()) * RADIUS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_between(before.ground, tone.ground, part))
        painter.drawRoundedRect(QRectF(0, 0, self.width(), self.height() + radius), radius, radius)
        if self._look.name == "high contrast":
            painter.setPen(QPen(QColor(self._look.key_edge), max(3, radius / 6)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(2, 2, self.width() - 4, self.height() + radius), radius, radius)
        if part < 1 and self._before is not None:
            painter.setOpacity(max(0.0, 1 - 2 * part))
            self._paint_message(painter, self._before, before, 0.0)
        painter.setOpacity(1.0 if part >= 1 else max(0.0, 2 * part - 1) if self._before is not None else part)
        shift = 0.0 if self.still else (1 - part) * radius * 0.5
        self._paint_message(painter, message, tone, shift)
        painter.setOpacity(1.0)
        self._paint_footer(painter, _between(before.quiet, tone.quiet, part))
        painter.end()

    def _part(self) -> float:
        """How far the change has come, eased, 0 to 1."""
        if self.still:
            return 1.0
        t = min(1.0, max(0.0, (self._now_ns - self._changed_ns) / FADE_NS))
        return 1 - (1 - t) ** 2

    def _screen_height(self) -> int:
        window = self.window()
        return window.height() if window is not None else self.height()

    def _is_upright(self) -> bool:
        return self.width() < self._screen_height()

    def _margin(self) -> float:
        return self.width() * (0.06 if self._is_upright() else 0.045)

    def _text_width(self) -> float:
        width = self.width() - 2 * self._margin()
        if self._is_upright():
            return width
        return width - self.icon_size() - self._gap() - self._aside

    def _gap(self) -> float:
        return self.icon_size() * 0.24

    def _footer_height(self) -> float:
        pixels = footer_pixels(self.width(), self._screen_height())
        return pixels * (3.3 if self._is_upright() else 2.6)

    def _paint_message(self, painter: QPainter, message: Message, tone: Tone, shift: float) -> None:
        head, line = self.layout_message(message)
        between = line.line_height * 0.3
        dots = 0.0 if message.dots is None else line.line_height * 1.15
        room = QRectF(0, 0, self.width(), self.height() - self._footer_height() - self._below)
        disc = self.icon_size()
        text_height = head.height + between + line.height + dots
        left, width = self._margin(), self._text_width()
        if self._is_upright():
            gap = disc * 0.16
            # Long words in a long language: the icon gives way to them.
            disc = round(max(room.height() * 0.16, min(disc, (room.height() - text_height) / 1.5)))
            top = max(disc * 0.16, (room.height() - disc - gap - text_height) * 0.5) + shift
            centre = QPointF(self.width() / 2, top + disc / 2)
            text_top = top + disc + gap
            align = Qt.AlignmentFlag.AlignHCenter
        else:
            centre = QPointF(left + disc / 2, room.height() / 2 + disc * 0.03 + shift)
            left += disc + self._gap()
            # Capitals look centred when the block stands a little higher than its box says.
            text_top = (room.height() - text_height) / 2 + disc * 0.03 - head.line_height * 0.03 + shift
            align = Qt.AlignmentFlag.AlignLeft
        self._paint_disc(painter, message, tone, centre, disc)
        y = text_top
        for block, colour in ((head, tone.text), (line, tone.quiet)):
            painter.setPen(QColor(colour))
            painter.setFont(block.font)
            for text in block.lines:
                painter.drawText(
                    QRectF(left, y, width, block.line_height), int(align | Qt.AlignmentFlag.AlignVCenter), text
                )
                y += block.line_height
            y += between
        if message.dots is not None:
            self._paint_dots(painter, message.dots, tone, QRectF(left, y, width, dots))

    def _paint_dots(self, painter: QPainter, dots: tuple[int, int], tone: Tone, room: QRectF) -> None:
        """One for each movement, full where it is done; the one at hand is a ring, larger than those to come."""
        done, total = dots
        step, radius = room.height() * 0.62, room.height() * 0.2
        x = room.left() + radius * 1.3 if not self._is_upright() else room.center().x() - step * (total - 1) / 2
        for i in range(total):
            centre = QPointF(x + i * step, room.center().y())
            painter.setPen(QPen(QColor(tone.disc if i <= done else tone.track), max(2.0, radius * 0.3)))
            painter.setBrush(QColor(tone.disc) if i < done else Qt.BrushStyle.NoBrush)
            size = radius * (1.0 if i <= done else 0.8)
            painter.drawEllipse(centre, size, size)

    def _paint_disc(self, painter: QPainter, message: Message, tone: Tone, centre: QPointF, size: float) -> None:
        radius = size / 2
        ring = message is self._message and self._progress is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tone.disc))
        inner = radius * 0.8 if ring else radius
        painter.drawEllipse(centre, inner, inner)
        icon = round(inner * 1.24)
        ratio = self.devicePixelRatioF()
        picture = _icon(message.icon, tone.on_disc, icon, ratio)
        painter.drawPixmap(QPointF(centre.x() - icon / 2, centre.y() - icon / 2), picture)
        if not ring or self._progress is None:
            return
        width = radius * 0.1
        arc = QRectF(centre.x() - radius + width / 2, centre.y() - radius + width / 2, size - width, size - width)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tone.track), width))
        painter.drawEllipse(arc)
        painter.setPen(QPen(QColor(tone.disc), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if self._progress > 1:
            turned = 0.0 if self.still else self._now_ns % _TURN_NS / _TURN_NS
            painter.drawArc(arc, round((90 - 360 * turned) * 16), -110 * 16)
        elif self._ring > 0:
            painter.drawArc(arc, 90 * 16, -round(360 * 16 * self._ring))

    def _paint_footer(self, painter: QPainter, colour: QColor) -> None:
        if not self._footer:
            return
        pixels = footer_pixels(self.width(), self._screen_height())
        font = QFont(self.font())
        font.setPixelSize(pixels)
        painter.setFont(font)
        painter.setPen(colour)
        height = self._footer_height()
        rect = QRectF(self._margin(), self.height() - height, self.width() - 2 * self._margin() - pixels * 9, height)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        if QFontMetricsF(font).horizontalAdvance(self._footer) > rect.width():
            font.setPixelSize(max(12, round(pixels * 0.86)))
            painter.setFont(font)
        painter.drawText(rect, int(align), self._footer)


def _between(a: str, b: str, part: float) -> QColor:
    """The colour `part` (0 to 1) of the way from `a` to `b`."""
    x, y = QColor(a), QColor(b)
    return QColor(*(round(p + (q - p) * part) for p, q in zip(x.getRgb()[:3], y.getRgb()[:3], strict=True)))
