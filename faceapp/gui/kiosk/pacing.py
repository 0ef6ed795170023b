"""How long a screen stays, so that nobody sees a flicker: pure arithmetic, no Qt.

The policy answers every frame, and its answer may change with every frame. What asks something of a person
(come closer, look here) is shown only when it has held for a moment; an answer stays long enough to be read.
"""

from __future__ import annotations

from faceapp.app.kiosk.types import KioskView, Screen

MS = 1_000_000
HOLD_NS = 150 * MS
"""A request is shown when it has held this long."""
RESULT_NS = 1500 * MS
"""An answer stays at least this long."""

AT_ONCE: frozenset[Screen] = frozenset({"welcome", "opening", "question", "out_of_order"})
"""Replaces whatever is shown without delay: the door is moving, the time for an answer is running, or nothing works."""
RESULTS: frozenset[Screen] = frozenset(
    {
        "go_through",
        "not_recognised",
        "not_allowed",
        "show_face",
        "try_again",
        "start_again",
        "wait",
        "out_of_order",
    }
)
"""Answers. `welcome` isn't among them: it says that the door is open, so it goes when the door shuts."""


class Pacer:
    """Decides which view is on the screen. Owned by the GUI thread; times are monotonic nanoseconds."""

    def __init__(self) -> None:
        self._shown: KioskView | None = None
        self._since_ns = 0
        self._wanted: Screen | None = None
        self._wanted_ns = 0

    def take(self, view: KioskView, now_ns: int) -> KioskView:
        """The view to show at `now_ns` while the kiosk says `view`.

        A view with a name is never held back or kept: it is shown exactly while the kiosk says so.
        """
        if view.screen != self._wanted:
            self._wanted, self._wanted_ns = view.screen, now_ns
        shown = self._shown
        if shown is None or shown.screen == view.screen or self._may_change(shown, view, now_ns):
            if shown is None or shown.screen != view.screen:
                self._since_ns = now_ns
            self._shown = view
            return view
        return shown

    def _may_change(self, shown: KioskView, view: KioskView, now_ns: int) -> bool:
        if view.screen in AT_ONCE or shown.screen == "welcome":
            return True
        if shown.screen in RESULTS and now_ns - self._since_ns < RESULT_NS:
            return False
        return view.screen in RESULTS or now_ns - self._wanted_ns >= HOLD_NS
