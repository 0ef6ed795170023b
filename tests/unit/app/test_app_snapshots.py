"""Enrolment by snapshot, by frames a test makes: what is taken, and what is said when nothing can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import faceapp.app.snapshots as module
from faceapp.app.snapshots import GIVE_UP_NS, IDLE, NOTHING_SEEN, Snapshots
from faceapp.enrollment.duplicates import Limits
from faceapp.enrollment.gate import SENTENCES, Code, Finding, Gate, GateReport
from faceapp.errors import UnavailableError
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Frame, FrameResult
from tests.fakes.vision import Seen, World, index_of, vector

SECOND = 1_000_000_000


class Rig:
    """Snapshots, a recogniser over an invented world, and a clock for both."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = World()
        self.recogniser = Recogniser(
            detector=self.world, embedder=self.world, index=index_of("Bo"), threshold=0.9, same_person=1.0, min_face=40
        )
        self.snapshots = Snapshots()
        self.now = 1000 * SECOND
        monkeypatch.setattr(module, "time", self)
        self._id = 0

    def monotonic_ns(self) -> int:
        return self.now

    def sees(self, *people: Seen, seconds: float = 0.1, captured_before: float = 0.0) -> FrameResult:
        """A frame with `people` in it, so much later than the one before."""
        self.now += round(seconds * SECOND)
        self.world.people = list(people)
        image = np.random.default_rng(self._id).integers(0, 255, (480, 640, 3), np.uint8)
        frame = Frame.freeze(self._id, self.now - round(captured_before * SECOND), image)
        self._id += 1
        result = self.recogniser.process(frame)
        self.snapshots.watch(self.recogniser, frame, result)
        return result


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def test_a_second_of_one_face_is_a_photograph(rig: Rig) -> None:
    assert rig.snapshots.state() is IDLE
    rig.snapshots.begin()
    assert rig.snapshots.state().progress == 0
    for _ in range(5):
        rig.sees(Seen("Ada"))
    assert rig.snapshots.state().phase == "collecting"
    assert 0.3 < rig.snapshots.state().progress < 0.5
    for _ in range(6):
        rig.sees(Seen("Ada"))
    state = rig.snapshots.state()
    assert (state.phase, state.progress, state.known_as) == ("ready", 1.0, None)
    assert state.image is not None
    ready = rig.snapshots.ready()
    assert ready is not None
    assert np.array_equal(ready[1].vector, vector("Ada"))
    assert ready[1].face.box == Seen("Ada").box, "what the detector says, not the smoothed box"


def test_a_face_that_is_known_is_said_to_be(rig: Rig) -> None:
    rig.snapshots.begin()
    for _ in range(12):
        rig.sees(Seen("Bo"))
    assert rig.snapshots.state().known_as == "Bo"


@pytest.mark.parametrize(
    ("identify", "known_as", "alike"),
    [(0.5, "Bo", []), (0.29, None, ["Bo"]), (0.2, None, [])],
)
def test_who_looks_much_like_somebody_else_is_a_lookalike(
    rig: Rig, identify: float, known_as: str | None, alike: list[str]
) -> None:
    """Bo, seen at a distance of 0.3: the limits say what that means, and a lookalike's is a tenth wider."""
    asked: list[int] = []

    def limits(templates: int) -> Limits:
        asked.append(templates)
        return Limits.of(identify, 1.0)

    rig.snapshots = Snapshots(limits=limits)
    rig.snapshots.begin()
    for _ in range(12):
        rig.sees(Seen("Bo", off=0.3))
    state = rig.snapshots.state()
    assert (state.known_as, [p.name for p in state.lookalikes]) == (known_as, alike)
    assert asked == [1]


def test_frames_from_before_the_button_do_not_count(rig: Rig) -> None:
    """They were on their way through recognition, and may be the camera's before."""
    rig.snapshots.begin()
    rig.sees(Seen("Bo"), captured_before=0.2)
    assert rig.snapshots.state().progress == 0
    for _ in range(11):
        rig.sees(Seen("Ada"))
    assert rig.snapshots.state().phase == "ready"
    assert rig.snapshots.state().known_as is None


@pytest.mark.parametrize(
    ("people", "said"),
    [((), "No face was seen"), ((Seen("Ada", x=150), Seen("Bo", x=450)), "Two people are equally near")],
)
def test_without_one_face_it_says_what_to_do(rig: Rig, people: tuple[Seen, ...], said: str) -> None:
    rig.snapshots.begin()
    for _ in range(12):
        rig.sees(*people)
    state = rig.snapshots.state()
    assert state.phase == "failed"
    assert state.problem is not None
    assert said in state.problem
    assert rig.snapshots.ready() is None


def test_without_pictures_it_gives_up(rig: Rig) -> None:
    rig.snapshots.begin()
    rig.now += GIVE_UP_NS
    rig.sees(Seen("Ada"), seconds=0)
    rig.now += GIVE_UP_NS
    assert rig.snapshots.state().phase == "collecting", "the five seconds count from the last picture"
    rig.now += 1
    assert rig.snapshots.state().problem == NOTHING_SEEN
    rig.sees(Seen("Ada"), seconds=2)
    assert rig.snapshots.state().phase == "failed", "what comes late changes nothing"


@pytest.mark.parametrize(
    ("error", "said"),
    [(UnavailableError("the card is gone"), "the card is gone"), (ZeroDivisionError("odd"), "could not be examined")],
)
def test_what_goes_wrong_at_the_last_moment_is_said_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    rig.snapshots.begin()
    for _ in range(10):
        rig.sees(Seen("Ada"))

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(rig.recogniser, "embed", fails)
    with pytest.raises(type(error)):
        rig.sees(Seen("Ada"), seconds=0.2)
    state = rig.snapshots.state()
    assert state.phase == "failed"
    assert state.problem is not None
    assert said in state.problem


