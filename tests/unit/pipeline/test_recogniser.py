"""From frames to names, over an invented world: who is embedded when, and what a track is called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from faceapp.errors import BugError
from faceapp.pipeline import embedding as module
from faceapp.pipeline.embedding import EMBED_AT_ONCE, EmbedSparingly
from faceapp.pipeline.governor import PACES
from faceapp.pipeline.recogniser import Recogniser
from faceapp.types import BgrImage, Face, Floats, Frame, FrameResult
from faceapp.vision.quality import Measures, Quality
from tests.fakes.vision import PEOPLE, Seen, World, index_of

FRAME_NS = 33_000_000
THRESHOLD = 0.9
SETTLED = 27
"""Frames after which a face is no longer new, and was embedded lately."""


class Watched:
    """A recogniser, its world, and frames 33 ms apart. The quality of every face is what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *enrolled: str) -> None:
        self.world = World()
        self.quality = 50.0
        self.recogniser = Recogniser(
            detector=self.world,
            embedder=self.world,
            index=index_of(*enrolled),
            threshold=THRESHOLD,
            same_person=1.0,
            min_face=40,
        )
        self._id = 0
        self.shows(np.full((480, 640, 3), 90, np.uint8))
        measures = Measures(100, 1, 200, 50, 0, 0, 0, 0, 1, 0.99)
        self.judged = 0

        def assess(_image: BgrImage, _face: Face) -> Quality:
            self.judged += 1
            return Quality(self.quality, (), measures)

        monkeypatch.setattr(module, "assess", assess)

    def sees(self, *people: Seen, frames: int = 1) -> FrameResult:
        """The result of the last of so many frames with `people` in them."""
        self.world.people = list(people)
        for _ in range(frames):
            result = self.recogniser.process(Frame(self._id, self._id * FRAME_NS, self._picture))
            self._id += 1
        return result

    def shows(self, picture: BgrImage) -> None:
        """From the next frame on."""
        picture.flags.writeable = False
        self._picture = picture

    @property
    def embeddings(self) -> int:
        return sum(len(names) for names in self.world.embedded)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch, "Ada", "Bo")


def names(result: FrameResult) -> list[str | None]:
    return [f.match.name if f.match else None for f in result.faces]


def test_a_known_face_has_its_name_in_the_first_frame(watched: Watched) -> None:
    result = watched.sees(Seen("Ada", off=0.4))
    (face,) = result.faces
    assert face.match is not None
    assert face.match.name == "Ada"
    assert face.match.nearest.distance == pytest.approx(0.4, abs=1e-3)
    assert face.match.runner_up is not None
    assert face.match.runner_up.name == "Bo"
    assert face.match.threshold == THRESHOLD
    assert face.observed


def test_a_stranger_has_none_but_the_nearest_is_told(watched: Watched) -> None:
    (face,) = watched.sees(Seen("Cy")).faces
    assert face.match is not None
    assert face.match.name is None
    assert face.match.nearest.distance == pytest.approx(2**0.5, abs=1e-3)


def test_nobody_enrolled_matches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    (face,) = watched.sees(Seen("Ada")).faces
    assert face.match is None


def test_a_result_carries_its_frame_and_times(watched: Watched) -> None:
    watched.sees(Seen("Ada"))
    result = watched.sees(Seen("Ada"))
    assert (result.frame_id, result.captured_ns, result.size) == (1, FRAME_NS, (640, 480))
    assert {"detect", "track", "embed", "match"} <= set(result.stages_ms)
    assert all(ms >= 0 for ms in result.stages_ms.values())
    assert watched.world.min_faces == [40, 40]


def test_an_empty_picture_has_an_empty_result(watched: Watched) -> None:
    assert watched.sees().faces == ()
    assert watched.embeddings == 0


# When a face is embedded


def test_a_face_that_stays_is_embedded_twice_a_second(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=SETTLED)
    before = watched.embeddings
    watched.sees(Seen("Ada"), frames=round(4e9 / FRAME_NS))
    assert 7 <= watched.embeddings - before <= 9


def test_a_new_face_is_embedded_again_sooner(watched: Watched) -> None:
    """The first picture may be half of somebody who was there before."""
    when = []
    for k in range(SETTLED):
        before = watched.embeddings
        watched.sees(Seen("Ada"))
        if watched.embeddings > before:
            when.append(k * FRAME_NS / 1e9)
    assert when[:3] == [0, pytest.approx(0.1, abs=0.04), pytest.approx(0.3, abs=0.06)]
    assert len(when) <= 4


