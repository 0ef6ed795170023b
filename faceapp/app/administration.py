"""What the administrator does in a window: rights on the gallery's thread, the PIN on one of its own.

Both keep to the protocols of `app/kiosk/types.py` and serve the kiosk and the live window alike: every method returns
at once, what takes a moment comes as a future. Every change is in the audit log before it takes effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from faceapp.app.audit import log_action
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.hours import entered_hours
from faceapp.app.kiosk.types import PinCheck, RightsRow, WeeklyHours
from faceapp.app.rights import RightsChanges, clean_code, rights_rows
from faceapp.errors import InputError
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import SiteKeys, badge_mac
from faceapp.security.pin import PinStore, PinVerdict
from faceapp.security.plain_pins import complaint_about

Log = Callable[[str, str | None], None]
"""Writes an administrator's action and the id of the person it is about to the audit log; raises a KnownError where it
can't, and then the action doesn't happen."""


class GalleryRights:
    """The rights to the door, read from the gallery's view and changed on its thread."""

    def __init__(self, gallery: GalleryThread, log: Log, badge_mac: Callable[[str], str]) -> None:
        """`badge_mac` makes of what a reader types what is stored of it; called on the gallery thread."""
        self._gallery = gallery
        self._log = log
        self._badge_mac = badge_mac

    def rows(self) -> Sequence[RightsRow]:
        """Everybody, sorted by name."""
        view = self._gallery.view
        return rights_rows(view.people, view.rights) if view is not None else ()

    def groups(self) -> Sequence[str]:
        """The names of all groups, sorted."""
        view = self._gallery.view
        return view.groups if view is not None else ()

    def marker(self) -> int:
        """Another number whenever the rows may have changed."""
        view = self._gallery.view
        return view.marker if view is not None else -1

    def allow(self, person_id: str, hours: tuple[WeeklyHours, ...] | None) -> Future[None]:
        """Give the person the door at these hours; None: always. An InputError for what are no hours."""
        return self._change(lambda changes: changes.allow(person_id, entered_hours(hours)))

    def deny(self, person_id: str) -> Future[None]:
        """Take the door from the person, whatever their groups may."""
        return self._change(lambda changes: changes.deny(person_id))

    def leave_to_groups(self, person_id: str) -> Future[None]:
        """The person's groups decide."""
        return self._change(lambda changes: changes.leave_to_groups(person_id))

    def set_active(self, person_id: str, active: bool) -> Future[None]:
        """Deactivated, nothing opens for the person, whatever their rights."""
        return self._change(lambda changes: changes.set_active(person_id, active))

    def set_badge(self, person_id: str, code: str | None) -> Future[None]:
        """Know this badge as theirs; None: forget all of theirs. Only a keyed hash of the code is kept."""
        if code is None:
            return self._change(lambda changes: changes.forget_badges(person_id))

        def know(store: GalleryStore) -> None:
            mac = self._badge_mac(clean_code(code))
            store.person_by_id(person_id)
            store.check_badge(person_id, mac)
            self._log("badge_set", person_id)
            store.add_badge(person_id, mac)

        return self._gallery.submit(know)

    def _change(self, change: Callable[[RightsChanges], object]) -> Future[None]:
        def job(store: GalleryStore) -> None:
            change(RightsChanges(store, self._log))

        return self._gallery.submit(job)


class PinService:
    """The administrator's PIN. Checking one is slow on purpose, so a thread of its own does it, one after the other."""

    def __init__(self, open_store: Callable[[], PinStore], log: Log | None = None) -> None:
        """Starts nothing: the thread comes with the first question. `log` is told of a new PIN before it holds."""
        self._open_store = open_store
        self._log = log
        self._worker = ThreadPoolExecutor(1, "pin")

    def has_pin(self) -> bool:
        """Whether one was set, also by another process. Cheap: a look at a file."""
        return self._open_store().has_pin()

    def check_pin(self, pin: str) -> Future[PinCheck]:
        """Whether it is the right one."""

        def check() -> PinCheck:
            return _checked(self._open_store().check(pin))

        return self._submit(check)

    def set_pin(self, new: str, old: str | None) -> Future[PinCheck]:
        """Set a PIN, or another one. An InputError where `new` is too short or too plain."""

        def change() -> PinCheck:
            complaint = complaint_about(new)
            if complaint is not None:
                raise InputError(complaint)
            store = self._open_store()
            if store.has_pin():
                found = _checked(store.check(old)) if old is not None else PinCheck("wrong")
                if found.answer != "right":
                    return found
            if self._log is not None:
                self._log("pin_set", None)
            return _checked(store.set(new, old))

        return self._submit(change)

    def stop(self) -> None:
        """Answer nothing any more. What is being checked is finished, what waits is cancelled."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _submit(self, job: Callable[[], PinCheck]) -> Future[PinCheck]:
        try:
            return self._worker.submit(job)
        except RuntimeError:  # stopped
            refused: Future[PinCheck] = Future()
            refused.cancel()
            return refused


def administration(gallery: GalleryThread, data_dir: Path) -> tuple[GalleryRights, PinService]:
    """The rights of the gallery and the PIN of `data_dir`, both writing to its audit log. Opens and makes nothing
    before it is asked."""

    def log(action: str, person_id: str | None) -> None:
        log_action(data_dir, action, person_id)

    def mac(code: str) -> str:
        return badge_mac(SiteKeys.open(data_dir).badges, code)

    return GalleryRights(gallery, log, mac), PinService(lambda: PinStore(data_dir), log)


def _checked(verdict: PinVerdict) -> PinCheck:
    return PinCheck(verdict.answer, verdict.wait_s)
