"""A site's own calibration: kept, read back, in force as far as it can speak, at the door only where it is told to."""

import dataclasses
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app import calibration as app
from faceapp.app import calibration_file
from faceapp.app.audit import existing_log, log_action
from faceapp.app.kiosk.site import policy_settings
from faceapp.app.models import describe
from faceapp.app.parts import Parts
from faceapp.app.thresholds import source_text
from faceapp.errors import InputError, UnavailableError, UsageError
from faceapp.evaluation.calibration import Calibration
from faceapp.zoo.specs import Targets
from tests.fakes.crowds import crowd, fill, fill_inbox


@pytest.fixture
def parts(data_dir: Path) -> Iterator[Parts]:
    with Parts.open(data_dir) as opened:
        yield opened


def measured(parts: Parts, people: int = 200) -> Calibration:
    return of_crowd(parts.space(), people, app.targets_of(parts, None, None))


@cache
def of_crowd(space: str, people: int, targets: Targets) -> Calibration:
    vectors, owner = crowd(people)
    return app.calibrated(app.Material("gallery", vectors, owner, (people, len(owner)), "0" * 64), space, targets)


def without_manifest(parts: Parts) -> None:
    """As an embedder of the site's own is: nobody has measured it yet."""
    spec = dataclasses.replace(parts.embedder_spec, thresholds=None)
    parts.manifest = dataclasses.replace(parts.manifest, embedders={**parts.manifest.embedders, spec.id: spec})


def actions(data_dir: Path) -> list[str]:
    log = existing_log(data_dir)
    return [] if log is None else [str(e.fields["action"]) for e in log.latest() if e.kind == "action"]


# Keeping


def test_what_is_kept_is_read_back(parts: Parts) -> None:
    calibration = measured(parts)
    file = calibration_file.save(parts.data_dir, calibration)
    assert file.parent == parts.data_dir / "calibration"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    again = calibration_file.load(parts.data_dir, parts.space())
    assert again is not None
    assert calibration_file.as_json(again) == calibration_file.as_json(calibration)
    assert calibration_file.load(parts.data_dir, "another:0000000000") is None


def test_nothing_of_anybody_is_kept(parts: Parts) -> None:
    fill(parts.data_dir, parts.space(), 4)
    material = app.gallery_material(parts, inbox=False)
    file = calibration_file.save(
        parts.data_dir, app.calibrated(material, parts.space(), app.targets_of(parts, None, None))
    )
    text = file.read_text()
    assert "Person" not in text
    store = parts.existing_gallery()
    assert store is not None
    assert all(p.id not in text for p in store.people())
    assert set(json.loads(text)) == {
        "version", "space", "made", "source", "people", "several", "photos", "gallery", "strangers", "pairs",
        "fingerprint", "targets", "curve", "door",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"door": "yes"},
        {"people": -1},
        {"space": 3},
        {"targets": {"verify_far": 0, "identify_fpir": 0.1, "door_far": 0.1}},
        {"curve": {"thresholds": [0.5, 0.4]}},
        {"version": None},
        {"gallery": [1]},
    ],
)
def test_a_file_that_was_spoilt_is_told_in_one_line(parts: Parts, change: dict[str, Any]) -> None:
    file = calibration_file.save(parts.data_dir, measured(parts))
    raw = {**json.loads(file.read_text()), **change}
    file.write_text(json.dumps(raw))
    with pytest.raises(UnavailableError, match=r"cannot be used .*faceapp calibrate reset") as caught:
        parts.thresholds()
    assert "\n" not in str(caught.value)
    with pytest.raises(UnavailableError):
        policy_settings(parts, "identify")  # the door stays shut


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, " " * 1_000_001])
def test_a_file_that_is_none_is_told_in_one_line(parts: Parts, text: str) -> None:
    file = calibration_file.save(parts.data_dir, measured(parts))
    file.write_text(text)
    with pytest.raises(UnavailableError, match="it is not a calibration"):
        calibration_file.load(parts.data_dir, parts.space())
    assert app.reset(parts)
    assert parts.calibration() is None


def test_one_that_cannot_be_read_is_replaced_with_a_word_about_the_door(parts: Parts) -> None:
    file = calibration_file.save(parts.data_dir, measured(parts))
    file.write_text("{")
    with pytest.raises(UsageError, match="or cannot be read: give --door"):
        app.keep(parts, measured(parts), None)
    app.keep(parts, measured(parts), False)
    assert parts.calibration() is not None
    assert actions(parts.data_dir) == ["door_thresholds_reset"]


