"""From frames to names, over an invented world: who is embedded when, and what a change does while it runs."""

from __future__ import annotations

import pytest

from faceapp.errors import BugError
from faceapp.pipeline.embedding import EMBED_AT_ONCE, EmbedSparingly
from faceapp.pipeline.governor import PACES
from faceapp.pipeline.recogniser import Recogniser
from tests.fakes.vision import PEOPLE, Seen, World, index_of
from tests.fakes.watched import FRAME_NS, SETTLED, THRESHOLD, Watched, crowd, names


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


def test_a_doubt_counts_even_where_the_network_fails(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.sees(Seen("Ada", x=60, y=400, size=60), frames=3)

    def broken(*_: object) -> None:
        raise RuntimeError("the card is gone")

    monkeypatch.setattr(watched.world, "embed", broken)
    with pytest.raises(RuntimeError, match="gone"):
        watched.sees(Seen("Bo", x=95, y=400, size=60))
    assert names(watched.sees()) == [None], "carried, and nobody knows who it is"


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
