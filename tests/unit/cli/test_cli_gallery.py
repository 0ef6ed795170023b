"""`faceapp gallery backup|restore|check`, `faceapp people consent` and `faceapp people export`."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import zipfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app.audit import existing_log, log_action, open_log
from faceapp.cli.main import main
from faceapp.gallery.backups import FOLDER, backups
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

TOMORROW = (date.today() + timedelta(days=1)).isoformat()


def photo(seed: int) -> NewPhoto:
    vector = np.random.default_rng(seed).normal(size=16)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return NewPhoto("space:1", unit, 70.0, f"{seed}.jpg", crop=b"\xff\xd8 a picture %d" % seed, issues=("blurred",))


@pytest.fixture
def people(data_dir: Path) -> dict[str, str]:
    """Ids by name."""
    with GalleryStore.open(data_dir) as store:
        return {name: store.add_photo(name, photo(n)).person.id for n, name in enumerate(("Ada", "Bob"))}


def names(data_dir: Path) -> list[str]:
    with GalleryStore.open(data_dir) as store:
        return [p.name for p in store.people()]


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> Any:
    """What `faceapp WORDS --json` says."""
    assert main([*words, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def one_line(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit status and the line of a command that fails."""
    capsys.readouterr()
    status = main(list(words))
    [line] = capsys.readouterr().err.splitlines()
    return status, line


# Backups


def test_back_up_list_and_restore(people: dict[str, str], data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_action(data_dir, "pin_set")
    made = said(capsys, "gallery", "backup")["backup"]
    assert (made["people"], Path(made["file"]).parent) == (2, data_dir / FOLDER)
    assert [b["file"] for b in said(capsys, "gallery", "backup", "--list")["backups"]] == [made["file"]]
    assert main(["people", "delete", "Ada", "--yes"]) == 0
    assert main(["people", "rename", "Bob", "Robert"]) == 0
    capsys.readouterr()
    done = said(capsys, "gallery", "restore", made["file"], "--yes")
    assert (done["people"], names(data_dir)) == (1, ["Bob"])
    log = existing_log(data_dir)
    assert log is not None
    assert [e.fields["action"] for e in log.entries() if e.kind == "action"][-1] == "gallery_restored"
    assert said(capsys, "gallery", "check") == {"whole": True, "problems": []}


def test_who_is_restored_with_consent_that_has_ended_goes(
    people: dict[str, str], data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "consent", "Ada", "--text", "yes", "--until", TOMORROW]) == 0
    capsys.readouterr()
    made = said(capsys, "gallery", "backup")["backup"]["file"]
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("UPDATE consent SET until = '2020-01-01' WHERE until < '2900'")
        connection.commit()
    assert said(capsys, "gallery", "restore", made, "--yes")["expired"] == 1
    assert names(data_dir) == ["Bob"]


def test_a_folder_of_ones_own_is_not_rotated(
    people: dict[str, str], data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / "settings.json").write_text('{"backups": {"keep": 2}}')
    for _ in range(3):
        said(capsys, "gallery", "backup", "--out", str(tmp_path / "usb"))
        said(capsys, "gallery", "backup")
    assert len(backups(tmp_path / "usb")) == 3
    assert len(backups(data_dir / FOLDER)) == 2


def test_restoring_asks_and_refuses_in_one_line(
    people: dict[str, str], data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = said(capsys, "gallery", "backup")["backup"]["file"]
    status, line = one_line(capsys, "gallery", "restore", made)
    assert (status, "--yes" in line) == (2, True)
    assert one_line(capsys, "gallery", "restore", str(tmp_path / "none.db"), "--yes")[0] == 3
    half = tmp_path / "half.db"
    half.write_bytes(Path(made).read_bytes()[:5000])
    status, line = one_line(capsys, "gallery", "restore", str(half), "--yes")
    assert (status, "damaged" in line) == (3, True)
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    status, line = one_line(capsys, "gallery", "restore", made, "--yes")
    assert (status, "newer" in line) == (4, True)


def test_nothing_to_back_up(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, line = one_line(capsys, "gallery", "backup")
    assert (status, "nothing to back up" in line) == (3, True)


# The check


def damaged(capsys: pytest.CaptureFixture[str], data_dir: Path, statement: str) -> list[str]:
    """What `gallery check` says after a statement by somebody else's hand."""
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(statement)
        connection.commit()
    found: list[str] = said(capsys, "gallery", "check", status=1)["problems"]
    assert all("\n" not in line for line in found)
    return found


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE template SET vector = randomblob(92) WHERE rowid = 1", "template.vector .* was altered"),
        ("UPDATE photo SET crop = zeroblob(50)", "photo.crop .* was altered"),
        ("UPDATE template SET vector = (SELECT vector FROM template ORDER BY photo_id LIMIT 1)", "was altered"),
        ("UPDATE template SET dimension = 512", "512 dimensions"),
        ("DELETE FROM person WHERE name = 'Ada'", "1 of photo belong to nothing"),
        ("INSERT INTO deletion SELECT id, 'person', 'x' FROM person WHERE name = 'Ada'", "was deleted and is there"),
    ],
)
def test_the_check_names_what_is_wrong(
    people: dict[str, str], data_dir: Path, capsys: pytest.CaptureFixture[str], statement: str, says: str
) -> None:
    import re

    assert any(re.search(says, line) for line in damaged(capsys, data_dir, statement))


