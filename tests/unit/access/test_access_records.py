"""What may stand in the audit log: every kind that is written has its place; no name, picture or free text has."""

from __future__ import annotations

import pytest

from faceapp.access.chain import Scalar
from faceapp.access.records import check, code
from faceapp.errors import BugError

PERSON = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("action", {"action": "allow", "actor": "administrator", "person": PERSON}),
        ("action", {"action": "pin_wrong", "actor": "unknown"}),
        ("action", {"action": "hours Mon-Fri 07:00-19:00", "actor": "administrator", "person": PERSON}),
        ("kiosk_started", {"mode": "verify", "liveness": "off", "door": "mqtt://host:1883/a/b", "version": "0.1.0"}),
        ("kiosk_stopped", {}),
        ("out_of_order", {"detail": "camera"}),
        ("recovered", {"detail": "camera", "entries": 0}),
        ("refusal", {"person": "unknown", "reason": "tie", "distance": None}),
        ("intention", {"person": "guest", "provider": "CPU, INT8"}),
    ],
)
def test_what_is_written_has_its_place(kind: str, fields: dict[str, Scalar]) -> None:
    check(kind, fields)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("action", {"person": "Ada Lovelace"}),
        ("action", {"name": "Ada"}),
        ("action", {"action": "called M\u00fcller"}),
        ("action", {"action": "=HYPERLINK(1)"}),
        ("action", {"action": "two\nlines"}),
        ("action", {"action": "x" * 121}),
        ("refusal", {"distance": "near"}),
        ("refusal", {"picture": "ffd8"}),
        ("Action", {}),
        ("checkpoint", {}),
        ("beginning", {}),
    ],
)
def test_what_has_no_place_stays_out(kind: str, fields: dict[str, Scalar]) -> None:
    with pytest.raises(BugError):
        check(kind, fields)


@pytest.mark.parametrize("text", ["camera lost", "=1+1", "", "M\u00fcller\n", "x" * 500, "-5", "\u2603"])
def test_any_text_can_be_made_a_code(text: str) -> None:
    check("out_of_order", {"detail": code(text)})
