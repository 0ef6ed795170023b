"""The cards that lie over the kiosk for a while: the number of a badge, the administrator's PIN."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QColor, QPalette, QResizeEvent
from PyQt6.QtWidgets import QWidget

from faceapp.app.kiosk.types import PinControl
from faceapp.gui.kiosk.keypad import PadCard
from faceapp.gui.kiosk.looks import Look
from faceapp.gui.kiosk.number_card import NumberCard
from faceapp.gui.kiosk.pin_pad import PinPad


class Cards(QWidget):
    """Covers everything below it, with one card in its middle. Hidden while there is none."""

    def __init__(self, control: PinControl, look: Look, parent: QWidget, clock: Callable[[], int]) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.number = NumberCard(look, self)
        self.pin = PinPad(control, look, self, clock)
        self.show_card(None)

    def show_card(self, card: PadCard | None) -> None:
        """This card alone; None: none."""
        for each in (self.number, self.pin):
            each.setVisible(each is card)
        self.setVisible(card is not None)
        if card is not None:
            self._arrange()
            self.raise_()
            card.field.setFocus()

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        colours = QPalette()
        colours.setColor(QPalette.ColorRole.Window, QColor(look.scrim))
        self.setPalette(colours)
        self.number.set_look(look)
        self.pin.set_look(look)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """The cards stay in the middle."""
        super().resizeEvent(a0)
        self._arrange()

    def _arrange(self) -> None:
        for card in (self.number, self.pin):
            size = card.wanted_size(self.size())
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            card.setGeometry(left, top, size.width(), size.height())
