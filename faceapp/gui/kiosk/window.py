"""The kiosk's window: full screen over everything, and nothing but the administrator's PIN leads out of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, TypeAlias, cast

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PyQt6.QtWidgets import QApplication, QPushButton, QWidget

from faceapp.app.kiosk.types import KioskControl
from faceapp.gui.kiosk.administration import AdminPage, MakePanel, admin_panel
from faceapp.gui.kiosk.badge_keys import BadgeKeys
from faceapp.gui.kiosk.cards import Cards
from faceapp.gui.kiosk.hold_corner import HoldCorner
from faceapp.gui.kiosk.languages import Languages, known_language
from faceapp.gui.kiosk.looks import look_for
from faceapp.gui.kiosk.messages import Message, translate
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.screen import KioskScreen
from faceapp.gui.kiosk.voice import Voice
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button

Page: TypeAlias = Literal["kiosk", "number", "pin", "admin"]

POLL_MS = 33
_RETURN_MS = 500
_SECOND = 1_000_000_000
IDLE_S: dict[Page, float] = {"number": 20.0, "pin": 30.0, "admin": 60.0}
"""After so long without a touch or a key a page gives way to the kiosk."""
OUTSIDE_S = 600.0
"""The same for the kiosk that an administrator has taken out of full screen."""
POINTER_S = 3.0
"""A mouse pointer that doesn't move lies in nobody's way."""
LANGUAGE_S = 60.0
"""A visitor's language stays this long after the last touch or key."""
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
    }
)


