"""One person under two names, with a real gallery, log and door pictures: merged, exported, undone, forgotten."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app import audit_pictures, logs
from faceapp.app.audit import open_log
from faceapp.app.consent import expire
from faceapp.app.site_keys import site_keys
from faceapp.cli.main import main
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.vault import Vault

TOMORROW = date.today() + timedelta(days=1)


@dataclass(frozen=True)
class Site:
    data_dir: Path
    ids: dict[str, str]
    pictures: dict[str, int]
    """The entry with which a picture of each was kept."""


@pytest.fixture
def site(data_dir: Path) -> Iterator[Site]:
    """Ann and Annie, who are one, and Bob; each came in once."""
    logs.configure(data_dir)
    log = open_log(data_dir)
    ids, pictures = dict[str, str](), dict[str, int]()
    folder = data_dir / audit_pictures.FOLDER
    folder.mkdir(mode=0o700)
    with GalleryStore.open(data_dir) as store:
        for seed, name in enumerate(("Ann", "Annie", "Bob")):
            vector = np.random.default_rng(seed).normal(size=16)
            unit = (vector / np.linalg.norm(vector)).astype(np.float32)
            ids[name] = store.add_photo(
                name, NewPhoto("space:1", unit, 70.0, f"{seed}.jpg", crop=b"\xff\xd8")
            ).person.id
            number = pictures[name] = log.append("intention", person=ids[name], reason="granted").number
            sealed = Vault.of(site_keys(data_dir)).seal(b"at the door", audit_pictures.bound(number))
            (folder / f"{number}.bin").write_bytes(sealed)
            logging.getLogger("faceapp.test").error("a library's own words: /photos/%s.jpg", name)
    assert main(["people", "consent", "Annie", "--text", "Annie agrees"]) == 0
    assert main(["people", "allow", "Annie", "--hours", "Mon-Fri 07:00-19:00"]) == 0
    yield Site(data_dir, ids, pictures)
    logs.close()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def whose(capsys: pytest.CaptureFixture[str]) -> list[str | None]:
    """Of whom the log says that they came in."""
    return [e["name"] for e in said(capsys, "audit", "list", "--kind", "intention")["entries"]]


def test_the_export_holds_what_is_kept_under_either_name(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["people", "merge", "Annie", "Ann"]) == 0
    assert "1 photo of Annie is Ann's now" in capsys.readouterr().out
    assert main(["people", "consent", "Ann", "--text", "Ann agrees herself"]) == 0
    said(capsys, "people", "export", "Ann", "--out", str(tmp_path / "ann.zip"))
    with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
        files = {name for name in archive.namelist() if name.startswith("door/")}
        document = json.loads(archive.read("person.json"))
    assert files == {f"door/{site.pictures[name]}.jpg" for name in ("Ann", "Annie")}
    [merged] = document["person"]["merged"]
    assert (merged["id"], merged["name"]) == (site.ids["Annie"], "Annie")
    assert merged["consent"]["consent_text"] == "Annie agrees"
    assert (merged["door"]["own"], merged["door"]["own_hours"]) == ("allow", ["Mon-Fri 07:00-19:00"])
    assert document["consent"]["consent_text"] == "Ann agrees herself"
    entries = [(e.get("action", e["kind"]), e["name"]) for e in document["audit"]]
    assert {("intention", "Ann"), ("intention", "Annie"), ("merged_away", "Annie"), ("merged_into", "Ann")} <= set(
        entries
    )
    assert site.ids["Bob"] not in json.dumps(document)


def by_deletion(_: Path) -> None:
    assert main(["people", "delete", "Ann", "--yes"]) == 0


def by_withdrawal(_: Path) -> None:
    assert main(["people", "consent", "Ann", "--withdraw"]) == 0


def by_expiry(data_dir: Path) -> None:
    assert main(["people", "consent", "Ann", "--text", "for a day", "--until", TOMORROW.isoformat()]) == 0
    with GalleryStore.open(data_dir) as store:
        assert expire(store, data_dir, TOMORROW + timedelta(days=1)).names == ("Ann",)


@pytest.mark.parametrize("forget", [by_deletion, by_withdrawal, by_expiry])
def test_whoever_was_merged_is_forgotten_together(
    site: Site, forget: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "merge", "Annie", "Ann"]) == 0
    assert whose(capsys) == ["Ann", "Annie, now Ann", "Bob"]
    forget(site.data_dir)
    assert whose(capsys) == [None, None, "Bob"]
    assert set(audit_pictures.kept(site.data_dir)) == {site.pictures["Bob"]}
    text = (site.data_dir / logs.FILE_NAME).read_text(encoding="utf-8")
    assert "Ann" not in text
    assert "Bob.jpg" in text
    assert main(["audit", "verify"]) == 0


def test_undone_each_has_what_is_theirs_and_is_forgotten_alone(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "merge", "Annie", "Ann"]) == 0
    assert main(["people", "consent", "Ann", "--text", "Ann agrees herself"]) == 0
    assert main(["people", "merge", "--undo"]) == 0
    texts = {name: said(capsys, "people", "consent", name)["consent_text"] for name in ("Ann", "Annie")}
    assert texts == {"Ann": "Ann agrees herself", "Annie": "Annie agrees"}
    by_deletion(site.data_dir)
    assert whose(capsys) == [None, "Annie", "Bob"]
    assert set(audit_pictures.kept(site.data_dir)) == {site.pictures[name] for name in ("Annie", "Bob")}
