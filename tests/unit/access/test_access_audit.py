"""The audit log: what is altered is found and named, what is interrupted is finished, what has no place stays out."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.access.anchor import SLOT, locked
from faceapp.access.audit import ANCHOR_NAME, FILE_NAME, LOCK_NAME, AuditLog
from faceapp.access.decisions import Deny, Evidence, Grant, Reason
from faceapp.access.records import check, fields_of
from faceapp.errors import BugError, InputError, UnavailableError

KEY = bytes(range(32))
PERSON = "0123456789abcdef0123456789abcdef"


class Days:
    """A clock: a minute later each time it is looked at."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "door"


def log_of(folder: Path, entries: int = 0, clock: Days | None = None) -> AuditLog:
    """A log with a beginning (entry 1) and so many entries after it."""
    log = AuditLog.open(folder, KEY, now=clock or Days())
    for i in range(entries):
        log.append("denied", person=PERSON, distance=0.5 + i / 100, reason="not_recognised")
    return log


def lines(folder: Path) -> list[bytes]:
    return (folder / FILE_NAME).read_bytes().splitlines(keepends=True)


def put(folder: Path, changed: list[bytes]) -> None:
    (folder / FILE_NAME).write_bytes(b"".join(changed))


def found(folder: Path) -> list[str]:
    log = AuditLog.open_existing(folder, KEY)
    assert log is not None
    return [str(p) for p in log.verify()]


# What it is for


def test_several_entries_are_written_together_or_none(folder: Path) -> None:
    log = log_of(folder, 1)
    people = [f"{n:032x}" for n in range(200)]
    log.append_all("action", [{"action": "deleted", "person": id} for id in people])
    log.append_all("action", [])
    log.append("denied", person=PERSON, distance=0.5, reason="not_recognised")
    entries = list(log.entries())
    assert [e.number for e in entries] == list(range(1, 204))
    assert [e.fields["person"] for e in entries[2:-1]] == people
    with pytest.raises(BugError):
        log.append_all("action", [{"action": "deleted"}, {"name": "Ada"}])
    assert len(list(log.entries())) == 203
    assert found(folder) == []


def test_several_entries_cut_short_by_a_kill_are_gone_on_from(folder: Path) -> None:
    log = log_of(folder, 1)
    anchor = (folder / ANCHOR_NAME).read_bytes()
    log.append_all("action", [{"action": "deleted", "person": PERSON}] * 5)
    put(folder, [*lines(folder)[:4], lines(folder)[4][:20]])
    (folder / ANCHOR_NAME).write_bytes(anchor)
    assert len(list(log_of(folder, 1).entries())) == 5
    assert found(folder) == []


def test_entries_come_back_as_they_were_written(folder: Path) -> None:
    log = log_of(folder)
    written = log.append("granted", person=PERSON, distance=0.31, votes=5, reason="granted", model="facenet+dlib:1")
    read = list(AuditLog.open(folder, KEY).entries())
    assert [e.kind for e in read] == ["beginning", "granted"]
    assert read[1] == written
    assert dict(read[1].fields) == {
        "person": PERSON, "distance": 0.31, "votes": 5, "reason": "granted", "model": "facenet+dlib:1",
    }  # fmt: skip
    assert read[1].at == "2024-01-01T00:02:00.000+00:00"
    assert log.verify() == []


def test_the_files_are_their_owners_only(folder: Path) -> None:
    log_of(folder, 2)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in (FILE_NAME, ANCHOR_NAME, LOCK_NAME):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        (folder / name).chmod(0o644)
    log = log_of(folder)
    log.prune(datetime(2030, 1, 1, tzinfo=UTC))
    assert [stat.S_IMODE((folder / n).stat().st_mode) for n in (FILE_NAME, ANCHOR_NAME)] == [0o600, 0o600]


def test_several_open_logs_write_one_chain(folder: Path) -> None:
    first, second = log_of(folder), log_of(folder)
    for i in range(6):
        (first if i % 2 else second).append("denied", reason="attack")
    first.prune(datetime(2024, 1, 1, 0, 3, tzinfo=UTC))
    second.append("denied", reason="tie")
    assert first.verify() == []


def test_it_goes_on_where_it_was(folder: Path) -> None:
    log_of(folder, 3)
    assert log_of(folder).append("denied", reason="tie").number == 5
    assert found(folder) == []


# Tampering


