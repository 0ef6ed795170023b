"""What a window sees of the kiosk: plain data, and the protocols it talks to.

`KioskSession` (`app/kiosk/session.py`) is the real one; tests bring fakes. As with `live_types`, every method is called
on the GUI thread and returns at once; what takes a moment (a PIN is slow to check on purpose, the gallery lives on a
thread of its own) comes as a future, which may hold a KnownError with a line to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from faceapp.types import Frame, FrameResult, LiveStats

Screen: TypeAlias = Literal[
    "starting",
    "idle",
    "badge",
    "come_closer",
    "look_here",
    "checking",
    "question",
    "try_again",
    "start_again",
    "one_at_a_time",
    "opening",
    "welcome",
    "go_through",
    "not_recognised",
    "not_allowed",
    "show_face",
    "wait",
    "out_of_order",
]
"""What a passer-by reads, one at a time.

starting: the networks are being loaded. idle: nobody is there. badge: verify mode, a claim comes first. opening:
granted, the door hasn't answered yet (shown like checking). question: move your head as you are asked, see
`KioskView.question`. try_again: the questions weren't answered; they begin anew by themselves. start_again: nor were
they, and in a way that a picture might; step out of the picture first. welcome: the door is open, the one screen with
a name. go_through: let in a moment ago. not_recognised: try again or ask for help. not_allowed: recognised, but this
door isn't for them, or not at this hour. show_face: a picture was held up. wait: locked out for a while. out_of_order:
camera, door, log or gallery don't work.
"""

Turn: TypeAlias = Literal["left", "right", "up", "down"]
"""The person's own left and right, which in a mirror are the picture's."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is asked to do, to show that they are no picture."""

    instruction: Literal["look_here", "left", "right", "up", "down", "look_back", "once_more"]
    following: Turn | None
    """On `look_back`: what comes next, to be shown already."""
    done: int
    """Movements answered in this try..."""
    total: int
    """...of so many."""
    attempt: int = 1
    """1 for the first try..."""
    attempts: int = 1
    """...of so many."""
    reached: float = field(default=0.0, compare=False)
    """How far the head has turned that way, 0 to 1 where it is enough: for the arrow. No other question."""


PinAnswer: TypeAlias = Literal["right", "wrong", "wait", "none"]
"""wait: too many wrong ones, see `PinCheck.wait_s`. none: no PIN was set yet."""


@dataclass(frozen=True, slots=True)
class KioskView:
    """What the screen shows now. Replaced whole; poll it."""

    screen: Screen
    since_ns: int
    """When this screen began, `time.monotonic_ns`."""
    name: str | None = None
    """On `welcome` only: never while deciding, never a stranger's."""
    progress: float = 0.0
    """On `checking`, 0 to 1: how long has been looked. It says nothing of whether somebody was recognised."""
    remaining_s: float | None = None
    """On `wait`: how long still."""
    track: int | None = None
    """The face it is about, for the frame around it; None where there is none."""
    question: Question | None = None
    """On `question` only."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a frame was answered as it was: for the administrator alone."""

    number: int
    """Counts up; the same decision keeps its number when its outcome comes."""
    at: str
    """Local wall-clock time, ISO 8601 with seconds."""
    decision: Literal["grant", "deny", "hold"]
    reason: str
    """A code: `granted`, `not_recognised`."""
    sentence: str
    """What the person was told."""
    name: str | None
    """Whom it looks like, where near enough; None: unknown."""
    runner_up: str | None
    """Name of the nearest other person."""
    distance: float | None
    threshold: float
    runner_up_distance: float | None
    margin_needed: float
    votes: int
    votes_needed: int
    frames: int
    height: float
    min_height: float
    quality: float
    min_quality: float
    liveness: str
    latency_ms: float
    """From taking the frame to deciding on it."""
    waited_ms: float | None
    """From the first usable frame of the attempt to this one."""
    provider: str
    """What the networks ran on: `CPU, INT8`."""
    liveness_reason: str = ""
    """Why, a code: `answered`, `model_attack`; empty: nobody asked."""
    outcome: str | None = None
    """Of an opening: `opened`, `failed`, `late` ...; None: not known yet, or there was none."""


@dataclass(frozen=True, slots=True)
class PinCheck:
    """The answer to a typed PIN."""

    answer: PinAnswer
    wait_s: float = 0.0
    """Until the next try is looked at."""


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """When a right holds: a window of local time on some days."""

    days: frozenset[int]
    """0 Monday to 6 Sunday: the days on which it opens."""
    opens: str
    """`07:30`."""
    closes: str
    """`19:00`, `24:00`; not after `opens`: on the next day."""


