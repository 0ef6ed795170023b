"""Imports: resumed, repeated, cancelled, and a reason for everything that is left out. Real gallery, no networks."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from faceapp.app.imports import ImportReport, open_source
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.store import GalleryStore
from tests.fakes.importing import PixelEnroller, importing, people_folder, picture


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir, busy_seconds=0.05) as opened:
        yield opened


def run(folder: Path, store: GalleryStore, stop_after: int | None = None) -> tuple[ImportReport, PixelEnroller]:
    with open_source("folder", folder) as source:
        going, enroller = importing(source, store)

        def progress(done: int, _all: int) -> None:
            if done == stop_after:
                going.stop()

        return going.run(progress), enroller


def people(store: GalleryStore) -> dict[str, int]:
    return {p.name: p.photos for p in store.people()}


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_everybody_is_enrolled_and_every_rejected_picture_has_its_reason(tmp_path: Path, store: GalleryStore) -> None:
    put(tmp_path / "people/Ada/1.jpg", picture(1))
    put(tmp_path / "people/Ada/2.jpg", picture(2))
    put(tmp_path / "people/Bo/none.jpg", picture(3, 15))
    put(tmp_path / "people/Bo/two.jpg", picture(4, 20))
    put(tmp_path / "people/Bo/like.jpg", picture(4, 18))
    put(tmp_path / "people/Bo/text.jpg", b"no picture")
    put(tmp_path / f"people/{'x' * 121}/1.jpg", picture(5))
    put(tmp_path / "people/.../1.jpg", picture(6))  # hidden
    put(tmp_path / "people/\u200b/1.jpg", picture(6))
    put(tmp_path / "people/loose.jpg", picture(7))
    seen: list[tuple[int, int]] = []
    with open_source("folder", tmp_path / "people") as source:
        going, _ = importing(source, store)
        report = going.run(lambda done, total: seen.append((done, total)))
    assert people(store) == {"Ada": 2}
    assert [r["image"] for r in report.enrolled] == [
        str(tmp_path / "people/Ada/1.jpg"),
        str(tmp_path / "people/Ada/2.jpg"),
    ]
    said = {Path(r["image"]).relative_to(tmp_path / "people").as_posix(): r for r in report.rejected}
    assert {k: r["codes"] for k, r in said.items()} == {
        "loose.jpg": ["name"],
        "Bo/none.jpg": ["no_face"],
        "Bo/two.jpg": ["several_faces"],
        "Bo/like.jpg": ["duplicate"],
        "Bo/text.jpg": ["unreadable"],
        f"{'x' * 121}/1.jpg": ["name"],
        "\u200b/1.jpg": ["name"],
    }
    assert said["Bo/two.jpg"]["boxes"] == [[0.0, 0.0, 5.0, 6.0], [7.0, 0.0, 12.0, 6.0]]
    assert all("\n" not in r["reason"] and r["reason"].startswith(r["image"]) for r in report.rejected)
    assert seen == [(k, 9) for k in range(1, 10)]
    told = report.as_json()
    assert told["import"]["pictures"] == 9
    assert told["import"]["complete"] is True
    assert told["import"]["pictures_per_second"] > 0


def test_the_same_import_again_changes_nothing(tmp_path: Path, store: GalleryStore) -> None:
    count = people_folder(tmp_path / "people", 4, 5)
    first, _ = run(tmp_path / "people", store)
    marker = [(p.id, p.updated) for p in store.people()]
    again, enroller = run(tmp_path / "people", store)
    assert (len(again.enrolled), len(again.already)) == (0, len(first.enrolled))
    assert again.rejected == first.rejected
    assert len(first.enrolled) + len(first.rejected) == count
    assert [(p.id, p.updated) for p in store.people()] == marker
    assert len(enroller.looked_at) == len(first.rejected), "what is known already is not looked at again"
    assert not again.resumed


def test_a_cancelled_import_goes_on_where_it_was(tmp_path: Path, store: GalleryStore) -> None:
    count = people_folder(tmp_path / "people", 6, 5)
    first, _ = run(tmp_path / "people", store, stop_after=15)
    assert first.cancelled
    assert first.done == 15
    second, enroller = run(tmp_path / "people", store)
    assert (second.resumed, second.cancelled) == (True, False)
    assert len(enroller.looked_at) == count - 15, "neither the enrolled nor the rejected ones are looked at again"
    assert second.done == count
    assert [r["image"] for r in first.rejected] == [r["image"] for r in second.rejected][: len(first.rejected)]
    for before, after in zip(first.rejected, second.rejected, strict=False):
        assert before == after, "and those rejected before are told again"
    third, _ = run(tmp_path / "people", store)
    assert not third.resumed


def test_one_picture_twice_is_one_photo_and_of_two_people_two(tmp_path: Path, store: GalleryStore) -> None:
    for path in ("Ada/1.jpg", "Ada/copy.jpg", "Bo/1.jpg"):
        put(tmp_path / "people" / path, picture(1))
    report, _ = run(tmp_path / "people", store)
    assert people(store) == {"Ada": 1, "Bo": 1}
    assert [r["image"] for r in report.already] == [str(tmp_path / "people/Ada/copy.jpg")]


def test_names_that_differ_in_case_or_form_are_one_person_and_that_is_said(tmp_path: Path, store: GalleryStore) -> None:
    table = tmp_path / "people.csv"
    rows = ["\u00c9va,1.jpg", "E\u0301va,2.jpg", "\u00c9VA,3.jpg", "\u00c9VA,4.jpg", " \u00e9va  ,5.jpg"]
    table.write_text("\n".join(rows), encoding="utf-8")
    for k in range(1, 6):
        put(tmp_path / f"{k}.jpg", picture(k))
    with open_source("csv", table) as source:
        report = importing(source, store)[0].run()
    assert people(store) == {"\u00c9va": 5}
    assert report.notes == [
        '"\u00c9VA" and "\u00c9va" are one name: their pictures are one person\'s',
        '"\u00e9va" and "\u00c9va" are one name: their pictures are one person\'s',
    ]


def test_a_data_set_is_imported_and_says_that_it_names_nobody(tmp_path: Path, store: GalleryStore) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (6, 12, 16, 3), np.uint8)
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = pictures, np.array([0, 1, 1, 0, 3, 1])
    for resumed in range(2):
        with open_source("hdf5", tmp_path / "set.h5") as source:
            report = importing(source, store)[0].run()
        assert len(report.already) == 6 * resumed
        assert "names nobody" in report.notes[0]
    assert people(store) == {"label 0": 2, "label 1": 3, "label 3": 1}


def test_a_picture_that_was_changed_is_another_picture(tmp_path: Path, store: GalleryStore) -> None:
    put(tmp_path / "people/Ada/1.jpg", picture(1))
    bad = put(tmp_path / "people/Bo/1.jpg", picture(2, 15))
    put(tmp_path / "people/Cy/1.jpg", picture(3))
    report, _ = run(tmp_path / "people", store, stop_after=2)
    assert report.rejected
    bad.write_bytes(picture(2))
    report, _ = run(tmp_path / "people", store)
    assert report.resumed
    assert people(store) == {"Ada": 1, "Bo": 1, "Cy": 1}


def test_where_the_gallery_is_held_the_import_ends_and_goes_on_later(tmp_path: Path, store: GalleryStore) -> None:
    count = people_folder(tmp_path / "people", 2, 5)
    with open_source("folder", tmp_path / "people") as source:
        going, enroller = importing(source, store)

        def progress(done: int, _all: int) -> None:
            enroller.fails_with = UnavailableError("the disk is full: free some space") if done == 4 else None

        report = going.run(progress)
    assert str(report.problem) == "the disk is full: free some space"
    assert (report.done, report.complete) == (4, False)
    later, _ = run(tmp_path / "people", store)
    assert later.resumed
    assert later.done == count


def test_what_is_unavailable_from_the_start_is_raised(tmp_path: Path, store: GalleryStore) -> None:
    people_folder(tmp_path / "people", 1, 2)
    with open_source("folder", tmp_path / "people") as source:
        going, enroller = importing(source, store)
        enroller.fails_with = UnavailableError("no network: run `faceapp models install`")
        with pytest.raises(UnavailableError, match="no network"):
            going.run()


def test_a_bug_while_reading_is_raised_where_it_can_be_told(tmp_path: Path, store: GalleryStore) -> None:
    people_folder(tmp_path / "people", 3, 3)

    class Broken:
        kind, key, title, notes = "folder", "folder:x", "x", ()

        def __len__(self) -> int:
            return 9

        def __iter__(self) -> Iterator[object]:
            yield from list(open_source("folder", tmp_path / "people"))[:2]
            raise ZeroDivisionError

    going, enroller = importing(Broken(), store)  # type: ignore[arg-type] # as far as it comes
    with pytest.raises(ZeroDivisionError):
        going.run()
    assert len(enroller.looked_at) == 2


def test_another_bug_ends_the_reading_thread_too(tmp_path: Path, store: GalleryStore) -> None:
    people_folder(tmp_path / "people", 3, 4)
    with open_source("folder", tmp_path / "people") as source:
        going, enroller = importing(source, store)
        enroller.fails_with = ZeroDivisionError()
        with pytest.raises(ZeroDivisionError):
            going.run()
    assert not [t for t in threading.enumerate() if t.name == "import"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_picture_that_may_not_be_read_is_tried_again(tmp_path: Path, store: GalleryStore) -> None:
    closed = put(tmp_path / "people/Ada/1.jpg", picture(1))
    put(tmp_path / "people/Bo/1.jpg", picture(2))
    closed.chmod(0)
    report, _ = run(tmp_path / "people", store, stop_after=1)
    assert report.rejected[0]["reason"].endswith("cannot be read: Permission denied")
    closed.chmod(0o600)
    report, _ = run(tmp_path / "people", store)
    assert people(store) == {"Ada": 1, "Bo": 1}


def test_nothing_in_the_gallery_says_from_where_it_was_imported(tmp_path: Path, store: GalleryStore) -> None:
    put(tmp_path / "whereabouts/Ada/1.jpg", picture(1, 15))
    put(tmp_path / "whereabouts/Ada/2.jpg", picture(2, 18))
    put(tmp_path / "whereabouts/Ada/3.jpg", picture(3, 20))
    put(tmp_path / "whereabouts/Ada/4.jpg", picture(4))
    run(tmp_path / "whereabouts", store, stop_after=3)
    written = b"".join(f.read_bytes() for f in store.path.parent.iterdir() if f.is_file())
    assert b"whereabouts" not in written
    assert b"Ada" not in written
    assert b"Nobody" not in written
    assert b"two faces" in written


def test_a_source_that_is_none_is_said(tmp_path: Path) -> None:
    for kind in ("folder", "csv", "hdf5"):
        with pytest.raises(InputError):
            open_source(kind, tmp_path / "nothing")
