"""`faceapp keys`: a PIN from standard input and from a real terminal, and what is shown of keys."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from faceapp.access.audit import FILE_NAME as LOG_NAME
from faceapp.app.audit import existing_log, open_log
from faceapp.cli.main import main
from faceapp.security.keys import PIN_NAME, SiteKeys
from faceapp.security.pin import Cost, PinStore
from tests.fakes.keys import key_file

ROOT = Path(__file__).parents[3]
PIN, OTHER = "482913", "730561"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with these lines on standard input: its status, stdout and stderr. The hash is quick, the PIN's
    clock stands still."""
    monkeypatch.setattr("faceapp.app.keys.PinStore", partial(PinStore, cost=Cost(n=16), now=lambda: 1.7e9))

    def run(*words: str, lines: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        status = main(["keys", *words])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def actions(data_dir: Path) -> list[object]:
    log = existing_log(data_dir)
    assert log is not None
    return [entry.fields["action"] for entry in log.entries() if entry.kind == "action"]


# pin, from a pipe


def test_a_pin_from_a_line(run: Run, data_dir: Path) -> None:
    assert run("pin", lines=f"{PIN}\n") == (0, "the PIN is set\n", "")
    assert PinStore(data_dir).check(PIN).answer == "right"
    assert actions(data_dir) == ["pin_set"]


def test_another_pin_takes_the_old_one(run: Run, data_dir: Path) -> None:
    run("pin", lines=PIN)
    status, out, _ = run("pin", lines=f"999999\n{OTHER}\n")
    assert (status, out) == (1, "the old PIN is wrong, nothing was changed\n")
    status, out, _ = run("pin", "--json", lines=f"{PIN}\r\n{OTHER}\r\n")
    assert (status, json.loads(out)) == (0, {"set": True, "answer": "right", "wait_s": 0.0})
    assert PinStore(data_dir).check(OTHER).answer == "right"
    assert actions(data_dir) == ["pin_set", "pin_wrong", "pin_set"]


def test_too_many_wrong_ones_wait(run: Run) -> None:
    run("pin", lines=PIN)
    outs = [run("pin", lines=f"999999\n{OTHER}\n")[1] for _ in range(3)]
    assert "wait 5 s" in outs[-1]
    status, out, _ = run("pin", "--json", lines=f"{PIN}\n{OTHER}\n")
    found = json.loads(out)
    assert (status, found["set"], found["answer"]) == (1, False, "wait")
    assert 0 < found["wait_s"] <= 5.0


@pytest.mark.parametrize(("lines", "status"), [("", 2), ("12345\n", 3), ("123456\n", 3), ("\n", 3)])
def test_what_is_no_pin(run: Run, data_dir: Path, lines: str, status: int) -> None:
    got, out, err = run("pin", lines=lines)
    assert (got, out) == (status, "")
    assert len(err.splitlines()) == 1
    assert "12345" not in err
    assert not (data_dir / PIN_NAME).exists()


def test_no_second_line_is_said(run: Run, data_dir: Path) -> None:
    run("pin", lines=PIN)
    status, _, err = run("pin", lines=PIN)
    assert status == 2
    assert "standard input ends before the new PIN" in err
    assert PinStore(data_dir).check(PIN).answer == "right"


def test_a_pin_that_cannot_be_logged_is_not_set(run: Run, data_dir: Path) -> None:
    open_log(data_dir)
    (data_dir / LOG_NAME).unlink()
    (data_dir / LOG_NAME).mkdir()  # what nothing can be written to
    status, _, err = run("pin", lines=PIN)
    assert status == 4
    assert "audit log" in err
    assert not (data_dir / PIN_NAME).exists()


def test_an_altered_file_is_no_missing_pin(run: Run, data_dir: Path) -> None:
    run("pin", lines=PIN)
    path = data_dir / PIN_NAME
    path.write_text(path.read_text().replace('"wrong": 0', '"wrong": 1'))
    for words in (("pin",), ("show",)):
        status, out, err = run(*words, lines=f"{PIN}\n{OTHER}\n")
        assert (status, out) == (4, "")
        assert "was altered" in err


# pin, on a terminal


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, *words: str) -> None:
        import pty

        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "faceapp", *words]
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        """Read on until `text` was written, after what was asked for before."""
        begun = len(self.seen)
        while text not in self.seen[begun:]:
            self.seen += os.read(self._master, 4096).decode()

    def type(self, text: str) -> None:
        os.write(self._master, text.encode() + b"\n")

    def end(self) -> int:
        """The exit status, after reading everything."""
        try:
            while part := os.read(self._master, 4096):
                self.seen += part.decode()
        except OSError:  # nobody has the other side any more
            pass
        return self._process.wait(10)

    def close(self) -> None:
        os.close(self._master)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    pytest.importorskip("pty", reason="there are no terminals like this here")
    terminals: list[Terminal] = []

    def start(*words: str) -> Terminal:
        terminals.append(Terminal(*words))
        return terminals[-1]

    yield start
    for one in terminals:
        one.close()


