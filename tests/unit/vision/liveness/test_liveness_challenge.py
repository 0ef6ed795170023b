"""The active challenge, frame by frame: who answers is alive, and everybody else isn't."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from faceapp.vision.liveness.challenge import ActiveChallenge, View
from faceapp.vision.liveness.evidence import Reason
from faceapp.vision.liveness.parallax import Direction
from faceapp.vision.liveness.questions import ChallengeSettings, Instruction, chance, draw_sequence, sequences
from tests.fakes.heads import FACE, KINDS, Person, Photograph, Points, play, view_of_head, view_of_photograph

LEFT, RIGHT, UP, DOWN = Direction.LEFT, Direction.RIGHT, Direction.UP, Direction.DOWN
FRAME = 1 / 20


def drawing(*wanted: Direction) -> Callable[[Sequence[Direction]], Direction]:
    """A draw that gives these, one after the other."""
    left = iter(wanted)
    return lambda options: next(d for d in left if d in options)


@dataclass
class Stage:
    """A challenge and the clock it is told."""

    challenge: ActiveChallenge = field(
        default_factory=lambda: ActiveChallenge(draw=drawing(LEFT, UP, RIGHT, UP, DOWN, LEFT, DOWN))
    )
    now: float = 0.0

    def show(
        self,
        points: Points | None,
        seconds: float = FRAME,
        track: int = 1,
        same: bool | None = True,
        certain: bool = True,
    ) -> None:
        """The same view for so long."""
        until = self.now + seconds - 1e-9
        while self.now < until:
            self.now += FRAME
            self.challenge.observe(View(track, points, certain, same), int(self.now * 1e9))

    def turn(self, direction: Direction | None, size: float = 28, seconds: float = 0.25, flat: bool = False) -> None:
        """Go there within 0.15 s and stay."""
        x, y = direction.value if direction else (0, 0)
        steps = 0 if direction is None else 2
        for k in range(1, steps + 1):
            self.show(view(x * size * k / 3, y * size * k / 3, flat))
        self.show(view(x * size, y * size, flat), seconds)

    @property
    def says(self) -> Instruction:
        return self.challenge.progress(int(self.now * 1e9)).instruction

    @property
    def reason(self) -> Reason | None:
        return self.challenge.progress(int(self.now * 1e9)).failed_for


def view(yaw: float, pitch: float, flat: bool = False) -> Points:
    return view_of_photograph(FACE, yaw, pitch) if flat else view_of_head(0.36, yaw, pitch)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def asked() -> Stage:
    """Looked at from the front, and asked to turn left."""
    found = Stage()
    found.turn(None, seconds=0.3)
    assert found.says is Instruction.LEFT
    return found


def answer(stage: Stage, *directions: Direction) -> None:
    for direction in directions:
        stage.show(view(0, 0), 0.5)
        stage.turn(direction)
        if not stage.challenge.over:
            stage.turn(direction, size=12, seconds=FRAME)
            stage.turn(None, seconds=0.2)


def test_who_does_what_is_asked_is_alive(stage: Stage) -> None:
    first = stage.challenge.progress(0)
    assert (first.instruction, first.done, first.total, first.attempt, first.attempts) == (
        Instruction.LOOK_HERE, 0, 3, 1, 2,
    )  # fmt: skip
    answer(stage, LEFT, UP)
    assert stage.challenge.progress(int(stage.now * 1e9)).done == 2
    assert stage.challenge.evidence(1).reason is Reason.ASKING
    answer(stage, RIGHT)
    assert stage.challenge.over
    assert stage.says is Instruction.LOOK_BACK
    found = stage.challenge.evidence(1)
    assert (found.source, found.state, found.code, found.score) == ("active", "live", "answered", 1.0)
    stage.turn(None)
    assert stage.says is Instruction.DONE


def test_one_thing_is_said_at_a_time_and_the_next_question_shown_on_the_way_back(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    assert 2.5 < asked.challenge.progress(int(asked.now * 1e9)).seconds_left < 2.8
    asked.turn(LEFT)
    back = asked.challenge.progress(int(asked.now * 1e9))
    assert (back.instruction, back.direction, back.following, back.done) == (Instruction.LOOK_BACK, None, UP, 1)
    asked.turn(None)
    assert asked.challenge.progress(int(asked.now * 1e9)).direction is UP


def test_an_arrow_can_fill_as_the_head_turns(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    at = []
    for yaw in (-10, 6, 13):
        asked.show(view(yaw, 0))
        at.append(asked.challenge.progress(int(asked.now * 1e9)).reached)
    assert at[0] == 0.0, "the other way"
    assert 0.1 < at[1] < at[2] < 1.0
    asked.turn(LEFT)
    back = asked.challenge.progress(int(asked.now * 1e9))
    assert (back.instruction, back.reached) == (Instruction.LOOK_BACK, 0.0)


def test_a_look_back_counts_in_its_first_frame(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.turn(LEFT)
    said = [asked.says]
    for yaw in (14, 4):
        asked.show(view(yaw, 0))
        said.append(asked.says)
    assert said == [Instruction.LOOK_BACK, Instruction.LOOK_BACK, Instruction.UP]


def test_another_way_than_asked_ends_the_try(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.turn(RIGHT)
    assert (asked.reason, asked.says) == (Reason.WRONG_WAY, Instruction.ONCE_MORE)
    second = asked.challenge.progress(int(asked.now * 1e9))
    assert (second.total, second.attempt) == (4, 2)


def test_both_ways_at_once_is_no_answer(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.show(view(14, -14), 0.05)
    asked.show(view(28, -28), 0.5)
    assert asked.challenge.progress(int(asked.now * 1e9)).done == 0


def test_the_first_question_is_known_while_the_face_is_looked_at(stage: Stage) -> None:
    assert stage.challenge.progress(0).following is None, "nobody is there"
    stage.show(view(40, 0))
    assert stage.challenge.progress(int(stage.now * 1e9)).following is None, "nor looks here"
    stage.show(view(0, 0))
    known = stage.challenge.progress(int(stage.now * 1e9))
    assert (known.instruction, known.direction, known.following) == (Instruction.LOOK_HERE, None, LEFT)


def test_what_began_before_the_question_is_no_answer(stage: Stage) -> None:
    """Whoever moves while the face is looked at isn't asked before they are still."""
    for yaw in (0, 8, 16, 24, 30, 30):
        stage.show(view(yaw, 0))
        assert stage.says is Instruction.LOOK_HERE
    assert stage.challenge.progress(int(stage.now * 1e9)).done == 0


