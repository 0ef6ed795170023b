"""A guided snapshot with the real networks, on the demonstration: it takes itself, and is stored with the consent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp.app.live import LiveSession
from faceapp.app.live_types import SnapshotState
from faceapp.app.parts import Parts
from tests.polling import until


@pytest.fixture
def parts(models_dir: Path, data_dir: Path) -> Iterator[Parts]:
    with Parts.open(data_dir, precision="fp32", require_consent=True) as parts:
        yield parts


@pytest.fixture
def session(parts: Parts) -> Iterator[LiveSession]:
    interval = sys.getswitchinterval()
    session = LiveSession.demonstration(parts)
    session.start()
    yield session
    session.stop()
    sys.setswitchinterval(interval)


def taken(session: LiveSession) -> SnapshotState:
    until(lambda: session.enrolment.snapshot().phase != "collecting")
    state = session.enrolment.snapshot()
    assert state.phase == "ready", state.problem
    return state


def test_it_takes_itself_and_the_person_is_known_with_consent(session: LiveSession, parts: Parts) -> None:
    until(lambda: (r := session.latest_result()) is not None and r.faces)
    session.enrolment.begin_snapshot(guided=True)
    guidance = until(lambda: session.enrolment.snapshot().guidance)
    assert guidance.sentence
    state = taken(session)
    assert not state.override
    assert state.quality is not None
    assert state.quality > 50
    person = session.enrolment.enroll("Eileen", session.enrolment.consent_wanted().form).result(60)
    assert person.photos == 1
    store = parts.gallery()
    consent = store.consent(person.id)
    assert consent is not None
    assert consent.given_by == "the person themselves"
    until(
        lambda: (
            (r := session.latest_result()) is not None and any(f.match and f.match.name == "Eileen" for f in r.faces)
        )
    )

    session.enrolment.begin_snapshot(guided=True, shots=1)
    until(lambda: session.enrolment.snapshot().guidance)
    session.enrolment.take_snapshot_now()
    assert taken(session).known_as == "Eileen"
    assert session.enrolment.enroll("Eileen").result(60).photos == 2, "consent is on record"
    assert all(p.override == bool(p.issues) for p in store.photos(person.id))