def test_the_check_finds_open_files_and_spoilt_backups(
    people: dict[str, str], data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Path(said(capsys, "gallery", "backup")["backup"]["file"])
    made.write_bytes(made.read_bytes()[:5000])
    made.chmod(0o644)
    found = said(capsys, "gallery", "check", status=1)["problems"]
    assert any("damaged" in line for line in found)
    if os.name == "posix":
        assert any("open to others" in line for line in found)


def test_no_gallery_is_whole(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "gallery", "check")["whole"]
    assert not data_dir.exists()


# Consent


def test_consent_is_shown_recorded_and_withdrawn(
    people: dict[str, str], data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", "list"]) == 0
    assert capsys.readouterr().out.count("no consent on record") == 2
    row = said(capsys, "people", "consent", "Ada", "--text", "I agree", "--until", TOMORROW, "--by", "her mother")
    assert (row["consent"], row["consent_until"], row["consent_by"], row["consent_text"]) == (
        "given",
        TOMORROW,
        "her mother",
        "I agree",
    )
    assert main(["people", "show", "Ada"]) == 0
    shown = capsys.readouterr().out
    assert "I agree" in shown
    assert "her mother" in shown
    assert [p["consent"] for p in said(capsys, "people", "list")["people"]] == ["given", "none"]
    assert said(capsys, "people", "show", "Bob")["consent_text"] is None
    assert said(capsys, "people", "consent", "Ada", "--withdraw")["removed"] == [{"id": people["Ada"], "name": "Ada"}]
    assert names(data_dir) == ["Bob"]


def test_who_is_due_is_listed_then_deleted(
    people: dict[str, str], data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "people", "consent", "--due") == {"due": [], "ending": []}
    assert main(["people", "consent", "Ada", "--text", "yes", "--until", TOMORROW]) == 0
    assert main(["people", "consent", "Bob", "--text", "yes", "--until", "2999-01-01"]) == 0
    capsys.readouterr()
    listed = said(capsys, "people", "consent", "--due")
    assert (listed["due"], [r["name"] for r in listed["ending"]]) == ([], ["Ada"])
    assert main(["people", "consent", "--due"]) == 0
    assert capsys.readouterr().out == f"nobody's consent has ended\nending within 30 days:\nAda  until {TOMORROW}\n"
    with closing(sqlite3.connect(data_dir / "gallery.db")) as connection:
        connection.execute("UPDATE consent SET until = '2020-01-01' WHERE until < '2900'")
        connection.commit()
    capsys.readouterr()
    assert [r["name"] for r in said(capsys, "people", "consent", "--due")["due"]] == ["Ada"]
    assert names(data_dir) == ["Ada", "Bob"], "a look deletes nobody"
    assert [r["name"] for r in said(capsys, "people", "consent", "--expire-now")["removed"]] == ["Ada"]
    assert names(data_dir) == ["Bob"]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("consent",), 2),
        (("consent", "Ada", "--due"), 2),
        (("consent", "Ada", "--withdraw", "--text", "x"), 2),
        (("consent", "Ada", "--until", TOMORROW), 2),
        (("consent", "Ada", "--text", "x", "--until", "soon"), 2),
        (("consent", "Ada", "--text", "x", "--until", "2020-01-01"), 3),
        (("consent", "Ada", "--text", " "), 3),
        (("consent", "Nobody"), 3),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    people: dict[str, str], capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int
) -> None:
    assert one_line(capsys, "people", *words)[0] == status


# The answer to an access request


def test_everything_about_a_person_and_nobody_else(
    people: dict[str, str], data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = open_log(data_dir)
    log.append("refusal", person=people["Ada"], runner_up_person=people["Bob"], reason="too_far", distance=0.9)
    log.append("refusal", person=people["Bob"], runner_up_person=people["Ada"], reason="too_far")
    log.append("refusal", person=people["Bob"], reason="too_far")
    assert main(["people", "consent", "Ada", "--text", "I agree"]) == 0
    assert main(["people", "allow", "Ada", "--hours", "Mon-Fri 07:00-19:00"]) == 0
    capsys.readouterr()
    out = tmp_path / "ada.zip"
    done = said(capsys, "people", "export", "Ada", "--out", str(out))
    assert (done["pictures"], done["templates"]) == (1, 1)
    with zipfile.ZipFile(out) as archive:
        assert set(archive.namelist()) == {"README.txt", "person.json", "photos/01.jpg"}
        assert archive.read("photos/01.jpg") == photo(0).crop
        document = json.loads(archive.read("person.json"))
    assert document["person"]["name"] == "Ada"
    assert document["consent"]["consent_text"] == "I agree"
    assert document["door"]["own_hours"] == ["Mon-Fri 07:00-19:00"]
    [taken] = document["photos"]
    assert (taken["issues"], taken["source"]) == (["blurred"], "0.jpg")
    assert np.allclose(taken["templates"][0]["values"], photo(0).vector)
    about = [e for e in document["audit"] if e["kind"] == "refusal"]
    assert [e["as"] for e in about] == ["the person", "the second nearest of those compared"]
    text = json.dumps(document)
    assert people["Bob"] not in text
    assert "Bob" not in text
    if os.name == "posix":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    noted = [e for e in open_log(data_dir).entries() if e.fields.get("action") == "exported"]
    assert [e.fields["person"] for e in noted] == [people["Ada"]], "and the log says that it was handed over"


def test_an_export_to_a_folder_and_one_that_is_there(
    people: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "people", "export", "Ada", "--out", str(tmp_path / "ada"))
    assert (tmp_path / "ada" / "person.json").is_file()
    status, line = one_line(capsys, "people", "export", "Ada", "--out", str(tmp_path / "ada"))
    assert (status, "there already" in line) == (3, True)
    assert one_line(capsys, "people", "export", "Ada", "--out", str(tmp_path / "no" / "ada"))[0] == 4
