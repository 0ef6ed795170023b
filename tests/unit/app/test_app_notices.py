"""Which banners show, in which words."""

from __future__ import annotations

import threading

from faceapp.app.notices import other_notices, source_notices
from faceapp.errors import InputError, UnavailableError
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.slot import LatestSlot
from tests.fakes.camera import ScriptedSource, picture
from tests.fakes.clock import FakeClock
from tests.polling import until


def line(error: InputError | None, capture: CaptureThread | None, kind: str = "device", now_ns: int = 0) -> str | None:
    found = source_notices(error, capture, kind, now_ns)
    assert all((n.id, n.level) == ("source", "error") for n in found)
    return found[0].text if found else None


def test_what_is_the_matter_with_the_source() -> None:
    assert line(None, None) is None
    assert line(InputError("a.mp4: there is no such file"), None) == "A.mp4: there is no such file."

    clock = FakeClock()
    entered, release = threading.Event(), threading.Event()
    waiting, retry = threading.Event(), threading.Event()
    source = ScriptedSource(
        [picture(0), lambda: (entered.set(), release.wait(10)), UnavailableError("the camera was unplugged!")],
        live=True,
    )
    wait = clock.wait

    def held(stop: threading.Event, seconds: float) -> bool:
        waiting.set()
        retry.wait(10)
        return wait(stop, seconds)

    clock.wait = held  # type: ignore[method-assign]  # so that it can be looked at while it reconnects
    capture = CaptureThread(source, [LatestSlot()], clock=clock)
    capture.start()
    assert entered.wait(10)
    assert line(None, capture, now_ns=clock.ns) is None
    late = clock.ns + 3_000_000_000
    assert line(None, capture, now_ns=late) == "The camera sends no pictures: check its cable."
    assert line(None, capture, "stream", late) == "The stream sends no pictures: check the network and the camera."
    assert line(None, capture, "file", late) == "No pictures come from the source: choose it again."
    release.set()
    assert waiting.wait(10)
    assert line(None, capture, now_ns=clock.ns) == "The camera was unplugged! Trying again."
    retry.set()
    until(lambda: capture.phase == "ended")
    assert line(None, capture, now_ns=late) is None


def test_a_source_that_failed_says_why() -> None:
    capture = CaptureThread(ScriptedSource(UnavailableError("there is no camera 7")), [LatestSlot()])
    capture.start()
    until(lambda: capture.phase == "failed")
    assert line(None, capture) == "There is no camera 7."


def test_a_picture_that_stands_still_is_said() -> None:
    clock = FakeClock()
    entered, release = threading.Event(), threading.Event()
    source = ScriptedSource(
        [picture(0), lambda: clock.advance(2.0), picture(0), lambda: (entered.set(), release.wait(10))], live=True
    )
    capture = CaptureThread(source, [LatestSlot()], clock=clock)
    capture.start()
    assert entered.wait(10)
    assert line(None, capture, now_ns=clock.ns) == "The camera's picture stands still: check the camera."
    release.set()
    until(lambda: capture.phase == "ended")


def test_everything_else_the_worst_first() -> None:
    assert other_notices(None, None, None, 0, [], False) == []
    found = other_notices("no network", "locked", "no ssd", 3, ["Ada"], True)
    assert [(n.id, n.level) for n in found] == [
        ("recognition", "error"),
        ("gallery", "error"),
        ("choice", "error"),
        ("reembed", "info"),
        ("demo", "info"),
    ]
    assert found[0].text == "No network."


def test_a_deletion_that_is_not_logged_is_said() -> None:
    (found,) = other_notices(None, None, None, 0, [], False, not_logged="the audit log cannot be written: free space")
    assert (found.level, found.text) == (
        "warning",
        "The deletion is done but not in the audit log: the audit log cannot be written: free space.",
    )


def test_a_long_list_of_names_is_counted() -> None:
    (few,) = other_notices(None, None, None, 0, ["Ada", "Bo"], False)
    assert few.text == "To be photographed again for this embedder: Ada, Bo."
    (many,) = other_notices(None, None, None, 0, [f"P{k}" for k in range(1000)], False)
    assert many.text == "To be photographed again for this embedder: P0, P1, P2, P3, P4 and 995 more."


def test_people_who_look_alike_are_told_of() -> None:
    (found,) = other_notices(None, None, None, 0, [], False, alike="two pairs look alike")
    assert (found.id, found.level, found.text) == ("alike", "info", "Two pairs look alike.")