def test_a_frame_that_cannot_be_judged_ends_it_instead_of_keeping_it_waiting(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("odd")

    rig.snapshots.begin()
    monkeypatch.setattr("faceapp.enrollment.gate.assess", fails)
    with pytest.raises(ZeroDivisionError):
        rig.sees(Seen("Ada"))
    assert rig.snapshots.state().phase == "failed"


def test_a_cancelled_snapshot_does_not_come_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled, or begun anew, while the last frame is being looked at."""
    for change in (rig.snapshots.cancel, rig.snapshots.begin):
        rig.snapshots.begin()
        for _ in range(10):
            rig.sees(Seen("Ada"))
        embed = rig.recogniser.embed

        def meanwhile(frame: Frame, face: object, change=change, embed=embed) -> object:  # type: ignore[no-untyped-def]
            change()
            return embed(frame, face)

        with monkeypatch.context() as patch:
            patch.setattr(rig.recogniser, "embed", meanwhile)
            rig.sees(Seen("Ada"), seconds=0.5)
        assert rig.snapshots.ready() is None
        assert rig.snapshots.state().phase == ("idle" if change == rig.snapshots.cancel else "collecting")
        assert rig.snapshots.state().progress == 0


def test_what_was_stored_is_forgotten_and_a_new_snapshot_is_not(rig: Rig) -> None:
    rig.snapshots.begin()
    for _ in range(12):
        rig.sees(Seen("Ada"))
    ready = rig.snapshots.ready()
    assert ready is not None
    ready[0].end(IDLE)
    assert rig.snapshots.state().phase == "idle"
    assert rig.snapshots.ready() is None
    rig.snapshots.begin()
    ready[0].end(IDLE)
    assert rig.snapshots.state().phase == "collecting"


class Passes(Gate):
    """A gate that finds what the test says; the invented pictures are noise."""

    codes: tuple[Code, ...] = ()

    def check(self, _image: BgrImage, faces: Sequence[Face], _face: Face | None = None) -> GateReport:
        findings = tuple(Finding(c, SENTENCES[c], 0.0, 1.0) for c in self.codes)
        return GateReport(80.0, findings, faces[0]) if faces else _NOBODY


_NOBODY = GateReport(0.0, (Finding("no_face", SENTENCES["no_face"], 0, 1),), None)


@pytest.fixture
def gate(rig: Rig) -> Passes:
    rig.snapshots = Snapshots(gate := Passes())
    return gate


BIG = Seen("Ada", size=200, y=221)


def test_a_guided_snapshot_says_what_to_do_until_all_is_well(rig: Rig, gate: Passes) -> None:
    rig.snapshots.begin(guided=True)
    assert rig.snapshots.state().phase == "collecting"
    for _ in range(30):
        rig.sees(Seen("Ada", size=60))
    state = rig.snapshots.state()
    assert state.phase == "collecting", "it waits for as long as it takes"
    assert state.guidance is not None
    assert (state.guidance.code, state.guidance.outline) == ("closer", False)
    gate.codes = ("too_dark",)
    for _ in range(10):
        rig.sees(BIG)
    state = rig.snapshots.state()
    assert state.guidance is not None
    assert (state.guidance.code, state.guidance.findings) == ("more_light", ("too_dark",))
    assert state.guidance.outline
    gate.codes = ()
    for _ in range(13):
        rig.sees(BIG)
    state = rig.snapshots.state()
    assert (state.phase, state.quality, state.hints, state.override) == ("ready", 80.0, (), False)
    assert rig.snapshots.ready() is not None


def test_whoever_cannot_follow_has_it_taken_as_it_is(rig: Rig, gate: Passes) -> None:
    gate.codes = ("covered",)
    rig.snapshots.begin(guided=True)
    for _ in range(90):
        rig.sees(BIG)
    state = rig.snapshots.state()
    assert state.guidance is not None
    assert state.guidance.stuck
    rig.snapshots.take_now()
    rig.sees(BIG)
    state = rig.snapshots.state()
    assert (state.phase, state.override) == ("ready", True)
    assert len(state.hints) == 1
    ready = rig.snapshots.ready()
    assert ready is not None
    assert ready[1].report.codes == ("covered",)


def test_a_further_snapshot_wishes_for_something_else(rig: Rig, gate: Passes) -> None:
    wishes = []
    for shots in range(5):
        rig.snapshots.begin(guided=True, shots=shots)
        rig.sees(BIG)
        guidance = rig.snapshots.state().guidance
        assert guidance is not None
        wishes.append(guidance.wish)
    assert len(set(wishes)) == 5
    assert gate.codes == ()


def test_what_the_detector_alone_sees_otherwise_is_not_taken(
    rig: Rig, gate: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The track's smoothed box was well, the detector's own isn't: guide on, rather than enrol or fail."""
    rig.snapshots.begin(guided=True)
    for _ in range(10):
        rig.sees(BIG)
    with monkeypatch.context() as patch:
        patch.setattr(rig.snapshots, "_gate", doubtful := Passes())
        doubtful.codes = ("doubtful",)
        for _ in range(5):
            rig.sees(BIG)
        assert rig.snapshots.state().phase == "collecting"
    for _ in range(14):
        rig.sees(BIG)
    assert rig.snapshots.state().phase == "ready"
    assert gate.codes == ()


def test_taking_now_without_a_guided_snapshot_is_nothing(rig: Rig) -> None:
    rig.snapshots.take_now()
    rig.snapshots.begin()
    rig.snapshots.take_now()
    rig.sees(Seen("Ada"))
    assert rig.snapshots.state().phase == "collecting"
