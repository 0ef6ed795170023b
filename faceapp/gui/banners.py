"""What the user should know now, at the top of the picture: icon and text, never a box in the way."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from faceapp.app.live_types import Level, Notice
from faceapp.gui.icons import icon, pixmap
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import label

WORDS: dict[Level, str] = {"info": "Note", "warning": "Warning", "error": "Error"}
_EVENT_MS = 6000
_LINE = 26
"""Height of one line of text with the button beside it: sign, text and button stand on one line."""
_OWN = "window."
"""Prefix of the ids of the window's own notices."""
_EVENT = _OWN + "event"
"""Id of what has happened, as against a condition that holds: it can be dismissed whatever its level."""

READ_MS = 12_000
"""How long a note that is only information stays."""


class Banner(QFrame):
    """One notice."""

    dismissed = pyqtSignal(str)

    def __init__(self, notice: Notice, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self._theme = theme
        self.setObjectName("banner")
        self.setProperty("level", notice.level)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._icon = QLabel()
        self._icon.setFixedSize(20, _LINE)
        self._text = label(wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._text.setMinimumHeight(_LINE)
        self._close: QToolButton | None = None
        self._read = QTimer(self)
        self._read.setSingleShot(True)
        self._read.setInterval(READ_MS)
        self._read.timeout.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(10)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        if notice.level == "info" or notice.id == _EVENT:
            self._close = QToolButton()
            self._close.setIconSize(QSize(14, 14))
            self._close.setAccessibleName("Dismiss this note")
            self._close.setToolTip("Dismiss")
            self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._close.clicked.connect(self._dismiss)
            row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        else:
            row.setContentsMargins(14, 8, 14, 8)
        self.set_notice(notice)
        self.restyle()

    def natural_width(self) -> int:
        """Wide enough for the text in one line."""
        beside = 14 + self._icon.width() + 10 + (10 + _LINE + 10 if self._close is not None else 14)
        return beside + self._text.fontMetrics().horizontalAdvance(self.notice.text) + 4

    def set_notice(self, notice: Notice) -> None:
        """The same condition in other words."""
        if notice.level == "info" and (not self._read.isActive() or notice.text != self.notice.text):
            self._read.start()  # what is only good to know has been read after a while; what is wrong stays
        self.notice = notice
        self._text.setText(notice.text)
        spoken = f"{WORDS[notice.level]}: {notice.text}"
        self.setAccessibleName(spoken)
        self._text.setAccessibleName(spoken)
        self._icon.setAccessibleName(WORDS[notice.level])

    def restyle(self) -> None:
        """Icons in the theme's colours."""
        tokens = self._theme.tokens
        colour = {"info": tokens.info, "warning": tokens.warning, "error": tokens.danger}[self.notice.level]
        self._icon.setPixmap(pixmap(self.notice.level, colour, 20, self.devicePixelRatioF()))
        if self._close is not None:
            self._close.setIcon(icon("close", tokens.muted, 14))

    def _dismiss(self) -> None:
        self.dismissed.emit(self.notice.id)


class BannerStack(QWidget):
    """All notices that hold, worst first. A dismissed one stays away until its condition has ended."""

    resized = pyqtSignal()
    _WORST_FIRST: tuple[Level, ...] = ("error", "warning", "info")

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._banners: dict[str, Banner] = {}
        self._dismissed: set[str] = set()
        self._given: tuple[Notice, ...] = ()
        self._own: dict[str, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._event_timer = QTimer(self)
        self._event_timer.setSingleShot(True)
        self._event_timer.setInterval(_EVENT_MS)
        self._event_timer.timeout.connect(self._end_event)
        theme.changed.connect(self._restyle)
        self.setAccessibleName("Notices")

    def texts(self) -> list[str]:
        """What is shown, from top to bottom."""
        return [b.notice.text for b in self.banners()]

    def banners(self) -> list[Banner]:
        """From top to bottom."""
        items = (self._column.itemAt(i) for i in range(self._column.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [w for w in widgets if isinstance(w, Banner)]

    def set_notices(self, notices: Iterable[Notice]) -> None:
        """The session's conditions as they are now."""
        self._given = tuple(notices)
        self._dismissed &= {n.id for n in self._given}
        self._arrange()

    def set_own(self, id: str, level: Level, text: str | None) -> None:
        """Set or (None) take back a notice of the window itself."""
        key = _OWN + id
        if text is None:
            if self._own.pop(key, None) is not None:
                self._arrange()
        else:
            self._own[key] = Notice(key, level, text)
            self._arrange()

    def tell(self, level: Level, text: str) -> None:
        """Say something that has just happened. It goes by itself; an error stays until it is dismissed."""
        self._own[_EVENT] = Notice(_EVENT, level, text)
        self._arrange()
        if level == "error":
            self._event_timer.stop()
        else:
            self._event_timer.start()

    def _end_event(self) -> None:
        if self._own.pop(_EVENT, None) is not None:
            self._arrange()

    def _arrange(self) -> None:
        notices = [*self._own.values(), *(n for n in self._given if n.id not in self._dismissed)]
        notices.sort(key=lambda n: self._WORST_FIRST.index(n.level))
        wanted = {n.id: n for n in notices}
        if [b.notice for b in self.banners()] == notices:
            return
        for key, banner in list(self._banners.items()):
            if key not in wanted or wanted[key].level != banner.notice.level:
                self._column.removeWidget(banner)
                banner.hide()
                banner.deleteLater()
                del self._banners[key]
        for index, notice in enumerate(notices):
            known = self._banners.get(notice.id)
            if known is None:
                known = Banner(notice, self._theme, self)
                known.dismissed.connect(self._dismiss)
                self._banners[notice.id] = known
            known.set_notice(notice)
            self._column.insertWidget(index, known)
            known.show()
        self.setVisible(bool(notices))
        self.resized.emit()

    def _dismiss(self, id: str) -> None:
        if id in self._own:
            del self._own[id]
        else:
            self._dismissed.add(id)
        self._arrange()

    def _restyle(self) -> None:
        for banner in self._banners.values():
            banner.restyle()
