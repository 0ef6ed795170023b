"""The live window: picture at the left, people and settings at the right, figures below."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QSettings, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from faceapp.app.live_types import Level, LiveControl
from faceapp.errors import KnownError
from faceapp.gui.answers import Answers
from faceapp.gui.dialogs import AboutDialog, ShortcutsDialog
from faceapp.gui.face_menu import FaceMenu
from faceapp.gui.icons import icon
from faceapp.gui.more_pages import PAGES, Page, manage_people
from faceapp.gui.people_panel import PeoplePanel
from faceapp.gui.settings_panel import SettingsPanel, is_camera
from faceapp.gui.stage import Stage
from faceapp.gui.status_bar import StatusBar
from faceapp.gui.theme import SchemeChoice, Theme, scheme_choice
from faceapp.gui.tokens import PANEL_WIDTH
from faceapp.gui.widgets import button, every, fit_to_screen, label, rule, set_property

_STATE_MS = 200
_FIGURES_MS = 500
_CAMERAS_MS = 2000
_SCHEMES: tuple[tuple[str, SchemeChoice], ...] = (
    ("Like the &system", "system"),
    ("&Light", "light"),
    ("&Dark", "dark"),
)


class LiveWindow(QWidget):
    """Shows and drives one session. It neither starts the session nor itself; closing it stops the session."""

    told = pyqtSignal(str, str)
    """(level, text): something to show, from any thread."""

    def __init__(
        self,
        session: LiveControl,
        theme: Theme,
        memory: QSettings | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__()
        self._session = session
        self._theme = theme
        self._memory = memory
        self._clock = clock
        self._source = session.source()
        self._focus_before: QWidget | None = None
        self.setObjectName("window")
        self.setWindowTitle("faceapp")
        self.setMinimumSize(760, 560)
        fit_to_screen(self, QSize(1280, 800))

        self.people = PeoplePanel(session.people, theme, session.enrolment.consent_wanted().required)
        self.settings = SettingsPanel(session, theme)
        self.stage = Stage(session, self.people.model.find, theme)
        self.faces = FaceMenu(session, self.people.model.find, self)
        self.status = StatusBar()
        self.enrol = button("Enrol by snapshot", kind="primary", tip="Photograph whoever is in view (Ctrl+E)")
        self._count = label(kind="muted")
        self._more = QToolButton()
        self._counts = Answers(self)
        self._make_actions()
        self._panel = self._make_panel()
        self._lay_out()
        self._connect()
        self._restore()
        self._restyle()
        self.refresh()
        # Nothing is focused at first: Tab begins at the beginning.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()

    @property
    def theme(self) -> Theme:
        """What it is dressed in."""
        return self._theme

    def schemes(self) -> list[QAction]:
        """The menu's choices of theme."""
        return self._schemes.actions()

    def refresh(self) -> None:
        """Everything but the picture and the figures: phase, notices, settings, who is in view."""
        if self._session.source() != self._source:
            self._follow_source()
        live = is_camera(self._source) or "://" in self._source
        phase = self._session.phase()
        self.stage.show_state(phase, self._session.notices(), self._clock(), live)
        self.settings.refresh()
        result = self._session.latest_result()
        fresh = result is not None and phase == "running"
        matches = [f.match for f in result.faces] if result is not None and fresh else []
        self.people.model.set_in_view(frozenset(m.nearest.person_id for m in matches if m is not None and m.accepted))
        self.enrol.setEnabled(phase == "running" and self.stage.sheet.isHidden())

    def refresh_figures(self) -> None:
        """The status bar."""
        self.status.show_stats(self._session.stats())

    def begin_snapshot(self) -> None:
        """Open the snapshot sheet, if there is a picture to take one from."""
        if self._session.phase() == "running" and self.stage.sheet.isHidden():
            self._focus_before = self.focusWidget()
            self.stage.sheet.begin([p.name for p in self.people.persons if not p.guest])
            self.enrol.setEnabled(False)

    def tell(self, level: Level, text: str) -> None:
        """Show a banner for something that has happened. An error stays until it is dismissed."""
        self.stage.banners.tell(level, text)

    def set_full_screen(self, on: bool) -> None:
        """The picture alone on the whole screen, or the window again."""
        self._panel.setVisible(not on)
        self.status.setVisible(not on)
        state = self.windowState()
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(state | full if on else state & ~full)
        self.full_screen.setChecked(on)

    def escape(self) -> None:
        """Take back the last thing opened: the sheet, a question, a search, the full screen."""
        if not self.stage.sheet.isHidden():
            self.stage.sheet.cancel()
        elif not self.people.escape() and self.full_screen.isChecked():
            self.set_full_screen(False)

    def timers(self) -> list[QTimer]:
        """Everything that runs by itself, for whoever wants to be the clock."""
        return [
            self._state_timer,
            self._figures_timer,
            self._cameras_timer,
            *self.stage.findChildren(QTimer),
            *self.people.findChildren(QTimer),
        ]

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Stop the session, remember where the window was."""
        for timer in self.timers():
            timer.stop()
        if self._memory is not None and not self.full_screen.isChecked():
            self._memory.setValue("window/geometry", self.saveGeometry())
            self._memory.setValue("window/scheme", self._theme.choice)
        self._session.stop()
        super().closeEvent(a0)

    def _make_actions(self) -> None:
        self.mirror = self._action("&Mirror the picture", "Ctrl+M", self._mirror_chosen, checkable=True)
        self.full_screen = self._action("&Full screen", "F11", self.set_full_screen, checkable=True)
        self._find = self._action("&Search people", "Ctrl+F", self._go_to_search)
        self._shoot = self._action("&Enrol by snapshot", "Ctrl+E", self.begin_snapshot)
        self._pages = [self._page_action(page) for page in PAGES]
        self._keys = self._action("&Keyboard shortcuts …", "F1", self._show_shortcuts)
        self._about = self._action("&About faceapp …", "", self._show_about)
        self._quit = self._action("&Quit", "Ctrl+Q", self.close)
        self._schemes = QActionGroup(self)
        for text, choice in _SCHEMES:
            action = QAction(text, self._schemes)
            action.setCheckable(True)
            action.setData(choice)
        self._schemes.triggered.connect(self._scheme_chosen)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.escape)

    def _action(self, text: str, keys: str, slot: Callable[..., object], checkable: bool = False) -> QAction:
        action = QAction(text, self)
        action.setCheckable(checkable)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _make_menu(self) -> QMenu:
        menu = QMenu(self._more)
        menu.addAction(self._shoot)
        menu.addAction(self._find)
        menu.addSeparator()
        menu.addActions(self._pages)
        menu.aboutToShow.connect(self._count_pages)
        menu.addSeparator()
        menu.addAction(self.mirror)
        menu.addAction(self.full_screen)
        scheme = QMenu("&Theme", menu)
        scheme.addActions(self._schemes.actions())
        menu.addMenu(scheme)
        menu.addSeparator()
        menu.addActions([self._keys, self._about])
        menu.addSeparator()
        menu.addAction(self._quit)
        return menu

    def _make_panel(self) -> QWidget:
        self._more.setAccessibleName("Menu")
        self._more.setToolTip("Menu (Alt+M)")
        self._more.setShortcut(QKeySequence("Alt+M"))
        self._more.setIconSize(QSize(20, 20))
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._make_menu())
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("People", kind="title"))
        head.addWidget(self._count, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        head.addWidget(self.people.manage)
        head.addWidget(self._more)
        panel = QWidget()
        panel.setObjectName("panel")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        panel.setFixedWidth(PANEL_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.people, 1)
        column.addWidget(self.enrol)
        column.addSpacing(2)
        column.addWidget(rule())
        column.addSpacing(2)
        column.addWidget(self.settings)
        return panel

    def _lay_out(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.stage, 1)
        upper.addWidget(self._panel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.status)

    def _connect(self) -> None:
        self.told.connect(self._told)
        self.enrol.clicked.connect(self.begin_snapshot)
        self.people.failed.connect(lambda line: self.tell("warning", line))
        self.people.count_changed.connect(self._count_changed)
        self.people.manage_wanted.connect(self._manage)
        self.settings.source_chosen.connect(self._session.set_source)
        self.settings.source_chosen.connect(self.refresh)
        self.stage.view.faces_asked.connect(self.faces.open)
        self.faces.noted.connect(lambda line: self.tell("info", line))
        self.faces.refused.connect(lambda line: self.tell("warning", line))
        self.stage.sheet.enrolled.connect(self._enrolled)
        self.stage.sheet.closed.connect(self._sheet_closed)
        self._theme.changed.connect(self._restyle)
        self._state_timer = every(_STATE_MS, self.refresh, self)
        self._figures_timer = every(_FIGURES_MS, self.refresh_figures, self)
        self._cameras_timer = every(_CAMERAS_MS, self.settings.refresh_cameras, self)
        self._follow_source()
        self.people.refresh()

    def _follow_source(self) -> None:
        self._source = self._session.source()
        self.stage.clear()
        self.mirror.setChecked(is_camera(self._source))
        self.stage.view.set_mirrored(is_camera(self._source))

    def _mirror_chosen(self, on: bool) -> None:
        self.stage.view.set_mirrored(on)

    def _manage(self, chosen: str, consent: bool) -> None:
        manage_people(self._session, self._theme, self, (chosen,) if chosen else (), consent)

    def _go_to_search(self) -> None:
        self.people.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.people.search.selectAll()

    def _count_changed(self, count: int) -> None:
        self._count.setText(str(count) if count else "")
        self._count.setAccessibleName(f"{count} people")
        self.stage.view.anyone_enrolled = count > 0

    def _enrolled(self, _name: str) -> None:
        self.people.refresh()  # the sheet says who is known now

    def _sheet_closed(self) -> None:
        self.enrol.setEnabled(self._session.phase() == "running")
        (self._focus_before or self).setFocus()

    def _told(self, level: Level, text: str) -> None:
        self.tell(level, text)

    def _scheme_chosen(self, action: QAction) -> None:
        self._theme.choose(scheme_choice(str(action.data())))

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        self._more.setIcon(icon("more", tokens.text))
        self.enrol.setIcon(icon("camera", tokens.on_accent, 20, disabled=tokens.muted, gap=5))
        self.enrol.setIconSize(QSize(25, 20))
        for action in self._schemes.actions():
            action.setChecked(action.data() == self._theme.choice)
        set_property(self._panel, "scheme", tokens.name)

    def _restore(self) -> None:
        if self._memory is None:
            return
        geometry = self._memory.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)

    def _page_action(self, page: Page) -> QAction:
        def show() -> None:
            try:
                page.open(self._session, self._theme, self)
            except KnownError as e:
                self.tell("error", str(e))

        return self._action(page.text, "", show)

    def _count_pages(self) -> None:
        """Say in the menu what waits for somebody. What can't be told just now is left out."""
        for page, action in zip(PAGES, self._pages, strict=True):
            if page.count is not None:
                told = partial(self._counted, page, action)
                self._counts.when_done(page.count(self._session), told, told)

    def _counted(self, page: Page, action: QAction, waiting: int | str) -> None:
        """`waiting`: how much, or the line why that can't be told."""
        action.setText(page.counted(waiting if isinstance(waiting, int) else 0))

    def _show_shortcuts(self) -> None:
        actions = [self._shoot, self._find, self.mirror, self.full_screen, self._keys, self._quit]
        ShortcutsDialog(actions, self).open()

    def _show_about(self) -> None:
        AboutDialog(self).open()
