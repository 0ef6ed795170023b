"""`faceapp people allow|deny|…` and `people group …`: what they print, what they change, and how they end."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app.audit import existing_log, log_action
from faceapp.app.parts import Parts
from faceapp.cli.main import main
from faceapp.gallery.right_rows import RightRow
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import SiteKeys, badge_mac
from tests.fakes.keys import key_file

NEW = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg", b"crop")
KEYS = {"door", "own", "active", "hours", "own_hours", "groups", "badges", "badge_required"}


class Shell:
    """Runs `faceapp people …` on the test's data directory."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        status = main(["people", *words])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err

    def __call__(self, *words: str) -> str:
        """A command that must be done: what it prints for people."""
        status, out, err = self.run(*words)
        assert (status, err) == (0, "")
        return out

    def json(self, *words: str) -> dict[str, Any]:
        [line] = self(*words, "--json").splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return value

    def fails(self, status: int, *words: str) -> str:
        """A command that must fail: its one line on stderr; with --json one object besides."""
        ended, out, err = self.run(*words)
        assert (ended, out) == (status, ""), err
        assert len(err.splitlines()) == 1, err
        assert "Traceback" not in err
        _, out, _ = self.run(*words, "--json")
        assert set(json.loads(out)) == {"error"}
        return err

    def rights(self) -> dict[str, RightRow]:
        """As they lie in the gallery, by name."""
        with GalleryStore.open(self.data) as store:
            rights = store.rights()
            return {p.name: rights[p.id] for p in store.people()}

    def actions(self) -> list[str]:
        """What the audit log says was done, without the groups' ids."""
        log = existing_log(self.data)
        entries = [] if log is None else log.latest()
        words = [str(e.fields["action"]).split() for e in entries if e.kind == "action"]
        return [" ".join(w for w in action if len(w) != 32) for action in words]


@pytest.fixture
def shell(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(data_dir, capsys)


@pytest.fixture
def people(data_dir: Path) -> None:
    """Ada and Bob are enrolled."""
    with GalleryStore.open(data_dir) as store:
        for name in ("Ada", "Bob"):
            store.add_photo(name, NEW)


def type_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))


@pytest.mark.usefixtures("people")
def test_the_right_of_one_person(shell: Shell) -> None:
    assert shell("show", "ada").splitlines()[2] == "  door: no"
    assert shell("allow", "ADA") == "Ada may open the door: always\n"
    row = shell.json("allow", "ada", "--hours", "Mon-Fri 7:00-19:00", "--hours", "Sat,Sun 22:00-06:00")
    assert set(row) == {"id", "name"} | KEYS
    assert (row["name"], row["door"], row["own"]) == ("Ada", True, "allow")
    assert row["hours"] == row["own_hours"] == ["Mon-Fri 07:00-19:00", "Sat,Sun 22:00-06:00"]
    assert shell("deactivate", "Ada") == "Ada is deactivated and may not open the door\n"
    assert shell("allow", "Ada").endswith("may not open the door until `faceapp people activate`\n")
    assert shell.json("activate", "Ada")["door"] is True
    assert shell("deny", "Ada") == "Ada may not open the door, whatever their groups may\n"
    assert shell("by-groups", "Ada") == "Ada has no right to the door\n"
    assert {name: right.allowed for name, right in shell.rights().items()} == {"Ada": False, "Bob": False}
    assert shell.actions() == [
        "allow",
        "allow Mon-Fri 07:00-19:00; Sat,Sun 22:00-06:00",
        "deactivate",
        "allow",
        "activate",
        "deny",
        "leave_to_groups",
    ]