def test_another_spaces_file_and_a_newer_one_are_not_used(parts: Parts) -> None:
    file = calibration_file.save(parts.data_dir, measured(parts))
    raw = json.loads(file.read_text())
    file.write_text(json.dumps({**raw, "space": "other:1"}))
    with pytest.raises(UnavailableError, match="belongs to other:1"):
        parts.calibration()
    file.write_text(json.dumps({**raw, "version": 3}))
    with pytest.raises(UnavailableError, match="update faceapp"):
        parts.calibration()
    file.write_text(json.dumps({**raw, "version": 1}))
    with pytest.raises(UnavailableError, match=r"by a rule that promised too much\): run .faceapp calibrate. again"):
        parts.calibration()


# In force


def test_it_is_in_force_for_names_and_not_at_the_door(parts: Parts) -> None:
    model, door = parts.thresholds(), policy_settings(parts, "identify")
    calibration = measured(parts)
    kept = app.keep(parts, calibration, None)
    assert kept.door_before == kept.door_after
    assert parts.thresholds().verify == calibration.promised(1e-3) != model.verify
    assert policy_settings(parts, "identify") == door
    assert actions(parts.data_dir) == []
    with Parts.open(parts.data_dir) as later:
        assert later.thresholds() == parts.thresholds()
        assert later.door_thresholds() == model
        assert later.automatic_threshold(600) == parts.embedder_spec.threshold_identify(600), "too few people for that"
    with Parts.open(parts.data_dir, embedder="facenet-512") as other:
        assert other.calibration() is None


def test_the_door_follows_only_where_it_is_told_to_and_that_is_logged(parts: Parts) -> None:
    calibration = measured(parts)
    kept = app.keep(parts, calibration, True)
    assert kept.door_after == parts.door_thresholds() == parts.thresholds()
    assert policy_settings(parts, "verify").verify_threshold == calibration.promised(1e-3)
    [action] = actions(parts.data_dir)
    door = parts.door_thresholds()
    assert action == f"door_thresholds {door.door:.4f} {door.verify:.4f} {parts.space()}"
    with pytest.raises(UsageError, match="--no-door"):
        app.keep(parts, calibration, None)
    app.keep(parts, calibration, False)
    assert parts.door_thresholds().verify == parts.embedder_spec.threshold_verify()
    assert actions(parts.data_dir)[1:] == ["door_thresholds_reset"]


def test_what_cannot_be_logged_is_not_done(parts: Parts) -> None:
    log_action(parts.data_dir, "allow")
    log = existing_log(parts.data_dir)
    assert log is not None
    for file in parts.data_dir.glob("audit*"):
        if file.is_file():
            file.chmod(0o400)
    (parts.data_dir / "installation.json").unlink()  # the key can't be found any more
    with pytest.raises(UnavailableError):
        app.keep(parts, measured(parts), True)
    assert parts.calibration() is None


def test_reset_goes_back_to_the_models_own(parts: Parts) -> None:
    model = parts.thresholds()
    app.keep(parts, measured(parts), True)
    assert app.reset(parts)
    assert parts.thresholds() == parts.door_thresholds() == model
    assert actions(parts.data_dir)[-1] == "door_thresholds_reset"
    assert not app.reset(parts)


def test_few_people_are_refused_calmly(parts: Parts) -> None:
    calibration = measured(parts, people=20)
    with pytest.raises(InputError) as caught:
        app.keep(parts, calibration, None)
    assert str(caught.value) == (
        "20 people can speak for a false-accept rate of 8 % or more, not for 0.1 %: calibrate with 183 people or more, "
        "or ask for less with --far; what was in force stays"
    )
    assert parts.calibration() is None


def test_an_embedder_without_thresholds_becomes_usable(parts: Parts) -> None:
    without_manifest(parts)
    with pytest.raises(UnavailableError, match="faceapp calibrate"):
        parts.thresholds()
    with pytest.raises(InputError, match=r"200 people cannot speak for the door's rate of 0.01 %.* 577 or more"):
        app.keep(parts, measured(parts), True)
    app.keep(parts, measured(parts), None)
    assert 0 < parts.automatic_threshold(360) <= parts.thresholds().verify
    with pytest.raises(UnavailableError, match="faceapp calibrate"):
        policy_settings(parts, "identify")
    app.keep(parts, measured(parts, people=580), True)
    assert policy_settings(parts, "identify").door_threshold < parts.thresholds().verify