def test_nobody_answers_faster_than_a_question_is_read(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.turn(LEFT, seconds=FRAME)
    assert asked.says is Instruction.LOOK_BACK
    asked.show(view(0, 0))
    assert asked.says is Instruction.UP
    asked.turn(UP, seconds=0.05)
    assert asked.reason is Reason.TOO_SOON


def test_nobody_answers_is_unknown_after_two_tries(asked: Stage) -> None:
    asked.show(view(0, 0), 3.2)
    assert asked.reason is Reason.NOT_ANSWERED
    asked.show(view(0, 0), 4)
    assert asked.challenge.over
    assert asked.says is Instruction.FAILED
    assert (asked.challenge.evidence(1).state, asked.challenge.evidence(1).code) == ("unknown", "not_answered")


def test_a_picture_that_tilts_as_asked_is_an_attack(stage: Stage) -> None:
    for direction in (LEFT, UP):  # the first question of each try
        stage.show(view(0, 0, flat=True), 0.6)
        assert stage.challenge.progress(int(stage.now * 1e9)).direction is direction
        x, y = direction.value
        while stage.challenge.progress(int(stage.now * 1e9)).direction is direction:
            stage.show(view(x * 52, y * 52, flat=True))
    found = stage.challenge.evidence(1)
    assert (found.state, found.reason) == ("attack", Reason.FLAT)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("another track", Reason.OTHER_FACE),
        ("doubt", Reason.LOST),
        ("gap", Reason.LOST),
        ("nobody", Reason.LOST),
        ("jump", Reason.JUMPED),
    ],
)
def test_the_face_goes_on_without_a_break(asked: Stage, what: str, reason: Reason) -> None:
    asked.show(view(0, 0), 0.3)
    if what == "another track":
        asked.show(view(0, 0), track=2)
    elif what == "doubt":
        asked.show(view(0, 0), certain=False)
    elif what == "gap":
        asked.show(None, 0.9)
    elif what == "nobody":
        asked.challenge.observe(None, int((asked.now + 0.9) * 1e9))
    else:
        asked.show(view(48, 0))
    assert asked.reason is reason