@pytest.mark.usefixtures("people")
def test_groups(shell: Shell) -> None:
    assert shell.json("group", "list") == {"groups": []}
    assert shell("group", "list").startswith("there is no group yet")
    made = shell.json("group", "add", "Night staff", "--hours", "daily 22:00-06:00; Sun 0:00-24:00")
    assert set(made) == {"id", "name", "door", "hours", "members"}
    assert (made["door"], made["hours"], made["members"]) == (True, ["daily 22:00-06:00", "Sun 00:00-24:00"], [])
    joined = shell("group", "join", "night staff", "Bob", "ada")
    assert joined.splitlines() == [
        "Night staff gives the door: daily 22:00-06:00; Sun 00:00-24:00",
        "  members: Ada, Bob",
    ]
    assert shell("group", "hours", "Night staff", "--always").startswith("Night staff gives the door: always\n")
    assert shell("group", "list").splitlines() == [
        "group        door  hours   members",
        "Night staff  yes   always  Ada, Bob",
    ]
    assert shell("by-groups", "Ada") == "Ada may open the door: always, through Night staff\n"
    assert shell("group", "suspend", "Night staff").startswith("Night staff gives nobody the door\n")
    assert not any(right.allowed for right in shell.rights().values())
    assert shell.json("group", "hours", "Night staff", "Mon 8:00-9:00")["door"] is False
    assert shell.json("group", "allow", "Night staff")["hours"] == ["Mon 08:00-09:00"]
    assert shell.json("group", "leave", "Night staff", "Bob")["members"] == ["Ada"]
    assert [name for name, right in shell.rights().items() if right.allowed] == ["Ada"]
    assert shell("group", "remove", "NIGHT STAFF") == "the group Night staff is removed\n"
    assert not any(right.allowed for right in shell.rights().values())
    assert shell.actions() == [
        "group_add allow daily 22:00-06:00; Sun 00:00-24:00",
        "group_join",
        "group_join",
        "group_hours always",
        "leave_to_groups",
        "group_suspend",
        "group_hours Mon 08:00-09:00",
        "group_allow",
        "group_leave",
        "group_remove",
    ]


@pytest.mark.usefixtures("people")
def test_a_group_gets_another_name(shell: Shell) -> None:
    shell("group", "add", "Staff", "--hours", "Mon 8:00-9:00")
    shell("group", "join", "Staff", "Ada")
    before = shell.json("group", "list")["groups"][0]
    renamed = shell("group", "rename", " STAFF ", "Night  crew")
    assert renamed.splitlines()[0] == "Night crew gives the door: Mon 08:00-09:00"
    assert shell.json("group", "list")["groups"] == [{**before, "name": "Night crew"}]
    assert shell.rights()["Ada"].groups == ("Night crew",)
    assert shell.actions()[-1] == "group_rename"
    shell("group", "rename", "night crew", "NIGHT CREW")  # its own name, in another case
    shell("group", "add", "Staff")
    assert 'there is a group "Staff" already' in shell.fails(3, "group", "rename", "night crew", "staff")
    assert 'there is no group "Nobody"' in shell.fails(3, "group", "rename", "Nobody", "Guests")
    assert [g["name"] for g in shell.json("group", "list")["groups"]] == ["NIGHT CREW", "Staff"]
    actions = shell.actions()
    assert actions.count("group_rename") == 2, "what can't be isn't logged"


@pytest.mark.usefixtures("people")
def test_allowed_through_a_group(shell: Shell) -> None:
    shell("group", "add", "Staff", "--no-door")
    assert '"Staff" gives nobody the door' in shell.fails(3, "allow", "Ada", "--group", "Staff")
    shell("group", "allow", "Staff")
    shell("deny", "Ada")
    assert shell("allow", "Ada", "--group", "staff") == "Ada may open the door: always, through Staff\n"
    assert shell.rights()["Ada"].own is None