def test_the_source_is_told(parts: Parts) -> None:
    def text() -> str:
        return source_text(parts.embedder_spec, parts.calibration(), 360)

    assert text().startswith("the model's own: verify 0.496")
    app.keep(parts, measured(parts), None)
    assert "(calibrated on 200 people), identify" in text()
    assert text().endswith("door 0.454 (the model's own)")
    without_manifest(parts)
    assert text().endswith("door: none (`faceapp calibrate --door`)")


def test_a_gallery_that_changed_a_lot_is_told(parts: Parts) -> None:
    calibration = measured(parts)
    assert app.stale(calibration, 200, 600) is None
    assert app.stale(calibration, 240, 700) is None
    line = app.stale(calibration, 300, 900)
    assert line is not None
    assert line.startswith("the calibration was made with 200 people and 600 photos, now there are 300 and 900")
    assert app.stale(calibration, 200, 100) is not None
    assert app.stale(dataclasses.replace(calibration, source="folder"), 1, 1) is None


def test_one_person_under_two_names_is_pointed_out(parts: Parts) -> None:
    vectors, owner = crowd(80)
    assert app.nearest_note(measured(parts, people=80)) is None
    twin = np.where(owner == 79, 78, owner)
    vectors[owner == 79] = vectors[twin == 78][:3]
    material = app.Material("gallery", vectors, owner, (80, 240), "")
    calibration = app.calibrated(material, parts.space(), app.targets_of(parts, None, None))
    line = app.nearest_note(calibration)
    assert line is not None
    assert line.startswith("the two most alike people are only 0.00 apart, nearer than most photos of one person: ")
    assert app.describe(parts, calibration)["note"] == line


def test_a_distance_in_the_settings_is_the_doors_wherever_it_is_told(data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "settings.json").write_text('{"version": 1, "kiosk": {"policy": {"door_threshold": 0.6}}}')
    with Parts.open(data_dir) as parts:
        assert policy_settings(parts, "identify").door_threshold == parts.door_thresholds().door == 0.6
        told = source_text(parts.embedder_spec, None, 1, parts.settings.kiosk.policy)
        assert told.endswith("door 0.600 (settings.json's own)")
        found = describe(str(data_dir))["embedders"]
        assert [e["thresholds"]["door"] == 0.6 for e in found] == [e["in_use"] for e in found]
        for door in (False, True):
            app.keep(parts, measured(parts), door)
            assert parts.door_thresholds().door == 0.6
            assert "0.600 (settings" in source_text(
                parts.embedder_spec, parts.calibration(), 1, {"door_threshold": 0.6}
            )


# Material


def test_the_gallery_and_its_inbox(parts: Parts) -> None:
    space = parts.space()
    fill(parts.data_dir, space, 10)
    strangers = np.linalg.qr(np.random.default_rng(1).normal(size=(32, 4)))[0].T.astype(np.float32)
    fill_inbox(parts.data_dir, space, np.concatenate([strangers, strangers[:1]]))
    material = app.gallery_material(parts, inbox=True)
    assert material.vectors.shape == (30, 32)
    assert material.gallery == (10, 30)
    assert material.whose is not None
    assert sorted(np.bincount(material.whose)) == [1, 1, 1, 2], "the fifth is one of the four again"
    assert app.calibrated(material, space, app.targets_of(parts, None, None)).strangers == 4
    alone = app.gallery_material(parts, inbox=False)
    assert alone.strangers is None
    assert alone.fingerprint == material.fingerprint
    assert len(material.fingerprint) == 64
    store = parts.existing_gallery()
    assert store is not None
    store.delete(store.people()[0].id)
    assert app.gallery_material(parts, inbox=False).fingerprint != material.fingerprint


def test_without_a_gallery_there_is_nothing_to_measure(parts: Parts) -> None:
    with pytest.raises(InputError, match=r"nobody is enrolled yet: .* enrol 183 or more"):
        app.gallery_material(parts, inbox=True)
    assert not (parts.data_dir / "gallery.db").exists()
