"""`faceapp audit`: what it prints and with which status it ends, for a whole log and for altered ones."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp.access.audit import ANCHOR_NAME, FILE_NAME
from faceapp.access.chain import Scalar
from faceapp.app.audit import log_action, open_log
from faceapp.app.rights import RightsChanges
from faceapp.cli.main import main
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from tests.fakes.keys import key_file

Run = Callable[..., tuple[int, str, str]]
REFUSAL: dict[str, Scalar] = {"reason": "not_recognised", "distance": 0.912, "threshold": 0.745}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: its status, stdout and stderr."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        status = main(["audit", *map(str, words)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def person(data_dir: Path) -> str:
    """Ada's id."""
    vector = np.array([1, 0, 0, 0], np.float32)
    with GalleryStore.open(data_dir) as store:
        return store.add_photo("Ada", NewPhoto("space", vector, 50.0, "test")).person.id


@pytest.fixture
def filled(data_dir: Path, person: str) -> Path:
    """The file of a log with six entries."""
    log = open_log(data_dir)
    log_action(data_dir, "allow", person)
    log.append("refusal", person="unknown", **REFUSAL)
    number = log.append("intention", person=person, reason="granted", distance=0.41, threshold=0.745).number
    log.append("outcome", intention=number, outcome="opened", person=person)
    log.append("out_of_order", door="sim:")
    return log.path


# list


def test_list_for_people(run: Run, filled: Path) -> None:
    status, out, err = run("list")
    assert (status, err) == (0, "")
    rows = [line.split(maxsplit=3)[3] if len(line.split()) > 3 else line for line in out.splitlines()]
    assert len(rows) == 6
    assert rows[1].split() == ["action", "Ada", "allow,", "administrator"]
    assert rows[2].split("  ")[-1] == "not recognised, distance 0.91 of 0.74"
    assert rows[4].split("  ")[-1] == "opened, of entry 4"
    assert rows[5].startswith("out of order")


def test_list_as_json(run: Run, filled: Path, person: str) -> None:
    status, out, _ = run("list", "--json")
    entries = json.loads(out)["entries"]
    assert (status, len(entries)) == (0, 6)
    assert {"n": 2, "kind": "action", "action": "allow", "person": person, "name": "Ada"}.items() <= entries[1].items()
    assert {"person": "unknown", "name": None, "deleted": False, **REFUSAL}.items() <= entries[2].items()


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--last", "2"), [5, 6]),
        (("--kind", "refusal"), [3]),
        (("--person", "ADA"), [2, 4, 5]),
        (("--person", "ada", "--last", "1"), [5]),
        (("--kind", "nothing"), []),
        (("--since", "2000-01-01"), [1, 2, 3, 4, 5, 6]),
        (("--since", "2199-01-01T08:00"), []),
    ],
)
def test_list_what_is_wanted(run: Run, filled: Path, options: tuple[str, ...], numbers: list[int]) -> None:
    status, out, _ = run("list", "--json", *options)
    assert (status, [e["n"] for e in json.loads(out)["entries"]]) == (0, numbers)


def test_groups_are_shown_by_name(run: Run, filled: Path, data_dir: Path, person: str) -> None:
    with GalleryStore.open(data_dir) as store:
        changes = RightsChanges(store, lambda action, person_id: log_action(data_dir, action, person_id))
        crew = changes.add_group("night_crew", True)
        changes.join_group("night_crew", [person])
        changes.rename_group("night_crew", "Early_crew")
        _, out, _ = run("list", "--last", "3")
        whats = [line.split("  ")[-1].strip() for line in out.splitlines()]
        assert whats == [f'group {what}, administrator' for what in (
            'add "Early_crew" allow', 'join "Early_crew"', 'rename "Early_crew"'
        )]  # fmt: skip
        assert json.loads(run("list", "--last", "1", "--json")[1])["entries"][0]["group"] == "Early_crew"
        changes.remove_group("Early_crew")
    _, out, _ = run("list", "--last", "4")
    whats = [line.split("  ")[-1].strip() for line in out.splitlines()]
    assert whats == [f'group {what}, administrator' for what in (
        "add (removed since) allow", "join (removed since)", "rename (removed since)", "remove"
    )]  # fmt: skip
    row = json.loads(run("list", "--last", "1", "--json")[1])["entries"][0]
    assert (row["group"], row["action"]) == (None, f"group_remove {crew.id}")
    assert "group" not in json.loads(run("list", "--kind", "refusal", "--json")[1])["entries"][0]
    for file in data_dir.glob("gallery.db*"):
        file.unlink()
    (data_dir / "gallery.db").write_text("this is no database, though it is long enough to be taken for one" * 20)
    assert crew.id in run("list", "--last", "1")[1], "nobody knows whether it was removed"


