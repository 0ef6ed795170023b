"""A snapshot that is ready becomes a photo, and the consent given with it goes with it or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp.app.audit import ACTION, existing_log, open_log
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.live_enrolment import LiveEnrolment
from faceapp.app.live_types import SnapshotState
from faceapp.app.parts import Parts
from faceapp.app.people import summaries
from faceapp.app.snapshots import Portrait, Snapshots
from faceapp.enrollment.gate import SENTENCES, Finding, GateReport
from faceapp.errors import InputError
from faceapp.gallery.store import GalleryStore
from faceapp.types import Box, Face

WAIT = 10.0
FACE = Face(Box(60, 60, 140, 160), 0.99)


class Rig:
    """The real gallery on its thread; the photographs are invented."""

    def __init__(self, data_dir: Path, require_consent: bool = False) -> None:
        self.parts = Parts.open(data_dir, require_consent=require_consent)
        self.snapshots = Snapshots()
        self.gallery = GalleryThread(
            self.parts.open_gallery, self.parts.space(), lambda: None, summaries, lambda *_: None
        )
        self.enrolment = LiveEnrolment(self.parts, self.gallery, self.snapshots)
        self.gallery.start()

    def take(self, *codes: str) -> None:
        """A photograph is ready, with which the gate finds so much fault."""
        self.snapshots.begin(guided=True)
        attempt = self.snapshots._attempt
        assert attempt is not None
        dimension = self.parts.manifest.embedder(self.parts.settings.embedder).dimension
        vector = np.full(dimension, dimension**-0.5, np.float32)
        findings = tuple(Finding(c, SENTENCES[c], 0.0, 1.0) for c in SENTENCES if c in codes)
        image = np.full((220, 200, 3), 120, np.uint8)
        portrait = Portrait(image, FACE, vector, GateReport(70.0, findings, FACE))
        attempt.end(SnapshotState("ready"), portrait)

    def store(self, name: str, consented: bool = False, **changes: object) -> str:
        """Returns the person's id."""
        form = dataclasses.replace(self.enrolment.consent_wanted().form, **changes) if consented else None  # type: ignore[arg-type]  # whichever fields
        return self.enrolment.enroll(name, form).result(WAIT).id


@pytest.fixture
def rig(data_dir: Path) -> Iterator[Rig]:
    rig = Rig(data_dir)
    yield rig
    rig.gallery.stop(WAIT)
    rig.parts.close()


@pytest.fixture
def strict(data_dir: Path) -> Iterator[Rig]:
    rig = Rig(data_dir, require_consent=True)
    yield rig
    rig.gallery.stop(WAIT)
    rig.parts.close()


def asked(rig: Rig, person_id: str) -> object:
    return rig.gallery.submit(lambda store: store.consent(person_id)).result(WAIT)


def people(rig: Rig) -> list[tuple[str, int]]:
    return rig.gallery.submit(lambda store: [(p.name, p.photos) for p in store.people()]).result(WAIT)


def test_without_consent_none_is_on_record(rig: Rig) -> None:
    assert not rig.enrolment.consent_wanted().required
    rig.take()
    assert asked(rig, rig.store("Ada")) is None
    assert people(rig) == [("Ada", 1)]


def test_consent_is_kept_as_the_form_had_it(rig: Rig) -> None:
    until = date.today() + timedelta(days=30)
    rig.take()
    id = rig.store("Ada", True, given_by=" her mother ", until=until)
    kept = rig.gallery.submit(lambda store: store.consent(id)).result(WAIT)
    form = rig.enrolment.consent_wanted().form
    assert kept is not None
    assert (kept.purpose, kept.given_by, kept.text) == (form.purpose, "her mother", form.text)
    assert kept.until == until.isoformat()


@pytest.mark.parametrize("changes", [{"text": " "}, {"given_by": ""}, {"until": date(2020, 1, 1)}])
def test_a_form_that_says_nothing_is_refused_and_nothing_is_stored(rig: Rig, changes: dict[str, object]) -> None:
    rig.take()
    with pytest.raises(InputError):
        rig.store("Ada", True, **changes)
    assert people(rig) == []
    assert rig.snapshots.ready() is not None, "the photograph is still there"


def test_a_site_that_requires_consent_stores_nobody_without(strict: Rig) -> None:
    assert strict.enrolment.consent_wanted().required
    strict.take()
    with pytest.raises(InputError, match="requires consent"):
        strict.store("Ada")
    assert people(strict) == []
    assert strict.snapshots.ready() is not None
    strict.store("Ada", True)
    strict.take()
    strict.store("ada")
    assert people(strict) == [("Ada", 2)], "what is on record counts for further photos"


def test_a_photo_taken_by_hand_against_the_gate_is_marked(rig: Rig) -> None:
    rig.take("too_dark")
    id = rig.store("Ada")
    rig.take()
    rig.store("Ada")
    assert marks(rig, id) == [(True, ("too_dark",)), (False, ())]


def marks(rig: Rig, person_id: str) -> list[tuple[bool, tuple[str, ...]]]:
    def job(store: GalleryStore) -> list[tuple[bool, tuple[str, ...]]]:
        return [(p.override, p.issues) for p in store.photos(person_id)]

    return rig.gallery.submit(job).result(WAIT)


def test_photo_and_consent_are_in_the_audit_log(rig: Rig, data_dir: Path) -> None:
    open_log(data_dir)
    rig.take()
    id = rig.store("Ada", True)
    log = existing_log(data_dir)
    assert log is not None
    said = [(e.fields["action"], e.fields["person"]) for e in log.entries() if e.kind == ACTION]
    assert said == [("enrolled", id), ("consent_given", id)]


def test_without_a_photograph_there_is_nothing_to_store(rig: Rig) -> None:
    with pytest.raises(InputError, match="no snapshot"):
        rig.store("Ada")


def test_what_a_further_photo_should_show(rig: Rig) -> None:
    wishes = [rig.snapshots.further_wish(n) for n in range(7)]
    assert wishes[0] == wishes[5] == wishes[6] == "", "the first is no further one, and five are enough"
    assert len({*wishes[1:5]}) == 4
