"""The laws of the door over random stories, and that each of them would be noticed if it were broken."""

from __future__ import annotations

import importlib.util
import random
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from faceapp.access import policy as real_policy
from faceapp.access import visits as real_visits
from faceapp.access.policy import AccessPolicy
from faceapp.types import Hours
from tests.fakes.access_histories import kind, lived_through, settings, story
from tests.fakes.access_laws import Laws

STORIES = 3_000


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - stories, not secrets


def broken_laws(rng: random.Random) -> list[str]:
    chosen = settings(rng)
    return Laws(chosen, lived_through(AccessPolicy(chosen), story(rng, chosen))).broken()


def test_no_law_is_broken_in_thousands_of_stories() -> None:
    broken = {seed: laws for seed in range(STORIES) if (laws := broken_laws(seeded(seed)))}
    assert broken == {}


@hypothesis_settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_no_law_is_broken_wherever_hypothesis_looks(rng: random.Random) -> None:
    assert broken_laws(rng) == []


def test_the_stories_are_about_something() -> None:
    said: Counter[str] = Counter()
    for seed in range(1_000):
        rng = seeded(seed)
        chosen = settings(rng)
        for step in lived_through(AccessPolicy(chosen), story(rng, chosen)):
            said["grant" if kind(step) == "Grant" else step.decision.reason.code] += 1
    for reason in real_policy.Reason:
        assert said[reason.code] >= 3, said
    assert said["grant"] >= 400


# Mutants: the policy with one rule taken out. Each change must fit the source, so that they can't grow stale.

NO_CLAIM = "if claim is None or (state"
HELD = "self._claim + (self._liveness if held else 0)"
FOREVER = "if paused or visit.attacked:"
COOLING = "if not (self._shows_life(case, person_id) or any(o.person_id == person_id for o in case.state.openings)):"
FAILED = 'case.sighting.questions == "failed" and (last is None or case.sighting.life.at_ns > last)'
KNOWN = "if self._tried_long_enough(case):\n            return self._refused(case, forbidden"
POLICY, VISITS = Path(real_policy.__file__), Path(real_visits.__file__)

