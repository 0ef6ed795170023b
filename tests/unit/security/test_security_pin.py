"""The PIN: what is right, how often it may be tried, and that nothing gives it away or lets it be forgotten."""

from __future__ import annotations

import hashlib
import json
import logging
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faceapp.errors import InputError, KnownError, UnavailableError
from faceapp.files import locked
from faceapp.security.keys import LOCK_NAME, PIN_NAME, SiteKeys
from faceapp.security.pin import WAITS, Cost, PinStore, PinVerdict
from faceapp.security.plain_pins import complaint_about
from tests.fakes.keys import key_file

PIN, OTHER = "482913", "730561"
QUICK = Cost(n=16)


class Clock:
    """A wall clock that stands still."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(data_dir: Path, clock: Clock) -> PinStore:
    """With a PIN."""
    store = PinStore(data_dir, now=clock, cost=QUICK)
    assert store.set(PIN, None).answer == "right"
    return store


def again(data_dir: Path, clock: Clock) -> PinStore:
    """As after a restart, or in another process."""
    return PinStore(data_dir, now=clock, cost=QUICK)


def wrongly(store: PinStore, times: int) -> PinVerdict:
    for _ in range(times):
        verdict = store.check(OTHER)
        assert verdict.answer == "wrong"
    return verdict


# Right and wrong


def test_without_a_pin_nothing_is_made(data_dir: Path) -> None:
    store = PinStore(data_dir)
    assert not store.has_pin()
    assert store.check(PIN) == PinVerdict("none")
    assert not data_dir.exists()


def test_the_right_one_is_right_and_others_are_wrong(store: PinStore, data_dir: Path, clock: Clock) -> None:
    assert store.has_pin()
    assert store.check(PIN) == PinVerdict("right")
    for other in (OTHER, "", PIN + "0", PIN[:-1], " " + PIN, "\udc80"):
        assert store.check(other).answer == "wrong"
        assert again(data_dir, clock).check(PIN).answer == "right"


def test_the_default_cost_is_what_is_written_about_it(data_dir: Path) -> None:
    assert Cost() == Cost(1 << 15, 8, 1)
    assert 32 << 20 <= Cost().memory < 33 << 20
    store = PinStore(data_dir)
    store.set(PIN, None)
    kept = json.loads((data_dir / PIN_NAME).read_text())
    assert (kept["n"], kept["r"], kept["p"]) == (1 << 15, 8, 1)
    assert store.check(PIN).answer == "right"


def test_the_file_is_its_owners_and_says_nothing(store: PinStore, data_dir: Path) -> None:
    path = data_dir / PIN_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PIN not in path.read_text()
    path.chmod(0o644)
    assert store.has_pin()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_pin_is_kept_differently_each_time(store: PinStore, data_dir: Path) -> None:
    first = json.loads((data_dir / PIN_NAME).read_text())
    assert store.set(PIN, PIN).answer == "right"
    second = json.loads((data_dir / PIN_NAME).read_text())
    assert first["salt"] != second["salt"]
    assert first["hash"] != second["hash"]


def test_the_hash_cannot_be_tried_without_the_sites_key(data_dir: Path) -> None:
    """A copy of the file alone, with a key of one's own beside it, answers nothing."""
    PinStore(data_dir, cost=QUICK).set(PIN, None)
    key_file(data_dir).write_bytes(bytes(32))
    with pytest.raises(UnavailableError, match="the key of another data directory"):
        PinStore(data_dir).check(PIN)
    (data_dir / "installation.json").unlink()
    (data_dir / "site.key").write_bytes(bytes(32))
    with pytest.raises(UnavailableError, match="altered or belongs to another site's key"):
        PinStore(data_dir).check(PIN)


def test_letters_count_as_the_keyboard_means_them(data_dir: Path) -> None:
    store = PinStore(data_dir, cost=QUICK)
    store.set("Z\u00fcrich West", None)
    assert store.check("Zu\u0308rich West").answer == "right"
    assert store.check("Zurich West").answer == "wrong"


# Setting another one


def test_another_one_needs_the_old_one(store: PinStore) -> None:
    assert store.set(OTHER, None) == PinVerdict("wrong")
    assert store.set(OTHER, "999999").answer == "wrong"
    assert store.check(PIN).answer == "right"
    assert store.set(OTHER, PIN).answer == "right"
    assert store.check(PIN).answer == "wrong"
    assert store.check(OTHER).answer == "right"


def test_guessing_the_old_one_is_counted_too(store: PinStore, clock: Clock) -> None:
    for _ in range(3):
        assert store.set(OTHER, "999999").answer == "wrong"
    assert store.set(OTHER, PIN) == PinVerdict("wait", WAITS[0])
    clock.now += WAITS[0]
    assert store.set(OTHER, PIN).answer == "right"