def test_a_blink_of_the_detector_breaks_nothing(asked: Stage) -> None:
    asked.show(None, 0.4)
    asked.turn(LEFT)
    assert asked.says is Instruction.LOOK_BACK


def test_another_person_on_the_same_track_is_noticed_from_the_front(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.turn(LEFT)
    asked.show(view(14, 0), same=False)
    asked.show(view(0, 0), 0.3, same=False)
    assert asked.reason is Reason.OTHER_FACE


def test_without_an_identity_nothing_is_asked(stage: Stage) -> None:
    stage.show(view(0, 0), 1, same=None)
    assert stage.says is Instruction.LOOK_HERE
    alone = Stage(ActiveChallenge(ChallengeSettings(identity=False), drawing(LEFT, UP, RIGHT)))
    alone.show(view(0, 0), 1, same=None)
    assert alone.says is Instruction.LEFT


def test_a_face_from_the_side_is_no_reference(stage: Stage) -> None:
    stage.show(view(40, 0), 6.2)
    assert stage.reason is Reason.NOT_FRONTAL


def test_who_does_not_look_back_ends_the_try(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.turn(LEFT, seconds=3.5)
    assert asked.reason is Reason.NOT_FRONTAL


def test_life_lasts_as_long_as_the_track(stage: Stage) -> None:
    answer(stage, LEFT, UP, RIGHT)
    stage.show(view(0, 0), 0.5)
    assert stage.challenge.evidence(1).state == "live"
    assert (stage.challenge.evidence(2).state, stage.challenge.evidence(2).code) == ("unknown", "other_face")
    stage.show(None, 0.3)
    assert stage.challenge.evidence(1).state == "live"
    stage.show(None, 0.6)
    assert stage.challenge.evidence(1).state == "unknown"
    stage.show(view(0, 0), 0.5)
    assert stage.challenge.evidence(1).reason is Reason.LOST


def test_another_track_after_a_pass_takes_the_life_away(stage: Stage) -> None:
    answer(stage, LEFT, UP, RIGHT)
    stage.show(view(0, 0), track=2)
    assert stage.challenge.evidence(1).state == "unknown"


def test_questions_are_drawn_from_those_other_than_the_last() -> None:
    options: list[int] = []

    def draw(from_: Sequence[Direction]) -> Direction:
        options.append(len(from_))
        return from_[-1]

    found = draw_sequence(4, draw)
    assert options == [4, 3, 3, 3]
    assert all(a is not b for a, b in itertools.pairwise(found))
    assert len({draw_sequence(3) for _ in range(600)}) == 36  # all of them come; one is missed once in a million


def test_chance_is_stated_for_the_session() -> None:
    assert (sequences(3), sequences(4)) == (36, 108)
    assert chance(ChallengeSettings(movements=(3,))) == pytest.approx(1 / 36)
    assert chance(ChallengeSettings()) == pytest.approx(1 - 35 / 36 * 107 / 108)
    with pytest.raises(ValueError, match="at least three"):
        ChallengeSettings(movements=(2,))


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_people_pass_and_their_recordings_only_where_the_questions_are_the_same() -> None:
    once, recordings = ChallengeSettings(movements=(3,)), []
    for seed in range(5):
        person = rng(3, seed)
        live = play(ActiveChallenge(once, drawing(LEFT, DOWN, RIGHT)), Person(person).points, person, fps=20)
        recordings += [live.shown] if live.challenge.state == "live" else []
    assert len(recordings) >= 4
    for wanted, passes in (((LEFT, DOWN, RIGHT), True), ((LEFT, UP, RIGHT), False), ((UP, DOWN, RIGHT), False)):
        again = ActiveChallenge(once, drawing(*wanted))
        for t, points in recordings[0]:
            again.observe(View(1, points, same=True), int(t * 1e9))
        assert (again.state == "live") is passes


def test_nine_in_ten_people_need_about_four_seconds() -> None:
    played = [play(ActiveChallenge(), Person(r).points, r) for r in (rng(5, n) for n in range(40))]
    passed = [p.seconds for p in played if p.challenge.state == "live"]
    assert len(passed) >= 38
    assert sorted(passed)[35] < 4.5, "forty are few: the bench has the figure, 4.0 of 300"


@pytest.mark.parametrize("kind", KINDS)
def test_no_photograph_passes(kind: str) -> None:
    for seed in range(2):
        hands = rng(4, seed)
        shown = Photograph(hands, next(k for k in KINDS if k == kind))
        played = play(ActiveChallenge(), shown.points, hands, fps=15, owner=lambda s=shown: s.owner)  # type: ignore[misc]  # a default binds the loop's
        assert played.challenge.state != "live"


@pytest.mark.parametrize("hidden", [0, 1, 8])
def test_a_cut_to_another_picture_is_no_movement(asked: Stage, hidden: int) -> None:
    asked.show(view(0, 0), 0.3)
    for repeat in range(3):
        assert (asked.says, asked.reason) == (Instruction.LEFT, None), repeat
        if hidden:
            asked.show(None, hidden * FRAME)
        asked.show(view(28, 0), 0.15)
        if repeat < 2:
            progress = asked.challenge.progress(int(asked.now * 1e9))
            assert (progress.instruction, progress.following, progress.done) == (Instruction.LOOK_BACK, LEFT, 0)
            asked.show(view(0, 0), 0.3)
    assert asked.reason is Reason.JUMPED


def test_who_was_too_quick_for_the_camera_may_do_it_again(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    asked.show(view(28, 0), 0.15)
    asked.show(view(0, 0), 0.3)
    assert asked.says is Instruction.LEFT
    asked.turn(LEFT)
    assert asked.challenge.progress(int(asked.now * 1e9)).done == 1


@pytest.mark.parametrize("near", [False, None])
def test_an_answer_of_somebody_else_ends_the_try(asked: Stage, near: bool | None) -> None:
    asked.show(view(0, 0), 0.3)
    for yaw in (9, 18):
        asked.challenge.observe(View(1, view(yaw, 0), same=True), int((asked.now + yaw / 100) * 1e9))
    asked.now += 0.2
    for _ in range(2):
        asked.now += FRAME
        asked.challenge.observe(View(1, view(28, 0), same=False, near=near), int(asked.now * 1e9))
    assert asked.reason is Reason.OTHER_FACE


def test_a_turned_face_may_be_further_from_the_frontal_one(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    for yaw in (9, 18, 28, 28, 28, 28):
        asked.now += FRAME
        asked.challenge.observe(View(1, view(yaw, 0), same=False, near=True), int(asked.now * 1e9))
    assert asked.says is Instruction.LOOK_BACK


def test_an_answer_that_nobody_could_tell_is_none(asked: Stage) -> None:
    asked.show(view(0, 0), 0.3)
    for yaw in (9, 18, 28, 28, 28, 28):
        asked.show(view(yaw, 0), same=None)
    assert asked.says is Instruction.LEFT