MUTANTS: dict[str, tuple[Path, str, str]] = {
    "old frames": (POLICY, "0 <= now_ns - seen.captured_ns <= self._max_age", "0 <= now_ns - seen.captured_ns"),
    "frames from the future": (POLICY, "0 <= now_ns - seen.captured_ns <=", "now_ns - seen.captured_ns <="),
    "frames twice": (POLICY, "seen.captured_ns <= state.captured_ns", "False"),
    "any network": (POLICY, "not seen.space == seen.gallery_space == ", "not seen.gallery_space == "),
    "any gallery": (POLICY, "not seen.space == seen.gallery_space == ", "not seen.space == "),
    "any space": (POLICY, "seen.gallery_space == self.settings.space", "seen.gallery_space"),
    "votes through trouble": (POLICY, "state.without_votes()._replace(frames", "state._replace(frames"),
    "empty through trouble": (POLICY, "frames=state.frames + 1, empty_since_ns=None)", "frames=state.frames + 1)"),
    "the larger of two": (POLICY, "        return None\n\n    # Everybody", "        return front\n\n    # Everybody"),
    "hardly nearer": (POLICY, "self.settings.nearer *", "1.01 *"),
    "a busy door": (POLICY, 'if case.seen.door != "ready"', "if False"),
    "no claim": (POLICY, NO_CLAIM, "claim = claim or Claim('ada', captured_ns)\n        if (state"),
    "a claim twice": (POLICY, "claim_used_ns=claim.claimed_ns", "claim_used_ns=None"),
    "an expired claim": (POLICY, "if not self.holds(claim, seen, now_ns)", "if False"),
    "a claim held for ever": (POLICY, HELD, "self._claim or held"),
    "a claim held for nobody": (POLICY, HELD, "self._claim + self._liveness"),
    "a claim dropped while they answer": (POLICY, HELD, "self._claim"),
    "a claim in hindsight": (POLICY, "None if claim.claimed_ns <= captured_ns else", "None if True else"),
    "somebody's templates only": (POLICY, "None if claim is None else Reason.OTHER_SEARCH", "None"),
    "another than claimed": (POLICY, "case.claim is None or case.claim.person_id == person_id", "True"),
    "votes for another claim": (POLICY, "and v.claim == case.claim", ""),
    "a vote less": (POLICY, "(votes) >= self.settings.votes\n", "(votes) >= self.settings.votes - 1\n"),
    "a vote more": (POLICY, "(votes) >= self.settings.votes\n", "(votes) > self.settings.votes\n"),
    "votes of any frame": (POLICY, "v.frame >= first_frame", "True"),
    "votes of any time": (POLICY, "v.captured_ns >= first_ns", "True"),
    "recognised before a refusal": (VISITS, "._replace(votes=(), recognised=None)\n", "._replace(votes=())\n"),
    "a wider threshold": (POLICY, ".distance <= self._threshold else", ".distance <= self._threshold * 1.1 else"),
    "no threshold": (POLICY, "0 <= nearest.distance <= self._threshold", "True"),
    "a tie": (POLICY, "and apart and self", "and self"),
    "another face than the asked one": (POLICY, "not case.visit.asked or case.sighting", "True or case.sighting"),
    "a claim held for who comes late": (POLICY, " and answering - claim.claimed_ns <= self._claim", ""),
    "a smaller margin": (POLICY, "- nearest.distance >= self._margin", "- nearest.distance >= 0.01"),
    "carried faces": (POLICY, "sighting.observed and sighting.fresh", "True"),
    "remembered faces": (POLICY, "sighting.observed and sighting.fresh", "sighting.observed"),
    "small faces": (POLICY, "not sighting.height >= self.settings.min_height", "False"),
    "faces of no size": (POLICY, "not sighting.height >= self.settings", "sighting.height < self.settings"),
    "poor pictures": (POLICY, "not sighting.quality >= self.settings.min_quality", "False"),
    "doubtful tracks": (POLICY, "if not sighting.certain:", "if False:"),
    "an attack before": (POLICY, "return visit.in_doubt()._replace(attacked=True)", "return visit"),
    "an attack now": (POLICY, "if attack and not paused:", "if False:"),
    "another identity": (POLICY, "else visit.of_another(looks_like)", "else visit"),
    "a contradiction": (POLICY, "return visit.without_votes() if visit.person_id", "return visit if visit.person_id"),
    "no sign of life": (POLICY, "if not (self.settings.require_live or case", "if not (False or case"),
    "no sign of life for this visitor": (POLICY, "require_live or case.seen.require_live)", "require_live)"),
    "any sign of life": (POLICY, 'case.sighting.liveness == "live"', 'case.sighting.liveness != "attack"'),
    "another track's sign of life": (POLICY, 'case.sighting.liveness == "live"', 'sign.state == "live"'),
    "another person's sign of life": (POLICY, "and sign.person_id == person_id", ""),
    "a sign of life from before": (POLICY, "and sign.since_ns >= case.visit.alone_since_ns", ""),
    "an old sign of life": (POLICY, "0 <= case.t - sign.at_ns <= self._life", "0 <= case.t - sign.at_ns"),
    "a sign of life from the future": (POLICY, "0 <= case.t - sign.at_ns <=", "case.t - sign.at_ns <="),
    "alone in spite of a doubt": (VISITS, ", alone_since_ns=self.seen_ns", ""),
    "alone in spite of another": (VISITS, "+ 1, self.seen_ns, self.seen_ns,", "+ 1, self.seen_ns, 0,"),
    "an attack forgiven": (POLICY, FOREVER, FOREVER.replace(" or visit.attacked", "")),
    "no answer uncounted": (POLICY, "if self._questions_failed(case)", "if False"),
    "no answer counted for ever": (POLICY, FAILED, 'case.sighting.questions == "failed"'),
    "given up uncounted": (POLICY, "if given_up is not None:", "if False:"),
    "given up and counted for ever": (POLICY, "sign.at_ns <= visit.failed_ns", "False"),
    "refused for walking by": (POLICY, "sign.at_ns - sign.since_ns < WALKED_BY", "False"),
    "a claim that walks by": (POLICY, "if claim is None and sign.at_ns", "if sign.at_ns"),
    "another's questions": (POLICY, FAILED, FAILED.replace("case.sighting.q", "case.sighting.life.q")),
    "hurried through the questions": (POLICY, "self._liveness if visit.asked else", ""),
    "no hurry after the questions": (POLICY, "self._liveness if visit.asked else self._attempt", "self._liveness"),
    "no time after the questions": (POLICY, "visit = visit.after_questions()", "pass"),
    "told while being asked": (POLICY, "Hold(Reason.LIVENESS if case.visit.asked else unusable", "Hold(unusable"),
    "told a tie while being asked": (POLICY, "Reason.LIVENESS if case.visit.asked else Reason.TIE", "Reason.TIE"),
    "without the right": (POLICY, "if permission is None or not permission.allowed", "if permission is None"),
    "deactivated": (POLICY, "if not permission.active", "if False"),
    "outside hours": (POLICY, "if not permission.within_hours(seen.local_time)", "if False"),
    "a face without its badge": (POLICY, "None if permission.face_alone or", "None if True or"),
    "a badge for a face that needs none": (POLICY, "None if permission.face_alone or seen", "None if seen"),
    "no way in with a badge": (POLICY, "face_alone or seen.claim is not None else", "face_alone else"),
    "the same visitor again": (POLICY, "any(opening.person_id == person_id for", "any(False for"),
    "a visit again": (POLICY, "any(opening.visit == visit.key for", "any(False for"),
    "one cooldown at a time": (POLICY, "(*before.openings, opening)", "(opening,)"),
    "a picture of who went in": (POLICY, "if not self._shows_life(case, person_id):", COOLING),
    "empty for a moment": (POLICY, "and t - empty_since >= self._empty", "and True"),
    "cooldown for ever": (POLICY, "if t - o.at_ns < self._cooldown)", ")"),
    "cooldown for all": (POLICY, "any(opening.visit == visit.key for", "any(True for"),
    "cooldown though empty": (POLICY, "() if emptied else tuple(", "tuple("),
    "a locked track": (POLICY, "if visit.record.locked(t) or claimed.locked(t)", "if claimed.locked(t)"),
    "a locked claim": (POLICY, "if visit.record.locked(t) or claimed.locked(t)", "if visit.record.locked(t)"),
    "at once after a refusal": (POLICY, "t < visit.paused_until_ns", "False"),
    "refusals of a track uncounted": (POLICY, "record=record, paused_until_ns", "paused_until_ns"),
    "refusals of a claim uncounted": (POLICY, "case.claim.person_id: claimed}", "case.claim.person_id: CLEAN}"),
    "refusals stay after an opening": (POLICY, "_replace(record=CLEAN)", "_replace()"),
    "waiting for ever": (POLICY, "return visit.usable >= self.settings.frames and", "return False and"),
    "refused at a glance": (POLICY, "return visit.usable >= self.settings.frames and", "return"),
    "refused for another's claim": (POLICY, "and looked_at and", "and"),
    "refused at once where known": (POLICY, KNOWN, KNOWN.replace("self._tried_long_enough(case)", "True")),
    "refused in a hurry": (POLICY, "and case.t - since >= patience", ""),
    "one refusal more": (VISITS, "if len(recent) >= limit", "if len(recent) > limit"),
    "no refusal forgotten": (VISITS, "if now_ns - t <= memory_ns", ""),
    "every refusal forgotten": (VISITS, "if now_ns - t <= memory_ns", "if False"),
    "locked out for ever": (VISITS, "and now_ns < self.locked_until_ns", ""),
    "a fresh start for pictures": (VISITS, "        if self.attacked:", "        if False:"),
    "no fresh start for people": (VISITS, "        if self.attacked:", "        if True:"),
}  # fmt: skip


