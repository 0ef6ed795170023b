"""Errors a user can be told about, and the exit status each one stands for.

A `KnownError` is a condition we foresaw: its message is one line that says what is wrong and what to do, and no
traceback is ever shown for it. Everything else that escapes is a bug (`BugError` where we detect it ourselves).
"""

from __future__ import annotations

from typing import ClassVar


class KnownError(Exception):
    """A foreseen failure. The message is one line: what is wrong, then what to do."""

    exit_status: ClassVar[int] = 4


class UsageError(KnownError):
    """The command was called wrongly (exit status 2)."""

    exit_status = 2


class InputError(KnownError):
    """The input cannot be used: unreadable picture, unknown name (exit status 3)."""

    exit_status = 3


class NoFaceError(InputError):
    """No face was found where one is needed."""


class TwoFacesError(InputError):
    """Several faces of about the same size where one is needed."""


class UnavailableError(KnownError):
    """Something around us is missing: a model, a camera, a writable folder, the right database (exit status 4)."""

    exit_status = 4


class BugError(Exception):
    """An invariant of our own does not hold. Please report it."""
