"""Which PINs are too plain: those that somebody at a kiosk would try first."""

from __future__ import annotations

import itertools
import unicodedata

MIN_LENGTH, MAX_LENGTH = 6, 64
"""Characters of a PIN."""

COMMON = frozenset({
    "112358", "123321", "131313", "147258", "147852", "159753", "159357", "258456", "314159", "741852", "789456",
    "696969", "112211", "123654", "administrator", "admin123", "faceapp", "letmein", "passwort", "password",
    "password1", "passw0rd", "qwerty", "qwerty123", "qwertz", "azerty", "geheim", "secret", "kiosk1",
})  # fmt: skip
"""Those of the usual lists, and patterns on a number pad, that the rules below don't find."""


def normalised(pin: str) -> str:
    """The same characters in the same bytes, whichever keyboard they come from (NFC)."""
    return unicodedata.normalize("NFC", pin)


def complaint_about(pin: str) -> str | None:
    """Why `pin` can't be the PIN, in a line that doesn't repeat it; None where it can."""
    pin = normalised(pin)
    if len(pin) < MIN_LENGTH:
        return f"the PIN is too short: take {MIN_LENGTH} characters or more"
    if len(pin) > MAX_LENGTH:
        return f"the PIN is too long: take {MAX_LENGTH} characters at most"
    if not pin.isprintable() or pin != pin.strip():
        return "the PIN can't be typed safely: leave out line breaks, tabs, and blanks at its ends"
    if _plain(pin):
        return "the PIN is too plain: take one without a run, a repetition or a usual word"
    return None


def _plain(pin: str) -> bool:
    low = pin.casefold()
    pairs = low[::2] if low[::2] == low[1::2] else low  # 112233
    return len(set(low)) < 3 or low in COMMON or _run(low) or _run(pairs) or _repeated(low)


def _run(text: str) -> bool:
    """Whether each character is the same step from the one before: 111111, 123456, 987654, 890123, fedcba, 246802."""
    if text.isascii() and text.isdecimal():
        steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(text)}
    else:
        steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return len(steps) <= 1


def _repeated(text: str) -> bool:
    """Whether it is one to three characters again and again: 121212, 123123, abcabca."""
    return any(text == (text[:k] * len(text))[: len(text)] for k in (1, 2, 3))
