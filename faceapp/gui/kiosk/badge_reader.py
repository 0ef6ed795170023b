"""A badge or code reader types like a keyboard: its keys, put together again. No Qt, no clock of its own."""

from __future__ import annotations

LONGEST = 256
"""Characters. Anything longer is no badge, and is dropped whole."""
SILENCE_NS = 2_000_000_000
"""A reader types within a fraction of a second: after this what came before belongs to nothing."""


class BadgeReader:
    """Collects characters until Enter. What it holds is never shown, logged or kept. Owned by the GUI thread."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._length = 0
        self._last_ns = 0

    def type(self, text: str, now_ns: int) -> bool:
        """Take a key's characters at `now_ns` (monotonic); True where they were taken."""
        self.forget_old(now_ns)
        printable = "".join(c for c in text if c.isprintable())
        if not printable or (not self._keys and printable.isspace()):
            return False  # a badge doesn't begin with a space, but a button is pressed with one
        self._last_ns = now_ns
        self._length += len(printable)
        if self._length <= LONGEST:
            self._keys.append(printable)
        return True

    def enter(self, now_ns: int) -> str | None:
        """The code typed since the last Enter or silence; None: nothing, or too much."""
        self.forget_old(now_ns)
        code = "".join(self._keys).strip() if self._length <= LONGEST else ""
        self.clear()
        return code or None

    def is_typing(self, now_ns: int) -> bool:
        """Whether a code has begun: Enter then ends it, and presses nothing."""
        self.forget_old(now_ns)
        return self._length > 0

    def forget_old(self, now_ns: int) -> None:
        """Drop what was followed by silence."""
        if self._length and now_ns - self._last_ns >= SILENCE_NS:
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._keys.clear()
        self._length = 0
