from __future__ import annotations

import threading

import pytest

from faceapp.errors import UnavailableError
from faceapp.pipeline.ahead import ReadAhead
from tests.fakes.camera import ScriptedSource, Step, picture


def film(count: int) -> list[Step]:
    return [picture(k, k, (64, 48)) for k in range(count)]


def test_every_frame_in_order_and_the_source_is_closed() -> None:
    source = ScriptedSource(film(9))
    with ReadAhead(source) as frames:
        assert [f.id for f in frames] == list(range(9))
    assert source.calls[0] == "open"
    assert source.calls[-1] == "close"


def test_it_reads_while_a_frame_is_in_work() -> None:
    third_read = threading.Event()
    steps = film(3)
    steps.append(third_read.set)
    with ReadAhead(ScriptedSource(steps)) as frames:
        taken = iter(frames)
        assert next(taken).id == 0
        assert third_read.wait(10)
        assert [f.id for f in taken] == [1, 2]


def test_it_never_holds_more_than_it_may() -> None:
    source = ScriptedSource(film(50))
    with ReadAhead(source, ahead=2) as frames:
        for taken, _ in enumerate(frames, 1):
            assert source.calls.count("read") <= taken + 2 + 1  # one is waiting to be put


@pytest.mark.parametrize("after", [0, 3])
def test_leaving_early_ends_the_thread_and_closes_the_source(after: int) -> None:
    source = ScriptedSource(film(100))
    with ReadAhead(source) as frames:
        for _ in zip(range(after), frames, strict=False):
            pass
    assert source.calls[-1] == "close"
    assert not any(t.name == "read-ahead" for t in threading.enumerate())


def test_what_goes_wrong_comes_where_its_frame_would_have_come() -> None:
    source = ScriptedSource([*film(2), UnavailableError("the film is broken")])
    seen = []
    with pytest.raises(UnavailableError, match="broken"), ReadAhead(source) as frames:
        seen.extend(f.id for f in iter(frames))
    assert source.calls[-1] == "close"
    with pytest.raises(UnavailableError), ReadAhead(ScriptedSource(UnavailableError("no film"))) as frames:
        next(iter(frames))
