"""The way of a picture into the gallery: the gate's word, whose face it is already, what is stored and reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from faceapp.app.audit import existing_log, log_action
from faceapp.app.enrolling import REPEATED, Enroller, RejectedError, enroll
from faceapp.app.parts import Parts
from faceapp.app.spaces import current_index
from faceapp.enrollment.gate import SENTENCES, Code, Finding, Gate, GateReport
from faceapp.errors import InputError, UnavailableError
from faceapp.types import BgrImage, Face
from tests.fakes.vision import SPACE, Seen, World

IMAGE: BgrImage = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)


class InventedParts(Parts):
    """A real gallery and real settings; eyes that see what the test says."""

    world: World

    def detector(self, id: str | None = None) -> World:  # noqa: ARG002
        return self.world

    def embedder(self) -> World:
        return self.world

    def space(self) -> str:
        return SPACE

    def automatic_threshold(self, templates: int) -> float:  # noqa: ARG002
        return 0.9


class Finds(Gate):
    """Finds with the dominant face what the test says."""

    def __init__(self, *codes: Code) -> None:
        super().__init__()
        self.codes = codes

    def check(self, image: BgrImage, faces: Sequence[Face], face: Face | None = None) -> GateReport:
        report = super().check(image, faces, face)
        if report.face is None:
            return report
        return GateReport(77.25, tuple(Finding(c, SENTENCES[c], 0.0, 1.0) for c in self.codes), report.face)


@pytest.fixture
def parts(data_dir: Path) -> Iterator[InventedParts]:
    with InventedParts.open(data_dir) as parts:
        parts.world = World()
        parts.world.people = [Seen("Ada")]
        yield parts


def people(parts: Parts) -> dict[str, int]:
    return {p.name: p.photos for p in parts.gallery().people()}


def test_a_good_picture_is_stored_with_what_the_gate_said(parts: InventedParts) -> None:
    done = Enroller(parts, gate=Finds()).enrol("Ada", IMAGE, "ada.png")
    assert (done.name, done.new_person, done.quality, done.warnings, done.codes) == ("Ada", True, 77.25, (), ())
    (photo,) = parts.gallery().photos(done.person_id)
    assert photo.id == done.photo_id
    assert (photo.source, photo.quality, photo.has_crop) == ("ada.png", 77.25, True)
    assert (photo.issues, photo.override) == ((), False)


def test_a_poor_one_is_taken_with_a_warning_and_marked(parts: InventedParts) -> None:
    done = Enroller(parts, gate=Finds("too_dark", "blurred")).enrol("Ada", IMAGE, "ada.png")
    assert done.warnings == (SENTENCES["too_dark"], SENTENCES["blurred"])
    (photo,) = parts.gallery().photos(done.person_id)
    assert (photo.issues, photo.override) == (("too_dark", "blurred"), True)


def test_strict_refuses_it_and_says_why(parts: InventedParts) -> None:
    enroller = Enroller(parts, quality="strict", gate=Finds("too_dark", "blurred"))
    with pytest.raises(
        RejectedError, match=r"^x/ada.png: the photo is not good enough: more light .*; hold still"
    ) as e:
        enroller.enrol("Ada", IMAGE, "ada.png", label="x/ada.png")
    assert e.value.codes == ("too_dark", "blurred")
    assert people(parts) == {}
    assert parts.world.embedded == [], "nothing is computed of what is not wanted"


@pytest.mark.parametrize(
    ("seen", "code", "said"),
    [((), "no_face", "no face was found"), ((Seen("Ada", x=150), Seen("Bo", x=450)), "several_faces", "two faces")],
)
def test_without_one_face_nothing_is_enrolled_however_lenient(
    parts: InventedParts, seen: tuple[Seen, ...], code: str, said: str
) -> None:
    parts.world.people = list(seen)
    with pytest.raises(RejectedError, match=said) as e:
        Enroller(parts, gate=Finds()).enrol("Ada", IMAGE, "ada.png")
    assert e.value.codes == (code,)
    assert len(e.value.faces) == len(seen)


def test_of_several_the_one_somebody_chose(parts: InventedParts) -> None:
    parts.world.people = [Seen("Ada", x=150), Seen("Bo", x=450)]
    chosen = parts.world.detect(IMAGE, 40)[1]
    done = Enroller(parts, gate=Finds()).enrol("Bo", IMAGE, "both.png", face=chosen)
    assert parts.world.embedded == [["Bo"]]
    assert done.new_person


def test_somebody_elses_face(parts: InventedParts) -> None:
    Enroller(parts, gate=Finds()).enrol("Ada", IMAGE, "1.png")
    warned = Enroller(parts, gate=Finds()).enrol("Eve", IMAGE, "2.png")
    assert warned.warnings == ("this face looks like Ada, enrolled already",)
    parts.gallery().delete(warned.person_id)
    with pytest.raises(RejectedError, match="enrolled already, as Ada") as e:
        Enroller(parts, on_duplicate="refuse", gate=Finds()).enrol("Eve", IMAGE, "3.png")
    assert e.value.codes == ("duplicate",)
    added = Enroller(parts, on_duplicate="add", gate=Finds()).enrol("Eve", IMAGE, "4.png")
    assert (added.name, added.new_person) == ("Ada", False)
    assert people(parts) == {"Ada": 2}


def test_the_same_picture_is_kept_once(parts: InventedParts) -> None:
    enroller = Enroller(parts, gate=Finds())
    first = enroller.enrol("Ada", IMAGE, "1.png", content="abc")
    again = enroller.enrol("Ada", IMAGE, "1.png", content="abc")
    assert (first.repeated, again.repeated, again.photo_id) == (False, True, first.photo_id)
    assert people(parts) == {"Ada": 1}


def test_an_import_does_not_read_the_gallery_anew_for_each_picture(
    parts: InventedParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroller = Enroller(parts, on_duplicate="refuse", gate=Finds())
    store = parts.gallery()
    read: list[str] = []
    templates = store.templates

    def counted(space: str) -> object:
        read.append(space)
        return templates(space)

    monkeypatch.setattr(store, "templates", counted)
    for name in ("Ada", "Bo", "Cy", "Dee"):
        parts.world.people = [Seen(name)]
        enroller.enrol(name, IMAGE, "1.png")
    assert len(read) == 1
    parts.world.people = [Seen("Bo", off=0.1)]
    with pytest.raises(RejectedError, match="as Bo"):
        enroller.enrol("Hal", IMAGE, "2.png")
    assert current_index(parts).templates == 4
    store.delete(store.person("Bo").id)
    enroller.enrol("Hal", IMAGE, "2.png")
    assert len(read) == 2, "what was changed elsewhere is read"


def test_a_name_that_cannot_be_one(parts: InventedParts) -> None:
    with pytest.raises(InputError):
        Enroller(parts, gate=Finds()).enrol("  ", IMAGE, "1.png")
    assert people(parts) == {}


def test_it_is_in_the_log_of_a_site_that_keeps_one(parts: InventedParts, data_dir: Path) -> None:
    log_action(data_dir, "pin_set")
    enroller = Enroller(parts, gate=Finds())
    enroller.enrol("Ada", IMAGE, "1.png")
    enroller.enrol("Ada", IMAGE, "2.png")
    log = existing_log(data_dir)
    assert log is not None
    assert [e.fields.get("action") for e in log.entries()][-2:] == ["enrolled", "photo_added"]


def test_the_good_pictures_of_a_bad_lot_stay(parts: InventedParts, tmp_path: Path) -> None:
    good, broken = tmp_path / "good.png", tmp_path / "broken.png"
    cv2.imwrite(str(good), IMAGE)
    broken.write_bytes(b"no picture")
    report, wrong = enroll(Enroller(parts, gate=Finds("rolled")), "Ada", [str(good), str(broken), str(good)])
    row = {"name": "Ada", "image": str(good), "quality": 77.2, "warnings": [SENTENCES["rolled"]]}
    again = {**row, "warnings": [SENTENCES["rolled"], REPEATED]}
    assert report["enrolled"] == [row, again]
    (rejected,) = report["rejected"]
    assert rejected["image"] == str(broken)
    assert str(broken) in rejected["reason"]
    assert isinstance(wrong, InputError)
    assert people(parts) == {"Ada": 1}


def test_the_same_picture_is_kept_once_for_each_face_of_it_and_each_person(
    parts: InventedParts, tmp_path: Path
) -> None:
    path = tmp_path / "both.png"
    cv2.imwrite(str(path), IMAGE)
    parts.world.people = [Seen("Ada", x=150), Seen("Bo", x=450)]
    enroller = Enroller(parts, gate=Finds())
    for _ in range(2):
        enroll(enroller, "Ada", [str(path)], face=1)
        enroll(enroller, "Bo", [str(path)], face=2)
    assert people(parts) == {"Ada": 1, "Bo": 1}


def test_two_people_under_one_name(parts: InventedParts) -> None:
    Enroller(parts, gate=Finds()).enrol("Ada", IMAGE, "1.png")
    parts.world.people = [Seen("Bo")]
    done = Enroller(parts, gate=Finds()).enrol("Ada", IMAGE, "2.png")
    assert done.warnings[0].startswith("this face is unlike the other photos of Ada: ")
    parts.world.people = [Seen("Eve")]
    with pytest.raises(RejectedError, match="unlike the other photos of ada") as e:
        Enroller(parts, "strict", gate=Finds()).enrol("ada", IMAGE, "3.png")
    assert e.value.codes == ("unlike_own",)
    assert people(parts) == {"Ada": 2}


def test_where_the_gallery_is_gone_at_the_first_picture_it_is_raised(
    parts: InventedParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = tmp_path / "good.png"
    cv2.imwrite(str(good), IMAGE)

    def locked(*_: object, **_more: object) -> None:
        raise UnavailableError("the gallery is locked")

    monkeypatch.setattr(parts.gallery(), "add_photo", locked)
    with pytest.raises(UnavailableError, match="locked"):
        enroll(Enroller(parts, gate=Finds()), "Ada", [str(good)])
