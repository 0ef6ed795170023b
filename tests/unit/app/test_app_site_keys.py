"""A lost key isn't replaced while the gallery's badges need it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faceapp.app.audit import existing_log, log_action
from faceapp.app.keys import set_pin
from faceapp.app.site_keys import pin_store, site_keys
from faceapp.cli.main import main
from faceapp.errors import UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import badge_mac

PHOTO = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg")
PIN = "271828"


@pytest.fixture
def lost(data_dir: Path) -> Path:
    """A data directory with a badge, whose key and log are gone."""
    mac = badge_mac(site_keys(data_dir).badges, "04A177")
    with GalleryStore.open(data_dir) as store:
        store.add_badge(store.add_photo("Ada", PHOTO).person.id, mac)
    (data_dir / "site.key").unlink()
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


def test_none_is_made_while_there_are_badges(lost: Path) -> None:
    line = r"site\.key is missing, and the gallery's badges cannot be known without it"
    for attempt in (site_keys, lambda d: log_action(d, "allow"), lambda d: set_pin(d, PIN, None)):
        with pytest.raises(UnavailableError, match=line):
            attempt(lost)
    assert not {"site.key", "audit.jsonl", "audit.anchor", "admin-pin.json"} & {f.name for f in lost.iterdir()}


def test_on_the_command_line(lost: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["allow", "Ada"], ["badge", "Ada", "--set", "2"], ["group", "add", "Staff"]):
        assert main(["people", *words]) == 4
        [line] = capsys.readouterr().err.splitlines()
        assert "site.key is missing" in line
    assert main(["people", "badge", "Ada", "--forget"]) == 0, "the way on that the line names"
    assert existing_log(lost) is None
    assert main(["people", "badge", "Ada", "--set", "2"]) == 0
    assert existing_log(lost) is not None
    capsys.readouterr()


def test_a_gallery_that_cannot_be_asked_leaves_it_undecided(data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "gallery.db").write_bytes(b"no database at all, only some bytes")
    with pytest.raises(UnavailableError):
        site_keys(data_dir)
    assert not (data_dir / "site.key").exists()
