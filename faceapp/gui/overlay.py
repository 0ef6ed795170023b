"""Paints boxes and name plates over the picture.

What a face is can be read without colour: a named one has a solid box and a filled plate, an unknown one a dashed box
and a dark plate that says so, one not yet looked at has only corners and "…". Text goes through Qt's own layout, so
every script is shaped and right-to-left names are read in their direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from faceapp.gui.labels import Wanted, place
from faceapp.gui.motion import ShownFace
from faceapp.gui.theme import tabular
from faceapp.gui.tokens import STAGE
from faceapp.types import Box, TrackedFace

Kind: TypeAlias = Literal["named", "unknown", "pending"]

_PAD_X, _PAD_Y, _BETWEEN = 10.0, 5.0, 8.0
_WIDEST = 300.0
_PLATE_RADIUS = 7.0


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands on a plate."""

    kind: Kind
    name: str
    distance: str


def caption(tracked: TrackedFace, anyone_enrolled: bool) -> Caption:
    """The words for one face. A face that was not embedded yet is "…", unless there is nobody it could be."""
    match = tracked.match
    if match is None:
        return Caption("pending", "…", "") if anyone_enrolled else Caption("unknown", "unknown", "")
    distance = f"{match.nearest.distance:.2f}"
    name = match.name
    if name is None:
        return Caption("unknown", "unknown", distance)
    # A name is a line of text here, whatever was typed: line breaks and control characters would tear the plate.
    return Caption("named", " ".join("".join(c if c.isprintable() else " " for c in name).split()), distance)


class Overlay:
    """Remembers where each plate was, so that it doesn't hop from side to side. Used on the GUI thread only."""

    def __init__(self) -> None:
        self._sides: dict[int, int] = {}
        self.plates: dict[int, QRectF] = {}
        """Where each track's plate was painted last, in the painter's coordinates."""

    def paint(
        self,
        painter: QPainter,
        faces: Sequence[ShownFace],
        bounds: QRectF,
        clear: QRectF,
        font: QFont,
        anyone_enrolled: bool,
    ) -> None:
        """Draw `faces`, whose boxes are already in the painter's coordinates, inside `bounds` (the picture), and their
        plates inside `clear` (what of it nothing lies over)."""
        if not faces:
            self._sides.clear()
            self.plates.clear()
            return
        name_font = QFont(font)
        name_font.setWeight(QFont.Weight.DemiBold)
        figure_font = tabular(font)
        names, figures = QFontMetricsF(name_font), QFontMetricsF(figure_font)
        height = max(names.height(), figures.height()) + 2 * _PAD_Y

        captions: dict[int, Caption] = {}
        wanted = []
        for shown in faces:
            key = shown.tracked.track
            text = caption(shown.tracked, anyone_enrolled)
            widest = min(_WIDEST, max(bounds.width() * 0.6, 80.0))
            text = Caption(text.kind, names.elidedText(text.name, Qt.TextElideMode.ElideRight, widest), text.distance)
            width = names.horizontalAdvance(text.name) + 2 * _PAD_X
            if text.distance:
                width += _BETWEEN + figures.horizontalAdvance(text.distance)
            captions[key] = text
            wanted.append(Wanted(key, shown.box, width, height))
        inner = clear.adjusted(4, 4, -4, -4)
        plates = {
            p.key: p for p in place(wanted, Box(inner.left(), inner.top(), inner.right(), inner.bottom()), self._sides)
        }
        self._sides = {key: p.side for key, p in plates.items()}
        self.plates = {key: QRectF(*_xywh(p.plate)) for key, p in plates.items()}

        painter.save()
        painter.setClipRect(bounds)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shown in reversed(faces):
            painter.setOpacity(shown.opacity)
            _draw_box(painter, QRectF(*_xywh(shown.box)), captions[shown.tracked.track].kind)
        for shown in reversed(faces):
            key = shown.tracked.track
            painter.setOpacity(shown.opacity)
            _draw_plate(painter, QRectF(*_xywh(plates[key].plate)), captions[key], name_font, figure_font)
        painter.restore()


