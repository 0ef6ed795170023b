"""What a passer-by sees: the mirror, the message over it, and in verify mode the way to type a number."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType

from PyQt6.QtCore import QEvent, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QPushButton, QStyle, QWidget

from faceapp.app.kiosk.types import KioskControl, KioskView, Screen
from faceapp.gui.kiosk.languages import LANGUAGES
from faceapp.gui.kiosk.looks import Look
from faceapp.gui.kiosk.messages import Message, answers_nothing, cannot_turn, message, no_liveness, translate
from faceapp.gui.kiosk.mirror import Mirror
from faceapp.gui.kiosk.pacing import Pacer
from faceapp.gui.kiosk.sheet import RADIUS, Sheet, footer_pixels
from faceapp.gui.widgets import button

_WITH_FACE: frozenset[Screen] = frozenset({"come_closer", "look_here", "checking", "question", "opening", "show_face"})
"""The screens about one face, with a frame around it."""
_DIM: dict[Screen, float] = {
    "idle": 0.22,
    "badge": 0.35,
    "starting": 0.6,
    "welcome": 0.3,
    "go_through": 0.3,
    "not_recognised": 0.4,
    "try_again": 0.4,
    "start_again": 0.4,
    "not_allowed": 0.5,
    "wait": 0.5,
    "out_of_order": 0.75,
}
"""How far the picture steps back behind the words."""
_DIM_STEP = 0.18
TURNING = 2.0

_log = logging.getLogger(__name__)


class KioskScreen(QWidget):
    """Shows what the kiosk says. `poll` is its clock's tick; nothing runs by itself."""

    number_wanted = pyqtSignal()
    language_chosen = pyqtSignal(str)

    def __init__(self, control: KioskControl, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._look = look
        self._pacer = Pacer()
        self._logged: set[tuple[type[Exception], int | None]] = set()
        self._shown: KioskView | None = None
        self._dim = 0.0
        self.on_message: Callable[[Message], None] | None = None
        """Called with each new message; for the voice."""
        self.mirror = Mirror(look, self)
        self.sheet = Sheet(look, self)
        style = self.style()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        self.sheet.still = style is not None and style.styleHint(hint, None, self) == 0
        self.number = button("")
        self.number.setParent(self)
        self.number.clicked.connect(self.number_wanted)
        self.number.hide()
        self._languages: list[tuple[str, QPushButton]] = []
        for code, name in LANGUAGES:
            choice = button(code.upper())
            choice.setParent(self)
            choice.setAccessibleName(name)
            choice.setCheckable(True)
            choice.clicked.connect(lambda _=False, c=code: self.language_chosen.emit(c))
            self._languages.append((code, choice))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.retranslate()

    @property
    def shown(self) -> KioskView | None:
        """The view on the screen, which may lag behind the kiosk's so that nothing flickers."""
        return self._shown

    def buttons(self) -> list[QPushButton]:
        """Everything that can be pressed."""
        return [self.number, *(b for _, b in self._languages)]

    def poll(self, now_ns: int) -> None:
        """Bring everything in line with the kiosk at `now_ns` (monotonic)."""
        raw = self._control.view()
        view = self._shown = self._pacer.take(raw, now_ns)
        demo = self._control.demo
        self._tell(message(view, self._control.mode == "verify", demo), now_ns)
        progress = {"checking": view.progress, "opening": TURNING, "starting": TURNING}.get(view.screen)
        self.sheet.set_progress(progress)
        self.sheet.advance(now_ns)
        aim = _DIM.get(view.screen, 0.0)
        step = aim - self._dim
        self._dim = aim if self.sheet.still or abs(step) < 0.02 else self._dim + step * _DIM_STEP
        self.mirror.set_dim(self._dim)
        track = raw.track if view.screen in _WITH_FACE and raw.screen != "idle" else None
        done = 1.0 if view.screen == "opening" else view.progress if view.screen == "checking" else 0.0
        self.mirror.point_at(track, done)
        self.mirror.take(self._control.latest_frame(), self._control.latest_result(), now_ns)
        turn = view.question.instruction if view.question is not None and view.screen == "question" else None
        reached = view.question.reached if view.question is not None else 0.0
        self.mirror.point_to(turn if turn in ("left", "right", "up", "down") else None, reached)
        asked = view.screen in ("question", "try_again", "start_again")
        if asked and demo:  # the other two screens say it in large letters
            self.sheet.set_footer(answers_nothing() if view.screen == "question" else "")
        elif asked:
            self.sheet.set_footer(cannot_turn())
        else:
            self.sheet.set_footer(no_liveness() if self._control.liveness == "off" else "")
        wanted = view.screen == "badge"
        if wanted == self.number.isHidden():
            self.number.setVisible(wanted)
            self._arrange()

    def fail(self, error: Exception, now_ns: int) -> None:
        """The kiosk can't be followed: say *out of order* in place of what was there, and the first time log why. The
        next `poll` that works shows the kiosk again."""
        kind = type(error), error.__traceback__ and _innermost(error.__traceback__).tb_lineno
        if kind not in self._logged:
            self._logged.add(kind)
            _log.critical("the kiosk's screen is out of order", exc_info=error)
        self._pacer = Pacer()  # nothing that was shown or held back before comes again
        self._shown = KioskView("out_of_order", now_ns)
        self._tell(message(self._shown, verify=False), now_ns)
        self.sheet.set_progress(None)
        self.sheet.advance(now_ns)
        self._dim = _DIM["out_of_order"]
        self.mirror.set_dim(self._dim)
        self.mirror.point_at(None, 0.0)
        self.mirror.point_to(None)

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self._look = look
        self.mirror.set_look(look)
        self.sheet.set_look(look)
        self._style_buttons()

    def set_pointer(self, seen: bool) -> None:
        """Show or hide the mouse pointer."""
        shape = Qt.CursorShape.ArrowCursor if seen else Qt.CursorShape.BlankCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def set_language(self, code: str) -> None:
        """Mark the language in use."""
        for c, choice in self._languages:
            choice.setChecked(c == code)

    def retranslate(self) -> None:
        """Say everything again."""
        self.number.setText(translate("Kiosk", "Type your number"))
        self.number.setAccessibleName(self.number.text())
        self.mirror.setAccessibleName(translate("Kiosk", "Camera picture"))
        if self._shown is not None:
            self._tell(message(self._shown, self._control.mode == "verify", self._control.demo), 0, aloud=False)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Picture above, message below."""
        super().resizeEvent(a0)
        self._arrange()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Another language."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.LanguageChange:
            self.retranslate()
            self._arrange()

    def _tell(self, new: Message, now_ns: int, aloud: bool = True) -> None:
        before = self.sheet.message
        if not self.sheet.tell(new, now_ns):
            return
        # PyQt lacks QAccessible's own events, but a changed name sends one, and a screen reader reads the name of what
        # has the focus: that is this page, not the sheet.
        for widget in (self.sheet, self):
            widget.setAccessibleName(f"{new.headline}. {new.line}".strip())
        if before is None or before.cue != new.cue:
            self._style_buttons()
            if aloud and self.on_message is not None:
                self.on_message(new)

    def _arrange(self) -> None:
        width, height = self.width(), self.height()
        upright = width < height
        sheet = round(height * (0.49 if upright else 0.41))
        radius = round(min(width, height) * RADIUS)
        self.mirror.setGeometry(0, 0, width, height - sheet + radius + 1)
        self.sheet.setGeometry(0, height - sheet, width, sheet)
        self._style_buttons()
        small = footer_pixels(width, height)
        margin = round(width * (0.06 if upright else 0.045))
        edge = max(round(small * 2.1), min(30, round(height * 0.075)))
        right = width - margin + (edge - small) // 4
        for i, (_, choice) in enumerate(reversed(self._languages)):
            choice.setGeometry(
                right - (i + 1) * round(edge * 1.25), height - round(edge * (1.35 if upright else 1.18)), edge, edge
            )
            choice.raise_()
        self._arrange_number(upright, margin, small)

    def _arrange_number(self, upright: bool, margin: int, small: int) -> None:
        if self.number.isHidden():
            self.sheet.set_room(0, 0)
            return
        size = self.number.sizeHint()
        tall = max(min(48, round(self.height() * 0.12)), round(small * 2.9))
        wide = max(size.width(), tall * 3)
        sheet = self.sheet.geometry()
        if upright:
            y = sheet.bottom() - round(small * 3.4) - tall
            place = QRect((self.width() - wide) // 2, y, wide, tall)
            self.sheet.set_room(0, tall)
        else:
            middle = sheet.top() + (sheet.height() - round(small * 2.6)) // 2
            place = QRect(self.width() - margin - wide, middle - tall // 2, wide, tall)
            self.sheet.set_room(wide + margin, 0)
        self.number.setGeometry(place)
        self.number.raise_()

    def _style_buttons(self) -> None:
        tone, look = self.sheet.tone, self._look
        small = footer_pixels(max(1, self.width()), max(1, self.height()))
        self.number.setStyleSheet(
            f"QPushButton {{ background: {look.accent}; color: {look.on_accent}; border: 3px solid {look.accent};"
            f" border-radius: {round(small * 0.7)}px; font-size: {round(small * 1.15)}px; font-weight: 600;"
            f" padding: 0 {round(small * 1.2)}px; }}"
            f"QPushButton:focus {{ border: 3px solid {tone.text}; padding: 0 {round(small * 1.2)}px; }}"
        )
        for _, choice in self._languages:
            choice.setStyleSheet(
                f"QPushButton {{ background: transparent; color: {tone.quiet}; border: 2px solid transparent;"
                f" border-radius: {round(small * 0.5)}px; font-size: {small}px; padding: 0; min-height: 0; }}"
                f"QPushButton:checked {{ border-bottom: 2px solid {tone.quiet}; border-radius: 0; font-weight: 600; }}"
                f"QPushButton:focus {{ border: 2px solid {tone.text}; padding: 0; }}"
            )


def _innermost(trace: TracebackType) -> TracebackType:
    """Where it was raised."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace
