"""What `evaluate` is given to work on: the settings it tries, and the files of a list."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faceapp.app import calibration as app
from faceapp.app import calibration_file
from faceapp.app.evaluate import settings_to_try
from faceapp.app.evaluate_pictures import Embeddings, embed_pictures, hash_of
from faceapp.app.parts import Parts
from faceapp.app.upkeep import Upkeep
from faceapp.errors import InputError
from faceapp.evaluation.calibration import Calibration
from faceapp.evaluation.picture_cache import KEPT_DAYS, PictureCache, SeenFaces, cache_folder
from faceapp.evaluation.splits import Crowd
from faceapp.settings import Settings
from tests.fakes.crowds import crowd


@pytest.fixture
def parts(data_dir: Path) -> Iterator[Parts]:
    with Parts.open(data_dir) as opened:
        yield opened


def calibrate(parts: Parts, *, door: bool) -> Calibration:
    vectors, owner = crowd(12)
    material = app.Material("gallery", vectors, owner, (12, len(owner)), "0" * 64)
    made = app.calibrated(material, parts.space(), app.targets_of(parts, None, None))
    kept = dataclasses.replace(made, door=door)
    calibration_file.save(parts.data_dir, kept)
    return kept


def tried(parts: Parts) -> list[str]:
    parts.forget_calibration()
    return [what for what, _ in settings_to_try(parts, Crowd({}, None, {}, 0, ""), Embeddings(), 4)]


def test_a_network_of_ones_own_is_tried_without_a_door_until_it_has_one(parts: Parts) -> None:
    calibrate(parts, door=False)
    shipped = ["shipped, 4 templates", "shipped, door"]
    here = ["calibrated here, 4 templates", "in force at the door here"]
    assert tried(parts) == [*shipped, *here]
    spec = dataclasses.replace(parts.embedder_spec, thresholds=None)  # nobody has measured it yet
    parts.manifest = dataclasses.replace(parts.manifest, embedders={**parts.manifest.embedders, spec.id: spec})
    assert tried(parts) == here[:1]
    calibrate(parts, door=True)
    assert tried(parts) == here


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes and devices among its files")
def test_a_list_that_names_a_pipe_or_device_does_not_wait_for_it(parts: Parts, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "endless.jpg").symlink_to("/dev/zero")
    files = {name: tmp_path / name for name in ("pipe.jpg", "endless.jpg")}
    cache = PictureCache(None, {}, {"dimension": 4})
    found = embed_pictures(parts, files, "largest", cache, 1, lambda _done, _of: None)
    assert {n: line.partition(" ")[2] for n, line in found.unreadable.items()} == dict.fromkeys(
        files, "is not a file: name a picture"
    )
    with pytest.raises(InputError, match="is not a file"):
        hash_of(tmp_path / "pipe.jpg")


def test_upkeep_deletes_what_evaluations_kept(parts: Parts) -> None:
    folder = cache_folder(parts.data_dir)
    with PictureCache(folder, {"detector": "mtcnn"}, {"embedder": "x", "dimension": 4}).opened() as cache:
        cache.add({b"a" * 32: SeenFaces(None, None, 0.5)}, {})
    later = datetime.now(UTC) + timedelta(days=KEPT_DAYS)
    for now, left in ((later - timedelta(hours=1), 2), (later + timedelta(hours=1), 0)):
        Upkeep(parts.data_dir, Settings(), now=lambda now=now: now).run(parts.gallery())
        assert len(list(folder.glob("*.records"))) == left
