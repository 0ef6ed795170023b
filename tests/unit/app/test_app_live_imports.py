"""Imports of a live window: real gallery, real networks, real photographs, and a thread of their own."""

from __future__ import annotations

import csv
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from faceapp.app import imports as module
from faceapp.app import transfer
from faceapp.app.audit import open_log
from faceapp.app.import_types import ImportResult, ImportState, Wish
from faceapp.app.keys import set_pin
from faceapp.app.live_imports import LiveImports
from faceapp.app.live_types import ConsentForm
from faceapp.app.parts import Parts
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.rows import NewPhoto
from faceapp.images import encode_jpeg, read_image
from faceapp.security import sealed_file
from faceapp.types import BgrImage
from tests.polling import until

WORDS = "a long passphrase"


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sealed_file.write_records
    monkeypatch.setattr(transfer, "write_records", lambda *a: real(*a, log2_n=8))


@pytest.fixture
def parts(models_dir: Path, data_dir: Path) -> Iterator[Parts]:
    with Parts.open(data_dir) as parts:
        yield parts


@pytest.fixture
def imports(parts: Parts) -> Iterator[LiveImports]:
    service = LiveImports(parts, lambda: "mtcnn")
    yield service
    assert service.stop(20)


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage, group_photo: Path) -> Path:
    """Two photos of one woman, a picture of six people as one of hers, one of nobody, and one with no name."""
    root = tmp_path_factory.mktemp("roll")
    (root / "Eileen").mkdir()
    (root / "Eileen/1.jpg").write_bytes(encode_jpeg(astronaut[0:300, 60:400].copy()))
    (root / "Eileen/2.jpg").write_bytes(encode_jpeg(astronaut[0:280, 80:380].copy()))
    (root / "Eileen/3.jpg").write_bytes(group_photo.read_bytes())
    (root / "Eileen/4.jpg").write_bytes(encode_jpeg(np.full((200, 200, 3), 90, np.uint8)))
    (root / "who.jpg").write_bytes(encode_jpeg(np.full((20, 20, 3), 90, np.uint8)))
    return root


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> Path:
    """Her two photos alone."""
    root = tmp_path_factory.mktemp("pair")
    (root / "Eileen_1.jpg").write_bytes(encode_jpeg(astronaut[0:300, 60:400].copy()))
    (root / "Eileen_2.jpg").write_bytes(encode_jpeg(astronaut[0:280, 80:380].copy()))
    return root


@pytest.fixture
def junk(tmp_path: Path) -> Path:
    """Nothing that a network is needed for."""
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk/Ada_1.jpg").write_bytes(b"no picture")
    return tmp_path / "junk"


def ended(imports: LiveImports) -> ImportState:
    return until(lambda: s if (s := imports.state()).phase not in ("importing", "exporting") else None, 60)


def imported(imports: LiveImports, wish: Wish) -> ImportResult:
    imports.begin(wish)
    result = ended(imports).result
    assert result is not None
    return result


def people(parts: Parts) -> dict[str, int]:
    store = parts.existing_gallery()
    return {} if store is None else {p.name: p.photos for p in store.people()}


def test_a_look_counts_and_enrols_nobody(imports: LiveImports, parts: Parts, roll: Path, tmp_path: Path) -> None:
    found = imports.look(roll).result(60)
    assert (found.kind, found.people, found.pictures, found.names) == ("folder", 1, 4, {"Eileen"})
    assert "who.jpg" in found.refused[0]
    table = tmp_path / "people.txt"
    table.write_text("name,path\nAda,1.jpg\nada,2.jpg\nBo,3.jpg\nCy\n", encoding="utf-8")
    found = imports.look(table).result(60)
    assert (found.kind, found.people, found.pictures, len(found.refused)) == ("csv", 2, 3, 1)
    with h5py.File(tmp_path / "set.bin", "w") as file:
        file["train_set_x"], file["train_set_y"] = np.zeros((3, 9, 9, 3), np.uint8), np.array([0, 1, 1])
    found = imports.look(tmp_path / "set.bin").result(60)
    assert (found.kind, found.people, found.pictures) == ("hdf5", 2, 3)
    assert "names nobody" in found.notes[0]
    with pytest.raises(InputError, match="is one picture: choose the folder"):
        imports.look(roll / "who.jpg").result(60)
    with pytest.raises(InputError, match="there is no such file or folder"):
        imports.look(tmp_path / "none").result(60)
    with pytest.raises(InputError, match="holds no pictures"):
        imports.look(parts.data_dir).result(60)
    assert people(parts) == {}


