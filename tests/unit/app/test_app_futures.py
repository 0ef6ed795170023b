"""One answer after another: results, failures and cancellations arrive at whoever waits."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future

import pytest

from faceapp.app.futures import or_else, then
from faceapp.errors import InputError


def done(value: int) -> Future[int]:
    future: Future[int] = Future()
    future.set_result(value)
    return future


def test_the_second_is_asked_with_the_firsts_result() -> None:
    first: Future[int] = Future()
    second: Future[str] = Future()
    asked: list[int] = []

    def ask(value: int) -> Future[str]:
        asked.append(value)
        return second

    answer = then(first, ask)
    assert (asked, answer.done()) == ([], False)
    first.set_result(3)
    assert (asked, answer.done()) == ([3], False)
    second.set_result("three")
    assert answer.result(0) == "three"


def test_a_failure_of_either_is_the_answers() -> None:
    first: Future[int] = Future()
    second: Future[int] = Future()
    one, two = then(first, done), then(done(1), lambda _: second)
    first.set_exception(InputError("first"))
    second.set_exception(InputError("second"))
    for answer, line in ((one, "first"), (two, "second")):
        with pytest.raises(InputError, match=line):
            answer.result(0)


def test_what_asking_raises_is_not_swallowed() -> None:
    def ask(_: int) -> Future[int]:
        raise InputError("cannot be asked")

    with pytest.raises(InputError, match="cannot be asked"):
        then(done(1), ask).result(0)


def test_a_cancellation_of_either_cancels() -> None:
    first: Future[int] = Future()
    second: Future[int] = Future()
    one, two = then(first, done), then(done(1), lambda _: second)
    first.cancel()
    second.cancel()
    for answer in (one, two):
        with pytest.raises(CancelledError):
            answer.result(0)


def test_a_cancellation_can_be_explained() -> None:
    cancelled: Future[int] = Future()
    failed: Future[int] = Future()
    explained, handed_on = or_else(cancelled, InputError("why")), or_else(failed, InputError("why"))
    cancelled.cancel()
    failed.set_exception(InputError("itself"))
    with pytest.raises(InputError, match="why"):
        explained.result(0)
    with pytest.raises(InputError, match="itself"):
        handed_on.result(0)
    assert or_else(done(2), InputError("why")).result(0) == 2
