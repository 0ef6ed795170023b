"""Who looks like whom in a whole gallery: asked for, and once a night."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pytest

from faceapp.app.duplicates import NightlyLook, near_pairs
from faceapp.app.parts import Parts
from faceapp.app.upkeep import Upkeep
from faceapp.gallery.rows import NewPhoto
from faceapp.types import Floats


def at(distance: float) -> Floats:
    angle = 2 * math.asin(distance / 2)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


@pytest.fixture
def parts() -> Iterator[Parts]:
    with Parts.open() as parts:
        yield parts


def enrol(parts: Parts, **people: float) -> None:
    for name, distance in people.items():
        parts.gallery().add_photo(name.title(), NewPhoto(parts.space(), at(distance), 70, "a.jpg"))


def test_without_a_gallery_none_is_made(parts: Parts) -> None:
    assert near_pairs(parts).pairs == []
    assert not (parts.data_dir / "gallery.db").exists()


def test_the_pairs_nearer_than_the_threshold_and_its_margin(parts: Parts) -> None:
    threshold = parts.automatic_threshold(4)
    enrol(parts, ada=0.0, bob=threshold * 0.5, cid=threshold * 1.55, dan=1.4)
    found = near_pairs(parts)
    assert (found.threshold, found.limit) == (threshold, pytest.approx(threshold * 1.1))
    pairs = [(p["a"]["name"], p["b"]["name"], p["kind"]) for p in found.as_json()["pairs"]]
    assert {tuple(sorted(p[:2])): p[2] for p in pairs} == {
        ("Ada", "Bob"): "same_person",
        ("Bob", "Cid"): "lookalike",
    }
    assert [p.distance for p in found.pairs] == sorted(p.distance for p in found.pairs)


def test_the_look_is_once_a_night(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    enrol(parts, ada=0.0, bob=0.1)
    now = datetime(2026, 3, 1, 23, 30)
    look = NightlyLook(parts, lambda: now)
    caplog.set_level(logging.INFO, "faceapp")

    def looks_at(when: datetime) -> int:
        nonlocal now
        now = when
        caplog.clear()
        look(parts.gallery())
        return sum("nightly look" in r.getMessage() for r in caplog.records)

    assert looks_at(datetime(2026, 3, 1, 23, 30)) == 0
    assert look.notice is None
    assert looks_at(datetime(2026, 3, 2, 1, 0)) == 1
    assert look.notice is not None
    assert look.notice.startswith("one pair of people looks too much alike: ")
    assert looks_at(datetime(2026, 3, 2, 4, 59)) == 0
    assert looks_at(datetime(2026, 3, 2, 12, 0)) == 0
    enrol(parts, cid=0.2)
    assert looks_at(datetime(2026, 3, 3, 3, 0)) == 1
    assert look.notice.startswith("3 pairs of people look ")
    parts.gallery().delete(*[p.id for p in parts.gallery().people()])
    assert looks_at(datetime(2026, 3, 4, 3, 0)) == 1
    assert look.notice is None
    assert not [r for r in caplog.records if "Ada" in r.getMessage()]


def test_upkeep_looks_with_the_rest_of_what_is_due(parts: Parts) -> None:
    enrol(parts, ada=0.0, bob=0.1)
    look = NightlyLook(parts, lambda: datetime(2026, 3, 2, 3, 0))
    Upkeep(parts.data_dir, parts.settings, look).run(parts.gallery())
    assert look.notice is not None