def test_a_clearly_better_view_is_embedded_within_a_tenth_of_a_second(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=SETTLED)
    before = watched.embeddings
    watched.quality = 90
    watched.sees(Seen("Ada"), frames=4)
    assert watched.embeddings == before + 1
    watched.sees(Seen("Ada"), frames=7)
    assert watched.embeddings == before + 1, "but not again"


def test_a_known_face_is_judged_ten_times_a_second_at_most(watched: Watched) -> None:
    """Judging costs as much as half of finding: every frame would be a waste, and six faces a queue."""
    watched.sees(Seen("Ada"), frames=round(2e9 / FRAME_NS))
    assert 15 <= watched.judged <= 21


def test_a_new_face_is_judged_at_once(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=2)
    assert watched.judged == 1
    watched.sees(Seen("Ada"), Seen("Bo", x=100))
    assert watched.judged == 2


def test_a_carried_face_keeps_its_name_and_is_not_embedded(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=5)
    before = watched.embeddings
    result = watched.sees(frames=2)
    assert names(result) == ["Ada"]
    assert [f.observed for f in result.faces] == [False]
    assert watched.embeddings == before


def crowd(count: int) -> list[Seen]:
    return [Seen(PEOPLE[k], x=60 + 75 * k, y=120 if k % 2 else 360, size=70 - k) for k in range(count)]


def test_a_group_is_named_over_a_few_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, *PEOPLE)
    people = crowd(8)
    first = watched.sees(*people)
    assert len(watched.world.embedded) == 1, "all of a frame in one batch"
    assert len([n for n in names(first) if n]) == EMBED_AT_ONCE
    assert watched.world.embedded[0] == [p.name for p in people[:EMBED_AT_ONCE]], "the nearest first"
    second = watched.sees(*people)
    assert names(second) == [p.name for p in people]


def test_at_a_slower_pace_fewer_are_embedded_at_once_and_known_ones_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, *PEOPLE)
    watched.recogniser.ease(PACES[2])
    assert len([n for n in names(watched.sees(*crowd(3))) if n]) == 1, "the others follow"
    watched.sees(*crowd(3), frames=60)
    before = watched.embeddings
    slow = names(watched.sees(*crowd(3), frames=90))
    assert slow == [p.name for p in crowd(3)]
    eased = watched.embeddings - before
    watched.recogniser.ease(PACES[0])
    watched.sees(*crowd(3), frames=30)
    before = watched.embeddings
    watched.sees(*crowd(3), frames=90)
    assert 0 < eased < 0.7 * (watched.embeddings - before)


def test_whoever_is_new_goes_before_whoever_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, *PEOPLE)
    watched.sees(*crowd(7), frames=4)  # the first four are due again after a tenth of a second, with the fifth frame
    before = len(watched.world.embedded)
    watched.sees(*crowd(7), Seen("Hal", x=600, y=120, size=40))
    assert len(watched.world.embedded) == before + 1
    assert watched.world.embedded[-1] == ["Hal", *(p.name for p in crowd(3))]


def test_whose_name_is_in_doubt_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch, *PEOPLE)
    watched.sees(Seen("Ada", x=60, y=400, size=60), frames=3)
    jumped = Seen("Ada", x=95, y=400, size=60)
    watched.sees(jumped, *(Seen(PEOPLE[k], x=100 * k, y=100, size=90 - k) for k in range(1, 6)))
    assert watched.world.embedded[-1] == ["Ada", "Bo", "Cy", "Dee"]


def test_whoever_is_in_doubt_and_must_wait_has_no_name_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six people in a row each stand where their neighbour stood: who is who isn't known before all were embedded."""
    watched = Watched(monkeypatch, *PEOPLE)
    watched.sees(*(Seen(PEOPLE[k], x=60 + 100 * k, size=100 - k) for k in range(6)), frames=3)
    moved = [Seen(PEOPLE[(k + 1) % 6], x=105 + 100 * k, size=100 - k) for k in range(6)]
    first = dict(zip((p.name for p in moved), names(watched.sees(*moved)), strict=True))
    assert [n for n in first.values() if n] == [p.name for p in moved[:EMBED_AT_ONCE]]
    assert names(watched.sees(*moved)) == [p.name for p in moved]


# What a track is called


