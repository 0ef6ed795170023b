"""The window's further pages, opened from its menu: each is loaded when it is first asked for, so that the window
comes fast.

A page is a dialog of its own beside the live picture, which goes on. To add one: a function here that imports it and
opens it, and a line in `PAGES`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from PyQt6.QtWidgets import QDialog, QWidget

from faceapp.app.live_types import LiveControl
from faceapp.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the menu."""

    text: str
    """With `&` before the letter that opens it."""
    open: Callable[[LiveControl, Theme, QWidget], None]
    """Shows the page over its parent. Raises KnownError, in one line, where it can't."""
    count: Callable[[LiveControl], Future[int]] | None = None
    """How much waits there for somebody; asked whenever the menu opens. None: nothing ever does."""

    def counted(self, waiting: int) -> str:
        """The text where so much waits."""
        return self.text.replace(" …", f" ({waiting}) …") if waiting else self.text


def _rights(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.admin.door_rights import DoorRightsDialog

    DoorRightsDialog(session.rights, session.pin, theme, parent).open()


def _people(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    manage_people(session, theme, parent)


def manage_people(
    session: LiveControl, theme: Theme, parent: QWidget, chosen: tuple[str, ...] = (), consent: bool = False
) -> None:
    """The people page, with these people selected; with `consent`, the question about theirs over it."""
    from faceapp.gui.people.page import PeopleDialog

    PeopleDialog(session, theme, parent, chosen, consent).open()


def _unknown(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.unknown.page import UnknownDialog

    UnknownDialog(session, theme, parent).open()


def _imports(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.imports.dialog import ImportDialog

    _beside(parent.findChild(ImportDialog) or ImportDialog(session, theme, parent))


def _export(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.imports.export import ExportDialog

    _beside(parent.findChild(ExportDialog) or ExportDialog(session, theme, parent))


def _evaluation(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.evaluation.page import EvaluationDialog

    _beside(parent.findChild(EvaluationDialog) or EvaluationDialog(session, theme, parent))


def _training(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.training.page import TrainingDialog

    _beside(parent.findChild(TrainingDialog) or TrainingDialog(session.training, theme, parent))


def _liveness(session: LiveControl, theme: Theme, parent: QWidget) -> None:
    from faceapp.gui.liveness.wizard import LivenessDialog

    _beside(parent.findChild(LivenessDialog) or LivenessDialog(session, theme, parent))


def _beside(dialog: QDialog) -> None:
    """Show it, and leave the window usable."""
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


PAGES: tuple[Page, ...] = (
    Page("Manage &people …", _people),
    Page("Door &rights …", _rights),
    Page("&Unknown faces …", _unknown, lambda session: session.inbox.waiting()),
    Page("&Import pictures …", _imports),
    Page("E&xport people …", _export),
    Page("E&valuation …", _evaluation),
    Page("Try the &liveness …", _liveness),
    Page("&Training …", _training),
)
