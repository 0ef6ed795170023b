from __future__ import annotations

import dataclasses
import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp import settings
from faceapp.errors import UnavailableError
from faceapp.files import locked
from faceapp.settings import BackupSettings, KioskSettings, RetentionSettings, Settings


def any_settings(identify_threshold: float | None, **values: Any) -> Settings:
    """A threshold and the space it was chosen in go together."""
    space = None if identify_threshold is None else "facenet+dlib:0123456789"
    return Settings(identify_threshold=identify_threshold, identify_threshold_space=space, **values)


valid = st.builds(
    any_settings,
    detector=st.sampled_from(["mtcnn", "ssd"]),
    embedder=st.text(min_size=1, max_size=30),
    min_face=st.integers(12, 2000),
    identify_threshold=st.none() | st.floats(0, 2, exclude_min=True, exclude_max=True),
    keep_crops=st.booleans(),
    device=st.sampled_from(["auto", "cpu", "cuda"]),
    precision=st.sampled_from(["auto", "fp32", "int8", "fp16"]),
    threads=st.integers(0, 256),
    require_consent=st.booleans(),
    last_seen=st.booleans(),
    retention=st.builds(RetentionSettings, st.integers(1, 3650), st.integers(1, 3650)),
    backups=st.builds(BackupSettings, st.booleans(), st.integers(1, 1000)),
)


def write(data_dir: Path, content: object) -> Path:
    data_dir.mkdir(parents=True, exist_ok=True)
    file = data_dir / settings.FILE_NAME
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_without_a_file_the_defaults_hold(data_dir: Path) -> None:
    assert settings.load(data_dir) == Settings()
    assert not data_dir.exists(), "reading makes nothing"


@given(chosen=valid)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, chosen: Settings) -> None:
    directory = tmp_path_factory.mktemp("settings")
    settings.save(chosen, directory)
    assert settings.load(directory) == chosen


def test_written_by_hand_a_file_needs_no_version(data_dir: Path) -> None:
    write(data_dir, {"detector": "ssd"})
    assert settings.load(data_dir) == Settings(detector="ssd")


def test_every_setting_has_its_type_listed() -> None:
    assert set(settings._TYPES) == {f.name for f in dataclasses.fields(Settings)}
    assert set(settings._KIOSK_TYPES) == {f.name for f in dataclasses.fields(KioskSettings)}


def test_the_file_is_ours_alone_and_nothing_else_is_left(data_dir: Path) -> None:
    settings.save(Settings(), data_dir)
    settings.save(Settings(min_face=60), data_dir)
    assert [p.name for p in data_dir.iterdir()] == [settings.FILE_NAME]
    assert stat.S_IMODE((data_dir / settings.FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert json.loads((data_dir / settings.FILE_NAME).read_text())["version"] == settings.VERSION


def test_a_setting_the_file_does_not_name_has_its_default(data_dir: Path) -> None:
    write(data_dir, {"version": 1, "min_face": 80})
    assert settings.load(data_dir) == Settings(min_face=80)


@pytest.mark.parametrize(
    "change",
    [
        {"detector": ""},
        {"embedder": ""},
        {"device": "tpu"},
        {"precision": "int4"},
        {"min_face": 11},
        {"min_face": 2001},
        {"identify_threshold": 0.0},
        {"identify_threshold": 2.0},
        {"identify_threshold": float("nan")},
        {"threads": -1},
        {"threads": 257},
    ],
)
def test_a_value_out_of_range_is_named(change: dict[str, Any], data_dir: Path) -> None:
    (name,) = change
    with pytest.raises(ValueError, match=name):
        Settings(**change)
    file = write(data_dir, {"version": 1, **change})
    with pytest.raises(UnavailableError, match=name) as caught:
        settings.load(data_dir)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("alone", [{"identify_threshold": 0.4}, {"identify_threshold_space": "facenet-512:0"}])
def test_a_threshold_means_nothing_without_its_space(alone: dict[str, Any], data_dir: Path) -> None:
    with pytest.raises(ValueError, match="go together"):
        Settings(**alone)
    write(data_dir, {"version": 1, **alone})
    with pytest.raises(UnavailableError, match="go together"):
        settings.load(data_dir)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "cannot be read"),
        ('{"version": 1', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[1]", "not a settings file"),
        ({"version": "1"}, "not a settings file"),
        ({"version": True}, "not a settings file"),
        ({"version": 0}, "not a settings file"),
        ({"version": 3}, "newer faceapp"),
        ({"version": 1, "colour": "red"}, "no setting 'colour'"),
        ({"version": 1, "min_face": "40"}, "min_face cannot be '40'"),
        ({"version": 1, "min_face": True}, "min_face cannot be True"),
        ({"version": 1, "min_face": 40.5}, "min_face cannot be 40.5"),
        ({"version": 1, "keep_crops": 1}, "keep_crops cannot be 1"),
        ({"version": 1, "require_consent": "yes"}, "require_consent cannot be 'yes'"),
        ({"retention": {"inbox_days": 0}}, "inbox_days must be 1 to 3650"),
        ({"retention": {"audit_pictures_days": True}}, "retention: audit_pictures_days cannot be True"),
        ({"retention": {"weeks": 2}}, "retention: there is no setting 'weeks'"),
        ({"backups": {"keep": 0}}, "keep must be 1 to 1000"),
        ({"backups": {"daily": 1}}, "backups: daily cannot be 1"),
        ({"backups": 7}, "backups cannot be 7"),
    ],
)
def test_a_file_we_cannot_use_is_told_in_one_line(content: object, says: str, data_dir: Path) -> None:
    write(data_dir, content)
    with pytest.raises(UnavailableError, match=says) as caught:
        settings.load(data_dir)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_told(data_dir: Path) -> None:
    write(data_dir, "").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnavailableError, match="cannot be read"):
        settings.load(data_dir)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="cannot be written"):
        settings.save(Settings(), tmp_path / "file")