@pytest.mark.usefixtures("people")
def test_lists_say_who_may_open_the_door(shell: Shell) -> None:
    shell("group", "add", "Staff")
    shell("group", "join", "Staff", "Bob")
    shell("allow", "Ada", "--hours", "Mon-Fri 7:00-19:00")
    rows = shell.json("list")["people"]
    assert [(r["name"], r["door"], r["hours"], r["groups"]) for r in rows] == [
        ("Ada", True, ["Mon-Fri 07:00-19:00"], []),
        ("Bob", True, None, ["Staff"]),
    ]
    about = {"id", "name", "photos", "templates", "created", "last_seen", "usable", "consent", "consent_until"}
    assert about | KEYS == set(rows[0])
    head, ada, bob = shell("list").splitlines()
    assert " ".join(head.split()) == "name photos templates since last seen consent door hours groups"
    assert "yes   Mon-Fri 07:00-19:00" in ada
    assert bob.split()[-3:] == ["yes", "always", "Staff"]
    shown = shell.json("show", "bob")
    assert (shown["groups"], shown["own"], len(shown["photos"])) == (["Staff"], None, 1)
    assert set(shown) > KEYS
    assert shell("show", "bob").splitlines()[2] == "  door: yes, always, in Staff"


@pytest.mark.usefixtures("people")
def test_badges(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, b" 0004711\r\n")
    assert shell("badge", "Ada", "--set", "-").startswith("Ada has 1 badge\n")
    assert shell.json("badge", "Ada", "--set", "23")["badges"] == 2
    with GalleryStore.open(shell.data) as store:
        mac = badge_mac(SiteKeys.open(shell.data).badges, "0004711")
        assert store.person_of_badge(mac) == store.person("Ada").id
    assert "this badge is Ada's" in shell.fails(3, "badge", "Bob", "--set", "23")
    assert shell("show", "Ada").splitlines()[2] == "  door: no, 2 badges"
    assert shell("badge", "Ada", "--forget").startswith("Ada has 0 badges\n")
    assert shell.actions() == ["badge_set", "badge_set", "badges_forgotten"]
    files = b"".join(file.read_bytes() for file in shell.data.rglob("*") if file.is_file())
    assert b"0004711" not in files


@pytest.mark.usefixtures("people")
def test_a_badge_besides_the_face(shell: Shell) -> None:
    assert shell("badge", "Ada", "--require").startswith("Ada has 0 badges, needed besides the face\n")
    assert shell.rights()["Ada"].badge_required
    shell("allow", "Ada")
    assert shell("show", "Ada").splitlines()[2] == "  door: yes, always, never by face alone"
    assert shell.json("badge", "Ada", "--face-alone")["badge_required"] is False
    assert shell.actions() == ["badge_required", "allow", "face_alone"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("typed", [b"", b"\n", b"\xff\xfe\n"])
def test_a_badge_that_was_not_read(shell: Shell, monkeypatch: pytest.MonkeyPatch, typed: bytes) -> None:
    type_in(monkeypatch, typed)
    assert main(["people", "badge", "Ada", "--set", "-"]) == 3
    assert shell.rights()["Ada"].badges == 0


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("allow", "Nobody"), 'nobody named "Nobody"'),
        (("allow", "Ada", "--hours", "office hours"), 'the hours "office hours" cannot be read: '),
        (("allow", "Ada", "--group", "None"), 'no group "None"'),
        (("deny", "Nobody"), "nobody named"),
        (("by-groups", "Nobody"), "nobody named"),
        (("deactivate", "Nobody"), "nobody named"),
        (("activate", "Nobody"), "nobody named"),
        (("badge", "Nobody", "--set", "1"), "nobody named"),
        (("badge", "Nobody", "--forget"), "nobody named"),
        (("badge", "Ada", "--set", " "), "code cannot be empty"),
        (("group", "join", "None", "Ada"), "no group"),
        (("group", "join", "Staff", "Ada", "Nobody"), "nobody named"),
        (("group", "leave", "Staff", "Nobody"), "nobody named"),
        (("group", "add", "STAFF"), 'a group "Staff" already'),
        (("group", "add", "New", "--hours", "Mon 8:00-8:00"), "at the same time"),
        (("group", "hours", "Staff", "x"), "cannot be read"),
        (("group", "hours", "None", "--always"), "no group"),
        (("group", "allow", "None"), "no group"),
        (("group", "suspend", "None"), "no group"),
        (("group", "remove", "None"), "no group"),
    ],
)
def test_what_cannot_be_ends_with_3_and_changes_nothing(shell: Shell, words: tuple[str, ...], says: str) -> None:
    shell("group", "add", "Staff")
    rights = shell.rights()
    assert says in shell.fails(3, *words)
    assert shell.rights() == rights
    assert shell.actions() == ["group_add allow"]


