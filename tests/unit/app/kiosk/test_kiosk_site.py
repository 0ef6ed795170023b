"""What a kiosk stands on: its policy, its options, and who may still enter right now."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app.guest import GUEST_ID
from faceapp.app.kiosk.headless import run
from faceapp.app.kiosk.session import KioskSession
from faceapp.app.kiosk.site import (
    KioskOptions,
    StillAllowed,
    guest_may_enter,
    kiosk_options,
    policy_settings,
)
from faceapp.app.parts import Parts
from faceapp.errors import InputError, UnavailableError, UsageError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.settings import LivenessChoice
from faceapp.types import Hours

MONDAY_NOON = datetime(2024, 1, 1, 12)


def parts_with(data_dir: Path, **kiosk: Any) -> Parts:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "settings.json").write_text(json.dumps({"kiosk": kiosk}))
    return Parts.open(data_dir)


def test_the_policy_takes_the_manifests_thresholds_and_the_sites_values(tmp_path: Path) -> None:
    parts = parts_with(tmp_path, policy={"votes": 6, "cooldown": 8}, require_live=True)
    chosen = policy_settings(parts, "verify")
    thresholds = parts.thresholds()
    assert (chosen.door_threshold, chosen.verify_threshold) == (thresholds.door, thresholds.verify)
    assert (chosen.votes, chosen.cooldown, chosen.require_live, chosen.mode) == (6, 8, True, "verify")
    assert chosen.threshold == thresholds.verify
    assert chosen.space == parts.space()


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"voters": 6}, "voters"),
        ({"votes": 9}, "votes"),
        ({"votes": 2.5}, "votes"),
        ({"door_threshold": 3}, "door_threshold"),
        ({"space": 1}, "space"),
    ],
)
def test_a_policy_that_cannot_be_is_named(tmp_path: Path, policy: dict[str, float], named: str) -> None:
    with pytest.raises(UnavailableError, match=named):
        policy_settings(parts_with(tmp_path, policy=policy), "identify")


def test_the_command_line_wins_over_the_site(tmp_path: Path) -> None:
    parts = parts_with(tmp_path, door="mqtt://broker/door", mode="verify")
    assert kiosk_options(parts, "0", None, None, None, None) == KioskOptions("0", "mqtt://broker/door", "verify")
    assert kiosk_options(parts, "0", "sim:", "identify", "off", None) == KioskOptions(
        "0", "sim:", "identify", liveness="off", by_command=True
    )
    assert kiosk_options(parts, None, None, None, None, "Ada").claim == "Ada"
    with pytest.raises(UsageError, match="--mode verify"):
        kiosk_options(parts, "0", None, "identify", None, "Ada")


def test_questions_are_asked_unless_the_site_chooses_otherwise_and_a_model_is_added_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chosen(parts: Parts, word: LivenessChoice | None = None) -> str:
        return kiosk_options(parts, "demo:", None, None, word, None).liveness

    parts, site = Parts.open(tmp_path / "a"), parts_with(tmp_path / "b", liveness="passive")
    assert (chosen(parts), chosen(site), chosen(site, "off")) == ("active", "passive", "off")
    monkeypatch.setattr(Parts, "has_passive_model", lambda _: True)
    assert (chosen(parts), chosen(parts, "active")) == ("both", "active")


def test_the_demonstrations_guest_opens_a_drawn_door_only() -> None:
    drawn = KioskOptions("demo:", "sim:", "identify")
    assert guest_may_enter(drawn, demo=True)
    assert not guest_may_enter(drawn, demo=False)
    assert not guest_may_enter(dataclasses.replace(drawn, door="mqtt://broker/door"), demo=True)


@pytest.fixture
def store(tmp_path: Path) -> GalleryStore:
    return GalleryStore.open(tmp_path)


def enrolled(store: GalleryStore, name: str) -> str:
    vector = np.zeros(8, np.float32)
    vector[len(name)] = 1
    return store.add_photo(name, NewPhoto("space", vector, 80.0, "test")).person.id


def test_who_may_still_enter_is_read_at_that_moment(tmp_path: Path, store: GalleryStore) -> None:
    person = enrolled(store, "Ada")
    still = StillAllowed(tmp_path, guest=False, now=lambda: MONDAY_NOON)
    assert not still(person)  # enrolling gives nobody a door
    store.set_right(person, "allow")
    assert still(person)
    store.set_active(person, False)
    assert not still(person)
    store.set_active(person, True)
    assert still(person)
    store.set_right(person, "deny")
    assert not still(person)
    store.set_right(person, "allow", [Hours(frozenset({0}), 13 * 60, 14 * 60)])
    assert not still(person)
    store.set_right(person, "allow", [Hours(frozenset({0}), 11 * 60, 14 * 60)])
    assert still(person)
    store.delete(person)
    assert not still(person)
    store.close()


def test_whoever_is_writing_is_waited_for_and_then_nobody_can_tell(tmp_path: Path, store: GalleryStore) -> None:
    person = enrolled(store, "Ada")
    store.set_right(person, "allow")
    still = StillAllowed(tmp_path, guest=False, now=lambda: MONDAY_NOON)
    with sqlite3.connect(tmp_path / "gallery.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="locked"):
            still(person)
        other.execute("ROLLBACK")
    other.close()
    assert still(person)
    store.close()


def test_without_a_gallery_nobody_may_enter_and_none_is_made(tmp_path: Path) -> None:
    assert not StillAllowed(tmp_path, guest=False)("a" * 32)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("guest", [True, False])
def test_the_guest_is_nobody_of_the_gallery(tmp_path: Path, guest: bool) -> None:
    assert StillAllowed(tmp_path, guest)(GUEST_ID) is guest


def headless(parts: Parts, options: KioskOptions) -> None:
    run(parts, options, drop=True, frames=1, event=lambda _: None, note=lambda _: None)


@pytest.mark.parametrize("begin", [KioskSession.open, headless])
def test_a_playlist_or_a_film_over_the_network_is_no_kiosk_s_camera(
    data_dir: Path, begin: Callable[[Parts, KioskOptions], object]
) -> None:
    options = KioskOptions("http://ada:s3cret@127.0.0.1:9/live.m3u8", "sim:", "identify")
    with Parts.open(data_dir) as parts, pytest.raises(InputError, match="a playlist or a film") as error:
        begin(parts, options)
    assert "s3cret" not in str(error.value)