def test_a_full_disk_leaves_the_old_settings(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save(Settings(min_face=60), data_dir)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="No space left"):
        settings.save(Settings(min_face=80), data_dir)
    assert settings.load(data_dir).min_face == 60
    assert [p.name for p in data_dir.iterdir()] == [settings.FILE_NAME]


def test_what_many_change_at_once_is_never_lost(data_dir: Path) -> None:
    """Each adds one to what is stored, from a thread of its own."""
    barrier = threading.Barrier(4, timeout=20)

    def add() -> None:
        barrier.wait()
        for _ in range(10):
            settings.change(data_dir, lambda stored: dataclasses.replace(stored, min_face=stored.min_face + 1))

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(add) for _ in range(4)]:
            future.result(60)
    assert settings.load(data_dir).min_face == Settings().min_face + 40


def test_a_change_waits_for_whoever_is_at_it_and_then_says_so(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.save(Settings(min_face=60), data_dir)
    monkeypatch.setattr(settings, "BUSY_SECONDS", 0.0)
    with locked(data_dir / settings.LOCK_NAME, 0), pytest.raises(UnavailableError, match="in use by another"):
        settings.change(data_dir, lambda stored: dataclasses.replace(stored, min_face=70))
    assert settings.load(data_dir).min_face == 60


def test_a_change_that_is_none_or_cannot_be_writes_nothing(data_dir: Path, tmp_path: Path) -> None:
    assert settings.change(data_dir, lambda stored: stored) == Settings()
    with pytest.raises(ValueError, match="min_face"):
        settings.change(data_dir, lambda stored: dataclasses.replace(stored, min_face=0))
    assert not (data_dir / settings.FILE_NAME).exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="cannot be written"):
        settings.change(tmp_path / "file", lambda stored: stored)


def test_the_kiosks_settings_come_back_as_they_were(tmp_path: Path) -> None:
    kiosk = KioskSettings(door="mqtt://broker/door", mode="verify", zone=(0.1, 0.0, 0.9, 1.0), policy={"votes": 6})
    settings.save(Settings(kiosk=kiosk), tmp_path)
    assert settings.load(tmp_path).kiosk == kiosk


@pytest.mark.parametrize(
    "kiosk",
    [
        {"zone": [0, 0, 1]},
        {"zone": [0.5, 0, 0.5, 1]},
        {"zone": [0, 0, 1, "x"]},
        {"policy": {"votes": "many"}},
        {"mode": "guess"},
        {"door": ""},
        {"pulse": 0},
        {"colour": "red"},
        {"sound": 1},
    ],
)
def test_a_kiosk_setting_that_cannot_be_is_named(tmp_path: Path, kiosk: dict[str, object]) -> None:
    (tmp_path / settings.FILE_NAME).write_text(json.dumps({"kiosk": kiosk}))
    with pytest.raises(UnavailableError, match=next(iter(kiosk))):
        settings.load(tmp_path)


def test_a_file_in_place_of_the_data_folder_is_said(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,path", encoding="utf-8")
    with pytest.raises(UnavailableError, match=r"people\.csv is not a folder: name one with --data-dir"):
        settings.load(file)


# As the version before wrote it for every site that changed anything at all, `off` being all there was.
FILE_OF_VERSION_1 = """{
  "version": 1, "detector": "mtcnn", "embedder": "facenet+dlib", "min_face": 80, "identify_threshold": null,
  "identify_threshold_space": null, "keep_crops": true, "device": "auto", "precision": "auto", "threads": 0,
  "require_consent": false, "inbox": false, "last_seen": true,
  "retention": {"inbox_days": 7, "audit_pictures_days": 30}, "backups": {"daily": true, "keep": 7},
  "kiosk": {
    "door": "sim:", "mode": "identify", "liveness": "off", "require_live": false, "zone": [0.0, 0.0, 1.0, 1.0],
    "pulse": 3.0, "policy": {}, "language": "", "sound": false, "speech": false, "high_contrast": false,
    "say_why": false, "audit_pictures": false
  }
}
"""


def test_an_earlier_versions_off_was_no_choice(data_dir: Path) -> None:
    write(data_dir, FILE_OF_VERSION_1)
    loaded = settings.load(data_dir)
    assert (loaded.min_face, loaded.kiosk.liveness, settings.liveness_was_off(data_dir)) == (80, "auto", True)
    settings.change(data_dir, lambda stored: dataclasses.replace(stored, min_face=60))
    assert (settings.load(data_dir).kiosk.liveness, settings.liveness_was_off(data_dir)) == ("auto", False)


def test_an_off_that_was_chosen_stays(data_dir: Path) -> None:
    for content in ({"version": 2, "kiosk": {"liveness": "off"}}, {"kiosk": {"liveness": "off"}}):
        write(data_dir, content)
        assert settings.load(data_dir).kiosk.liveness == "off"
        assert not settings.liveness_was_off(data_dir)
