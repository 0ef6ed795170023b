"""Tracks of unknown people, clustered: one person's together, strangers apart, in whatever order they came."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceapp.enrollment.clusters import cluster, mean_distances, nearest
from faceapp.types import Floats

THRESHOLD = 0.9
DIMENSION = 64


def people(seed: int, tracks_of: list[int]) -> tuple[list[Floats], list[int]]:
    """So many tracks of each of some people, in a random order, and whose each is. People are at right angles, 1.41
    apart; embeddings of one lie about 0.4 from each other."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(DIMENSION, DIMENSION)))[0]
    whose = [int(p) for p in rng.permutation([person for person, count in enumerate(tracks_of) for _ in range(count)])]
    tracks = []
    for person in whose:
        rows = basis[person] + rng.normal(scale=0.28 / math.sqrt(DIMENSION), size=(int(rng.integers(1, 6)), DIMENSION))
        tracks.append((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))
    return tracks, whose


def at(*degrees: float) -> Floats:
    angles = np.radians(np.array(degrees))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 6), max_size=8))
def test_one_persons_tracks_are_together_and_strangers_apart(seed: int, tracks_of: list[int]) -> None:
    tracks, whose = people(seed, tracks_of)
    wanted = sorted([i for i, w in enumerate(whose) if w == person] for person in set(whose))
    assert cluster(tracks, THRESHOLD) == wanted


_track = st.lists(st.sampled_from(range(0, 360, 15)), min_size=1, max_size=3).map(lambda degrees: at(*degrees))


@settings(max_examples=200)
@given(st.lists(_track, max_size=9), st.randoms(use_true_random=False), st.floats(0.05, 1.9))
def test_the_order_does_not_matter(tracks: list[Floats], chance: random.Random, threshold: float) -> None:
    """Also where many are equally near: angles in steps of 15 degrees tie all the time."""
    order = list(range(len(tracks)))
    chance.shuffle(order)

    def found(tracks: list[Floats]) -> list[list[bytes]]:
        return sorted(sorted(tracks[i].tobytes() for i in group) for group in cluster(tracks, threshold))

    assert found([tracks[i] for i in order]) == found(tracks)


@settings(max_examples=100)
@given(st.lists(_track, max_size=9), st.floats(0.05, 1.9))
def test_every_track_is_in_one_group_and_groups_are_no_farther_than_the_threshold(
    tracks: list[Floats], threshold: float
) -> None:
    groups = cluster(tracks, threshold)
    assert sorted(i for group in groups for i in group) == list(range(len(tracks)))
    for g in groups:
        for other in groups:
            if g < other:
                apart = mean_distances([tracks[i] for i in g], [tracks[i] for i in other]).mean()
                assert apart > threshold - 1e-9, "else they would have been joined"


def test_a_chain_is_cut() -> None:
    """Each is near to the next, the ends are strangers."""
    groups = cluster([at(d) for d in range(0, 180, 20)], threshold=0.4)
    assert len(groups) >= 4
    assert all(group[-1] - group[0] <= 2 for group in groups)


def test_what_has_no_embedding_is_alone() -> None:
    nothing: Floats = np.zeros((0, 2), np.float32)
    assert cluster([nothing, at(0), nothing, at(1)], 0.5) == [[0], [1, 3], [2]]
    assert cluster([], 0.5) == []


def test_distances_are_means_over_all_pairs() -> None:
    assert mean_distances([at(0, 60)], [at(0), at(180, 0)]) == pytest.approx(
        np.array([[0.5, (2 + 0 + math.sqrt(3) + 1) / 4]]), abs=1e-6
    )


def test_the_nearest_group_within_the_threshold() -> None:
    groups = [[at(0), at(10)], [at(90, 95), at(100)]]
    assert nearest(at(4), groups, 0.5) == 0
    assert nearest(at(92), groups, 0.5) == 1
    assert nearest(at(45), groups, 0.5) is None
    assert nearest(at(45), [], 2.0) is None
