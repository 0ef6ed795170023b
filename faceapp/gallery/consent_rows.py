"""What a person agreed to, and whether that still counts: plain values, no database behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from faceapp.errors import InputError

PURPOSE = "to be recognised by their face here"
"""What consent is for where nobody says otherwise."""
THEMSELVES = "the person themselves"
"""Who gave it where nobody says otherwise."""

ConsentState: TypeAlias = Literal["none", "given", "expired", "withdrawn"]
"""none: no consent on record."""

_MAX_LINE, _MAX_TEXT = 200, 20_000


@dataclass(frozen=True, slots=True)
class NewConsent:
    """Consent as it is given. Raises InputError for a text that is empty or too long."""

    text: str
    """What the person agreed to, as it was put to them."""
    until: date | None = None
    """The last day on which it counts, local; None: until it is withdrawn."""
    given_by: str = THEMSELVES
    """Who gave it: the person, or whoever may for them."""
    purpose: str = PURPOSE

    def __post_init__(self) -> None:
        for what, value, most in (
            ("the text of a consent", self.text, _MAX_TEXT),
            ("who gives consent", self.given_by, _MAX_LINE),
            ("the purpose of a consent", self.purpose, _MAX_LINE),
        ):
            if not value.strip():
                raise InputError(f"{what} is empty: say it in a few words")
            if len(value) > most:
                raise InputError(f"{what} is longer than {most} characters: shorten it")

    def require_lasting(self, today: date) -> None:
        """Raises InputError for one that would have ended before `today`."""
        if self.until is not None and self.until < today:
            raise InputError(f"consent until {self.until} has ended already: give a day to come")


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """The consent on record for a person. Another one takes its place."""

    person_id: str
    purpose: str
    given_by: str
    given: str
    """ISO 8601, UTC."""
    until: str | None
    """ISO date: the last day on which it counts, where the site is; None: until it is withdrawn."""
    withdrawn: str | None
    """ISO 8601, UTC: when it was taken back. The person's deletion follows at once; this outlasts one that failed."""
    text: str | None


def state_of(consent: ConsentRow | None, today: date) -> ConsentState:
    """Whether `consent` counts on the day `today`, local."""
    if consent is None:
        return "none"
    if consent.withdrawn is not None:
        return "withdrawn"
    return "expired" if consent.until is not None and consent.until < today.isoformat() else "given"