def test_whose_name_was_in_doubt_is_not_averaged_with_who_was_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view beyond the threshold in a track that jumped: averaged it would be Ada, and that may be somebody else's."""
    watched = Watched(monkeypatch, "Ada", "Bo")
    watched.sees(Seen("Ada", x=200, off=0.3), frames=20)
    assert names(watched.sees(Seen("Ada", x=280, off=0.95))) == [None]


@pytest.mark.parametrize("nothing", [np.nan, np.inf, 0.0])
def test_a_face_whose_embedding_overflowed_is_unknown_and_the_others_are_named(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, nothing: float
) -> None:
    embed = watched.world.embed

    def overflowing(image: BgrImage, faces: Sequence[Face]) -> Floats:
        vectors = embed(image, faces)
        vectors[0] = nothing
        return vectors

    monkeypatch.setattr(watched.world, "embed", overflowing)
    people = Seen("Ada", x=100, size=150), Seen("Bo", x=500)
    assert names(watched.sees(*people)) == [None, "Bo"]
    monkeypatch.setattr(watched.world, "embed", embed)
    assert names(watched.sees(*people)) == ["Ada", "Bo"], "and the first once it can be embedded"


def test_faces_that_cannot_be_embedded_do_not_keep_the_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = Watched(monkeypatch, *PEOPLE)
    embed = watched.world.embed
    broken = {p.name for p in crowd(EMBED_AT_ONCE)}

    def overflowing(image: BgrImage, faces: Sequence[Face]) -> Floats:
        vectors = embed(image, faces)
        vectors[[name in broken for name in watched.world.embedded[-1]]] = np.nan
        return vectors

    monkeypatch.setattr(watched.world, "embed", overflowing)
    watched.sees(*crowd(6))
    assert names(watched.sees(*crowd(6))) == [None] * EMBED_AT_ONCE + ["Eve", "Fay"]
    before = len(watched.world.embedded)
    watched.sees(*crowd(6), frames=round(1.2e9 / FRAME_NS))
    assert sum("Fay" in batch for batch in watched.world.embedded[before:]) >= 3, "nor later, when all are stale"
    broken.clear()
    assert names(watched.sees(*crowd(6), frames=2)) == [p.name for p in crowd(6)]


def test_a_good_picture_does_not_keep_a_name_through_many_poor_ones(watched: Watched) -> None:
    """Views between two people's, near enough to be averaged: after three, what was there before counts for little."""
    watched.quality = 100
    watched.sees(Seen("Ada"), frames=SETTLED)
    watched.quality = 0
    result = watched.sees(Seen("Ada", off=0.98), frames=round(2e9 / FRAME_NS))
    assert result.faces[0].match is not None
    assert result.faces[0].match.nearest.distance > 0.7


def noise(seed: int) -> BgrImage:
    """A picture unlike all others, coarse enough to be seen in a patch."""
    coarse = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)
    return np.kron(coarse, np.ones((20, 20, 1), np.uint8))


def test_another_picture_in_the_same_place_loses_the_name_at_once(watched: Watched) -> None:
    watched.shows(noise(1))
    assert names(watched.sees(Seen("Ada"), frames=SETTLED)) == ["Ada"]
    before = watched.embeddings
    assert names(watched.sees(Seen("Ada"))) == ["Ada"]
    assert watched.embeddings == before
    watched.shows(noise(2))
    assert names(watched.sees(Seen("Cy"))) == [None]
    watched.shows(noise(3))
    assert names(watched.sees(Seen("Bo"))) == ["Bo"]


def test_a_picture_that_fades_into_another_is_embedded_again_meanwhile(watched: Watched) -> None:
    one, other = noise(1).astype(np.float32), noise(2).astype(np.float32)
    watched.shows(noise(1))
    watched.sees(Seen("Ada"), frames=SETTLED)
    for share in np.linspace(0, 1, 12):
        watched.shows((one * (1 - share) + other * share).astype(np.uint8))
        result = watched.sees(Seen("Ada" if share < 0.5 else "Cy"))
    assert names(result) == [None]


def test_brighter_light_is_no_other_picture(watched: Watched) -> None:
    dim = noise(1) // 3
    watched.shows(dim)
    watched.sees(Seen("Ada"), frames=SETTLED)
    before = watched.embeddings
    watched.shows(dim * 2 + 40)
    assert names(watched.sees(Seen("Ada"))) == ["Ada"]
    assert watched.embeddings == before