def test_a_terminal_is_asked_twice_and_shows_nothing(terminal: Callable[..., Terminal], data_dir: Path) -> None:
    first = terminal("keys", "pin")
    first.until("the new PIN: ")
    first.type(PIN)
    first.until("the new PIN again: ")
    first.type(PIN)
    assert first.end() == 0
    assert "the PIN is set" in first.seen
    second = terminal("keys", "pin")
    second.until("the PIN there is: ")
    second.type(PIN)
    second.until("the new PIN: ")
    second.type(OTHER)
    second.until("the new PIN again: ")
    second.type(OTHER)
    assert second.end() == 0
    assert "the PIN is changed" in second.seen
    assert PIN not in first.seen + second.seen
    assert OTHER not in second.seen
    assert PinStore(data_dir).check(OTHER).answer == "right"


def test_two_that_differ_change_nothing(terminal: Callable[..., Terminal], data_dir: Path) -> None:
    shell = terminal("keys", "pin")
    shell.until("the new PIN: ")
    shell.type(PIN)
    shell.until("again: ")
    shell.type(OTHER)
    assert shell.end() == 3
    assert "the two differ: nothing was changed" in shell.seen
    assert not PinStore(data_dir).has_pin()


def test_a_terminal_is_asked_before_pruning(terminal: Callable[..., Terminal], data_dir: Path) -> None:
    open_log(data_dir)
    for answer, status, says in [("n", 1, "nothing was removed"), ("yes", 0, "0 entries removed")]:
        shell = terminal("audit", "prune", "--before", "2020-02-29")
        shell.until("before 2020-02-29 00:00 for good? [y/N] ")
        shell.type(answer)
        assert shell.end() == status
        assert says in shell.seen


# show


def test_what_there_is(run: Run, data_dir: Path) -> None:
    status, out, err = run("show")
    assert (status, err) == (0, "")
    assert "no keys yet" in out
    assert not data_dir.exists()
    run("pin", lines=PIN)
    (data_dir / PIN_NAME).chmod(0o640)
    found = json.loads(run("show", "--json")[1])
    assert [key["name"] for key in found["keys"]] == ["audit", "badges", "pin"]
    assert found["pin"] is True
    files = {file["name"]: file for file in found["files"]}
    key = str(key_file(data_dir))
    assert {".", key, PIN_NAME, LOG_NAME} <= set(files)
    assert files[key] == {"name": key, "mode": "600", "private": True}
    assert found["kept"] == {"where": "file", "name": key, "with_the_data": False, "missing": False}
    assert files[PIN_NAME] == {"name": PIN_NAME, "mode": "640", "private": False}, "as it was found"
    assert "open to others" not in run("show")[1], "and mended by looking"


def test_no_key_is_shown(run: Run, data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    shown = ""
    for lines in (PIN, f"{OTHER}\n{PIN}\n"):
        _, out, err = run("pin", lines=lines)
        shown += out + err
    shown += "".join(run("show", *more)[1] for more in ((), ("--json",)))
    shown += caplog.text + "".join(file.read_text("utf-8") for file in data_dir.glob("*.log"))
    shown += (data_dir / LOG_NAME).read_text("utf-8")
    keys = SiteKeys.open(data_dir)
    secrets = [key_file(data_dir).read_bytes(), keys.audit, keys.badges, keys.pin]
    assert [s.hex()[:16] for s in secrets if s.hex()[:16] in shown] == []
    assert PIN not in shown
    assert OTHER not in shown
