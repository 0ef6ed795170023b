"""What a site can't choose of the policy."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from faceapp.access.policy_settings import PolicySettings


def test_no_duration_of_the_policy_is_longer_than_a_day() -> None:
    sound = PolicySettings(space="s", door_threshold=0.5, verify_threshold=0.5, claim=86_400.0)
    others = {"door_threshold", "verify_threshold", "margin", "min_height", "min_quality", "nearer"}
    durations = [f.name for f in fields(sound) if isinstance(getattr(sound, f.name), float) and f.name not in others]
    assert len(durations) == 11
    for name in durations:
        assert getattr(replace(sound, **{name: 86_400.0}), name) == 86_400  # type: ignore[arg-type]  # names of fields
        with pytest.raises(ValueError, match=f"{name} must be at most a day"):
            replace(sound, **{name: 1e300})  # type: ignore[arg-type]  # names of fields


def test_a_claim_is_never_shorter_than_the_look_before_the_questions() -> None:
    sound = PolicySettings(space="s", door_threshold=0.5, verify_threshold=0.5)
    assert replace(sound, claim=3.0).claim == sound.attempt
    with pytest.raises(ValueError, match=r"claim \(2.5 s\) must not be shorter than attempt \(3 s\)"):
        replace(sound, claim=2.5)
