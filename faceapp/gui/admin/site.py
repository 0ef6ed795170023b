"""What holds for this door: how people are recognised, the door's address, the PIN, the way out of the kiosk."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.admin.pages import TOUCH, Line, Sign, scrolled, zoom
from faceapp.gui.admin.pin_change import ChangePin
from faceapp.gui.kiosk.looks import look_for
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label

_WIDEST = 760


class SitePage(QWidget):
    """Says what holds and offers the few things that can be done here."""

    leave_full_screen = pyqtSignal()
    quit_kiosk = pyqtSignal()

    def __init__(self, control: KioskControl, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._theme = theme
        self.line = Line(theme)
        self._warning = Sign()
        self.mode = label(wrap=True)
        self.liveness = label(wrap=True)
        self.why = label(kind="small", wrap=True)
        self.door = label(wrap=True)
        self.change_pin = button(self.tr("Change PIN"), tip=self.tr("The PIN that opens this page"))
        self.leave = button(self.tr("Leave full screen"), tip=self.tr("The kiosk goes on in a window"))
        self.quit = button(self.tr("Quit the kiosk"), tip=self.tr("The program ends, and the door stays shut"))
        self.pin = ChangePin(control, look_for(theme.tokens, theme.high_contrast))
        self._lay_out()
        self.change_pin.clicked.connect(lambda: self._pages.setCurrentWidget(self._pin_page))
        self.pin.cancelled.connect(self._pin_done)
        self.pin.changed.connect(self._pin_changed)
        self.leave.clicked.connect(self.leave_full_screen)
        self.quit.clicked.connect(lambda: self._ask(True))
        self.keep.clicked.connect(lambda: self._ask(False))
        self.really_quit.clicked.connect(self.quit_kiosk)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.refresh()

    def refresh(self) -> None:
        """What the kiosk says."""
        self.mode.setText(
            self.tr("Identify: the face alone, compared with everybody who is enrolled.")
            if self._control.mode == "identify"
            else self.tr("Verify: a badge, a code or a number first, then the face, compared with that person only.")
        )
        off = self._control.liveness == "off"
        self.liveness.setText(
            self.tr(
                "Off. A photograph or a phone held up cannot be told from a person: whoever has a good picture of "
                "somebody enrolled may get in. Keep a badge or a person at doors that matter."
            )
            if off
            else {
                "passive": self.tr(
                    "Passive: a model looks at each face for a picture or a screen. How often it errs depends on the "
                    "camera, the light and what is held up: try it with your own people and pictures."
                ),
                "active": self.tr(
                    "Active: people are asked to turn their head before the door opens. Pictures are refused. A "
                    "recording fits the questions by chance once in 27 sessions; prepared clips that somebody steers, "
                    "and faces that a computer draws, can answer them."
                ),
                "both": self.tr(
                    "Both: people are asked to turn their head, and a model looks for pictures and screens. What "
                    "passes must fool both: a recording by chance, or clips that somebody steers."
                ),
            }.get(self._control.liveness, self._control.liveness)
        )
        self.why.setText(
            {
                "site": self.tr("This is the site's setting."),
                "command line": self.tr("This was chosen when the kiosk was started, whatever the settings say."),
                "hour": self.tr("This is the settings' choice for this hour."),
                "person": self.tr("This holds for whoever has just shown a badge, and not for others."),
            }[self._control.liveness_why]
        )
        self._warning.setVisible(off)
        self.door.setText(
            self.tr("{address} (drawn on the screen: no real door is moved)").format(address=self._control.door_name)
            if self._control.door_name.startswith("sim:")
            else self._control.door_name
        )

    def _ask(self, on: bool) -> None:
        self._question.setVisible(on)
        self.quit.setVisible(not on)
        if on:
            self.keep.setFocus()

    def _pin_done(self) -> None:
        self._pages.setCurrentIndex(0)

    def _pin_changed(self) -> None:
        self._pin_done()
        self.line.tell(self.tr("The new PIN holds from now on."))

    def _lay_out(self) -> None:
        self.keep = button(self.tr("Cancel"))
        self.really_quit = button(self.tr("Quit"), kind="danger")
        self._question = QFrame()
        self._question.setObjectName("confirm")
        ask = QHBoxLayout(self._question)
        ask.setContentsMargins(14, 10, 10, 10)
        ask.addWidget(label(self.tr("Quit the kiosk? Nobody gets in by face until it is started again."), wrap=True), 1)
        ask.addWidget(self.keep)
        ask.addWidget(self.really_quit)
        self._question.hide()

        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(14)
        column.addWidget(self.line)
        column.addWidget(_card(self.tr("How people are recognised"), self.mode))
        column.addWidget(_card(self.tr("Is it a living person?"), self.liveness, self._warning, self.why))
        column.addWidget(_card(self.tr("The door"), self.door))
        column.addWidget(
            label(self.tr("These are set when the kiosk is started, or in its settings."), kind="small", wrap=True)
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        for b in (self.change_pin, self.leave, self.quit):
            b.setMinimumHeight(TOUCH)
            buttons.addWidget(b)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self._question)
        column.addStretch(1)
        self._content = content
        self._arrange()
        centred = QWidget()
        middle = QHBoxLayout(centred)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(1)
        middle.addWidget(content, 1000)
        middle.addStretch(1)
        self._pin_page = QWidget()
        pad = QHBoxLayout(self._pin_page)
        pad.setContentsMargins(0, 0, 0, 0)
        pad.addWidget(self.pin)
        self._pages = QStackedWidget()
        self._pages.addWidget(scrolled(centred))
        self._pages.addWidget(self._pin_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def changeEvent(self, a0: QEvent | None) -> None:
        """Larger letters need more room."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        self._content.setMaximumWidth(round(_WIDEST * zoom(self)))
        self.pin.setMaximumSize(round(900 * zoom(self)), round(560 * zoom(self)))

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        self._warning.show_sign("warning", tokens.warning)
        self.pin.set_look(look_for(tokens, self._theme.high_contrast))


def _card(title: str, text: QLabel, sign: QLabel | None = None, below: QLabel | None = None) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(18, 14, 18, 16)
    column.setSpacing(6)
    column.addWidget(label(title, kind="muted"))
    row = QHBoxLayout()
    row.setSpacing(12)
    if sign is not None:
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, 1)
    column.addLayout(row)
    if below is not None:
        column.addWidget(below)
    return card
