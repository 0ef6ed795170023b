"""What the evaluation page is told, of a real gallery on its own thread."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from faceapp.app import calibration_file
from faceapp.app.calibration import Material, calibrated, keep, targets_of
from faceapp.app.evaluation_service import EvaluationService
from faceapp.app.evaluation_types import EvaluationState
from faceapp.app.gallery_thread import GalleryThread
from faceapp.app.parts import Parts
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from tests.fakes.crowds import crowd, fill, fill_inbox
from tests.polling import until


class Site:
    """A gallery thread and the service on it."""

    def __init__(self, data_dir: Path) -> None:
        self.parts = Parts.open(data_dir)
        self.gallery = GalleryThread(
            self.parts.open_gallery, self.parts.space(), lambda: None, lambda *_: [], lambda *_: None, look_every=0.02
        )
        self.now = 0.0
        self.service = EvaluationService(self.parts, self.gallery, now=lambda: self.now)

    def measured(self) -> EvaluationState:
        self.service.measure()
        until(lambda: self.service.state().phase != "measuring")
        return self.service.state()


@pytest.fixture
def site(data_dir: Path) -> Iterator[Site]:
    made = Site(data_dir)
    yield made
    assert made.gallery.stop(10)
    made.parts.close()


def test_too_few_are_told(site: Site) -> None:
    site.gallery.start()
    state = site.measured()
    assert state.phase == "empty"
    assert state.text.startswith("Too few people to say anything: enrol three or more")
    assert state.measured is None


def test_people_and_inbox_are_measured_and_followed(site: Site, data_dir: Path) -> None:
    space = site.parts.space()
    fill(data_dir, space, 5, photos=2)
    fill_inbox(data_dir, space, crowd(1, 1, seed=9)[0])
    site.gallery.start()
    found = site.measured().measured
    assert found is not None
    assert found.summary == (
        "5 people with 10 photos and 1 unknown faces of the inbox: 5 pairs of photos of one person, 40 of two."
    )
    assert found.door == site.parts.door_thresholds().door
    assert found.same.sum() == found.different.sum() == pytest.approx(1)
    assert [t.title for t in found.trades] == ["comparing two photos (1:1)", "searching everybody (1:K)"]
    assert "Only 5 people have two photos" in " ".join(found.cautions)
    spot = found.spot(1, 0.5)
    assert spot.accepts[1] <= spot.accepts[0] <= spot.accepts[2]
    assert "With 5 people and 10 passages a day" in found.sentence(0.5, 5, 10)
    assert [f.value for f in found.figures(0.02)] == ["100 %", "none seen", "100 %", "none seen"]

    site.service.measure()
    assert site.service.state().measured is found, "nothing has changed"
    photo = NewPhoto(space, np.eye(32, dtype=np.float32)[0], 80, "made up")
    site.gallery.submit(lambda store: store.add_photo("Another", photo)).result(60)
    site.service.measure()
    site.now = 29.9
    site.service.measure()
    assert site.service._thread is None or not site.service._thread.is_alive(), "more may come"
    assert site.service.state().measured is found
    site.now = 30.1
    site.service.measure()
    assert site.service.state().measured is not None, "the old figures stay until there are new ones"
    until(lambda: site.service.state().measured is not found)
    assert site.service.state().measured.people == 6  # type: ignore[union-attr]  # it is there


def test_a_name_is_no_change(site: Site, data_dir: Path) -> None:
    fill(data_dir, site.parts.space(), 4)
    site.gallery.start()
    found = site.measured().measured

    def rename(store: GalleryStore) -> None:
        store.rename(store.people()[0].id, "Somebody Else")

    site.gallery.submit(rename).result(60)
    site.service.measure()
    assert site.service._thread is None or not site.service._thread.is_alive()
    assert site.service.state().measured is found


def test_a_calibration_is_named_and_told_of_once_the_gallery_has_changed(site: Site, data_dir: Path) -> None:
    assert site.service.source() == "the model's own figures"
    assert site.service.notices() == ()
    vectors, owner = crowd(200)
    material = Material("gallery", vectors, owner, (200, 600), "")
    keep(site.parts, calibrated(material, site.parts.space(), targets_of(site.parts, None, None)), None)
    site.gallery.start()
    assert site.service.source() == "calibrated on 200 people"
    [notice] = until(site.service.notices)
    assert notice.text.startswith("The calibration was made with 200 people and 600 photos, now there are 0 and 0")
    calibration_file.file_of(data_dir, site.parts.space()).write_text("{")
    site.parts.forget_calibration()
    assert (site.service.source(), site.service.notices()) == ("the model's own figures", ())


def test_a_session_that_ends_meanwhile_is_no_error(site: Site) -> None:
    site.service.measure()
    thread = site.service._thread
    assert thread is not None
    assert site.gallery.stop(10)
    thread.join(10)
    assert not thread.is_alive()
    assert site.service.state().phase == "measuring"


def test_a_gallery_that_cannot_be_read_is_told(site: Site, data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "gallery.db").write_bytes(b"no database, and not empty either")
    site.gallery.start()
    state = site.measured()
    assert state.phase == "failed"
    assert state.text.endswith((".", "!", "?"))