@dataclass(frozen=True, slots=True)
class RightsRow:
    """One person's right to the door, as a list shows it."""

    person_id: str
    name: str
    allowed: bool
    """What holds in the end: their own right, else one of their groups'."""
    own: Literal["allow", "deny"] | None
    """Their own right; None: the groups decide."""
    active: bool
    groups: tuple[str, ...]
    hours: tuple[WeeklyHours, ...] | None
    """Their own; None: their groups', or always."""
    badges: int
    """How many badges are known as theirs."""
    badge_required: bool = False
    """Their face alone opens nothing: they show a badge as well."""


class RightsControl(Protocol):
    """Who may open the door. Every change is written to the audit log; the administrator's PIN comes first."""

    def rows(self) -> Sequence[RightsRow]:
        """Everybody, sorted by name."""
        ...

    def groups(self) -> Sequence[str]: ...

    def marker(self) -> int:
        """Another number whenever the rows may have changed. Cheap: poll it."""
        ...

    def allow(self, person_id: str, hours: tuple[WeeklyHours, ...] | None) -> Future[None]:
        """Give the person the door, at these hours (None: always)."""
        ...

    def deny(self, person_id: str) -> Future[None]:
        """Take the door from the person, whatever their groups may."""
        ...

    def leave_to_groups(self, person_id: str) -> Future[None]:
        """Neither: the person's groups decide."""
        ...

    def set_active(self, person_id: str, active: bool) -> Future[None]: ...

    def require_badge(self, person_id: str, required: bool = True) -> Future[None]:
        """The person's face alone opens nothing from now on: they show a badge as well; or it does again."""
        ...

    def set_badge(self, person_id: str, code: str | None) -> Future[None]:
        """Know this badge (what the reader types) as theirs; None: forget all of theirs."""
        ...


class PinControl(Protocol):
    """The administrator's PIN."""

    def has_pin(self) -> bool:
        """As it was last seen, and it is looked at again. Raises a KnownError where it can't be told."""
        ...

    def check_pin(self, pin: str) -> Future[PinCheck]: ...

    def set_pin(self, new: str, old: str | None) -> Future[PinCheck]:
        """`old` is checked where there is a PIN already. An InputError where `new` is too short or too plain."""
        ...


class KioskControl(PinControl, Protocol):
    """One camera, one door: what the kiosk's window drives and shows. It owns the threads."""

    @property
    def rights(self) -> RightsControl: ...

    @property
    def mode(self) -> Literal["identify", "verify"]: ...

    @property
    def liveness(self) -> Literal["off", "passive", "active", "both"]:
        """What is required at this moment."""

    @property
    def liveness_why(self) -> Literal["site", "command line", "hour", "person"]:
        """Whose choice that is: the site's usual one, the command line's, one for this hour or this person."""

    @property
    def demo(self) -> bool:
        """Whether it is the demonstration's pictures that are looked at, which answer no question."""
        ...

    @property
    def door_name(self) -> str:
        """Without credentials: `sim:`, `mqtt://host/topic`."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None:
        """End all threads and shut the door. Returns within about a second even where a read is stuck."""
        ...

    def view(self) -> KioskView: ...

    def latest_frame(self) -> Frame | None: ...

    def latest_result(self) -> FrameResult | None: ...

    def stats(self) -> LiveStats: ...

    def zone(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the zone in which people are looked at, parts of the picture, 0 to 1."""
        ...

    def set_zone(self, zone: tuple[float, float, float, float]) -> Future[None]:
        """Written to the audit log and kept in the settings, in this order; then it is in force."""
        ...

    def typed(self, text: str) -> None:
        """A badge or code reader, or somebody at a keyboard, has entered `text`: in verify mode a claim."""
        ...

    def decisions(self) -> Sequence[Explained]:
        """The last grants and refusals, newest first."""
        ...

    def current(self) -> Explained | None:
        """About the newest frame, holds included; None where nobody is looked at."""
        ...

    def troubles(self) -> Sequence[str]:
        """What is wrong, a line each, for the administrator; empty: nothing."""
        ...

    def log_action(self, action: str) -> None:
        """Write an administrator's action (`left_full_screen`, `panel_opened`) to the audit log."""
        ...