def test_without_a_gallery_nothing_is_made(shell: Shell) -> None:
    assert "nobody is enrolled yet" in shell.fails(3, "allow", "Ada")
    assert "nobody is enrolled yet" in shell.fails(3, "badge", "Ada", "--set", "1")
    for step in (["allow", "Staff"], ["remove", "Staff"], ["hours", "Staff", "--always"]):
        assert 'no group "Staff"' in shell.fails(3, "group", *step)
    assert shell.json("group", "list") == {"groups": []}
    assert not list(shell.data.glob("gallery*"))
    assert not list(shell.data.glob("audit*"))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "words",
    [
        ("allow",),
        ("allow", "Ada", "--group", "Staff", "--hours", "daily 0:00-24:00"),
        ("badge", "Ada"),
        ("badge", "Ada", "--set", "1", "--forget"),
        ("group",),
        ("group", "join", "Staff"),
        ("group", "hours", "Staff"),
        ("group", "hours", "Staff", "Mon 8:00-9:00", "--always"),
    ],
)
def test_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    shell.fails(2, *words)
    assert shell.actions() == []


def every_change() -> list[tuple[str, ...]]:
    return [
        ("allow", "Ada"),
        ("deny", "Ada"),
        ("by-groups", "Ada"),
        ("deactivate", "Ada"),
        ("activate", "Ada"),
        ("badge", "Ada", "--set", "1"),
        ("badge", "Ada", "--forget"),
        ("badge", "Ada", "--require"),
        ("group", "add", "New"),
        ("group", "suspend", "Staff"),
        ("group", "hours", "Staff", "Mon 8:00-9:00"),
        ("group", "join", "Staff", "Ada"),
        ("group", "leave", "Staff", "Ada"),
        ("group", "rename", "Staff", "Crew"),
        ("group", "remove", "Staff"),
    ]


def break_the_log(data: Path) -> None:
    key_file(data).write_bytes(b"not a key")


def write_as_a_newer_faceapp(data: Path) -> None:
    with closing(sqlite3.connect(data / "gallery.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("words", every_change())
def test_what_cannot_be_logged_ends_with_4_and_does_not_happen(shell: Shell, words: tuple[str, ...]) -> None:
    shell("group", "add", "Staff")
    log_action(shell.data, "panel_opened")
    rights = shell.rights()
    break_the_log(shell.data)
    assert ".key is not a key" in shell.fails(4, *words)
    assert shell.rights() == rights
    assert [g["name"] for g in shell.json("group", "list")["groups"]] == ["Staff"]


@pytest.mark.usefixtures("people")
def test_a_newer_gallery_ends_with_4(shell: Shell) -> None:
    write_as_a_newer_faceapp(shell.data)
    for words in every_change():
        assert "was written by a newer faceapp" in shell.fails(4, *words)
    assert shell.actions() == []


def impatient(parts: Parts) -> GalleryStore:
    if parts._gallery is None:
        parts._gallery = GalleryStore.open(parts.data_dir, busy_seconds=0.05)
    return parts._gallery


@pytest.mark.usefixtures("people")
def test_a_locked_gallery_ends_with_4(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parts, "existing_gallery", impatient)
    with closing(sqlite3.connect(shell.data / "gallery.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "is locked by another program" in shell.fails(4, "allow", "Ada")
    assert not shell.rights()["Ada"].allowed
