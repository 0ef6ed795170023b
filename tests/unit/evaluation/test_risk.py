"""What a threshold means, in words: computed by hand, and never nicer than the data."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceapp.evaluation.calibration import Curve
from faceapp.evaluation.proportions import Rate, Rates
from faceapp.evaluation.risk import Amount, again_words, let_in_words, risk, scaled

AT = np.array([0.3, 0.4, 0.5])


def rates(*rows: tuple[float, float, float]) -> Rates:
    value, low, high = np.array(rows).T
    return Rates(value, low, high)


MORE = "(more cannot be said from this data)"
CURVE = Curve(
    AT,
    rates((0, 0, 0.001), (0.001, 0.0005, 0.003), (0.1, 0.05, 0.2)),
    rates((0.5, 0.3, 0.7), (0.1, 0.05, 0.2), (0, 0, 0.02)),
    rates((0, 0, 0.01), (0.005, 0.001, 0.02), (0.2, 0.1, 0.3)),
    rates((0.4, 0.2, 0.6), (0.0075, 0.0025, 0.02), (0, 0, 0.01)),
    searched=119,
)


def test_the_sentence_of_the_issue() -> None:
    found = risk(CURVE, 0.4, people=119, passages=400)
    assert found.again == Amount(pytest.approx(3), pytest.approx(1), pytest.approx(8))
    assert found.text == (
        "With 119 people and 400 passages a day at this setting: a colleague is not named at first sight about 3 times "
        "a day (95 % sure: once a day to 8 times a day); a stranger is given a name about once in 200 tries "
        "(95 % sure: once in 1,000 tries to once in 50 tries)."
    )
    assert found.door_text == (
        "With one photo a try, a colleague is asked to try again about 3 times a day (95 % sure: once a day to 8 times "
        "a day); a stranger at the door is let in about once in 200 tries (95 % sure: once in 1,000 tries to once in "
        "50 tries)."
    )


def test_where_nothing_was_seen_the_upper_end_speaks() -> None:
    assert risk(CURVE, 0.3, 100, 100).text.endswith(
        "a stranger is given a name fewer than once in 100 tries (more cannot be said from this data)."
    )
    assert (
        "not named at first sight fewer than 4 times a day (more cannot be said from this data)"
        in risk(CURVE, 0.5, 100, 400).text
    )


def test_between_two_steps_the_worse_of_each() -> None:
    found = risk(CURVE, 0.45, 119, 100)
    assert found.let_in.value == 0.2
    assert found.again == Amount(pytest.approx(0.75), pytest.approx(0.25), pytest.approx(2))


def test_more_people_are_more_chances_fewer_take_nothing_off() -> None:
    assert scaled(Rate(0.01, 0.005, 0.02), 238, 119) == Rate(0.02, 0.01, 0.04)
    assert scaled(Rate(0.01, 0.005, 0.02), 10, 119) == Rate(0.01, 0.005, 0.02)
    assert risk(CURVE, 0.4, 1190, 1).let_in.value == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "how often a colleague is asked to try again cannot be said, because nobody has two photos"),
        (Amount(2.1, 0, 4.5), "a colleague is asked to try again about 3 times a day "
         "(95 % sure: at most 5 times a day)"),
        (
            Amount(0.3, 0.1, 0.5),
            "a colleague is asked to try again about once in 3 days (95 % sure: once in 10 days to once in 2 days)",
        ),
        (Amount(131, 99.5, 1234), "a colleague is asked to try again about 140 times a day "
         "(95 % sure: 100 times a day to 1,300 times a day)"),
        (Amount(0, 0, 0.5), "a colleague is asked to try again less than once in 2 days " + MORE),
        (Amount(0, 0, 0.9), "a colleague is asked to try again less than once a day " + MORE),
        (Amount(0, 0, 1), "a colleague is asked to try again less than once a day " + MORE),
    ],
)  # fmt: skip
def test_how_often_a_colleague(amount: Amount | None, words: str) -> None:
    assert again_words(amount) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Rate(0, 0, 0.5), "how often a stranger at the door is let in cannot be said from this data"),
        (Rate(0.0049, 0, 0.03), "a stranger at the door is let in about once in 200 tries "
         "(95 % sure: at most once in 33 tries)"),
        (Rate(0.5, 0.2, 0.9), "a stranger at the door is let in about 50 times in 100 tries "
         "(95 % sure: once in 5 tries to 90 times in 100 tries)"),
        (Rate(0.0078, 0.0061, 0.0099), "a stranger at the door is let in about once in 120 tries "
         "(95 % sure: once in 160 tries to once in 100 tries)"),
    ],
)  # fmt: skip
def test_how_often_a_stranger(rate: Rate, words: str) -> None:
    assert let_in_words(rate) == words


def tries(words: str) -> float:
    """The first rate in the words, or the bound."""
    many = re.search(r"about (\d+) times in 100", words)
    once = re.search(r"once in ([\d,]+) tries", words)
    assert many or once
    return int(many[1]) / 100 if many else 1 / int(once[1].replace(",", ""))  # type: ignore[index]  # one of them is


def times(words: str) -> float:
    many = re.search(r"([\d,]+) times a day", words)
    if many:
        return int(many[1].replace(",", ""))
    days = re.search(r"once in ([\d,]+) days", words)
    return 1 / int(days[1].replace(",", "")) if days else 1.0


@given(st.floats(1e-7, 1), st.floats(0, 1))
def test_words_are_never_nicer_than_the_rate(value: float, part: float) -> None:
    assert tries(let_in_words(Rate(value, value * part, min(1, value * 2)))) >= value * (1 - 1e-6)
    assert times(again_words(Amount(value * 500, 0, value * 900))) >= value * 500 * (1 - 1e-6)


@given(st.floats(1e-7, 0.39))
def test_words_are_never_nicer_than_the_upper_end(high: float) -> None:
    assert tries(let_in_words(Rate(0, 0, high))) >= high * (1 - 1e-6)
    assert times(again_words(Amount(0, 0, high * 1000))) >= high * 1000 * (1 - 1e-6)


@given(st.floats(0.3, 0.5), st.floats(0.3, 0.5), st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_laxer_threshold_refuses_less_and_lets_in_more(a: float, b: float, people: int, passages: int) -> None:
    low, high = (risk(CURVE, t, people, passages) for t in sorted((a, b)))
    assert low.again is not None
    assert high.again is not None
    assert low.again.value >= high.again.value
    assert low.again.high >= high.again.high
    assert low.let_in.value <= high.let_in.value
    assert low.let_in.high <= high.let_in.high
    assert math.isfinite(low.again.high)
