"""A lost key isn't replaced while the gallery needs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.audit import log_action
from faceapp.app.keys import set_pin
from faceapp.app.site_keys import pin_store, site_keys
from faceapp.cli.main import main
from faceapp.errors import UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.key_places import keys_dir
from faceapp.security.keys import badge_mac
from tests.fakes.keys import key_file

PHOTO = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg")
PIN = "271828"


@pytest.fixture
def lost(data_dir: Path) -> Path:
    """A data directory with somebody in it, whose key is gone."""
    mac = badge_mac(site_keys(data_dir).badges, "04A177")
    with GalleryStore.open(data_dir) as store:
        store.add_badge(store.add_photo("Ada", PHOTO).person.id, mac)
    key_file(data_dir).unlink()
    return data_dir


def test_a_new_site_gets_a_key_and_keeps_it(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", PHOTO)
    keys = site_keys(data_dir)
    assert site_keys(data_dir) == keys
    with GalleryStore.open(data_dir) as store:
        store.add_badge(store.person("Ada").id, badge_mac(keys.badges, "1"))
    assert site_keys(data_dir) == keys
    assert pin_store(data_dir).set(PIN, None).answer == "right"


def test_none_is_made_while_a_gallery_is_sealed_with_the_lost_one(lost: Path) -> None:
    others = set(keys_dir().glob("*.key"))
    for attempt in (site_keys, lambda d: log_action(d, "allow"), lambda d: set_pin(d, PIN, None)):
        with pytest.raises(UnavailableError, match=r"gallery\.db is sealed, and its key \(.+\.key\) is missing"):
            attempt(lost)
    (lost / "installation.json").unlink()
    with pytest.raises(UnavailableError, match=r"gallery\.db is sealed, and its key \(.+site\.key\) is missing"):
        site_keys(lost)
    assert not {"site.key", "audit.jsonl", "audit.anchor", "admin-pin.json"} & {f.name for f in lost.iterdir()}
    assert not key_file(lost).exists()
    assert set(keys_dir().glob("*.key")) == others


def test_on_the_command_line(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (lost / "gallery.db").read_bytes()
    for words in (
        ["allow", "Ada"],
        ["badge", "Ada", "--set", "2"],
        ["group", "add", "Staff"],
        ["delete", "Ada", "--yes"],
    ):
        assert main(["people", *words]) == 4
        [line] = capsys.readouterr().err.splitlines()
        assert "is sealed, and its key" in line
    assert main(["people", "list", "--json"]) == 0
    assert [p["name"] for p in json.loads(capsys.readouterr().out)["people"]] == ["Ada"]
    assert (lost / "gallery.db").read_bytes() == before


def test_a_key_that_is_put_back_with_the_data_is_moved_where_it_belongs(data_dir: Path) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo("Ada", PHOTO)
    place = key_file(data_dir)
    place.rename(data_dir / "site.key")
    keys = site_keys(data_dir)
    assert place.exists()
    assert not (data_dir / "site.key").exists()
    assert site_keys(data_dir) == keys
    with GalleryStore.open(data_dir) as store:
        assert len(store.templates("space")) == 1


def test_a_gallery_that_cannot_be_asked_leaves_it_undecided(data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "gallery.db").write_bytes(b"no database at all, only some bytes")
    with pytest.raises(UnavailableError):
        site_keys(data_dir)
    assert not (data_dir / "site.key").exists()