def _xywh(box: Box) -> tuple[float, float, float, float]:
    return box.x1, box.y1, max(box.width, 0.0), max(box.height, 0.0)


def _with_alpha(colour: str, alpha: float) -> QColor:
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def _pen(colour: QColor, width: float, dashes: Sequence[float] | None = None) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dashes:
        pen.setDashPattern(list(dashes))
    return pen


def _draw_box(painter: QPainter, rect: QRectF, kind: Kind) -> None:
    side = min(rect.width(), rect.height())
    radius = min(max(side * 0.09, 4.0), 14.0)
    width = 2.5 if side >= 60 else 1.75
    painter.setBrush(Qt.BrushStyle.NoBrush)
    halo = _with_alpha(STAGE.halo, 0.35)
    if kind == "unknown":
        painter.setPen(_pen(halo, width + 2.0))
        painter.drawRoundedRect(rect, radius, radius)
        # Dashes are in units of the pen's width.
        painter.setPen(_pen(QColor(STAGE.unknown), width, (3.2, 3.4)))
        painter.drawRoundedRect(rect, radius, radius)
        return
    corners = _corners(rect, radius, side * 0.2)
    painter.setPen(_pen(halo, width + 3.0))
    painter.drawPath(corners)
    if kind == "named":
        painter.setPen(_pen(_with_alpha(STAGE.named, 0.75), width * 0.6))
        painter.drawRoundedRect(rect, radius, radius)
        painter.setPen(_pen(QColor(STAGE.named), width + 1.0))
    else:
        painter.setPen(_pen(_with_alpha(STAGE.unknown, 0.85), width))
    painter.drawPath(corners)


def _corners(r: QRectF, radius: float, arm: float) -> QPainterPath:
    """Four rounded corners with arms of length `arm`."""
    d = 2 * radius
    path = QPainterPath()
    path.moveTo(r.left(), r.top() + radius + arm)
    path.lineTo(r.left(), r.top() + radius)
    path.arcTo(QRectF(r.left(), r.top(), d, d), 180, -90)
    path.lineTo(r.left() + radius + arm, r.top())
    path.moveTo(r.right() - radius - arm, r.top())
    path.lineTo(r.right() - radius, r.top())
    path.arcTo(QRectF(r.right() - d, r.top(), d, d), 90, -90)
    path.lineTo(r.right(), r.top() + radius + arm)
    path.moveTo(r.right(), r.bottom() - radius - arm)
    path.lineTo(r.right(), r.bottom() - radius)
    path.arcTo(QRectF(r.right() - d, r.bottom() - d, d, d), 0, -90)
    path.lineTo(r.right() - radius - arm, r.bottom())
    path.moveTo(r.left() + radius + arm, r.bottom())
    path.lineTo(r.left() + radius, r.bottom())
    path.arcTo(QRectF(r.left(), r.bottom() - d, d, d), 270, -90)
    path.lineTo(r.left(), r.bottom() - radius - arm)
    return path


def _draw_plate(painter: QPainter, plate: QRectF, text: Caption, name_font: QFont, figure_font: QFont) -> None:
    named = text.kind == "named"
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(STAGE.named) if named else _with_alpha(STAGE.plate, 0.86))
    painter.drawRoundedRect(plate, _PLATE_RADIUS, _PLATE_RADIUS)
    ink = QColor(STAGE.on_named if named else STAGE.on_plate)
    inner = plate.adjusted(_PAD_X, 0, -_PAD_X, 0)
    metrics = QFontMetricsF(name_font)
    baseline = plate.center().y() + (metrics.ascent() - metrics.descent()) / 2
    painter.setPen(ink)
    painter.setFont(name_font)
    painter.drawText(QPointF(inner.left(), baseline), text.name)
    if text.distance:
        figures = QFontMetricsF(figure_font)
        painter.setPen(_with_alpha(ink.name(), 0.8))
        painter.setFont(figure_font)
        painter.drawText(QPointF(inner.right() - figures.horizontalAdvance(text.distance), baseline), text.distance)
