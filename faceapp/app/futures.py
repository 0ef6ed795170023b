"""One answer after another: what is asked of two threads in turn, without anybody waiting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def then(first: Future[A], ask: Callable[[A], Future[B]]) -> Future[B]:
    """The answer to what `ask` asks with the first one's result. What goes wrong in either, or is cancelled, goes wrong
    or is cancelled in it. `ask` is called on the thread that has the first answer."""
    answer: Future[B] = Future()

    def asked(done: Future[B]) -> None:
        if not _failed(done, answer):
            answer.set_result(done.result())

    def answered(done: Future[A]) -> None:
        if _failed(done, answer):
            return
        try:
            second = ask(done.result())
        except Exception as e:  # noqa: BLE001 - a future swallows what its callbacks raise: it belongs to who waits
            answer.set_exception(e)
        else:
            second.add_done_callback(asked)

    first.add_done_callback(answered)
    return answer


def or_else(first: Future[A], error: Exception) -> Future[A]:
    """The same answer, with `error` in it where it was cancelled."""
    answer: Future[A] = Future()

    def done(asked: Future[A]) -> None:
        if asked.cancelled():
            answer.set_exception(error)
        elif not _failed(asked, answer):
            answer.set_result(asked.result())

    first.add_done_callback(done)
    return answer


def _failed(done: Future[A], answer: Future[B]) -> bool:
    """Hand a failure on to whoever waits for `answer`."""
    try:
        error = done.exception()
    except CancelledError:
        answer.cancel()
        return True
    if error is not None:
        answer.set_exception(error)
    return error is not None
