"""What the administrator does in a window: rights on the gallery's thread, the PIN on one of its own.

Both keep to the protocols of `app/kiosk/types.py` and serve the kiosk and the live window alike: every method returns
at once, what takes a moment comes as a future. Every change is in the audit log before it takes effect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from faceapp.app.audit import PIN_SET, PIN_WRONG, log_action
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.hours import entered_hours
from faceapp.app.kiosk.types import PinCheck, RightsRow, WeeklyHours
from faceapp.app.rights import RightsChanges, rights_rows
from faceapp.app.site_keys import pin_store, site_keys
from faceapp.errors import KnownError
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import badge_mac
from faceapp.security.pin import PinStore, PinVerdict

Log = Callable[[str, str | None], None]
"""Writes an administrator's action and the id of the person it is about to the audit log; raises a KnownError where it
can't, and then the action doesn't happen."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


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

    def require_badge(self, person_id: str, required: bool = True) -> Future[None]:
        """The person's face alone opens nothing from now on, or does again."""
        return self._change(lambda changes: changes.require_badge(person_id, required))

    def set_badge(self, person_id: str, code: str | None) -> Future[None]:
        """Know this badge as theirs; None: forget all of theirs. Only a keyed hash of the code is kept."""
        if code is None:
            return self._change(lambda changes: changes.forget_badges(person_id))
        return self._change(lambda changes: changes.add_badge(person_id, code, self._badge_mac))

    def _change(self, change: Callable[[RightsChanges], object]) -> Future[None]:
        def job(store: GalleryStore) -> None:
            change(RightsChanges(store, self._log))

        return self._gallery.submit(job)


class PinService:
    """The administrator's PIN. Checking one is slow on purpose, so a thread of its own does it, one after the other."""

    def __init__(self, open_store: Callable[[], PinStore], log: Log | None = None) -> None:
        """Starts nothing: the thread comes with the first question. `log` is told of a new PIN before it holds, and of
        each wrong one."""
        self._open_store = open_store
        self._log = log
        self._worker = ThreadPoolExecutor(1, "pin")
        self._known: bool | KnownError | None = None
        self._looking: Future[None] | None = None

    def look(self) -> None:
        """Look at the PIN's file on the thread, so that `has_pin` knows."""
        if self._looking is None or self._looking.done():
            if self._looking is not None and not self._looking.cancelled():
                self._looking.result()  # what nobody foresaw is raised here
            self._looking = self.run(self._look)

    def has_pin(self) -> bool:
        """Whether one was set, also by another process: as it was last seen. Each question has the thread look again;
        only the first one of all, where `look` wasn't called before, waits for the disk. Raises a KnownError where it
        can't be told."""
        if self._known is None:
            self._look()
        else:
            self.look()
        known = self._known
        if isinstance(known, KnownError):
            raise known.with_traceback(None)
        return known is True

    def check_pin(self, pin: str) -> Future[PinCheck]:
        """Whether it is the right one."""
        return self._submit(lambda: self._answer(self._open_store().check(pin), tried=True))

    def set_pin(self, new: str, old: str | None) -> Future[PinCheck]:
        """Set a PIN, or another one. An InputError where `new` is too short or too plain."""

        def change() -> PinCheck:
            verdict = self._open_store().set(new, old, first=lambda: self._write(PIN_SET))
            return self._answer(verdict, tried=old is not None)

        return self._submit(change)

    def run(self, job: Callable[[], T]) -> Future[T]:
        """Have `job` done on the thread: what else an administrator changes that stands in a small file."""
        try:
            return self._worker.submit(job)
        except RuntimeError:  # stopped
            refused: Future[T] = Future()
            refused.cancel()
            return refused

    def stop(self) -> None:
        """Answer nothing any more. What is being checked is finished, what waits is cancelled."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _answer(self, verdict: PinVerdict, tried: bool) -> PinCheck:
        if tried and verdict.answer == "wrong":
            try:
                self._write(PIN_WRONG)
            except KnownError as e:  # wrong it is all the same, and without a log the door is out of order anyway
                _log.warning("a wrong PIN is not in the audit log: %s", e)
        return PinCheck(verdict.answer, verdict.wait_s)

    def _write(self, action: str) -> None:
        if self._log is not None:
            self._log(action, None)

    def _look(self) -> None:
        try:
            self._known = self._open_store().has_pin()
        except KnownError as e:
            self._known = e

    def _submit(self, job: Callable[[], PinCheck]) -> Future[PinCheck]:
        def answered() -> PinCheck:
            try:
                return job()
            finally:
                self._look()

        return self.run(answered)


def administration(gallery: GalleryThread, data_dir: Path) -> tuple[GalleryRights, PinService]:
    """The rights of the gallery and the PIN of `data_dir`, both writing to its audit log. Opens and makes nothing
    before it is asked."""

    def log(action: str, person_id: str | None) -> None:
        log_action(data_dir, action, person_id)

    def mac(code: str) -> str:
        return badge_mac(site_keys(data_dir).badges, code)

    return GalleryRights(gallery, log, mac), PinService(lambda: pin_store(data_dir), log)