def test_a_first_one_is_set_by_one_only(data_dir: Path) -> None:
    start, answers = threading.Barrier(4), []

    def first(pin: str) -> None:
        start.wait()
        answers.append((PinStore(data_dir, cost=QUICK).set(pin, None).answer, pin))

    threads = [threading.Thread(target=first, args=(f"48291{k}",)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answer for answer, _ in answers) == ["right", "wrong", "wrong", "wrong"]
    assert PinStore(data_dir).check(next(pin for answer, pin in answers if answer == "right")).answer == "right"


def test_a_pin_that_was_just_replaced_resets_nothing(
    store: PinStore, data_dir: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the old one is being looked at another is set, and guessed at."""
    real = hashlib.scrypt

    def meanwhile(*args: Any, **kwargs: Any) -> bytes:
        monkeypatch.setattr("hashlib.scrypt", real)
        assert again(data_dir, clock).set(OTHER, PIN).answer == "right"
        for _ in range(3):
            assert again(data_dir, clock).check("999999").answer == "wrong"
        return real(*args, **kwargs)

    monkeypatch.setattr("hashlib.scrypt", meanwhile)
    assert store.check(PIN).answer == "right", "it was, when it was asked"
    assert store.check(OTHER) == PinVerdict("wait", 5.0)


def test_a_pin_is_not_set_where_its_announcement_fails(store: PinStore) -> None:
    def fail() -> None:
        raise UnavailableError("the audit log cannot be written")

    with pytest.raises(UnavailableError):
        store.set(OTHER, PIN, first=fail)
    assert store.check(PIN).answer == "right"


PLAIN = [
    "111111", "123456", "654321", "890123", "246802", "112233", "121212", "123123", "010101", "000007", "aaabbb",
    "abcdef", "fedcba", "123321", "159753", "qwerty", "password", "QWERTZ", "Passwort", "a" * 23, "1234567890",
    "9876543210", "ABABAB", "xyzxyz",
]  # fmt: skip


@pytest.mark.parametrize("pin", PLAIN)
def test_plain_ones_are_refused(data_dir: Path, pin: str) -> None:
    with pytest.raises(InputError, match="too plain") as told:
        PinStore(data_dir, cost=QUICK).set(pin, None)
    assert pin not in str(told.value)
    assert not data_dir.exists()


@pytest.mark.parametrize(
    "pin",
    ["482913", "193847", "100234", "1a2b3c", "a b c d", "\u2603\u2603\u2600x7q", "x9" * 3 + "q", "q7" + "z3k" * 20],
)
def test_others_are_taken(pin: str) -> None:
    assert complaint_about(pin) is None


@pytest.mark.parametrize(
    ("pin", "says"),
    [("", "short"), ("48291", "short"), ("48" + "291" * 21, "long"), ("4829\n13", "typed"), (" 482913", "typed")],
)
def test_lengths_and_what_no_keyboard_types(pin: str, says: str) -> None:
    assert says in str(complaint_about(pin))


# How often


def test_the_wait_grows_after_three(store: PinStore, clock: Clock) -> None:
    assert [store.check(OTHER).wait_s for _ in range(3)] == [0.0, 0.0, 5.0]
    for wait, following in [(5.0, 15.0), (15.0, 60.0), (60.0, 300.0), (300.0, 300.0), (300.0, 300.0)]:
        assert store.check(PIN) == PinVerdict("wait", wait), "the right one isn't looked at either"
        clock.now += wait - 1.0
        assert store.check(PIN) == PinVerdict("wait", 1.0), "and asking doesn't make it longer"
        clock.now += 1.0
        assert store.check(OTHER) == PinVerdict("wrong", following)
    clock.now += 300.0
    assert store.check(PIN).answer == "right"
    assert wrongly(store, 2).wait_s == 0.0, "a right one starts the count again"


def test_the_wait_survives_a_restart(store: PinStore, data_dir: Path, clock: Clock) -> None:
    wrongly(store, 3)
    clock.now += 2.0
    assert again(data_dir, clock).check(PIN) == PinVerdict("wait", 3.0)


def test_a_clock_set_back_begins_the_wait_again_and_it_ends(store: PinStore, data_dir: Path, clock: Clock) -> None:
    wrongly(store, 3)
    clock.now -= 86_400.0
    assert again(data_dir, clock).check(PIN) == PinVerdict("wait", 5.0)
    clock.now += 4.0
    assert store.check(PIN) == PinVerdict("wait", 1.0)
    clock.now += 1.0
    assert store.check(PIN).answer == "right"


def test_processes_share_the_count(data_dir: Path, store: PinStore, clock: Clock) -> None:
    """Many at once get three tries together, not three each."""
    start, answers = threading.Barrier(10), []

    def guess() -> None:
        mine = again(data_dir, clock)
        start.wait()
        answers.append(mine.check(OTHER).answer)

    threads = [threading.Thread(target=guess) for _ in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answers) == ["wait"] * 7 + ["wrong"] * 3


KILLED = """
import hashlib, os, sys
from pathlib import Path
from faceapp.security.pin import PinStore
hashlib.scrypt = lambda *_, **__: os._exit(9)
PinStore(Path(sys.argv[1]), now=lambda: float(sys.argv[2])).check("482913")
"""


def test_killing_the_program_gives_no_free_try(store: PinStore, data_dir: Path, clock: Clock) -> None:
    """Killed while the hash is computed, three times."""
    for _ in range(3):
        command = [sys.executable, "-c", KILLED, str(data_dir), str(clock.now)]
        assert subprocess.run(command, check=False, cwd=Path(__file__).parents[3]).returncode == 9
    assert again(data_dir, clock).check(PIN) == PinVerdict("wait", 5.0)


def test_a_lock_that_somebody_keeps_is_told(store: PinStore, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceapp.security.pin.BUSY_SECONDS", 0.05)
    with locked(data_dir / LOCK_NAME, 1.0), pytest.raises(UnavailableError, match="locked by another faceapp"):
        store.check(PIN)
    assert store.check(PIN).answer == "right"


def test_a_try_that_cannot_be_counted_is_not_looked_at(store: PinStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    hashed: list[object] = []
    monkeypatch.setattr("faceapp.security.pin.write_atomically", full)
    monkeypatch.setattr("hashlib.scrypt", lambda *_, **__: hashed.append(1))
    with pytest.raises(UnavailableError, match=r"No space left on device\): free space"):
        store.check(PIN)
    assert not hashed


# Files that were meddled with


def changed(text: str) -> list[str]:
    """Files that somebody made of ours."""
    raw = json.loads(text)
    results = ["", "{}", "[]", "null", '"x"', "\x00\xff", text[: len(text) // 2], "[" * 3000, "x" * 100_000]
    for name, value in [
        ("hash", "00" * 32), ("salt", "00" * 16), ("n", 2), ("n", 1 << 40), ("r", "8"), ("wrong", 0), ("wrong", -99),
        ("wrong_at", 1e99), ("mac", "00" * 32), ("mac", 7), ("mac", "no hex"), ("version", 0), ("version", "1"),
    ]:  # fmt: skip
        results.append(json.dumps({**raw, name: value}))
        results.append(json.dumps({n: v for n, v in raw.items() if n != name}))
    return results


def test_an_altered_file_is_no_missing_pin(store: PinStore, data_dir: Path) -> None:
    wrongly(store, 2)
    path = data_dir / PIN_NAME
    whole = path.read_text()
    tries: list[Callable[[], object]] = [
        store.has_pin,
        lambda: store.check(PIN),
        lambda: store.set(OTHER, None),
        lambda: store.set(OTHER, PIN),
    ]
    for text in changed(whole):
        path.write_text(text)
        for attempt in tries:
            with pytest.raises(UnavailableError, match="altered") as told:
                attempt()
            assert "\n" not in str(told.value)
        assert path.read_text() == text, "and it is left as it is"
    path.write_text(whole)
    assert store.check(PIN).answer == "right"


def test_a_newer_file_is_named(store: PinStore, data_dir: Path) -> None:
    (data_dir / PIN_NAME).write_text('{"version": 2}')
    with pytest.raises(UnavailableError, match="newer faceapp"):
        store.has_pin()


def test_a_file_that_cannot_be_read_is_named(store: PinStore, data_dir: Path) -> None:
    (data_dir / PIN_NAME).unlink()
    (data_dir / PIN_NAME).mkdir()
    with pytest.raises(UnavailableError, match="cannot be used"):
        store.has_pin()
    (data_dir / PIN_NAME).rmdir()
    (data_dir / PIN_NAME).symlink_to(data_dir / "nowhere")
    with pytest.raises(UnavailableError, match="altered"):
        store.has_pin()


def test_a_pin_whose_key_is_gone_is_named(store: PinStore, data_dir: Path) -> None:
    key_file(data_dir).unlink()
    for attempt in (store.has_pin, lambda: store.check(PIN), lambda: store.set(OTHER, None)):
        with pytest.raises(UnavailableError, match=r"\.key is missing, and admin-pin\.json"):
            attempt()
    assert not key_file(data_dir).exists()


# Secrets


def test_neither_pin_nor_key_is_shown(store: PinStore, data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = [repr(store), str(store), repr(store.check(PIN)), repr(store.check(OTHER)), repr(store._read())]
    path = data_dir / PIN_NAME
    whole = path.read_text()
    for text in changed(whole):
        path.write_text(text)
        try:
            store.check(PIN)
        except KnownError as e:
            told.append(f"{e} {e!r} {e.__cause__!r}")
    path.write_text(whole)
    with pytest.raises(InputError) as short:
        store.set(PIN[:5], None)
    told += [str(short.value), caplog.text]
    raw, keys = json.loads(whole), SiteKeys.open(data_dir)
    secrets = [PIN, PIN[:5], OTHER, raw["hash"], raw["salt"], keys.pin.hex(), key_file(data_dir).read_bytes().hex()]
    assert [s for s in secrets if any(s in line for line in told)] == []
