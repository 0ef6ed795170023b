"""A kiosk without camera, networks, door and gallery: what its window sees is what the test sets."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Literal

from faceapp.app.kiosk.types import (
    Explained,
    KioskControl,
    KioskView,
    PinCheck,
    RightsControl,
    RightsRow,
    Screen,
    WeeklyHours,
)
from faceapp.types import BgrImage, Frame, FrameResult, LiveStats
from tests.fakes.live import Gate, frame

RIGHT_PIN = "271828"


def right(
    name: str, own: Literal["allow", "deny"] | None = None, *, active: bool = True, groups: tuple[str, ...] = ()
) -> RightsRow:
    """A person whose id follows from the name, allowed where their own right says so."""
    return RightsRow(f"id-{name}", name, own == "allow", own, active, groups, None, 0)


def explained(number: int = 1, name: str | None = "Ada", **changes: object) -> Explained:
    """A grant that opened the door, but for `changes`."""
    usual = Explained(
        number=number,
        at="2026-11-22T08:30:00",
        decision="grant",
        reason="granted",
        sentence="Welcome. The door is open.",
        name=name,
        runner_up="Grace",
        distance=0.41,
        threshold=0.62,
        runner_up_distance=0.97,
        margin_needed=0.05,
        votes=5,
        votes_needed=5,
        frames=6,
        height=180.0,
        min_height=90.0,
        quality=74.0,
        min_quality=35.0,
        liveness="not checked",
        latency_ms=61.0,
        waited_ms=420.0,
        provider="CPU, INT8",
        outcome="opened",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # the test names fields of Explained


@dataclass
class FakeRights:
    """Rights in a list. Every change waits at the gate and lands in `calls`."""

    people: list[RightsRow] = field(default_factory=list)
    names: tuple[str, ...] = ("Staff",)
    refuse: str | None = None
    """Every change is refused with this line."""
    changes: int = 0
    calls: list[object] = field(default_factory=list)
    gate: Gate = field(default_factory=Gate)

    def rows(self) -> Sequence[RightsRow]:
        return sorted(self.people, key=lambda r: r.name)

    def groups(self) -> Sequence[str]:
        return self.names

    def marker(self) -> int:
        return self.changes

    def allow(self, person_id: str, hours: tuple[WeeklyHours, ...] | None) -> Future[None]:
        return self._change(("allow", person_id, hours), person_id, allowed=True, own="allow", hours=hours)

    def deny(self, person_id: str) -> Future[None]:
        return self._change(("deny", person_id), person_id, allowed=False, own="deny")

    def leave_to_groups(self, person_id: str) -> Future[None]:
        return self._change(("leave_to_groups", person_id), person_id, allowed=False, own=None, hours=None)

    def set_active(self, person_id: str, active: bool) -> Future[None]:
        return self._change(("set_active", person_id, active), person_id, active=active)

    def require_badge(self, person_id: str, required: bool = True) -> Future[None]:
        call = ("require_badge", person_id) if required else ("require_badge", person_id, False)
        return self._change(call, person_id, badge_required=required)

    def set_badge(self, person_id: str, code: str | None) -> Future[None]:
        had = next((r.badges for r in self.people if r.person_id == person_id), 0)
        return self._change(("set_badge", person_id, code), person_id, badges=0 if code is None else had + 1)

    def _change(self, call: object, person_id: str, **values: object) -> Future[None]:
        self.calls.append(call)

        def do() -> None:
            self.people = [
                replace(r, **values) if r.person_id == person_id else r  # type: ignore[arg-type]  # fields of RightsRow
                for r in self.people
            ]
            self.changes += 1

        return self.gate.answer(do, self.refuse)


class FakeKiosk:
    """Everything a window can see, as plain attributes; everything it asks for, in `calls`."""

    def __init__(self, *people: RightsRow, pin: str | None = RIGHT_PIN) -> None:
        self.fake_rights = FakeRights(list(people))
        self.calls: list[object] = []
        self.gate = Gate()
        """Shut: answers about the PIN wait."""
        self.pin = pin
        self.next_check: PinCheck | None = None
        """The answer to the next PIN, whatever it is."""
        self.refuse_pin: str | None = None
        """A new PIN is refused with this line."""
        self.refuse_zone: str | None = None
        """Another zone is refused with this line."""
        self.now_view = KioskView("idle", 0)
        self.now_frame: Frame | None = None
        self.now_result: FrameResult | None = None
        self.now_stats = LiveStats(0, 0, 0, 0.0, 0.0, 0.0, 0.0, "CPU, INT8")
        self.now_mode: Literal["identify", "verify"] = "identify"
        self.now_liveness: Literal["off", "passive", "active", "both"] = "off"
        self.now_why: Literal["site", "command line", "hour", "person"] = "site"
        self.now_demo = False
        self.now_zone = (0.0, 0.0, 1.0, 1.0)
        self.now_decisions: tuple[Explained, ...] = ()
        self.now_current: Explained | None = None
        self.now_troubles: tuple[str, ...] = ()
        self.actions: list[str] = []
        """What was written to the audit log."""
        self.codes: list[str] = []
        """What badge readers and keyboards have entered."""
        self._frames = itertools.count()

    @property
    def rights(self) -> RightsControl:
        return self.fake_rights

    @property
    def mode(self) -> Literal["identify", "verify"]:
        return self.now_mode

    @property
    def liveness(self) -> Literal["off", "passive", "active", "both"]:
        return self.now_liveness

    @property
    def liveness_why(self) -> Literal["site", "command line", "hour", "person"]:
        return self.now_why

    @property
    def demo(self) -> bool:
        return self.now_demo

    @property
    def door_name(self) -> str:
        return "sim:"

    def has_pin(self) -> bool:
        return self.pin is not None

    def check_pin(self, pin: str) -> Future[PinCheck]:
        self.calls.append("check_pin")

        def check() -> PinCheck:
            given, self.next_check = self.next_check, None
            if given is not None:
                return given
            if self.pin is None:
                return PinCheck("none")
            return PinCheck("right" if pin == self.pin else "wrong")

        return self.gate.answer(check, None)

    def set_pin(self, new: str, old: str | None) -> Future[PinCheck]:
        self.calls.append("set_pin")

        def change() -> PinCheck:
            if self.pin is not None and old != self.pin:
                return PinCheck("wrong")
            self.pin = new
            return PinCheck("right")

        too_short = "A PIN has at least 6 digits: choose a longer one." if len(new) < 6 else None
        return self.gate.answer(change, self.refuse_pin or too_short)

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")

    def view(self) -> KioskView:
        return self.now_view

    def latest_frame(self) -> Frame | None:
        return self.now_frame

    def latest_result(self) -> FrameResult | None:
        return self.now_result

    def stats(self) -> LiveStats:
        return self.now_stats

    def zone(self) -> tuple[float, float, float, float]:
        return self.now_zone

    def set_zone(self, zone: tuple[float, float, float, float]) -> Future[None]:
        self.calls.append(("set_zone", zone))

        def change() -> None:
            self.now_zone = zone

        return self.gate.answer(change, self.refuse_zone)

    def typed(self, text: str) -> None:
        self.codes.append(text)

    def decisions(self) -> Sequence[Explained]:
        return self.now_decisions

    def current(self) -> Explained | None:
        return self.now_current

    def troubles(self) -> Sequence[str]:
        return self.now_troubles

    def log_action(self, action: str) -> None:
        self.actions.append(action)

    def show(self, screen: Screen, **values: object) -> None:
        """The kiosk goes over to another screen: `show("welcome", name="Ada")`."""
        self.now_view = KioskView(screen, 0, **values)  # type: ignore[arg-type]  # the test names fields of KioskView

    def picture(self, image: BgrImage | None = None, captured_ns: int = 0) -> Frame:
        """The camera delivers another picture."""
        id = next(self._frames)
        self.now_frame = frame(id, captured_ns) if image is None else Frame.freeze(id, captured_ns, image)
        return self.now_frame


def _is_the_interface(kiosk: FakeKiosk) -> KioskControl:
    """Checked by mypy: the fake keeps to the protocol."""
    return kiosk
