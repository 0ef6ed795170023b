"""Enrol by snapshot: a guided photograph, a name, and where somebody likes a few more.

A card over the picture, not a dialog before it: whoever is photographed keeps seeing themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from faceapp.app.live_types import ConsentForm, LiveControl, SnapshotPhase, SnapshotState
from faceapp.gui.answers import Answers
from faceapp.gui.badge_offer import BadgeOffer
from faceapp.gui.guide_page import GuidePage
from faceapp.gui.pictures import rounded, to_qimage
from faceapp.gui.save_named import save_named
from faceapp.gui.snapshot_pages import FailedPage, Find, ReadyPage
from faceapp.gui.stored_page import PHOTO, StoredPage
from faceapp.gui.theme import Theme
from faceapp.types import PersonSummary

SheetPhase: TypeAlias = SnapshotPhase | Literal["stored"]

_POLL_MS = 50
_WIDTH = 520
_MARGIN = 22


class SnapshotSheet(QFrame):
    """Follows the session's snapshot. Hidden while there is none."""

    enrolled = pyqtSignal(str)
    """The name that is known from now on."""
    guided = pyqtSignal(object)
    """The state of the snapshot while it is guided, for the outline."""
    turned = pyqtSignal()
    """To another page."""
    closed = pyqtSignal()
    resized = pyqtSignal()

    def __init__(self, session: LiveControl, find: Find, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._find = find
        self._theme = theme
        self._shown: SheetPhase = "idle"
        self._width, self._tallest = _WIDTH, 10_000
        self._begun = False
        """True once the session has taken note of the snapshot."""
        self._saving = False
        self._known: PersonSummary | None = None
        """Whose photos are taken, once the first is stored."""
        self._consented = False
        self._guided = False
        """The height is the guide's, not another page's."""
        self._picture = QPixmap()
        self._answers = Answers(self)
        self.setObjectName("card")
        self.setAccessibleName("Enrol by snapshot")
        self.guide, self.ready, self.failed, self.stored = (
            GuidePage(theme),
            ReadyPage(find, theme),
            FailedPage(),
            StoredPage(theme),
        )
        self._badges = BadgeOffer(session, find, theme, self.stored, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN - 2, _MARGIN, _MARGIN - 2)
        self._pages: dict[SheetPhase, GuidePage | ReadyPage | FailedPage | StoredPage] = {
            "collecting": self.guide,
            "ready": self.ready,
            "failed": self.failed,
            "stored": self.stored,
        }
        for page in self._pages.values():
            page.hide()
            column.addWidget(page)
        self.guide.cancel.clicked.connect(self.cancel)
        self.guide.take_now.clicked.connect(self.take_now)
        self.guide.resized.connect(self._fit)
        self.ready.cancel.clicked.connect(self.cancel)
        self.ready.retake.clicked.connect(self.try_again)
        self.ready.save.clicked.connect(self.save)
        self.ready.entered.connect(self.save)
        self.ready.resized.connect(self._fit)
        self.failed.close_it.clicked.connect(self.cancel)
        self.failed.again.clicked.connect(self.try_again)
        self.stored.done.clicked.connect(self.cancel)
        self._badges.changed.connect(self._fit)
        self.stored.another.clicked.connect(self.take_another)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.follow)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def phase(self) -> SheetPhase:
        """What the sheet shows."""
        return self._shown

    def set_room(self, width: int, height: int) -> None:
        """How large it may be."""
        wanted = min(_WIDTH, width), height
        if wanted != (self._width, self._tallest):
            self._width, self._tallest = wanted
            self._fit()

    def begin(self, names: Sequence[str]) -> None:
        """Take a snapshot; `names` are offered while typing."""
        self._known, self._consented = None, False
        self.ready.offer(names, self._session.enrolment.consent_wanted())
        self.try_again()

    def take_another(self) -> None:
        """One more of the person whose photo was stored just now."""
        if self._known is not None:
            self.ready.offer_further(self._known.name)
            self.try_again()

    def try_again(self) -> None:
        """Another photograph; a name typed already stays."""
        photos = 0 if self._known is None else self._known.photos
        self._session.enrolment.begin_snapshot(guided=True, shots=photos)
        self._begun = False
        self.show()
        self.raise_()
        self.guide.begin("" if self._known is None else self._known.name, photos)
        self._guided = False
        self._turn_to("collecting")
        self.guide.cancel.setFocus()
        self.follow()
        self._timer.start()

    def take_now(self) -> None:
        """Take it as it is: it will be marked as taken by hand."""
        if self._shown == "collecting":
            self._session.enrolment.take_snapshot_now()
            self.guide.set_taking()

    def cancel(self) -> None:
        """Throw the snapshot away, or be done. While it is being saved that is too late."""
        if not self.isHidden() and not self._saving:
            self._session.enrolment.cancel_snapshot()
            self._close()

    def save(self) -> None:
        """Enrol under the name in the field. The sheet stays until that is done; a refusal is shown below the name."""
        if self._shown != "ready" or self._saving:
            return
        save_named(self.ready, self._session, self._theme, self._store)

    def ask_for_badges(self) -> None:
        """The face alone is to open nothing for those who were taken for each other."""
        self._badges.ask()

    def follow(self) -> None:
        """Show what the session's snapshot has come to."""
        if self._saving or self._shown == "stored":
            return
        state = self._session.enrolment.snapshot()
        if state.phase == "collecting":
            self.guide.show_state(state)
            self.guided.emit(state)
        self._begun = self._begun or state.phase != "idle"
        if state.phase == self._shown:
            return
        match state.phase:
            case "idle" if self._begun:
                # Taken away from elsewhere: the camera was changed, or the session stopped.
                self._close()
            case "ready":
                self._show_photo(state)
            case "failed":
                self.failed.tell(state.problem or "No usable face was seen.")
                self._turn_to("failed")
                self.failed.again.setFocus()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab stays on the sheet while it is open."""
        page = self._pages.get(self._shown)
        order = [w for w in page.order() if w.isVisible() and w.isEnabled()] if page is not None else []
        if not order:
            return super().focusNextPrevChild(next)
        focused = self.focusWidget()
        at = order.index(focused) + (1 if next else -1) if focused in order else 0
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        order[at % len(order)].setFocus(reason)
        if page is self.ready:
            self.ready.reveal(order[at % len(order)])
        return True

    def sizeHint(self) -> QSize:
        """Its own width, as tall as its page."""
        return QSize(self._width, super().sizeHint().height())

    def _show_photo(self, state: SnapshotState) -> None:
        self._picture = QPixmap()
        if state.image is not None:
            self._picture = rounded(to_qimage(state.image), PHOTO, 10, self.devicePixelRatioF())
        self._badges.see(state)
        self.ready.show_snapshot(state)
        self._turn_to("ready")
        # One more of the same person has its name: Enter saves it.
        (self.ready.save if self._known is not None and self.ready.save.isEnabled() else self.ready.name).setFocus()

    def _store(self, name: str, consent: ConsentForm | None) -> None:
        if self._shown == "ready" and not self._saving:  # else the photo was taken away meanwhile
            self._set_saving(True)
            given = consent is not None
            self._answers.when_done(
                self._session.enrolment.enroll(name, consent), lambda person: self._saved(person, given), self._refused
            )

    def _saved(self, person: PersonSummary, consented: bool) -> None:
        before = self._find(person.name)
        consented = consented or (before is not None and before.consent == "given")
        self._set_saving(False)
        self._timer.stop()
        same = self._known is not None and self._known.id == person.id
        self._consented = consented or (same and self._consented)
        self._known = person
        self._badges.tell(person)
        self.stored.tell(
            person, self._picture, self._session.enrolment.further_wish(person.photos), not self._consented
        )
        self._turn_to("stored")
        self.stored.done.setFocus()
        self.enrolled.emit(person.name)

    def _refused(self, line: str) -> None:
        self._set_saving(False)
        self.ready.refuse(line)

    def _set_saving(self, saving: bool) -> None:
        self._saving = saving
        self.ready.set_saving(saving)

    def _turn_to(self, phase: SheetPhase) -> None:
        self._shown = phase
        for key, page in self._pages.items():
            page.setVisible(key == phase)
        self._fit()
        self.turned.emit()

    def _fit(self) -> None:
        """As tall as its page, not as its tallest one."""
        layout = self.layout()
        if layout is not None and not self.isHidden():
            # A text that changed deep in a page reaches this layout with later turns of the event loop only, and never
            # through what scrolls.
            for inner in self.findChildren(QWidget):
                inner.updateGeometry()
            layout.activate()
            height = layout.totalHeightForWidth(self._width) or layout.totalSizeHint().height()
            if self._shown == "collecting":
                # It grows for a long instruction and stays so: nothing hops under the eyes of who is to hold still.
                height = max(height, self.height() if self._guided else 0)
            self._guided = self._shown == "collecting"
            self.setFixedSize(self._width, min(height, self._tallest))
            self.resized.emit()

    def _close(self) -> None:
        self._timer.stop()
        self._shown = "idle"
        self._known = None
        self._picture = QPixmap()
        self.ready.photo.clear()
        self.stored.photo.clear()
        self.hide()
        self.turned.emit()
        self.closed.emit()

    def _restyle(self) -> None:
        self.guide.restyle(self._theme)
        self.failed.restyle(self._theme)