def mutated(tmp_path: Path, file: Path, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """AccessPolicy and State of a policy whose source has `new` in place of `old`."""
    modules: dict[str, ModuleType] = {}
    for source in (VISITS, POLICY):
        text = source.read_text(encoding="utf-8")
        if source == file:
            assert old in text, "the policy has changed: mend this mutant"
            text = text.replace(old, new)
        copy = tmp_path / source.name
        copy.write_text(text, encoding="utf-8")
        name = f"faceapp.access.{source.stem}"
        spec = importlib.util.spec_from_file_location(name, copy)
        assert spec is not None
        assert spec.loader is not None
        modules[source.stem] = module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
    return modules["policy"].AccessPolicy, modules["visits"].State


def caught(policy: Any, state: Any, stories: int = 5_000) -> list[str]:
    """The laws the first story breaks that breaks any."""
    for seed in range(stories):
        rng = seeded(seed)
        chosen = settings(rng)
        found = Laws(chosen, lived_through(policy(chosen), story(rng, chosen), state())).broken()
        if found:
            return found
    return []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_policy_with_a_rule_removed_is_caught(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy, state = mutated(tmp_path, *MUTANTS[name], monkeypatch)
    assert caught(policy, state), f"nobody notices: {name}"


real_contains = Hours.contains


def always(self: Hours, local: datetime) -> bool:
    return True


def never_past_midnight(self: Hours, local: datetime) -> bool:
    return local.weekday() in self.days and self.opens <= local.hour * 60 + local.minute < self.closes


def any_day(self: Hours, local: datetime) -> bool:
    return real_contains(Hours(frozenset(range(7)), self.opens, self.closes), local)


@pytest.mark.parametrize("wrong", [always, never_past_midnight, any_day])
def test_wrong_hours_are_caught(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hours, "contains", wrong)
    assert caught(AccessPolicy, real_visits.State)


def test_the_policy_itself_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy, state = mutated(tmp_path, POLICY, "no number never fulfils", "no number never fulfils", monkeypatch)
    assert policy is not AccessPolicy
    assert caught(policy, state, 200) == []