def test_an_import_its_report_and_the_face_that_somebody_picks(
    imports: LiveImports, parts: Parts, roll: Path, tmp_path: Path, group_photo: Path
) -> None:
    wish = Wish(roll, "folder", consent=ConsentForm("the door", "her", "yes"))
    result = imported(imports, wish)
    assert (result.enrolled, result.people, result.already) == (2, 1, 0)
    assert sorted((Path(r.image).name, r.code) for r in result.rejected) == [
        ("3.jpg", "several_faces"),
        ("4.jpg", "no_face"),
        ("who.jpg", "name"),
    ]
    assert [(u.name, u.faces) for u in result.undecided] == [("Eileen", 6)]
    saved = imports.save_report(tmp_path / "report.csv").result(60)
    rows = list(csv.DictReader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert saved == len(rows) == 3
    assert {r["code"] for r in rows} == {"several_faces", "no_face", "name"}
    assert all(not r["reason"].startswith(r["image"]) for r in rows)

    number = result.undecided[0].number
    shown = imports.picture(number).result(60)
    assert shown.image.shape == read_image(group_photo).shape
    assert len(shown.boxes) == 6
    # Hers is the first name, Bo a passer-by: the consent in the form is hers.
    assert imports.choose(number, {2: "Eileen", 5: "Bo"}).result(60) == {}
    assert people(parts) == {"Eileen": 3, "Bo": 1}
    store = parts.gallery()
    assert store.consent(store.person("Eileen").id) is not None
    assert store.consent(store.person("Bo").id) is None
    now = imports.state().result
    assert now is not None
    assert (now.enrolled, now.people, len(now.rejected), now.undecided) == (4, 2, 2, ())
    with pytest.raises(InputError, match="no question any more"):
        imports.skip(number).result(60)

    again = imported(imports, wish)
    assert (again.enrolled, again.already, again.undecided) == (0, 3, ()), "nobody is asked twice"
    assert people(parts) == {"Eileen": 3, "Bo": 1}


def test_what_was_passed_over_is_remembered(imports: LiveImports, parts: Parts, roll: Path) -> None:
    wish = Wish(roll, "folder")
    number = imported(imports, wish).undecided[0].number
    imports.skip(number).result(60)
    state = imports.state().result
    assert state is not None
    assert state.undecided == ()
    assert [r.reason for r in state.rejected if r.code == "skipped"] == ["none of its faces was chosen"]
    again = imported(imports, wish)
    assert again.undecided == ()
    assert [r.reason for r in again.rejected if r.code == "skipped"] == ["none of its faces was chosen"]
    assert len(imported(imports, replace(wish, strict=True)).undecided) == 1, "another import asks for itself"
    assert people(parts) == {"Eileen": 2}


def test_only_somebody_else_in_a_picture_is_an_answer_too(imports: LiveImports, parts: Parts, roll: Path) -> None:
    wish = Wish(roll, "folder")
    number = imported(imports, wish).undecided[0].number
    with pytest.raises(InputError, match="one person is in a picture once"):
        imports.choose(number, {1: "Bo", 2: "bo"}).result(60)
    refused = imports.choose(number, {1: "Bo", 9: "Cy"}).result(60)
    assert list(refused) == [9]
    assert "there is no face 9" in refused[9]
    assert people(parts) == {"Eileen": 2, "Bo": 1}, "the others stay"
    assert imports.choose(number, {1: "Bo", 3: "Cy"}).result(60) == {}
    assert people(parts) == {"Eileen": 2, "Bo": 1, "Cy": 1}
    state = imports.state().result
    assert state is not None
    assert "Eileen was not chosen in it" in [r.reason for r in state.rejected]
    assert imported(imports, wish).undecided == ()


def test_a_picture_that_was_changed_is_no_question(
    imports: LiveImports, roll: Path, tmp_path: Path, group_photo: Path
) -> None:
    (tmp_path / "roll/Ada").mkdir(parents=True)
    picture = tmp_path / "roll/Ada/1.jpg"
    picture.write_bytes(group_photo.read_bytes())
    number = imported(imports, Wish(tmp_path / "roll", "folder")).undecided[0].number
    picture.write_bytes((roll / "Eileen/1.jpg").read_bytes())
    with pytest.raises(InputError, match="was changed since it was looked at: import it again"):
        imports.picture(number).result(60)
    picture.unlink()
    with pytest.raises(InputError, match="there is no such file: import it again"):
        imports.choose(number, {1: "Ada"}).result(60)


def test_cancelled_it_goes_on_the_next_time(
    imports: LiveImports, parts: Parts, pair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.Import._take

    def take(self: module.Import, *a: object) -> None:
        real(self, *a)  # type: ignore[arg-type] # as it was called
        imports.cancel()

    monkeypatch.setattr(module.Import, "_take", take)
    first = imported(imports, Wish(pair, "folder"))
    monkeypatch.setattr(module.Import, "_take", real)
    assert first.cancelled
    assert len(first.rejected) + first.enrolled == 1
    second = imported(imports, Wish(pair, "folder"))
    assert (second.resumed, second.cancelled) == (True, False)
    assert second.enrolled + second.already == 2


def test_consent_is_required_where_the_site_says_so(parts: Parts, pair: Path) -> None:
    parts.settings = replace(parts.settings, require_consent=True)
    service = LiveImports(parts, lambda: "mtcnn")
    try:
        assert service.consent_wanted().required
        result = imported(service, Wish(pair, "folder"))
        assert [r.code for r in result.rejected].count("consent") == 2
        assert people(parts) == {}
        service.begin(Wish(pair, "folder", consent=ConsentForm("the door", "her", " ")))
        state = ended(service)
        assert (state.phase, "consent" in state.problem) == ("failed", True)
        assert imported(service, Wish(pair, "folder", consent=ConsentForm("a", "b", "c"))).enrolled == 2
    finally:
        service.stop(20)


def test_out_of_one_gallery_into_another(imports: LiveImports, parts: Parts, tmp_path: Path) -> None:
    for k, name in enumerate(("Ada", "Bo")):
        vector = np.eye(2, sum(p.dimension for p in parts.embedder_spec.parts), dtype=np.float32)[k]
        parts.gallery().add_photo(name, NewPhoto(parts.space(), vector, 70, "a.jpg"))
    bo = parts.gallery().person("Bo").id
    imports.export(tmp_path / "bo.gallery", WORDS, [bo])
    exported = ended(imports).exported
    assert exported is not None
    assert (exported.people, exported.photos) == (1, 1)
    found = imports.look(tmp_path / "bo.gallery", passphrase=WORDS).result(60)
    assert (found.kind, found.people, found.pictures) == ("gallery", 1, 1)
    with pytest.raises(InputError, match="passphrase"):
        imports.look(tmp_path / "bo.gallery", passphrase=WORDS + WORDS).result(60)
    imports.export(tmp_path / "bo.gallery", WORDS, None)
    assert "is there already" in ended(imports).problem
    imports.export(tmp_path / "nobody.gallery", WORDS, ["nobody"])
    assert "nobody to export" in ended(imports).problem
    with Parts.open(tmp_path / "there") as there:
        service = LiveImports(there, lambda: "mtcnn")
        result = imported(service, Wish(tmp_path / "bo.gallery", "gallery", passphrase=WORDS))
        assert (result.enrolled, result.people) == (1, 1)
        assert people(there) == {"Bo": 1}
        assert service.stop(20)


def test_a_cancelled_export_leaves_nothing(imports: LiveImports, parts: Parts, tmp_path: Path) -> None:
    parts.gallery().add_photo("Ada", NewPhoto(parts.space(), np.eye(1, 640, dtype=np.float32)[0], 70, "a.jpg"))
    gate = threading.Event()
    imports._submit(gate.wait)
    imports.export(tmp_path / "all.gallery", WORDS, None)
    imports.cancel()
    assert imports.state().cancelling
    gate.set()
    assert ended(imports) == ImportState("exported")
    assert list(tmp_path.glob("*all*")) == []


def test_the_window_is_told_while_no_page_shows_it(imports: LiveImports, junk: Path) -> None:
    assert imports.notices() == []
    gate = threading.Event()
    imports._submit(gate.wait)
    imports.begin(Wish(junk, "folder"))
    assert "names may come more slowly" in imports.notices()[0].text
    imports.begin(Wish(junk / "other", "folder"))  # nothing: something is under way
    imports.dismiss()
    gate.set()
    assert ended(imports).phase == "imported"
    assert imports.notices()[0].text.startswith("The import is done: 0 pictures enrolled, 1 rejected.")
    imports.seen()
    assert imports.notices() == []
    imports.dismiss()
    assert imports.state() == ImportState()
    imports.begin(Wish(junk / "none", "folder"))
    assert "there is no such folder" in ended(imports).problem
    assert imports.notices()[0].level == "error"


def test_a_bug_is_told_and_the_thread_goes_on(
    imports: LiveImports, junk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module.Import, "run", lambda *_: 1 / 0)
    imports.begin(Wish(junk, "folder"))
    assert "Something went wrong inside faceapp" in ended(imports).problem
    assert "ZeroDivisionError" in caplog.text
    assert imports.look(junk).result(60).people == 1


def test_stopping_ends_the_import_at_hand(parts: Parts, junk: Path) -> None:
    service = LiveImports(parts, lambda: "mtcnn")
    gate = threading.Event()
    service._submit(gate.wait)
    service.begin(Wish(junk, "folder"))
    assert not service.stop(0)
    gate.set()
    assert service.stop(20)
    assert people(parts) == {}
    assert service.look(junk).cancelled()
    untouched = LiveImports(parts, lambda: "mtcnn")
    assert untouched.stop(0), "it never began"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process has one priority")
def test_the_thread_lets_the_others_go_first(imports: LiveImports) -> None:
    import os

    own = os.getpriority(os.PRIO_PROCESS, 0)
    theirs = imports._submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).result(60)
    assert theirs == min(19, own + 10)
    assert os.getpriority(os.PRIO_PROCESS, 0) == own


def test_no_cell_of_a_report_is_a_formula(imports: LiveImports, tmp_path: Path, astronaut: BgrImage) -> None:
    (tmp_path / "roll/=1+1").mkdir(parents=True)
    tiny = cv2.resize(astronaut, (30, 30))
    (tmp_path / "roll/=1+1/a.jpg").write_bytes(encode_jpeg(np.asarray(tiny, np.uint8)))
    imported(imports, Wish(tmp_path / "roll", "folder"))
    imports.save_report(tmp_path / "report.csv").result(60)
    row = next(csv.DictReader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert row["name"] == "'=1+1"
    with pytest.raises(UnavailableError, match="choose another place"):
        imports.save_report(tmp_path / "none" / "report.csv").result(60)


def test_who_looks_like_somebody_else_is_in_the_report(imports: LiveImports, parts: Parts, pair: Path) -> None:
    assert imported(imports, Wish(pair, "folder")).alike == ()
    store = parts.gallery()
    store.rename(store.person("Eileen").id, "Ilse")
    assert imported(imports, Wish(pair, "folder")).alike == (("Eileen", "Ilse"),)


def test_a_face_gets_the_door_by_no_import_without_the_pin(imports: LiveImports, parts: Parts, roll: Path) -> None:
    """Whatever the page asked: by name, by likeness, and by a name that is typed to a picture of several."""
    store = parts.gallery()
    open_log(parts.data_dir)
    set_pin(parts.data_dir, "482913", None)
    store.add_photo("Eileen", NewPhoto(parts.space(), np.eye(1, 640, dtype=np.float32)[0], 70, "a.jpg"))
    store.set_right(store.person("Eileen").id, "allow")
    wish = Wish(roll, "folder")
    result = imported(imports, wish)
    assert (result.enrolled, people(parts)) == (0, {"Eileen": 1})
    refused = [r for r in result.rejected if r.code == "pin"]
    assert sorted(Path(r.image).name for r in refused) == ["1.jpg", "2.jpg"]
    assert refused[0].reason.startswith("Eileen may open the door")
    number = result.undecided[0].number
    assert "may open the door" in imports.choose(number, {2: "Eileen"}).result(60)[2]
    assert imports.choose(number, {2: "Eileen"}, pin_given=True).result(60) == {}
    assert imported(imports, wish).enrolled == 0, "it was for that picture"
    assert imported(imports, replace(wish, pin_given=True)).enrolled == 2
    store.rename(store.person("Eileen").id, "Ilse")
    added = imported(imports, replace(wish, duplicates="add"))
    assert (added.enrolled, people(parts)) == (0, {"Ilse": 4}), "added to whoever it is, without the PIN"
