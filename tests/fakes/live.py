"""A live session without camera, networks and gallery: its state is what the test sets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeAlias, TypeVar

import numpy as np

from faceapp.app.evaluation_types import EvaluationControl
from faceapp.app.import_types import ImportsControl
from faceapp.app.inbox_types import InboxControl
from faceapp.app.kiosk.types import PinControl, RightsControl
from faceapp.app.live_types import (
    MOST_PHOTOS,
    CameraInfo,
    ConsentForm,
    ConsentWanted,
    LiveControl,
    Notice,
    PeopleControl,
    Phase,
    SnapshotState,
)
from faceapp.app.liveness_wizard_types import TrialControl
from faceapp.app.people_types import ManageControl
from faceapp.app.switch_types import SwitchControl
from faceapp.app.training.job import TrainingControl
from faceapp.errors import InputError
from faceapp.types import (
    BgrImage,
    Box,
    Candidate,
    Face,
    Frame,
    FrameResult,
    LiveStats,
    Match,
    PersonSummary,
    TrackedFace,
)
from tests.fakes.imports import FakeImports
from tests.fakes.inbox import FakeInbox
from tests.fakes.liveness_trials import FakeTrials
from tests.fakes.people import FakeManage
from tests.fakes.switching import FakeSwitch
from tests.fakes.training import FakeTraining

T = TypeVar("T")
Consent: TypeAlias = Literal["none", "given", "expired", "withdrawn"]
CREATED = "2026-11-22T03:00:00Z"
CONSENT = ConsentForm("to be recognised here", "the person themselves", "I agree to be recognised here.")


def person(
    name: str,
    photos: int = 1,
    *,
    usable: bool = True,
    thumbnail: bytes | None = None,
    consent: Consent | None = None,
    until: str | None = None,
) -> PersonSummary:
    """A person whose id follows from the name."""
    return PersonSummary(f"id-{name}", name, photos, CREATED, usable, thumbnail, consent=consent, consent_until=until)


def frame(id: int = 0, captured_ns: int = 0, size: tuple[int, int] = (640, 480), grey: int = 90) -> Frame:
    """A grey picture."""
    return Frame.freeze(id, captured_ns, np.full((size[1], size[0], 3), grey, np.uint8))


def matched(name: str, distance: float, threshold: float = 0.9) -> Match:
    """`name` is the nearest; accepted if the distance is within the threshold."""
    return Match(Candidate(f"id-{name}", name, distance), None, threshold)


def tracked(
    track: int,
    box: tuple[float, float, float, float],
    match: Match | None = None,
    velocity: tuple[float, float] = (0, 0),
) -> TrackedFace:
    """A face at `box`."""
    return TrackedFace(track, Face(Box(*box), 0.99), True, match, velocity)


def result(
    faces: Iterable[TrackedFace], frame_id: int = 0, captured_ns: int = 0, size: tuple[int, int] = (640, 480)
) -> FrameResult:
    """A result finished 50 ms after capture."""
    return FrameResult(frame_id, captured_ns, captured_ns + 50_000_000, size, tuple(faces))


class Gate:
    """Answers questions at once, or, while it is shut, when the test opens it."""

    def __init__(self) -> None:
        self._shut = False
        self._asked: list[Callable[[], None]] = []

    def answer(self, change: Callable[[], T], refuse: str | None) -> Future[T]:
        """What `change` returns, or an InputError with the line `refuse`."""
        future: Future[T] = Future()

        def do() -> None:
            if future.cancelled():
                return
            if refuse is not None:
                future.set_exception(InputError(refuse))
            else:
                future.set_result(change())

        if self._shut:
            self._asked.append(do)
        else:
            do()
        return future

    def shut(self) -> None:
        """From now on answers wait."""
        self._shut = True

    def open(self) -> None:
        """Give the answers that wait."""
        self._shut = False
        while self._asked:
            self._asked.pop(0)()


@dataclass
class FakePeople:
    """A gallery in a list."""

    rows: list[PersonSummary] = field(default_factory=list)
    refuse: str | None = None
    """Every change is refused with this line."""
    changes: int = 0
    deleted: list[str] = field(default_factory=list)
    erases: bool = True
    """False: deleting leaves traces in the file."""
    gate: Gate = field(default_factory=Gate)
    with_door: frozenset[str] = frozenset()
    """Names of those who may open the door."""

    def __post_init__(self) -> None:
        self.fake_manage = FakeManage(self)

    @property
    def manage(self) -> ManageControl:
        return self.fake_manage

    def answer(self, change: Callable[[], T]) -> Future[T]:
        """At once, or when the gate is opened; or `refuse`."""
        return self.gate.answer(change, self.refuse)

    def has_door(self, name: str) -> bool:
        return name.casefold() in {n.casefold() for n in self.with_door}

    def list(self) -> list[PersonSummary]:
        return sorted(self.rows, key=lambda p: p.name)

    def marker(self) -> int:
        return self.changes

    def rename(self, person_id: str, new_name: str) -> Future[PersonSummary]:
        def change() -> PersonSummary:
            self.rows = [replace(p, name=new_name) if p.id == person_id else p for p in self.rows]
            self.changes += 1
            return next(p for p in self.rows if p.id == person_id)

        return self.gate.answer(change, self.refuse)

    def delete(self, person_id: str) -> Future[bool]:
        def change() -> bool:
            self.rows = [p for p in self.rows if p.id != person_id]
            self.deleted.append(person_id)
            self.changes += 1
            return self.erases

        return self.gate.answer(change, self.refuse)

    def add(self, *people: PersonSummary) -> None:
        """As enrolment or another process would."""
        self.rows = [*self.rows, *people]
        self.changes += 1


class FakeSession:
    """Everything a window can see, as plain attributes; everything it asks for, in `calls`."""

    def __init__(self, *people: PersonSummary) -> None:
        self.fake_people = FakePeople(list(people))
        self.calls: list[object] = []
        self.now_phase: Phase = "running"
        self.now_notices: tuple[Notice, ...] = ()
        self.now_frame: Frame | None = None
        self.now_result: FrameResult | None = None
        self.now_stats = LiveStats(0, 0, 0, 0.0, 0.0, 0.0, 0.0, "CPU, INT8")
        self.now_source = "0"
        self.now_cameras = [CameraInfo("0", "Integrated Camera"), CameraInfo("demo:", "Demonstration")]
        self.now_detector = "mtcnn"
        self.now_detectors = [
            ("mtcnn", "MTCNN: boxes"),
            ("ssd", "SSD ResNet-10"),
            ("scrfd-mini", "SCRFD of the pack mini"),
        ]
        self.chosen_threshold: float | None = None
        self.automatic_threshold = 0.87
        self.now_snapshot = SnapshotState("idle")
        self.refuse: str | None = None
        """Enrolment is refused with this line."""
        self.consent_required = False
        self.fake_imports = FakeImports()
        self.fake_switch = FakeSwitch()
        self.fake_inbox = FakeInbox(self.fake_people.gate, self._enrolled)
        self._frames = itertools.count()
        from tests.fakes.evaluation import FakeEvaluation  # NumPy and more: only where windows are
        from tests.fakes.kiosk import FakeKiosk  # which is made of what is here

        self.kiosk = FakeKiosk()
        self.fake_training = FakeTraining()
        self.fake_trials = FakeTrials()
        self.fake_evaluation = FakeEvaluation()
        """Whose rights and PIN the session has."""

    @property
    def rights(self) -> RightsControl:
        return self.kiosk.fake_rights

    @property
    def pin(self) -> PinControl:
        return self.kiosk

    @property
    def imports(self) -> ImportsControl:
        return self.fake_imports

    @property
    def inbox(self) -> InboxControl:
        return self.fake_inbox

    @property
    def switching(self) -> SwitchControl:
        return self.fake_switch

    @property
    def people(self) -> PeopleControl:
        return self.fake_people

    @property
    def evaluation(self) -> EvaluationControl:
        return self.fake_evaluation

    @property
    def training(self) -> TrainingControl:
        return self.fake_training

    @property
    def trials(self) -> TrialControl:
        return self.fake_trials

    def start(self) -> None:
        self.calls.append("start")
        self.now_phase = "starting"

    def stop(self) -> None:
        self.calls.append("stop")
        self.now_phase = "stopped"

    def phase(self) -> Phase:
        return self.now_phase

    def notices(self) -> tuple[Notice, ...]:
        return self.now_notices

    def latest_frame(self) -> Frame | None:
        return self.now_frame

    def latest_result(self) -> FrameResult | None:
        return self.now_result

    def stats(self) -> LiveStats:
        return self.now_stats

    def source(self) -> str:
        return self.now_source

    def set_source(self, spec: str) -> None:
        self.calls.append(("set_source", spec))
        self.now_source = spec
        self.now_frame = None
        self.now_result = None

    def cameras(self) -> list[CameraInfo]:
        return list(self.now_cameras)

    def detector(self) -> str:
        return self.now_detector

    def detectors(self) -> list[tuple[str, str]]:
        return list(self.now_detectors)

    def set_detector(self, id: str) -> None:
        self.calls.append(("set_detector", id))
        self.now_detector = id

    def threshold(self) -> float:
        return self.automatic_threshold if self.chosen_threshold is None else self.chosen_threshold

    def threshold_is_automatic(self) -> bool:
        return self.chosen_threshold is None

    def set_threshold(self, value: float | None) -> None:
        self.calls.append(("set_threshold", value))
        self.chosen_threshold = value

    def threshold_range(self) -> tuple[float, float]:
        return 0.4, 1.3

    @property
    def enrolment(self) -> Self:
        return self

    def begin_snapshot(self, guided: bool = False, shots: int = 0) -> None:
        self.calls.append(("begin_snapshot", guided, shots) if guided else "begin_snapshot")
        self.now_snapshot = SnapshotState("collecting", 0.0)

    def take_snapshot_now(self) -> None:
        self.calls.append("take_snapshot_now")

    def snapshot(self) -> SnapshotState:
        return self.now_snapshot

    def cancel_snapshot(self) -> None:
        self.calls.append("cancel_snapshot")
        self.now_snapshot = SnapshotState("idle")

    def not_this_person(self, track: int, person_id: str | None = None) -> Future[str]:
        self.calls.append(("not_this_person", track, person_id))
        return self.fake_people.gate.answer(lambda: str(person_id), self.refuse)

    def enroll(self, name: str, consent: ConsentForm | None = None) -> Future[PersonSummary]:
        self.calls.append(("enroll", name) if consent is None else ("enroll", name, consent))
        refuse = self.refuse
        if self.consent_required and consent is None:
            refuse = f"{name} was not enrolled: this site requires consent. Record it below the photo."
        return self.fake_people.gate.answer(lambda: self._enrolled(name), refuse)

    def consent_wanted(self) -> ConsentWanted:
        return ConsentWanted(self.consent_required, CONSENT)

    def further_wish(self, photos: int) -> str:
        return f"Wish number {photos}." if 0 < photos < MOST_PHOTOS else ""

    def _enrolled(self, name: str) -> PersonSummary:
        known = next((p for p in self.fake_people.rows if p.name.casefold() == name.casefold()), None)
        if known is None:
            known = person(name, 0)
        else:
            self.fake_people.rows.remove(known)
        grown = replace(known, photos=known.photos + 1)
        self.fake_people.add(grown)
        self.now_snapshot = SnapshotState("idle")
        return grown

    def show(self, image: BgrImage | None = None, captured_ns: int = 0) -> Frame:
        """The camera delivers another picture."""
        id = next(self._frames)
        self.now_frame = frame(id, captured_ns) if image is None else Frame.freeze(id, captured_ns, image)
        return self.now_frame


def _is_the_interface(session: FakeSession) -> LiveControl:
    """Checked by mypy: the fake keeps to the protocol."""
    return session
