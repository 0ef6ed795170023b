"""What is required of whom, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from faceapp.access.observations import Claim
from faceapp.app.kiosk.life_rules import LifeRules, hourly
from faceapp.app.kiosk.site import NO_MODEL_SOMETIMES, WAS_OFF, kiosk_options, start_notes
from faceapp.app.parts import Parts
from faceapp.errors import UnavailableError
from tests.fakes.visitors import ADA, BOB

MONDAY_NOON, MONDAY_NIGHT = datetime(2024, 1, 1, 12), datetime(2024, 1, 1, 23)
DAY = hourly({"Mon-Fri 08:00-18:00": "passive"})


def test_at_other_hours_something_else_is_required() -> None:
    rules = LifeRules("both", DAY)
    assert rules.mode(None, (), MONDAY_NOON) == "passive"
    assert rules.mode(None, (), MONDAY_NIGHT) == "both"
    assert rules.needs_model(spares=False)
    assert not LifeRules("active").needs_model(spares=False)
    assert LifeRules("active", DAY).needs_model(spares=False)


@pytest.mark.parametrize(("usual", "with_badge"), [("active", "passive"), ("both", "passive"), ("off", "off")])
def test_who_cannot_turn_their_head_comes_with_a_badge_and_is_looked_at(usual: str, with_badge: str) -> None:
    rules = LifeRules(usual)  # type: ignore[arg-type]  # literals, above
    assert rules.mode(Claim(ADA, 1), {ADA}, MONDAY_NOON) == with_badge
    assert rules.mode(Claim(BOB, 1), {ADA}, MONDAY_NOON) == usual
    assert rules.mode(None, {ADA}, MONDAY_NOON) == usual, "a face alone spares nobody anything"
    assert rules.needs_model(spares=True) is (usual != "off")


@pytest.mark.parametrize(
    ("rules", "claim", "hour", "told"),
    [
        (LifeRules("active"), None, MONDAY_NOON, ("active", "site")),
        (LifeRules("active", by_command=True), None, MONDAY_NOON, ("active", "command line")),
        (LifeRules("both", DAY), None, MONDAY_NOON, ("passive", "hour")),
        (LifeRules("both", DAY), None, MONDAY_NIGHT, ("both", "site")),
        (LifeRules("both", DAY), Claim(ADA, 1), MONDAY_NIGHT, ("passive", "person")),
        (LifeRules("both", DAY), Claim(BOB, 1), MONDAY_NIGHT, ("both", "site")),
    ],
)
def test_what_is_in_force_says_whose_choice_it_is(
    rules: LifeRules, claim: Claim | None, hour: datetime, told: tuple[str, str]
) -> None:
    now = hour.replace(tzinfo=UTC)
    found = rules.in_force(claim, {ADA}, now)
    assert (found.mode, found.why) == told
    assert found.local is now


@pytest.mark.parametrize("wrong", [{"Mon-Fri 08:00-18:00": "maybe"}, {"sometimes": "off"}])
def test_hours_that_cannot_be_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(UnavailableError, match="liveness_hours"):
        hourly(wrong)


def test_the_command_lines_choice_holds_at_all_hours(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "settings.json").write_text('{"kiosk": {"liveness_hours": {"daily 00:00-24:00": "off"}}}')
    with Parts.open(data_dir) as parts:
        site = kiosk_options(parts, "demo:", None, None, None, None).rules
        chosen = kiosk_options(parts, "demo:", None, None, "active", None).rules
    assert (site.mode(None, (), MONDAY_NOON), chosen.mode(None, (), MONDAY_NOON)) == ("off", "active")


def test_the_start_names_every_way_the_weakest_first_and_what_is_missing(data_dir: Path) -> None:
    data_dir.mkdir()
    kiosk = '"liveness": "active", "liveness_hours": {"Mon 08:00-18:00": "off", "Tue 08:00-18:00": "passive"}'
    (data_dir / "settings.json").write_text(f'{{"kiosk": {{{kiosk}, "spared_group": "Night shift"}}}}')
    with Parts.open(data_dir) as parts:
        notes = start_notes(parts, kiosk_options(parts, "demo:", None, "verify", None, None))
    assert [n.split(":")[0] for n in notes[:3]] == ["liveness off", "liveness passive", "liveness active"]
    assert notes[3:4] == [NO_MODEL_SOMETIMES]
    assert "'Night shift'" in notes[4]


def test_the_start_says_that_an_earlier_versions_off_is_over(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "settings.json").write_text('{"version": 1, "kiosk": {"liveness": "off"}}')
    with Parts.open(data_dir) as parts:
        options = kiosk_options(parts, "demo:", None, None, None, None)
        assert options.liveness == "active"
        assert start_notes(parts, options)[-1] == WAS_OFF