def test_a_changed_line_is_named(folder: Path) -> None:
    log_of(folder, 6)
    for i in range(7):
        whole = lines(folder)
        put(folder, [*whole[:i], whole[i].replace(b'"kind"', b'"Kind"'), *whole[i + 1 :]])
        assert found(folder) == [f"line {i + 1}: entry {i + 1} was changed"]
        put(folder, whole)


@given(data=st.data())
def test_every_single_changed_byte_is_found_and_its_line_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log_of(folder, 4)
    text = bytearray((folder / FILE_NAME).read_bytes())
    at = data.draw(st.integers(0, len(text) - 2))
    old = text[at]
    text[at] = data.draw(st.integers(0, 255).filter(lambda b: b not in (old, 10)))
    (folder / FILE_NAME).write_bytes(bytes(text))
    if old != 10:
        number = text[:at].count(b"\n") + 1
        assert found(folder) == [f"line {number}: entry {number} was changed"]
    else:  # two lines became one
        assert len(found(folder)) == 2


def test_a_removed_line_is_named(folder: Path) -> None:
    log_of(folder, 6)
    whole = lines(folder)
    for i in range(6):
        put(folder, whole[:i] + whole[i + 1 :])
        assert found(folder) == [f"line {i + 1}: entry {i + 1} is missing before this line"]
    put(folder, whole[:2] + whole[5:])
    assert found(folder) == ["line 3: 3 entries (3 to 5) are missing before this line"]


def test_a_cut_off_tail_is_found(folder: Path) -> None:
    log_of(folder, 6)
    whole = lines(folder)
    put(folder, whole[:6])
    assert found(folder) == ["entry 7 is cut off at the end"]
    put(folder, whole[:4])
    assert found(folder) == ["3 entries (5 to 7) are cut off at the end"]
    put(folder, [*whole[:6], whole[6][:80]])
    assert found(folder) == ["line 7: entry 7 was changed"]
    put(folder, [])
    assert found(folder) == ["7 entries (1 to 7) are cut off at the end"]
    (folder / FILE_NAME).unlink()
    assert found(folder) == ["7 entries (1 to 7) are cut off at the end"]


def test_a_cut_off_tail_stays_found_when_the_log_goes_on(folder: Path) -> None:
    log_of(folder, 6)
    put(folder, [*lines(folder)[:4], b"half"])
    log_of(folder, 2)
    assert found(folder) == [
        "line 5: entry 5 was changed",
        "line 6: 2 entries (6 to 7) are missing before this line",
    ]
    (folder / FILE_NAME).unlink()
    log_of(folder, 1)
    assert found(folder) == ["line 1: 9 entries (1 to 9) are missing before this line"]


def test_reordered_and_repeated_lines_are_named(folder: Path) -> None:
    log_of(folder, 5)
    a, b, c, d, e, f = lines(folder)
    put(folder, [a, b, d, c, e, f])
    assert found(folder) == ["line 4: entry 3 stands here again or out of order"]
    put(folder, [a, b, c, b, d, e, f])
    assert found(folder) == ["line 4: entry 2 stands here again or out of order"]
    put(folder, [f, a, b, c, d, e])
    assert len(found(folder)) == 5


def test_an_inserted_line_is_named(folder: Path) -> None:
    log_of(folder, 3)
    whole = lines(folder)
    put(folder, [*whole[:2], b'{"n":3,"kind":"granted"}\n', *whole[2:]])
    assert found(folder) == ["line 3: this is not an entry of this log"]
    put(folder, [*whole, b"\0\0\0\n"])
    assert found(folder) == ["line 5: this is not an entry of this log"]


def test_genuine_lines_of_another_log_are_strangers(folder: Path, tmp_path: Path) -> None:
    log_of(folder, 3)
    log_of(tmp_path / "other", 3)
    whole, other = lines(folder), lines(tmp_path / "other")
    put(folder, [*whole[:2], other[2], *whole[3:]])
    assert found(folder) == ["line 3: entry 3 was changed"]


def test_two_histories_of_one_log_do_not_fit_together(folder: Path) -> None:
    log_of(folder, 2)
    before = {name: (folder / name).read_bytes() for name in (FILE_NAME, ANCHOR_NAME)}
    log_of(folder, 3)
    first = lines(folder)
    for name, data in before.items():
        (folder / name).write_bytes(data)
    log = log_of(folder)
    for _ in range(3):
        log.append("denied", reason="tie")
    second = lines(folder)
    put(folder, [*second[:4], *first[4:]])
    assert found(folder) == [
        "line 5: entry 5 follows another entry 4 than the one before it",
        "line 6: entry 6 is not the one that the anchor names",
    ]