class KioskWindow(QWidget):
    """Shows and drives one kiosk. It starts neither the kiosk nor itself.

    Closing it is refused unless an administrator or `end` allowed it.
    """

    administration_requested = pyqtSignal()
    """The right PIN was given: the administrator's page opens."""
    told = pyqtSignal(str, str)
    """(level, text), from any thread. It is for the log alone: a passer-by is shown no inner trouble."""

    def __init__(
        self,
        control: KioskControl,
        theme: Theme,
        options: ScreenOptions = ScreenOptions(),  # noqa: B008  # frozen
        clock: Callable[[], int] = time.monotonic_ns,
        make_panel: MakePanel | None = None,
    ) -> None:
        super().__init__()
        self._control, self._theme, self._options, self._clock = control, theme, options, clock
        self._make_panel = make_panel or admin_panel
        self._panel: QWidget | None = None
        self._locked = True
        self._may_close = False
        self._page: Page = "kiosk"
        self._keys = BadgeKeys(control, clock)
        self._touched_ns = clock()
        self._look = look_for(theme.tokens, options.high_contrast)
        self._languages = Languages(cast(QApplication, QApplication.instance()))
        self._language = known_language(options.language)
        self.voice = Voice(options.sound, options.speech, self)
        self.screen_page = KioskScreen(control, self._look, self)
        self.corner = HoldCorner(self.screen_page, clock)
        self._cards = Cards(control, self._look, self, clock)
        self.number_card, self.pin_pad = self._cards.number, self._cards.pin
        self._back = button("")
        self._back.setParent(self)
        self._back.hide()
        self._set_up()

    @property
    def page(self) -> Page:
        """What lies on top."""
        return self._page

    @property
    def panel(self) -> QWidget | None:
        """The administrator's page while it is open."""
        return self._panel

    @property
    def is_locked(self) -> bool:
        """True while nothing but the PIN leads out of full screen."""
        return self._locked

    @property
    def language(self) -> str:
        """The language on the screen."""
        return self._languages.current

    def timers(self) -> list[QTimer]:
        """Everything that runs by itself, for whoever wants to be the clock."""
        return self.findChildren(QTimer)

    def begin(self) -> None:
        """Cover the screen. The first kiosk of a site begins with the choice of a PIN, by whoever starts it, and with
        nothing else until there is one."""
        self.voice.begin()
        self._cover_screen()
        self.pin_pad.begin(may_choose=True)
        if not self.pin_pad.has_pin:
            self._go_to("pin")

    def end(self) -> None:
        """Close, whoever asked: for the system's administrator (a signal) and after `quit_kiosk`."""
        self._may_close = True
        self.close()

    def poll(self) -> None:
        """Another tick: what the kiosk says, and what has been left open for too long."""
        now = self._clock()
        try:
            self._keys.tick()
            self.screen_page.poll(now)
        except Exception as e:  # noqa: BLE001 - a screen that stays for good may hold a name: logged and replaced there
            self.screen_page.fail(e, now)
        quiet = (now - self._touched_ns) / _SECOND
        self.screen_page.set_pointer(quiet < POINTER_S)
        if self._locked and QApplication.activeWindow() is None and not self._return_timer.isActive():
            self._return_timer.start()
        if quiet >= IDLE_S.get(self._page, float("inf")) and not (self._page == "pin" and self.pin_pad.is_choosing):
            self.show_kiosk()
        if not self._locked and self._page == "kiosk" and quiet >= OUTSIDE_S:
            self.return_to_full_screen()
        if quiet >= LANGUAGE_S and self._page == "kiosk" and self._languages.current != self._language:
            self.choose_language(self._language)

    def ask_pin(self) -> None:
        """The administrator's PIN. Never the choice of one: by now anybody may stand here."""
        if self._page not in ("pin", "admin"):
            self.pin_pad.begin(may_choose=False)
            self._go_to("pin")

    def ask_number(self) -> None:
        """Verify mode: a field for the number on a badge."""
        if self._control.mode == "verify" and self._page == "kiosk":
            self.number_card.field.clear()
            self._go_to("number")

    def show_kiosk(self) -> None:
        """Back to what a passer-by sees."""
        self._go_to("kiosk")

    def leave_full_screen(self) -> None:
        """An administrator wants the desktop: a window like any other, until it is sent back or left alone."""
        if not self._locked or self._page != "admin":
            return
        self._control.log_action("left_full_screen")
        self._locked = False
        self._apply_flags()
        self.resize(1100, 760)
        self.showNormal()
        self.show_kiosk()

    def return_to_full_screen(self) -> None:
        """Lock again."""
        if self._locked:
            return
        self._control.log_action("returned_to_full_screen")
        self._locked = True
        self._apply_flags()
        self.show_kiosk()
        self._cover_screen()

    def quit_kiosk(self) -> None:
        """An administrator ends it."""
        if self._page == "admin":
            self._control.log_action("quit_kiosk")
            self.end()

    def choose_language(self, code: str) -> None:
        """Speak another language."""
        self._languages.choose(code)
        self.screen_page.set_language(code)

    def return_to_front(self) -> None:
        """Whatever came over the kiosk, or made it smaller: it comes back."""
        if not self._locked or not self.isVisible():
            return
        if not self.isFullScreen() or self.isMinimized():
            self._cover_screen()
        if QApplication.activeWindow() is None and QApplication.activePopupWidget() is None:
            self.raise_()
            self.activateWindow()

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Refused while locked: Alt+F4 and its kin come here."""
        if a0 is None:
            return
        if self._locked and not self._may_close:
            a0.ignore()
            return
        for timer in self.timers():
            timer.stop()
        self._drop_panel()
        self._watch_input(False)
        self.voice.stop()
        self._languages.restore()
        a0.accept()

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Keys nobody wanted: a badge reader's, or nothing. None of them ever closes or uncovers anything."""
        if a0 is not None:
            if self._page == "kiosk":
                self._keys.take(a0)
            a0.accept()

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Notice that somebody is there, and let a reader's Enter press no button."""
        if a1 is None:
            return False
        if a1.type() in _INPUT:
            self._touched_ns = self._clock()
        if a1.type() == QEvent.Type.KeyPress and isinstance(a0, QPushButton) and self._page == "kiosk":
            return isinstance(a1, QKeyEvent) and a0 in self.screen_page.buttons() and self._keys.take(a1)
        return False

    def changeEvent(self, a0: QEvent | None) -> None:
        """Not full screen any more, or no longer in front: come back. Another language: say it again."""
        super().changeEvent(a0)
        if a0 is None:
            return
        if a0.type() in (QEvent.Type.WindowStateChange, QEvent.Type.ActivationChange):
            self._return_timer.start()
        elif a0.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Live."""
        super().showEvent(a0)
        self._watch_input(True)
        self._poll_timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Nobody sees it."""
        self._poll_timer.stop()
        super().hideEvent(a0)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Everything fills the screen; the cards stand in its middle."""
        super().resizeEvent(a0)
        self._arrange()

    def _set_up(self) -> None:
        self.setObjectName("window")
        self.setWindowTitle("faceapp")
        self.setMinimumSize(320, 240)
        self._apply_flags()
        self._poll_timer = QTimer(self)
        self._poll_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._poll_timer.setInterval(POLL_MS)
        self._poll_timer.timeout.connect(self.poll)
        self._return_timer = QTimer(self)
        self._return_timer.setInterval(_RETURN_MS)
        self._return_timer.setSingleShot(True)
        self._return_timer.timeout.connect(self.return_to_front)
        shortcut = QShortcut(QKeySequence("Ctrl+Shift+A"), self)
        shortcut.activated.connect(self.ask_pin)
        self.corner.held.connect(self.ask_pin)
        self.screen_page.number_wanted.connect(self.ask_number)
        self.screen_page.language_chosen.connect(self.choose_language)
        self.screen_page.on_message = self._say
        self.number_card.entered.connect(self._number_entered)
        self.number_card.cancelled.connect(self.show_kiosk)
        self.pin_pad.accepted.connect(self._accepted)
        self.pin_pad.cancelled.connect(self.show_kiosk)
        self._back.clicked.connect(self.return_to_full_screen)
        self._theme.changed.connect(self._restyle)
        self._chose_pin = False
        self._restyle()
        self._retranslate()
        self.choose_language(self._language)
        self.screen_page.setFocus()

    def _cover_screen(self) -> None:
        screen = self.screen()
        if screen is not None:
            self.setGeometry(screen.geometry())  # without a window manager nobody else does
        self.showFullScreen()
        self.raise_()
        self.activateWindow()

    def _apply_flags(self) -> None:
        flags = Qt.WindowType.Window
        if self._locked:
            flags |= Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        self.setWindowFlags(flags)

    def _go_to(self, page: Page) -> None:
        before, self._page = self._page, page
        self._touched_ns = self._clock()
        self._keys.clear()
        self._chose_pin = self.pin_pad.is_choosing
        if page != "admin":
            self._drop_panel()
        if page == before:
            return
        card = {"number": self.number_card, "pin": self.pin_pad}.get(page)
        self._cards.show_card(card)
        self.screen_page.setVisible(page != "admin")
        self._back.setVisible(page == "kiosk" and not self._locked)
        self._arrange()
        if page == "kiosk":
            self.screen_page.setFocus()

    def _accepted(self) -> None:
        if self._page != "pin":
            return
        if self._chose_pin:  # the first PIN, logged where it was set: now it is a kiosk
            self.show_kiosk()
            return
        self._control.log_action("panel_opened")
        self._go_to("admin")
        self.administration_requested.emit()
        panel = self._panel = self._make_panel(self._control, self._theme)
        panel.setParent(self)
        signals = cast(AdminPage, panel)
        signals.closed.connect(self.show_kiosk)
        signals.leave_full_screen.connect(self.leave_full_screen)
        signals.quit_kiosk.connect(self.quit_kiosk)
        panel.setGeometry(self.rect())
        panel.show()
        panel.raise_()
        panel.setFocus()

    def _drop_panel(self) -> None:
        panel, self._panel = self._panel, None
        if panel is not None:
            panel.hide()
            panel.deleteLater()

    def _number_entered(self, text: str) -> None:
        self._control.typed(text)
        self.show_kiosk()

    def _say(self, message: Message) -> None:
        self.voice.say(message, self._languages.current)

    def _watch_input(self, on: bool) -> None:
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
            if on:
                app.installEventFilter(self)

    def _retranslate(self) -> None:
        self._back.setText(translate("Kiosk", "Back to full screen"))
        self._back.setAccessibleName(self._back.text())
        self._back.adjustSize()

    def _restyle(self) -> None:
        self._look = look_for(self._theme.tokens, self._options.high_contrast)
        self.screen_page.set_look(self._look)
        self._cards.set_look(self._look)

    def _arrange(self) -> None:
        self.screen_page.setGeometry(self.rect())
        self._cards.setGeometry(self.rect())
        side = max(56, round(min(self.width(), self.height()) * 0.09))
        self.corner.setGeometry(self.width() - side, 0, side, side)
        self.corner.raise_()
        if self._panel is not None:
            self._panel.setGeometry(self.rect())
        self._back.move(16, 16)
        self._back.raise_()
