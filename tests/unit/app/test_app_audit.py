"""The audit log of a data directory: its key, an administrator's actions, today's names, an end written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp.access.audit import ANCHOR_NAME, FILE_NAME, AuditLog
from faceapp.access.chain import Link
from faceapp.app import audit
from faceapp.app.guest import GUEST_ID
from faceapp.errors import BugError, InputError, UnavailableError, UsageError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import SiteKeys
from tests.fakes.keys import key_file

NOBODY = "0123456789abcdef" * 2
NO_NAMES = audit.Names({}, {})


def enrolled(data_dir: Path, name: str) -> str:
    """The id of somebody new."""
    vector = np.zeros(4, np.float32)
    vector[0] = 1.0
    with GalleryStore.open(data_dir) as store:
        return store.add_photo(name, NewPhoto("space", vector, 50.0, "test")).person.id


def test_the_log_is_sealed_with_the_sites_key(data_dir: Path) -> None:
    log = audit.open_log(data_dir)
    assert log.append("refusal", person=NOBODY, reason="tie").number == 2
    assert audit.open_log(data_dir).verify() == []
    other = SiteKeys.open(data_dir.parent / "another site")
    sealed = AuditLog.open_existing(data_dir, other.audit)
    assert sealed is not None
    assert sealed.verify() != []


def test_who_only_looks_makes_nothing(data_dir: Path) -> None:
    assert audit.existing_log(data_dir) is None
    assert audit.names_by_id(data_dir) == audit.Names({GUEST_ID: "the demonstration's guest"}, {})
    assert not data_dir.exists()
    SiteKeys.open(data_dir)
    assert audit.existing_log(data_dir) is None
    assert [p.name for p in data_dir.iterdir() if p.suffix == ".jsonl"] == []


@pytest.mark.parametrize("remaining", [FILE_NAME, ANCHOR_NAME])
def test_a_log_whose_key_is_gone_is_named(data_dir: Path, remaining: str) -> None:
    audit.log_action(data_dir, "pin_set")
    key_file(data_dir).unlink()
    (data_dir / ({FILE_NAME, ANCHOR_NAME} - {remaining}).pop()).unlink()
    for look in (audit.open_log, audit.existing_log):
        with pytest.raises(UnavailableError, match=rf"\.key is missing, and {remaining} cannot be verified"):
            look(data_dir)
    with pytest.raises(UnavailableError, match="is missing"):
        audit.log_action(data_dir, "pin_set")
    assert not key_file(data_dir).exists()


def test_an_action_says_who_did_what_to_whom(data_dir: Path) -> None:
    entry = audit.log_action(data_dir, "allow", NOBODY)
    assert (entry.kind, dict(entry.fields)) == (
        "action",
        {"action": "allow", "actor": "administrator", "person": NOBODY},
    )
    assert dict(audit.log_action(data_dir, "left_full_screen").fields) == {
        "action": "left_full_screen",
        "actor": "administrator",
    }
    with pytest.raises(BugError):
        audit.log_action(data_dir, "allow", "Ada Lovelace")  # no names in the log


# Reading


def test_names_are_those_of_today(data_dir: Path) -> None:
    ada, bob = enrolled(data_dir, "Ada"), enrolled(data_dir, "Bob")
    log = audit.open_log(data_dir)
    for person in (ada, bob, "unknown", GUEST_ID):
        log.append("refusal", person=person, reason="tie")
    with GalleryStore.open(data_dir) as store:
        store.rename(ada, "Ada Lovelace")
        store.delete(bob)
    rows = audit.listed(log, audit.names_by_id(data_dir), audit.Wanted(kind="refusal")).rows
    assert [(r.name, r.deleted) for r in rows] == [
        ("Ada Lovelace", False),
        ("somebody deleted", True),
        (None, False),
        ("the demonstration's guest", False),
    ]
    assert rows[1].as_json()["name"] is None
    assert rows[1].as_json()["deleted"] is True
    assert rows[0].as_json() == {
        "n": 2,
        "at": rows[0].entry.at,
        "kind": "refusal",
        "person": ada,
        "reason": "tie",
        "name": "Ada Lovelace",
        "deleted": False,
    }


def test_somebody_who_is_called_that_is_not_taken_for_deleted(data_dir: Path) -> None:
    who = enrolled(data_dir, audit.DELETED)
    log = audit.open_log(data_dir)
    log.append("refusal", person=who)
    assert not audit.listed(log, audit.names_by_id(data_dir), audit.Wanted(), 1).rows[0].deleted


def test_what_is_wanted(data_dir: Path) -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    log = AuditLog.open(data_dir, bytes(32), now=lambda: clock[0])
    for kind, fields in [
        ("refusal", {"person": NOBODY}),
        ("refusal", {"person": "unknown", "runner_up_person": NOBODY}),
        ("action", {"person": NOBODY}),
        ("action", {"person": "unknown"}),
    ]:
        clock[0] += timedelta(days=1)
        log.append(kind, **fields)

    def numbers(wanted: audit.Wanted, last: int | None = None) -> list[int]:
        return [row.entry.number for row in audit.listed(log, NO_NAMES, wanted, last).rows]

    assert numbers(audit.Wanted()) == [1, 2, 3, 4, 5]
    assert numbers(audit.Wanted(), last=2) == [4, 5]
    assert numbers(audit.Wanted(kind="refusal")) == [2, 3]
    assert numbers(audit.Wanted(person_id=NOBODY)) == [2, 3, 4]
    assert numbers(audit.Wanted(since=datetime(2026, 1, 4, tzinfo=UTC))) == [4, 5]
    assert numbers(audit.Wanted(kind="action", person_id=NOBODY, since=datetime(2026, 1, 4, tzinfo=UTC))) == [4]
    assert numbers(audit.Wanted(kind="refusal"), last=1) == [3]


@pytest.mark.parametrize(("damage", "gaps"), [("none", False), ("changed", True), ("removed", True), ("cut", True)])
def test_a_list_hints_at_what_it_does_not_show(data_dir: Path, damage: str, gaps: bool) -> None:
    log = audit.open_log(data_dir)
    for _ in range(4):
        log.append("refusal", reason="tie")
    lines = log.path.read_bytes().splitlines(keepends=True)
    changed = [*lines[:2], lines[2].replace(b"tie", b"tee"), *lines[3:]]
    put = {"none": lines, "changed": changed, "removed": lines[:2] + lines[3:], "cut": lines[:-1]}[damage]
    log.path.write_bytes(b"".join(put))
    assert audit.listed(log, NO_NAMES, audit.Wanted(), 1).gaps is gaps


def test_a_pruned_list_has_no_gaps(data_dir: Path) -> None:
    log = audit.open_log(data_dir)
    log.append("refusal", reason="tie")
    assert log.prune(datetime.now(UTC) + timedelta(days=1)) == 2
    assert not audit.listed(log, NO_NAMES, audit.Wanted()).gaps


def test_a_person_is_found_by_name_or_id(data_dir: Path) -> None:
    with pytest.raises(InputError, match="nobody is enrolled yet"):
        audit.id_of(data_dir, "Ada")
    ada = enrolled(data_dir, "Ada")
    assert audit.id_of(data_dir, "ada") == ada
    assert audit.id_of(data_dir, NOBODY) == NOBODY, "somebody who was deleted"
    with pytest.raises(InputError, match='nobody named "Bob"'):
        audit.id_of(data_dir, "Bob")


def test_who_was_merged_is_shown_under_both_names(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, annie = enrolled(data_dir, "Ann"), enrolled(data_dir, "Annie")
    log = audit.open_log(data_dir)
    log.append("action", action="enrolled", person=annie)
    with GalleryStore.open(data_dir) as store:
        store.merge(annie, ann)

    def shown() -> tuple[str | None, bool]:
        row = audit.listed(log, audit.names_by_id(data_dir), audit.Wanted(), 1).rows[0]
        return row.name, row.deleted

    assert shown() == ("Annie, now Ann", False)
    assert audit.id_of(data_dir, " ANNIE ") == annie
    with GalleryStore.open(data_dir) as store:
        store.rename(ann, "Anne")
    assert shown() == ("Annie, now Anne", False)
    with monkeypatch.context() as without:
        without.setattr(GalleryStore, "locked", property(lambda _: True))
        assert shown() == ("somebody merged, now Anne", False)
    with GalleryStore.open(data_dir) as store:
        store.delete(ann)
    assert shown() == (audit.DELETED, True)
    with pytest.raises(InputError, match="nobody named"):
        audit.id_of(data_dir, "Annie")


# An end written down


def test_an_older_copy_is_told_by_the_end(data_dir: Path) -> None:
    log = audit.open_log(data_dir)
    log.append("refusal", reason="tie")
    before = {name: (data_dir / name).read_bytes() for name in (FILE_NAME, ANCHOR_NAME)}
    log.append("refusal", reason="tie")
    end = audit.verify(data_dir, log).end
    assert end is not None
    log.append("refusal", reason="tie")
    assert audit.verify(data_dir, log, end).problems == [], "it has only grown"
    for name, data in before.items():
        (data_dir / name).write_bytes(data)
    assert audit.verify(data_dir, log).problems == [], "an older copy proves itself"
    (problem,) = audit.verify(data_dir, log, end).problems
    assert "entry 3, whose end was written down, is not there: the log was put back" in str(problem)
    log.append("refusal", reason="not_recognised")  # and goes on from there
    (problem,) = audit.verify(data_dir, log, end).problems
    assert "is another one now" in str(problem)


def test_an_end_that_was_pruned_cannot_be_compared(data_dir: Path) -> None:
    log = audit.open_log(data_dir)
    early, late = log.append("refusal").link, log.append("refusal").link
    log.prune(datetime.now(UTC) + timedelta(days=1))
    assert audit.verify(data_dir, log, late).problems == [], "the checkpoint stands for its last entry"
    (problem,) = audit.verify(data_dir, log, early).problems
    assert "was pruned and cannot be compared" in str(problem)


def test_a_log_that_is_gone_lacks_the_end(data_dir: Path) -> None:
    assert audit.verify(data_dir, None, None).problems == []
    assert "is not there" in str(audit.verify(data_dir, None, Link(3, "a" * 64)).problems[0])


@pytest.mark.parametrize("text", ["", "3", "3:", "0:" + "a" * 64, "-1:" + "a" * 64, "3:" + "g" * 64, "3:" + "a" * 63])
def test_what_is_no_end(text: str) -> None:
    with pytest.raises(UsageError, match="NUMBER:MAC"):
        audit.parse_end(text)


def test_an_end_is_read_as_it_was_written() -> None:
    end = Link(17, "0123456789abcdef" * 4)
    assert audit.parse_end(f" {audit.end_text(end)}\n") == end
    assert audit.parse_end(audit.end_text(end).upper()) == end
