"""One person's right to the door: what holds, and the buttons that change it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from faceapp.app.kiosk.types import RightsControl, RightsRow
from faceapp.gui.admin.hours import USUAL, HoursEditor, hours_words
from faceapp.gui.admin.pages import Sign, Toggle
from faceapp.gui.admin.rights_model import badge_words, may_enter
from faceapp.gui.theme import Theme
from faceapp.gui.widgets import button, label, rule


class BadgeField(QLineEdit):
    """Where a reader types. The code is a secret and not shown."""

    gone = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        self.setMaxLength(256)
        self.setAccessibleName(self.tr("Badge code"))
        self.setPlaceholderText(self.tr("Waiting for the reader"))

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Esc gives up; readers that end with Tab instead of Enter are understood."""
        if a0 is not None and a0.key() == Qt.Key.Key_Escape:
            self.gone.emit()
            return
        super().keyPressEvent(a0)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab ends a code as Enter does; where there is none it moves on."""
        if next and self.text():
            self.returnPressed.emit()
            return True
        return super().focusNextPrevChild(next)


class PersonRights(QWidget):
    """Shows one row and asks for changes. Nothing is shown as changed before it is."""

    asked = pyqtSignal(object)
    """A future of a change that was asked for."""

    def __init__(self, rights: RightsControl, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rights = rights
        self._theme = theme
        self.row: RightsRow | None = None
        self.name = label(kind="title", wrap=True)
        self._sign = Sign()
        self.state = label(wrap=True)
        self.allow = Toggle(self.tr("Allow"), self.tr("Give this person the door"))
        self.deny = Toggle(self.tr("Deny"), self.tr("Take the door from this person, whatever their groups may"))
        self.groups = Toggle(self.tr("As groups say"), self.tr("No right of their own: their groups decide"))
        self._choice = _exclusive(self, self.allow, self.deny, self.groups)
        self.always = Toggle(self.tr("Always"), self.tr("At every hour of the week"))
        self.at_hours = Toggle(self.tr("At these hours"), self.tr("Only at certain hours of the week"))
        self._when = _exclusive(self, self.always, self.at_hours)
        self.hours = HoursEditor()
        self.keep_hours = button(self.tr("Keep these hours"), kind="primary")
        self.active = button("")
        self.badges = label()
        self.add_badge = button(self.tr("Add a badge"), tip=self.tr("Hold a badge to the reader, or type its code"))
        self.forget = button(self.tr("Forget badges"), tip=self.tr("None of their badges opens anything any more"))
        self.needs_badge = Toggle(
            self.tr("Needs a badge"), self.tr("Their face alone opens nothing: they show a badge as well")
        )
        self.code = BadgeField()
        self._cancel = button(self.tr("Cancel"))
        self._badge_hint = label(
            self.tr(
                "Hold the badge to the reader, or type its code and press Enter. Only a fingerprint of it is kept."
            ),
            kind="small",
            wrap=True,
        )
        self._lay_out()
        self._connect()

    def show_row(self, row: RightsRow | None) -> None:
        """Another person, or the same with another right. What was being typed stays while it is the same."""
        if row == self.row:
            return
        same = row is not None and self.row is not None and row.person_id == self.row.person_id
        self.row = row
        if row is None:
            return
        self.name.setText(row.name)
        with QSignalBlocker(self._choice), QSignalBlocker(self._when):
            {"allow": self.allow, "deny": self.deny, None: self.groups}[row.own].setChecked(True)
            (self.always if row.hours is None else self.at_hours).setChecked(True)
        self.groups.setEnabled(bool(row.groups) or row.own is not None)
        self.hours.set_hours(row.hours or (USUAL,))
        self.active.setText(self.tr("Deactivate") if row.active else self.tr("Activate again"))
        self.active.setAccessibleName(self.active.text())
        self.active.setToolTip(
            self.tr("Nothing opens for them until they are activated again; photos and rights stay")
            if row.active
            else self.tr("Their right counts again")
        )
        self.badges.setText(badge_words(row) or self.tr("No badge"))
        self.forget.setEnabled(row.badges > 0)
        self.needs_badge.setChecked(row.badge_required)
        if not same:
            self._ask_for_badge(False)
        self._show_parts()
        self._restyle()

    def explanation(self) -> str:
        """What holds, in a sentence."""
        row = self.row
        if row is None:
            return ""
        if not row.active:
            words = self.tr("Deactivated: nothing opens for {name}.")
        elif row.own == "allow":
            words = self.tr("May enter at any time.") if row.hours is None else self.tr("May enter: {hours}.")
        elif row.own == "deny":
            words = self.tr("May not enter, whatever their groups may.")
        elif row.allowed:
            words = self.tr("May enter at the hours of: {groups}.")
        elif row.groups:
            words = self.tr("May not enter: no right through {groups}.")
        else:
            words = self.tr("May not enter: nobody has allowed it yet.")
        said = words.format(name=row.name, groups=", ".join(row.groups), hours=hours_words(row.hours))
        if not (may_enter(row) and row.badge_required):
            return said
        badge = (
            self.tr("A badge is needed besides the face.")
            if row.badges
            else self.tr("A badge is needed besides the face, and none is known: nothing opens yet.")
        )
        return f"{said} {badge}"

    def _connect(self) -> None:
        self.allow.clicked.connect(lambda: self._choose("allow", lambda p: self._rights.allow(p, None)))
        self.deny.clicked.connect(lambda: self._choose("deny", self._rights.deny))
        self.groups.clicked.connect(lambda: self._choose(None, self._rights.leave_to_groups))
        self.always.clicked.connect(self._always)
        self.at_hours.clicked.connect(self._show_parts)
        self.hours.changed.connect(self._show_parts)
        self.keep_hours.clicked.connect(self._keep_hours)
        self.active.clicked.connect(self._toggle_active)
        self.add_badge.clicked.connect(lambda: self._ask_for_badge(True))
        self.needs_badge.clicked.connect(self._badge_needed)
        self._cancel.clicked.connect(lambda: self._ask_for_badge(False))
        self.code.gone.connect(lambda: self._ask_for_badge(False))
        self.code.returnPressed.connect(self._badge_read)
        self.forget.clicked.connect(lambda: self._ask(lambda p: self._rights.set_badge(p, None)))
        self._theme.changed.connect(self._restyle)

    def _choose(self, own: str | None, change: Callable[[str], Future[None]]) -> None:
        """Pressing what holds already changes nothing: the hours of a right stay."""
        if self.row is not None and self.row.own != own:
            self._ask(change)

    def _ask(self, change: Callable[[str], Future[None]]) -> None:
        """Ask for a change; until it is there the buttons show what holds."""
        if self.row is None:
            return
        person_id = self.row.person_id
        self.restore()
        self.asked.emit(change(person_id))

    def restore(self) -> None:
        """The buttons as the right is: after a refusal, and while a change is under way."""
        if self.row is None:
            return
        {"allow": self.allow, "deny": self.deny, None: self.groups}[self.row.own].setChecked(True)
        self.needs_badge.setChecked(self.row.badge_required)

    def _badge_needed(self, needed: bool) -> None:
        self._ask(lambda p: self._rights.require_badge(p, needed))

    def _always(self) -> None:
        if self.row is not None and self.row.hours is not None:
            self._ask(lambda p: self._rights.allow(p, None))
        self._show_parts()

    def _keep_hours(self) -> None:
        hours = self.hours.hours()
        if hours is not None:
            self._ask(lambda p: self._rights.allow(p, hours))

    def _toggle_active(self) -> None:
        if self.row is not None:
            active = not self.row.active
            self._ask(lambda p: self._rights.set_active(p, active))

    def _badge_read(self) -> None:
        code = self.code.text().strip()
        if code:
            self._ask_for_badge(False)
            self._ask(lambda p: self._rights.set_badge(p, code))

    def _ask_for_badge(self, on: bool) -> None:
        self.code.clear()
        for widget in (self.code, self._cancel, self._badge_hint):
            widget.setVisible(on)
        self.add_badge.setVisible(not on)
        self.forget.setVisible(not on)
        if on:
            self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_parts(self) -> None:
        row = self.row
        if row is None:
            return
        own = row.own == "allow"
        editing = own and self.at_hours.isChecked()
        self._hours_part.setVisible(own)
        self.hours.setVisible(editing)
        hours = self.hours.hours()
        self.keep_hours.setVisible(editing and hours != row.hours)
        self.keep_hours.setEnabled(hours is not None)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.state, 1)
        self._hours_part = QWidget()
        part = QVBoxLayout(self._hours_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(10)
        part.addWidget(label(self.tr("When"), kind="muted"))
        part.addLayout(_row(self.always, self.at_hours))
        part.addWidget(self.hours)
        part.addLayout(_row(self.keep_hours))
        self.setObjectName("scrolled")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        column.addWidget(self.name)
        column.addLayout(head)
        column.addSpacing(4)
        column.addWidget(label(self.tr("The door"), kind="muted"))
        column.addLayout(_row(self.allow, self.deny, self.groups))
        column.addWidget(self._hours_part)
        column.addWidget(rule())
        column.addWidget(self.badges)
        column.addLayout(_row(self.needs_badge, self.add_badge, self.forget))
        entry = QHBoxLayout()
        entry.setSpacing(8)
        entry.addWidget(self.code, 1)
        entry.addWidget(self._cancel)
        column.addLayout(entry)
        column.addWidget(self._badge_hint)
        column.addWidget(rule())
        column.addLayout(_row(self.active))
        column.addStretch(1)

    def _restyle(self) -> None:
        self.state.setText(self.explanation())
        if self.row is None:
            return
        tokens = self._theme.tokens
        if may_enter(self.row):
            name, colour = "check", tokens.accent
        else:
            name, colour = ("close", tokens.warning) if self.row.active else ("pause", tokens.muted)
        self._sign.show_sign(name, colour)


def _exclusive(parent: QWidget, *buttons: QPushButton) -> QButtonGroup:
    group = QButtonGroup(parent)
    for b in buttons:
        group.addButton(b)
    return group


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