def test_nothing_that_fits_is_said(run: Run, filled: Path) -> None:
    assert run("list", "--kind", "nothing") == (0, "no entry fits\n", "")


def test_somebody_deleted(run: Run, filled: Path, data_dir: Path, person: str) -> None:
    with GalleryStore.open(data_dir) as store:
        store.delete(person)
    status, out, _ = run("list", "--person", person, "--last", "1")
    assert status == 0
    assert "somebody deleted" in out
    assert "Ada" not in out


def test_a_gallery_that_cannot_be_read_costs_the_names_only(
    run: Run, filled: Path, data_dir: Path, person: str
) -> None:
    for file in data_dir.glob("gallery.db*"):
        file.unlink()
    (data_dir / "gallery.db").write_text("this is no database, though it is long enough to be taken for one" * 20)
    status, out, err = run("list")
    assert status == 0
    assert "ids are shown instead of names" in err
    assert len(err.splitlines()) == 1
    assert person in out


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("list", "--last", "0"), 2),
        (("list", "--last", "x"), 2),
        (("list", "--since", "yesterday"), 2),
        (("list", "--person", "Bob"), 3),
        (("verify", "--end", "7"), 2),
        (("prune", "--before", "2020-01-01"), 2),
        (("prune", "--before", "2199-01-01", "--yes"), 2),
        (("export",), 2),
        (("export", "--out", "-", "--json"), 2),
        ((), 2),
    ],
)
def test_what_is_wrong_is_a_line(run: Run, filled: Path, words: tuple[str, ...], status: int) -> None:
    got, out, err = run(*words)
    assert got == status
    assert len(err.splitlines()) == 1
    assert "_count" not in err
    assert "_date" not in err
    if "--json" not in words:
        assert out == ""


# verify


def test_no_log_is_whole_and_said(run: Run, data_dir: Path) -> None:
    status, out, err = run("verify")
    assert (status, err) == (0, "")
    assert "no audit log yet" in out
    assert json.loads(run("verify", "--json")[1]) == {
        "whole": True,
        "log": False,
        "entries": 0,
        "problems": [],
        "end": None,
    }
    assert run("list")[0] == 0
    assert run("prune", "--before", "2020-01-01", "--yes")[0] == 0
    assert run("export", "--out", "x.jsonl")[0] == 3
    assert not data_dir.exists()


def test_a_whole_log_and_its_end(run: Run, filled: Path) -> None:
    status, out, err = run("verify")
    assert (status, err) == (0, "")
    assert out.startswith("the audit log is whole: 6 entries\n")
    end = out.splitlines()[-1]
    assert run("verify", "--end", end)[0] == 0
    assert json.loads(run("verify", "--json", "--end", end)[1])["end"] == end


DAMAGE: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "changed": lambda x: [*x[:2], x[2].replace(b"not_recognised", b"granted"), *x[3:]],
    "removed": lambda x: x[:2] + x[3:],
    "reordered": lambda x: [*x[:2], x[3], x[2], *x[4:]],
    "repeated": lambda x: [*x, x[2]],
    "inserted": lambda x: [*x[:2], b'{"n":3,"at":"2026-01-01","kind":"refusal"}\n', *x[2:]],
    "cut off": lambda x: x[:-2],
    "emptied": lambda _: [],
}


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("changed", "line 3: entry 3 was changed"),
        ("removed", "line 3: entry 3 is missing before this line"),
        ("reordered", "line 4: entry 3 stands here again or out of order"),
        ("repeated", "line 7: entry 3 stands here again or out of order"),
        ("inserted", "line 3: this is not an entry of this log"),
        ("cut off", "2 entries (5 to 6) are cut off at the end"),
        ("emptied", "6 entries (1 to 6) are cut off at the end"),
    ],
)
def test_what_was_done_is_named(run: Run, filled: Path, how: str, says: str) -> None:
    filled.write_bytes(b"".join(DAMAGE[how](filled.read_bytes().splitlines(keepends=True))))
    status, out, err = run("verify")
    assert (status, err) == (1, "")
    assert says in out.splitlines()
    assert "the audit log was altered: " in out
    assert "write its end down" not in out, "an end of a log that was altered is worth nothing"
    found = json.loads(run("verify", "--json")[1])
    assert not found["whole"]
    assert says in [problem["text"] for problem in found["problems"]]
    if how not in ("repeated", "inserted"):
        assert "audit verify" in run("list")[2], "the list says that it is not whole"
    refused = run("prune", "--before", "2020-01-01", "--yes")
    assert refused[0] == 3, "what was done is looked at first"


