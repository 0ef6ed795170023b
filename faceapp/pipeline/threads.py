"""Sharing Python's interpreter between threads."""

from __future__ import annotations

import sys

SWITCH_SECONDS = 0.001


def share_the_interpreter() -> None:
    """Let a waiting thread have the interpreter after one millisecond instead of five. A frame's way to the screen
    takes it several times (read, put, poll, paint), and each would wait as long behind recognition's Python code."""
    sys.setswitchinterval(SWITCH_SECONDS)
