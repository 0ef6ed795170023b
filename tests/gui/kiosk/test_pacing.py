"""No screen flickers, and none is late that matters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.app.kiosk.types import KioskView, Screen
from faceapp.gui.kiosk.messages import ICONS
from faceapp.gui.kiosk.pacing import HOLD_NS, MS, RESULT_NS, Pacer

SCREENS: list[Screen] = list(ICONS)


def show(pacer: Pacer, screen: Screen, ms: float, **values: object) -> str:
    return pacer.take(KioskView(screen, 0, **values), round(ms * MS)).screen  # type: ignore[arg-type]  # fields


def test_a_request_is_shown_when_it_has_held_for_150_ms() -> None:
    pacer = Pacer()
    assert show(pacer, "idle", 0) == "idle"
    assert show(pacer, "come_closer", 1000) == "idle"
    assert show(pacer, "come_closer", 1149) == "idle"
    assert show(pacer, "come_closer", 1150) == "come_closer"


def test_a_request_that_changes_with_every_frame_is_not_shown() -> None:
    pacer = Pacer()
    show(pacer, "idle", 0)
    seen = {show(pacer, "look_here" if i % 2 else "come_closer", 1000 + 33 * i) for i in range(60)}
    assert seen == {"idle"}


@pytest.mark.parametrize("result", ["not_recognised", "not_allowed", "show_face", "wait", "go_through"])
def test_an_answer_comes_at_once_and_stays_a_second_and_a_half(result: Screen) -> None:
    pacer = Pacer()
    show(pacer, "checking", 0)
    assert show(pacer, result, 500) == result
    assert show(pacer, "idle", 533) == result
    assert show(pacer, "idle", 1999) == result
    assert show(pacer, "idle", 2000) == "idle"


@pytest.mark.parametrize("screen", ["welcome", "opening", "out_of_order"])
def test_what_the_door_does_is_never_held_back(screen: Screen) -> None:
    for before in SCREENS:
        pacer = Pacer()
        show(pacer, before, 0)
        assert show(pacer, screen, 1) == screen


def test_welcome_goes_the_moment_the_door_is_shut() -> None:
    pacer = Pacer()
    assert show(pacer, "welcome", 0, name="Ada") == "welcome"
    assert show(pacer, "idle", 33) == "idle"


def test_what_changes_within_a_screen_shows_at_once() -> None:
    pacer = Pacer()
    pacer.take(KioskView("checking", 0, progress=0.2), 0)
    assert pacer.take(KioskView("checking", 0, progress=0.4), 33 * MS).progress == 0.4


@given(st.lists(st.tuples(st.sampled_from(SCREENS), st.integers(1, 700)), max_size=40))
def test_a_name_is_on_the_screen_only_while_the_kiosk_says_so(steps: list[tuple[Screen, int]]) -> None:
    pacer, now = Pacer(), 0
    for screen, ms in steps:
        now += ms * MS
        said = KioskView(screen, 0, name="Ada" if screen == "welcome" else None)
        assert pacer.take(said, now).name == said.name


@given(st.lists(st.tuples(st.sampled_from(SCREENS), st.integers(1, 400)), max_size=40))
def test_whatever_holds_is_shown_after_a_second_and_a_half(steps: list[tuple[Screen, int]]) -> None:
    pacer, now = Pacer(), 0
    for screen, ms in steps:
        now += ms * MS
        pacer.take(KioskView(screen, 0), now)
    for screen in SCREENS:
        pacer.take(KioskView(screen, 0), now)
        now += max(HOLD_NS, RESULT_NS)
        assert pacer.take(KioskView(screen, 0), now).screen == screen