def test_an_anchor_that_is_gone_is_named(run: Run, filled: Path, data_dir: Path) -> None:
    (data_dir / ANCHOR_NAME).unlink()
    status, out, _ = run("verify")
    assert status == 1
    assert "the anchor is missing or was changed: a cut-off tail would not show" in out.splitlines()


def test_a_log_without_lines_is_cut_off(run: Run, filled: Path) -> None:
    filled.unlink()
    status, out, _ = run("verify")
    assert status == 1
    assert "cut off" in out


def test_an_older_copy_shows_by_the_end(run: Run, filled: Path, data_dir: Path) -> None:
    older = {name: (data_dir / name).read_bytes() for name in (FILE_NAME, ANCHOR_NAME)}
    open_log(data_dir).append("refusal", reason="tie")
    end = run("verify")[1].splitlines()[-1]
    for name, data in older.items():
        (data_dir / name).write_bytes(data)
    assert run("verify")[0] == 0
    status, out, _ = run("verify", "--end", end)
    assert status == 1
    assert "put back to an older copy" in out
    for name in (FILE_NAME, ANCHOR_NAME):
        (data_dir / name).unlink()
    assert "that was begun here is gone" in run("verify")[1]
    assert run("verify", "--end", end)[0] == 1, "but its end does"


def test_a_key_that_is_gone_is_named(run: Run, filled: Path, data_dir: Path) -> None:
    key_file(data_dir).unlink()
    for words in (("verify",), ("list",), ("export", "--out", "-"), ("prune", "--before", "2020-01-01", "--yes")):
        status, out, err = run(*words)
        assert (status, out) == (4, "")
        assert ".key is missing" in err
    assert not key_file(data_dir).exists()


def test_another_sites_key_proves_nothing(run: Run, filled: Path, data_dir: Path) -> None:
    key_file(data_dir).write_bytes(bytes(32))
    assert run("verify")[0] == 4, "it is told that it is another one"
    (data_dir / "installation.json").unlink()
    (data_dir / "site.key").write_bytes(bytes(32))
    assert run("verify")[0] == 1


# export


def test_export_byte_for_byte(run: Run, filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.jsonl"
    status, said, err = run("export", "--out", out)
    assert (status, said, err) == (0, f"6 entries written to {out}\n", "")
    assert out.read_bytes() == filled.read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_export_for_a_spreadsheet(run: Run, filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.csv"
    assert json.loads(run("export", "--out", out, "--form", "csv", "--json")[1]) == {
        "out": str(out),
        "form": "csv",
        "entries": 6,
    }
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 6
    assert rows[2]["reason"] == "not_recognised"
    assert "Ada" not in out.read_text()


def test_export_to_a_pipe(run: Run, filled: Path) -> None:
    status, out, err = run("export", "--out", "-", "--form", "csv")
    assert (status, err) == (0, "6 entries\n")
    assert len(list(csv.reader(io.StringIO(out)))) == 7


def test_export_overwrites_nothing_unasked(run: Run, filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.txt"
    out.write_text("my own")
    status, _, err = run("export", "--out", out)
    assert status == 3
    assert "is there already" in err
    assert out.read_text() == "my own"
    assert run("export", "--out", out, "--overwrite")[0] == 0
    assert out.read_bytes() == filled.read_bytes()


def test_export_to_where_nothing_can_be(run: Run, filled: Path, tmp_path: Path) -> None:
    status, _, err = run("export", "--out", tmp_path / "no" / "folder" / "x")
    assert status == 4
    assert "cannot be written" in err


# prune


def test_prune_leaves_a_checkpoint_and_a_whole_log(run: Run, filled: Path, data_dir: Path) -> None:
    assert json.loads(run("prune", "--before", "2020-01-01", "--yes", "--json")[1]) == {"removed": 0}
    now = datetime.now().astimezone() - timedelta(milliseconds=1)
    status, out, _ = run("prune", "--before", now.isoformat(), "--yes")
    removed = int(out.split()[0])
    assert status == 0
    assert removed >= 1
    assert run("verify")[0] == 0
    kinds = [e["kind"] for e in json.loads(run("list", "--json")[1])["entries"]]
    assert kinds[0] == "checkpoint"
    assert kinds[-1] == "pruned"
    assert run("list")[2] == ""