@pytest.mark.parametrize("harm", ["gone", "empty", "zeroed", "of an older key"])
def test_a_missing_or_changed_anchor_is_found_and_stays_found(folder: Path, tmp_path: Path, harm: str) -> None:
    log_of(folder, 4)
    anchor = folder / ANCHOR_NAME
    if harm == "gone":
        anchor.unlink()
    elif harm == "of an older key":
        AuditLog.open(tmp_path / "other", b"x" * 32)
        anchor.write_bytes((tmp_path / "other" / ANCHOR_NAME).read_bytes())
    else:
        anchor.write_bytes(b"" if harm == "empty" else b"\0" * 2 * SLOT)
    assert found(folder) == ["the anchor is missing or was changed: a cut-off tail would not show"]
    log_of(folder, 1)
    (problem,) = found(folder)
    assert problem.startswith("line 6: the anchor was missing or changed when the log was opened at 2024-01-01T")


def test_one_whole_slot_is_enough(folder: Path) -> None:
    for turn in range(4):
        log_of(folder, 1)
        whole = (folder / ANCHOR_NAME).read_bytes()
        for torn in (whole[:SLOT] + b"\0" * SLOT, b"\0" * SLOT + whole[SLOT:]):
            (folder / ANCHOR_NAME).write_bytes(torn)
            assert found(folder) == [], turn
            log_of(folder, 1)
            assert found(folder) == []


def test_an_older_anchor_alone_hides_nothing(folder: Path) -> None:
    log_of(folder, 2)
    old = (folder / ANCHOR_NAME).read_bytes()
    log_of(folder, 3)
    (folder / ANCHOR_NAME).write_bytes(old)
    put(folder, lines(folder)[:2] + lines(folder)[3:])
    assert found(folder) == ["line 3: entry 3 is missing before this line"]


def test_the_end_is_there_to_be_written_down(folder: Path) -> None:
    log = log_of(folder, 2)
    assert log.end() == list(log.entries())[-1].link


def test_another_key_is_refused_and_changes_nothing(folder: Path) -> None:
    log_of(folder, 2)
    before = lines(folder)
    with pytest.raises(UnavailableError, match="not written with this key"):
        AuditLog.open(folder, b"y" * 32)
    assert lines(folder) == before
    with pytest.raises(BugError):
        AuditLog.open(folder, b"short")


# Pruning


def test_pruning_leaves_a_checkpoint_that_carries_on_the_chain(folder: Path) -> None:
    clock = Days()
    log = log_of(folder, 9, clock)
    ends = list(log.entries())[5]
    assert log.prune(datetime.fromisoformat(ends.at)) == 5
    assert [(e.number, e.kind) for e in log.entries()] == [
        (5, "checkpoint"), (6, "denied"), (7, "denied"), (8, "denied"), (9, "denied"), (10, "denied"), (11, "pruned"),
    ]  # fmt: skip
    assert log.verify() == []
    assert log.prune(datetime.fromisoformat(ends.at)) == 0
    assert log.prune(clock.now + timedelta(days=1)) == 6
    assert [(e.number, e.kind) for e in log.entries()] == [(11, "checkpoint"), (12, "pruned")]
    log.append("denied", reason="tie")
    assert log.verify() == []
    assert not list(folder.glob("*.new"))


def test_what_is_altered_is_not_pruned_away(folder: Path) -> None:
    log = log_of(folder, 5)
    put(folder, lines(folder)[:2] + lines(folder)[3:])
    with pytest.raises(InputError, match="verify"):
        log.prune(datetime(2030, 1, 1, tzinfo=UTC))
    assert len(lines(folder)) == 5


def test_a_checkpoint_hides_nothing_but_what_it_stands_for(folder: Path) -> None:
    log = log_of(folder, 8)
    whole = lines(folder)
    log.prune(datetime.fromisoformat(list(log.entries())[4].at))
    pruned = lines(folder)
    put(folder, [pruned[0], *pruned[2:]])
    assert found(folder) == ["line 2: entry 5 is missing before this line"]
    put(folder, pruned[1:])
    assert found(folder) == ["line 1: 4 entries (1 to 4) are missing before this line"]
    put(folder, [*whole[:6], pruned[0], *pruned[3:]])
    assert found(folder) == ["line 7: the checkpoint for entry 4 does not belong here"]
    put(folder, [pruned[0].replace(b'"entries":4', b'"entries":9'), *pruned[1:]])
    assert "line 1: entry 1 was changed" in found(folder)


