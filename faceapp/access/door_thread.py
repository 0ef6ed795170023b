"""The thread on which a door is opened, so that a hung relay, a slow disk or a lost broker never delays a frame.

An opening goes in this order: write the intention and flush it; see that the grant is younger than a second and the
person still active; open, within a time limit; write the outcome. What can't be written doesn't happen. One opening at
a time: while one is under way, or the door doesn't answer, another is refused, never queued. What is wrong is looked
at again every two seconds, so that the door recovers by itself when the cause goes.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from faceapp.access.chain import Scalar
from faceapp.access.decisions import Grant
from faceapp.access.door import Door, DoorReply, DoorState
from faceapp.access.observations import DoorStatus
from faceapp.access.opening import DoorOptions, Log, Opened, Outcome, since_boot_ns
from faceapp.access.records import UNKNOWN, code
from faceapp.errors import KnownError

LOOK_UNNOTICED_NS = 200_000_000
"""A look at the door or an entry in the log that takes longer than this makes it busy: a grant would wait for it, and
may be too old then."""

_log = logging.getLogger(__name__)


class DoorThread:
    """Owns the door and writes the log. All public methods return at once and may be called from any thread."""

    def __init__(
        self,
        door: Door,
        log: Log,
        active: Callable[[str], bool],
        *,
        options: DoorOptions | None = None,
        now_ns: Callable[[], int] = since_boot_ns,
    ) -> None:
        """`active`: whether the person with this id may still enter; asked on the door's thread, right before opening,
        and about nobody (an empty id) now and then, to see that it can be told.
        `now_ns`: the clock of `Grant.decided_ns`."""
        self._door = door
        self._records = log
        self._active = active
        self._options = options or DoorOptions()
        self._now_ns = now_ns
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)
        # Guarded by `_wake`, which nobody holds while calling the door, the log or `active`:
        self._stopping = False
        self._grant: tuple[Grant, Mapping[str, Scalar]] | None = None
        self._opening = True
        """Busy with the door; at first with seeing that it is shut."""
        self._began_ns: int | None = None
        self._deadline_ns: int | None = None
        self._open_until_ns = 0
        self._troubles: dict[str, str] = {}
        self._notes: deque[tuple[str, Mapping[str, Scalar]]] = deque()
        self._lost = 0
        # The thread's own:
        self._look_at = 0.0
        """When the door is asked again how it is, on time.monotonic."""
        # Replaced whole:
        self.last: Opened | None = None
        """The newest outcome."""
        self.state: DoorState = "unknown"
        """What the door said of itself when it was last asked."""

    def start(self) -> None:
        """Begin. The door is shut first, whatever an earlier run left behind."""
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> bool:
        """Ask the thread to end and wait up to `timeout` seconds; False where it is stuck in a call. It shuts and lets
        go of the door when it gets there."""
        with self._wake:
            self._stopping = True  # which also drops a grant that wasn't begun
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def submit(self, grant: Grant, fields: Mapping[str, Scalar]) -> bool:
        """Open for `grant`, logged with `fields`. False where the door isn't ready: nothing is kept for later."""
        with self._wake:
            if self._status() != "ready":
                return False
            self._grant = grant, fields
            self._wake.notify_all()
            return True

    def wait(self, timeout: float) -> DoorStatus:
        """Wait up to `timeout` seconds of real time for the end of what is under way: for who plays a film faster than
        time goes by. Nobody with a picture to show calls this."""
        end = time.monotonic() + timeout
        with self._wake:
            while self._status() == "busy" and (left := end - time.monotonic()) > 0:
                self._wake.wait(min(left, 0.05))
            return self._status()

    def note(self, kind: str, fields: Mapping[str, Scalar]) -> None:
        """Log something that needs no opening, such as a refusal, when the thread gets there."""
        with self._wake:
            if len(self._notes) >= self._options.notes:
                self._notes.popleft()
                self._lost += 1
            self._notes.append((kind, fields))
            self._wake.notify_all()

    def status(self) -> DoorStatus:
        """Whether an opening could happen now."""
        with self._wake:
            return self._status()

    def trouble(self) -> str | None:
        """What is wrong, in a line for the administrator; None: nothing."""
        with self._wake:
            if self._overdue():
                return f"{self._door.name} does not answer: check the door's device and its connection"
            return next(iter(self._troubles.values()), None)

    def _status(self) -> DoorStatus:
        if self._stopping or not self._thread.is_alive() or self._troubles or self._overdue():
            return "out_of_order"
        now_ns = self._now_ns()
        looking = self._began_ns is not None and now_ns - self._began_ns > LOOK_UNNOTICED_NS
        busy = self._opening or self._grant is not None or looking or now_ns < self._open_until_ns
        return "busy" if busy else "ready"

    def _overdue(self) -> bool:
        return self._deadline_ns is not None and self._now_ns() > self._deadline_ns

    # On the thread

    def _run(self) -> None:
        try:
            self._tidy_up()
            with self._wake:
                self._opening = False
            self._look_at = time.monotonic() + self._options.look_every
            while self._step():
                pass
        except Exception:  # noqa: BLE001 - a bug of ours; with the thread ended the door stays out of order
            _log.exception("the door's thread failed")
        finally:
            try:
                self._door.close()
            except Exception:  # noqa: BLE001 - what is being let go of needs nothing more from us
                _log.exception("the door could not be let go of")
            with self._wake:
                notes = self._writable_notes()
            self._write_notes(notes)  # that the kiosk was stopped, for one; after the door, which matters more

    def _step(self) -> bool:
        """Do what is to be done next; False when it is time to end."""
        with self._wake:
            left = self._look_at - time.monotonic()
            if left > 0 and not (self._stopping or self._grant or self._writable_notes()):
                self._wake.wait(left)
            if self._stopping:
                return False
            grant, self._grant = self._grant, None
            self._opening = grant is not None
            notes = self._writable_notes() if grant is None else []
        if grant is not None:
            self._open(*grant)
            with self._wake:
                self._opening = False
        elif time.monotonic() >= self._look_at:  # before the notes, of which there may be more all the time
            self._look()
            self._look_at = time.monotonic() + self._options.look_every
        else:
            self._write_notes(notes)
        return True

    def _writable_notes(self) -> list[tuple[str, Mapping[str, Scalar]]]:
        """Those that wait, unless the log can't be written: `_look` finds out when it can."""
        return [] if "log" in self._troubles else list(self._notes)

    def _open(self, grant: Grant, fields: Mapping[str, Scalar]) -> None:
        """One opening, from the intention to the outcome."""
        intention = self._write("intention", fields)
        if intention is None:
            self._finished(grant, "not_logged", "")
            return
        outcome, detail = self._not_any_more(grant) or self._pulsed()
        self._finished(grant, outcome, detail)
        fields = {"intention": intention, "outcome": outcome, "detail": code(detail), "person": grant.person_id}
        self._write("outcome", fields)

    def _not_any_more(self, grant: Grant) -> tuple[Outcome, str] | None:
        """Why the door stays shut after all."""
        try:
            with self._within(self._options.log_limit):
                active = self._active(grant.person_id)
        except Exception as e:  # noqa: BLE001 - whatever it was: who can't be checked isn't let in
            self._cannot_tell(e)
            return "withdrawn", "not checked"
        if not active:
            return "withdrawn", ""
        if self._stopping:
            return "withdrawn", "stopping"
        age = self._now_ns() - grant.decided_ns
        return None if 0 <= age < self._options.max_age * 1e9 else ("expired", "")

    def _pulsed(self) -> tuple[Outcome, str]:
        """Open the door."""
        limit = self._options.time_limit
        began = self._now_ns()
        with self._within(limit):
            reply = self._answer(lambda: self._door.open(self._options.pulse, limit))
        late = self._now_ns() - began > limit * 1e9
        if reply.outcome == "opened" and not late:
            with self._wake:
                if self._options.busy_while_open:
                    self._open_until_ns = self._now_ns() + round(self._options.pulse * 1e9)
            return "opened", reply.detail or ("confirmed" if reply.confirmed else "")
        self._in_trouble("door", f"{self._door.name} did not open ({reply.detail or reply.outcome}): check its device")
        if reply.outcome == "opened":
            self._told_to_shut()
            return "late", reply.detail
        return reply.outcome, reply.detail

    def _answer(self, call: Callable[[], DoorReply]) -> DoorReply:
        try:
            return call()
        except (KnownError, OSError) as e:
            return DoorReply("unreachable", type(e).__name__)
        except Exception as e:  # noqa: BLE001 - a driver's own error must not end the thread that shuts the door
            _log.error("the door failed", exc_info=e)
            return DoorReply("failed", type(e).__name__)

    def _told_to_shut(self) -> None:
        """Shut the door if it can be told to; if it can't be reached it must end its pulse itself."""
        try:
            with self._within(self._options.time_limit):
                self._door.shut(self._options.time_limit)
        except KnownError as e:
            self._in_trouble("door", str(e))
        except Exception as e:  # noqa: BLE001 - as in _answer
            _log.warning("the door could not be told to shut", exc_info=e)
            self._in_trouble("door", f"{self._door.name} could not be told to shut: check its device")

    def _finished(self, grant: Grant, outcome: Outcome, detail: str) -> None:
        with self._wake:
            self.last = Opened(grant, outcome, detail, self._now_ns())

    def _tidy_up(self) -> None:
        """Shut the door, and finish the entry that an end in the middle of an opening left open."""
        self._told_to_shut()
        try:
            with self._within(self._options.log_limit):
                latest = self._records.latest()
        except (KnownError, OSError) as e:
            self._in_trouble("log", str(e))
            return
        answered = {entry.fields.get("intention") for entry in latest if entry.kind == "outcome"}
        for entry in latest:
            if entry.kind == "intention" and entry.number not in answered:
                person = entry.fields.get("person") or UNKNOWN
                self._write("outcome", {"intention": entry.number, "outcome": "interrupted", "person": person})

    def _look(self) -> None:
        """See how the door and the log are."""
        limit = self._options.time_limit
        try:
            with self._within(limit):
                self.state = self._door.state(limit)
        except KnownError as e:
            self.state = "unknown"
            self._in_trouble("door", str(e))
        except Exception as e:  # noqa: BLE001 - as in _answer
            self.state = "unknown"
            self._in_trouble("door", f"{self._door.name} cannot be reached ({type(e).__name__}): check its connection")
        else:
            self._out_of_trouble("door")
        if "log" in self._troubles:
            self._write("recovered", {"detail": "log", "entries": self._lost})
        try:
            with self._within(self._options.log_limit):
                self._active("")  # nobody: whether there is an answer is the question
        except Exception as e:  # noqa: BLE001 - as in _not_any_more
            self._cannot_tell(e)
        else:
            self._out_of_trouble("people")

    def _cannot_tell(self, error: Exception) -> None:
        line = str(error) if isinstance(error, KnownError) else f"{type(error).__name__}, see the log"
        if not isinstance(error, KnownError):
            _log.error("whether somebody may still enter could not be told", exc_info=error)
        self._in_trouble("people", f"whether people may still enter cannot be told: {line}")

    def _write_notes(self, notes: Sequence[tuple[str, Mapping[str, Scalar]]]) -> None:
        for note in notes:
            if self._write(*note) is None and "log" in self._troubles:
                return  # they wait
            with self._wake:
                if self._notes and self._notes[0] is note:
                    self._notes.popleft()

    def _write(self, kind: str, fields: Mapping[str, Scalar]) -> int | None:
        """The number of the new entry; None where it could not be written, which keeps the door shut."""
        try:
            with self._within(self._options.log_limit):
                number = self._records.append(kind, **fields).number
        except (KnownError, OSError) as e:
            self._in_trouble("log", str(e))
            return None
        except Exception:  # noqa: BLE001 - an entry we made wrongly is our bug; it must not end the thread
            _log.exception("an audit entry could not be made")
            return None
        self._out_of_trouble("log")
        return number

    def _in_trouble(self, about: str, line: str) -> None:
        with self._wake:
            new = about not in self._troubles
            self._troubles[about] = line
        if new:
            _log.warning("%s", line)
            if about != "log":
                self.note("out_of_order", {"door": code(self._door.name), "detail": about})

    def _out_of_trouble(self, about: str) -> None:
        with self._wake:
            gone = self._troubles.pop(about, None)
            if gone is not None and about == "log":
                self._lost = 0
        if gone is not None:
            _log.info("the %s works again", about)
            if about != "log":
                self.note("recovered", {"door": code(self._door.name), "detail": about})

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """A call that is expected to return in time; until it does after that, the door is out of order."""
        with self._wake:
            self._began_ns = self._now_ns()
            self._deadline_ns = self._began_ns + round(seconds * 1e9)
        try:
            yield
        finally:
            with self._wake:
                self._began_ns = self._deadline_ns = None