@pytest.mark.parametrize("gone", [1, 8, 11])
def test_who_comes_after_a_gap_is_embedded_before_being_named(watched: Watched, gone: int) -> None:
    watched.sees(Seen("Ada"), frames=10)
    watched.sees(frames=gone)
    result = watched.sees(Seen("Cy"))
    assert [f.observed for f in result.faces] == [True]
    assert names(result) == [None]


def test_one_bad_view_does_not_change_the_name(watched: Watched) -> None:
    """A view just beyond the threshold: alone it would be nobody, averaged with what was seen before it is Ada."""
    watched.sees(Seen("Ada", off=0.3), frames=20)
    watched.quality = 80
    result = watched.sees(Seen("Ada", off=0.95))
    assert names(result) == ["Ada"]
    assert watched.sees(Seen("Ada", off=0.95)).faces[0].match is not None


def test_another_person_in_the_same_place_has_their_own_name_when_next_embedded(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=20)
    result = watched.sees(Seen("Bo"), frames=round(0.5e9 / FRAME_NS) + 1)
    assert names(result) == ["Bo"], "at once Bo's, not a mixture of both"
    assert result.faces[0].match is not None
    assert result.faces[0].match.nearest.distance == pytest.approx(0, abs=1e-3)


def test_a_stranger_in_the_same_place_loses_the_name(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=20)
    assert names(watched.sees(Seen("Cy"), frames=round(0.5e9 / FRAME_NS) + 1)) == [None]


# Changes while it runs


def test_a_person_enrolled_now_has_their_name_in_the_next_frame(watched: Watched) -> None:
    assert names(watched.sees(Seen("Cy"), frames=3)) == [None]
    before = watched.embeddings
    watched.recogniser.search(index_of("Ada", "Bo", "Cy"), THRESHOLD)
    assert names(watched.sees(Seen("Cy"))) == ["Cy"]
    assert watched.embeddings == before, "from the embedding the track has"


def test_a_person_deleted_now_loses_it_even_while_only_carried(watched: Watched) -> None:
    watched.sees(Seen("Ada"), frames=5)
    watched.recogniser.search(index_of("Bo"), THRESHOLD)
    assert names(watched.sees()) == [None]


def test_another_threshold_holds_from_the_next_frame(watched: Watched) -> None:
    watched.sees(Seen("Ada", off=0.6), frames=3)
    watched.recogniser.search(watched.recogniser.index, 0.5)
    (face,) = watched.sees(Seen("Ada", off=0.6)).faces
    assert face.match is not None
    assert face.match.name is None
    assert face.match.threshold == 0.5
    assert watched.recogniser.threshold == 0.5


def test_another_space_is_never_searched(watched: Watched) -> None:
    with pytest.raises(BugError, match="other"):
        watched.recogniser.search(index_of("Ada", space="other"), THRESHOLD)
    assert names(watched.sees(Seen("Ada"))) == ["Ada"], "the old index stays"
    with pytest.raises(BugError, match="other"):
        Recogniser(
            detector=watched.world,
            embedder=watched.world,
            index=index_of("Ada", space="other"),
            threshold=THRESHOLD,
            same_person=1.0,
            min_face=40,
        )


def test_another_detector_keeps_the_names(watched: Watched) -> None:
    (before,) = watched.sees(Seen("Ada"), frames=3).faces
    second = World()
    second.people = [Seen("Ada")]
    watched.recogniser.detector = second
    (after,) = watched.sees(Seen("Ada")).faces
    assert (after.track, after.match) == (before.track, before.match)
    assert second.min_faces == [40]


def test_after_a_reset_tracks_begin_anew_with_new_ids(watched: Watched) -> None:
    (before,) = watched.sees(Seen("Ada"), frames=3).faces
    watched.recogniser.reset()
    (after,) = watched.sees(Seen("Bo")).faces
    assert after.track != before.track
    assert after.match is not None
    assert after.match.name == "Bo"


def test_forgotten_tracks_leave_nothing_behind(watched: Watched) -> None:
    for k in range(60):
        watched.sees(Seen("Ada", x=100 if k % 2 else 550, size=50 + 150 * (k % 2)))
    watched.sees(frames=40)
    assert watched.recogniser._matches == {}
    policy = watched.recogniser._policy
    assert isinstance(policy, EmbedSparingly)
    assert policy._assessed_ns == policy._patches == policy._failed_ns == {}