# What has no place


@pytest.mark.parametrize(
    "fields",
    [
        {"person": "Ada Lovelace"}, {"person": None}, {"name": "ada"}, {"reason": "ä"}, {"reason": "=1+1"},
        {"reason": "x" * 121}, {"distance": "0.5"}, {"detail": "two\nlines"}, {"n": 5}, {"mac": "x"}, {"votes": [1]},
    ],
)  # fmt: skip
def test_no_names_and_no_free_text(folder: Path, fields: dict[str, Any]) -> None:
    log = log_of(folder)
    with pytest.raises(BugError, match="can't"):
        log.append("denied", **fields)
    assert len(lines(folder)) == 1


@pytest.mark.parametrize("kind", ["checkpoint", "beginning", "damage", "pruned", "", "Kind", "a b", "x" * 41])
def test_nobody_else_writes_the_logs_own_entries(folder: Path, kind: str) -> None:
    with pytest.raises(BugError, match="can't"):
        log_of(folder).append(kind)


def test_what_is_no_number_is_null(folder: Path) -> None:
    log = log_of(folder)
    log.append("denied", distance=float("nan"), runner_up=float("inf"), quality=3.5)
    assert dict(list(log.entries())[-1].fields) == {"distance": None, "runner_up": None, "quality": 3.5}


def test_decisions_fit_the_log(folder: Path) -> None:
    evidence = Evidence(
        "identify", 7, PERSON, 0.31, 0.45, "fedcba9876543210", 0.8, 0.05, 5, 5, 8, 200.0, 70.0, "live", 61.0, 266.0
    )
    grant = Grant(PERSON, 7, 1, 2, evidence)
    log, about = (
        log_of(folder),
        {"frame_time": "2024-01-01T12:00:00.123+01:00", "model": "facenet+dlib:0", "settings": "a1"},
    )
    log.append("granted", **fields_of(grant, **about))
    for reason in Reason:
        log.append("denied", **fields_of(Deny(reason, evidence, counted=True, locked=True), **about))
    granted, *denied = (e.fields for e in list(log.entries())[1:])
    assert (granted["person"], granted["reason"], granted["distance"], granted["locked"]) == (
        PERSON,
        "granted",
        0.31,
        False,
    )
    assert [d["reason"] for d in denied] == [r.code for r in Reason]
    check("denied", fields_of(Deny(Reason.TIE, evidence, counted=True), **about))


# Export


def test_export_as_lines_is_the_file_and_as_table_is_a_table(folder: Path) -> None:
    log = log_of(folder, 2)
    out = io.StringIO()
    assert log.export(out) == 3
    assert out.getvalue().encode() == (folder / FILE_NAME).read_bytes()
    assert all(json.loads(line)["n"] for line in out.getvalue().splitlines())
    out = io.StringIO(newline="")
    assert log.export(out, "csv") == 3
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert list(rows[0]) == ["n", "at", "kind", "person", "distance", "reason"]
    assert rows[2]["distance"] == "0.51"


# Interruptions


class Crash(BaseException):
    """The program ends here."""


FILE_CALLS = ("write", "fsync", "ftruncate", "replace", "open")


