"""What a track is called, from frame to frame, over an invented world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from faceapp.pipeline.embedding import EMBED_AT_ONCE
from faceapp.types import BgrImage, Face, Floats
from tests.fakes.vision import PEOPLE, Seen
from tests.fakes.watched import FRAME_NS, SETTLED, Watched, crowd, names


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