def crash_at(monkeypatch: pytest.MonkeyPatch, call: int, *, torn: bool, error: BaseException) -> Callable[[], int]:
    """Let the `call`-th file operation fail with `error`, a torn write half-done; returns how many there were."""
    count = 0

    def wrapped(name: str, real: Any) -> Any:
        def operation(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == call:
                if torn and name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
                raise error
            return real(*args, **kwargs)

        return operation

    for name in FILE_CALLS:
        monkeypatch.setattr(os, name, wrapped(name, getattr(os, name)))
    return lambda: count


def act(what: str, folder: Path) -> None:
    log = AuditLog.open(folder, KEY, now=Days())
    if what == "append":
        log.append("intention", person=PERSON)
    elif what == "prune":
        log.prune(datetime(2024, 1, 1, 0, 4, tzinfo=UTC))


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("what", ["create", "append", "prune"])
def test_it_verifies_after_an_end_at_any_moment(tmp_path: Path, what: str, torn: bool) -> None:
    for call in range(1, 100):
        folder = tmp_path / str(call)
        if what != "create":
            log_of(folder, 6)
        with pytest.MonkeyPatch.context() as patch:
            calls = crash_at(patch, call, torn=torn, error=Crash())
            with contextlib.suppress(Crash):
                act(what, folder)
            done = calls() < call
        log = AuditLog.open_existing(folder, KEY)
        assert log is None or log.verify() == [], f"before it is opened, after operation {call}"
        assert AuditLog.open(folder, KEY).append("outcome").number >= (1 if what == "create" else 8)
        assert found(folder) == [], f"after operation {call}"
        if done:
            break
    assert call > 6


@pytest.mark.parametrize("torn", [False, True])
def test_a_disk_that_fails_is_said_in_a_line_and_the_log_recovers(tmp_path: Path, torn: bool) -> None:
    for call in range(1, 100):
        folder = tmp_path / str(call)
        log = log_of(folder, 3)
        with pytest.MonkeyPatch.context() as patch:
            calls = crash_at(patch, call, torn=torn, error=OSError(28, "No space left on device"))
            said = ""
            try:
                log.append("intention", person=PERSON)
            except UnavailableError as e:
                said = str(e)
            done = calls() < call
        assert done or re.fullmatch("the audit log cannot be written .No space left on device.: free space .*", said)
        assert found(folder) == []
        log.append("outcome")
        assert found(folder) == []
        if done:
            break
    assert call > 4


def test_an_entry_that_was_not_flushed_is_taken_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of(folder, 2)
    before = lines(folder)

    def failing(handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(UnavailableError, match="Input/output error"):
            log.append("intention", person=PERSON)
    assert lines(folder) == before


def test_the_line_is_on_the_disk_before_the_anchor_names_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, done = log_of(folder, 1), []
    paths: dict[int, str] = {}
    real_open, real_write, real_fsync = os.open, os.write, os.fsync

    def opened(path: Any, *args: Any) -> int:
        handle = real_open(path, *args)
        paths[handle] = Path(path).name
        return handle

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "write", lambda h, d: (done.append(("write", paths[h])), real_write(h, d))[1])
    monkeypatch.setattr(os, "fsync", lambda h: (done.append(("fsync", paths[h])), real_fsync(h))[1])
    log.append("intention", person=PERSON)
    assert done == [("write", FILE_NAME), ("fsync", FILE_NAME), ("write", ANCHOR_NAME), ("fsync", ANCHOR_NAME)]


@pytest.mark.parametrize("junk", [b"half a li", b"\0" * 300, b'{"n":9,"at'])
def test_an_unfinished_line_is_no_damage_and_goes(folder: Path, junk: bytes) -> None:
    log = log_of(folder, 3)
    put(folder, [*lines(folder), junk])
    assert log.verify() == []
    log.append("denied", reason="tie")
    assert len(lines(folder)) == 5
    assert log.verify() == []


def test_a_lost_newline_is_put_back(folder: Path) -> None:
    log_of(folder, 3)
    put(folder, [b"".join(lines(folder))[:-1]])
    assert found(folder) == []
    log_of(folder, 1)
    assert found(folder) == []
    assert len(lines(folder)) == 5


def test_a_lock_that_is_kept_is_said_in_a_line(folder: Path) -> None:
    log_of(folder)
    log = AuditLog.open(folder, KEY, busy_seconds=0.02)
    with locked(folder / LOCK_NAME, 1.0), pytest.raises(UnavailableError, match="locked by another"):
        log.append("intention", person=PERSON)
    log.append("intention", person=PERSON)


def test_the_last_entry_is_found_in_a_long_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.access.audit._BLOCKS", (64, 500, 2_000))
    log = log_of(folder, 40)
    put(folder, [*lines(folder), *[b"x" * 700 + b"\n"] * 9])
    log.append("denied", reason="tie")
    assert [p.line for p in log.verify()] == list(range(42, 51))
    assert list(log.entries())[-1].number == 42


def test_random_damage_is_always_found(folder: Path) -> None:
    log_of(folder, 12)
    whole, rng = lines(folder), random.Random(3)  # noqa: S311 - damage, not secrets
    for _ in range(300):
        changed = list(whole)
        for _ in range(rng.choice((1, 1, 2, 3))):
            i, j = rng.randrange(len(changed)), rng.randrange(len(changed))
            how = rng.randrange(4)
            if how == 0:
                del changed[i]
            elif how == 1:
                changed[i], changed[j] = changed[j], changed[i]
            elif how == 2:
                changed.insert(i, changed[j])
            else:
                changed = changed[: max(1, i)]
        put(folder, changed)
        assert (found(folder) == []) == (changed == whole)
