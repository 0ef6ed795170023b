"""From one installation to another and back: everybody, nothing twice, nobody's face added to somebody else."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp.app import transfer
from faceapp.app.audit import ACTION, existing_log, open_log
from faceapp.app.imports import ImportReport
from faceapp.app.parts import Parts
from faceapp.app.transfer import ExportCancelledError, GalleryImport, export_all
from faceapp.app.transfer_records import records_of, understood
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.consent_rows import NewConsent
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.images import encode_jpeg
from faceapp.security import sealed_file
from faceapp.types import Box, Floats
from tests.fakes.keys import key_file

WORDS = "a long passphrase"
CROP = encode_jpeg(np.full((40, 40, 3), 120, np.uint8))

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture(autouse=True)
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sealed_file.write_records
    monkeypatch.setattr(transfer, "write_records", lambda *a: real(*a, log2_n=8))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Parts]:
    with Parts.open(tmp_path / "here") as parts:
        yield parts


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Parts]:
    with Parts.open(tmp_path / "there") as parts:
        yield parts


def vector(parts: Parts, seed: int, like: Floats | None = None) -> Floats:
    v = np.random.default_rng(seed).standard_normal(sum(p.dimension for p in parts.embedder_spec.parts))
    v = v / np.linalg.norm(v)
    if like is not None:
        v = like + 0.2 * v
    return (v / np.linalg.norm(v)).astype(np.float32)


def photo(parts: Parts, seed: int, **more: Any) -> NewPhoto:
    crop = encode_jpeg(np.full((40, 40, 3), seed, np.uint8))
    given = {"crop": crop, "box": Box(8, 6, 30, 34.5), "landmarks": np.ones((5, 2), np.float32), "issues": ("blurred",)}
    return NewPhoto(parts.space(), vector(parts, seed), 71.25, f"{seed}.jpg", override=True, **(given | more))


def fill(parts: Parts) -> None:
    store = parts.gallery()
    ada = store.add_photo("Ada Lovelace", photo(parts, 1)).person.id
    store.add_photo("Ada Lovelace", photo(parts, 2))
    store.add_photo("Éva", photo(parts, 3, crop=None, box=None, landmarks=None, issues=()))
    store.set_consent(ada, NewConsent("yes, at the office", date(2999, 1, 2), "her mother", "the kiosk"))


def exported(parts: Parts, path: Path) -> Path:
    export_all(parts, path, WORDS)
    return path


def imported(parts: Parts, path: Path, stop_after: int | None = None) -> ImportReport:
    going = GalleryImport(parts, path, WORDS)
    return going.run(lambda done, _all: going.stop() if done == stop_after else None)


def contents(parts: Parts) -> dict[str, Any]:
    store = parts.gallery()
    found = {}
    for person in store.people():
        kept = store.kept(person.id, store.vault)
        consent = store.consent(person.id)
        found[person.name] = (
            [
                (p.about | {"created": None}, p.crop, [(t.space, t.vector.tobytes()) for t in p.templates])
                for p in kept.photos
            ],
            None
            if consent is None
            else (consent.text, consent.until, consent.given_by, consent.purpose, consent.given),
        )
    return found


def test_everybody_arrives_as_they_left(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    file = tmp_path / "all.gallery"
    assert export_all(here, file, WORDS) == {"out": str(file), "people": 2, "photos": 3}
    assert file.stat().st_mode & 0o777 == 0o600
    data = file.read_bytes()
    for secret in (b"Ada", "Éva".encode(), b"1.jpg", b"\xff\xd8\xff", b"office"):
        assert secret not in data
    report = imported(there, file)
    assert (len(report.enrolled), report.rejected, report.pictures) == (3, [], 3)
    assert contents(there) == contents(here)
    assert there.gallery().right(there.gallery().person("Éva").id).allowed is False  # type: ignore[union-attr] # is there
    again = imported(there, file)
    assert (len(again.enrolled), len(again.already)) == (0, 3)
    assert contents(there) == contents(here)


def test_an_import_that_was_cut_short_is_begun_again(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    file = exported(here, tmp_path / "all.gallery")
    first = imported(there, file, stop_after=1)
    assert first.cancelled
    assert there.gallery().person("Ada Lovelace").photos == 1
    assert there.gallery().consent(there.gallery().person("Ada Lovelace").id) is not None, (
        "consent comes with the person"
    )
    second = imported(there, file)
    assert (len(second.already), len(second.enrolled)) == (1, 2)
    assert contents(there) == contents(here)


def test_somebody_else_of_the_same_name_gets_no_strangers_face(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    store = there.gallery()
    store.add_photo("ada lovelace", photo(there, 99))
    eva = store.add_photo("Éva", NewPhoto(there.space(), vector(there, 5, vector(there, 3)), 50, "x")).person.id
    store.set_consent(eva, NewConsent("as she said here"))
    report = imported(there, exported(here, tmp_path / "all.gallery"))
    assert [r["codes"] for r in report.rejected] == [["name_taken"]] * 2
    assert "does not look the same" in report.rejected[0]["reason"]
    assert {p.name: p.photos for p in store.people()} == {"ada lovelace": 1, "Éva": 2}
    kept = store.consent(eva)
    assert kept is not None
    assert kept.text == "as she said here"


def test_consent_that_has_ended_brings_nobody(here: Parts, there: Parts, tmp_path: Path) -> None:
    store = here.gallery()
    for k, name in enumerate(("ended", "withdrawn", "none", "given")):
        person = store.add_photo(name, photo(here, k)).person.id
        if name in ("ended", "given"):
            store.set_consent(person, NewConsent("yes", date.today() + timedelta(days=1 if name == "given" else -1)))
        if name == "withdrawn":
            store.withdraw_consent(person)
    file = exported(here, tmp_path / "all.gallery")
    strict = there.fork(require_consent=True)
    with strict:
        report = imported(strict, file)
        assert [p.name for p in strict.gallery().people()] == ["given"]
    assert [r["codes"] for r in report.rejected] == [["consent"]] * 3
    assert [r["name"] for r in imported(there, file).rejected] == ["ended", "withdrawn"]
    assert [p.name for p in there.gallery().people()] == ["given", "none"]


def test_who_has_only_a_picture_is_embedded_and_who_has_nothing_is_told(
    here: Parts, there: Parts, tmp_path: Path
) -> None:
    store = here.gallery()
    other = NewPhoto("another", np.array([0.6, 0.8], np.float32), 50, "a.jpg", crop=CROP, box=Box(8, 6, 30, 34))
    points = np.array([[14, 16], [24, 16], [19, 21], [15, 26], [23, 26]], np.float32)
    store.add_photo("Ada", NewPhoto(**{k: getattr(other, k) for k in NewPhoto.__slots__} | {"landmarks": points}))
    store.add_photo("Bo", NewPhoto("another", np.array([0.8, 0.6], np.float32), 50, "b.jpg"))
    store.add_photo("Cy", photo(here, 5, crop=b"no picture"))
    report = imported(there, exported(here, tmp_path / "all.gallery"))
    assert [r["name"] for r in report.enrolled] == ["Ada"]
    assert [(r["name"], r["codes"]) for r in report.rejected] == [("Bo", ["unreadable"]), ("Cy", ["unreadable"])]
    [row] = there.gallery().photos(there.gallery().person("Ada").id)
    assert row.spaces == (there.space(),)


def test_another_passphrase_a_cut_file_and_an_altered_one(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    file = exported(here, tmp_path / "all.gallery")
    with pytest.raises(InputError, match="type the passphrase again"):
        GalleryImport(there, file, "another one").run()
    with pytest.raises(InputError, match="no such file"):
        imported(there, tmp_path / "nothing")
    assert not (there.data_dir / "gallery.db").exists()
    data = file.read_bytes()
    cut = tmp_path / "cut.gallery"
    cut.write_bytes(data[:-20])
    report = imported(there, cut)
    assert not report.complete
    assert "is cut off" in str(report.problem)
    assert imported(there, file).complete
    assert contents(there) == contents(here)


def test_what_cannot_be_exported(here: Parts, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody to export"):
        export_all(here, tmp_path / "f", WORDS)
    assert not here.data_dir.joinpath("gallery.db").exists()
    fill(here)
    with pytest.raises(InputError, match="fewer than 8"):
        export_all(here, tmp_path / "f", "short")
    (tmp_path / "f").write_bytes(b"")
    for out in (tmp_path / "f", tmp_path / "no" / "f"):
        with pytest.raises(InputError, match="name a new file"):
            export_all(here, out, WORDS)


def packed(document: Any, blobs: bytes = b"") -> bytes:
    text = json.dumps(document).encode()
    return struct.pack("<I", len(text)) + text + blobs


def test_records_that_mean_harm_are_refused(here: Parts) -> None:
    fill(here)
    good = list(records_of(here.gallery()))
    assert [type(understood(r)).__name__ for r in good] == [
        "Head",
        "SentPerson",
        "SentPhoto",
        "SentPhoto",
        "SentPerson",
        "SentPhoto",
    ]
    (size,) = struct.unpack_from("<I", good[2])
    document, blobs = json.loads(good[2][4 : 4 + size]), good[2][4 + size :]
    assert understood(packed(document, blobs))

    def spoilt(**changes: Any) -> bytes:
        return packed(document | {"photo": document["photo"] | changes}, blobs)

    templates = document["templates"]
    bad = [
        b"",
        b"\xff\xff\xff\xff",
        packed([]),
        packed({}),
        packed("form"),
        packed(document, blobs[:-1]),
        packed(document, blobs + b"x"),
        packed(document | {"crop": -1}, blobs),
        packed(document | {"crop": 10**12}, blobs),
        packed(document | {"templates": [templates[0] | {"dimension": 10**9}]}, blobs),
        packed(document | {"templates": [templates[0] | {"dimension": -4}]}, blobs),
        packed(document | {"templates": [templates[0]] * 65}, blobs),
        packed(document, bytes(len(blobs))),
        packed(document, blobs[: document["crop"]] + b"\xff" * (len(blobs) - document["crop"])),
        spoilt(box=[1, 2, 3]),
        spoilt(box=[3, 2, 1, 4]),
        spoilt(box=[1, 2, 1e300, 4]),
        spoilt(landmarks=[[1, 2]]),
        spoilt(landmarks=[[1, float("nan")]] * 5),
        spoilt(quality=float("inf")),
        spoilt(source=7),
        packed({"person": 7, "consent": None}),
        packed({"person": "Ada", "consent": {"purpose": None}}),
        packed({"person": "Ada", "consent": {"nothing": "known"}}),
        packed({"form": 1, "people": "x", "photos": 1, "exported": ""}),
        b"[" * 100_000,
        struct.pack("<I", 100_000) + b"[" * 100_000,
    ]
    for record in bad:
        with pytest.raises(InputError) as e:
            understood(record)
        assert "\n" not in str(e.value)
    with pytest.raises(InputError, match="newer faceapp"):
        understood(packed({"form": 2}))


def test_a_gallery_that_is_held_ends_it_and_says_so(
    here: Parts, there: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(here)
    real = GalleryStore.add_photo
    calls: list[str] = []

    def held(self: GalleryStore, *args: Any, **more: Any) -> Any:
        calls.append("x")
        if len(calls) > 1:
            raise UnavailableError("the gallery is locked")
        return real(self, *args, **more)

    monkeypatch.setattr(GalleryStore, "add_photo", held)
    report = imported(there, exported(here, tmp_path / "all.gallery"))
    assert str(report.problem) == "the gallery is locked"
    assert len(report.enrolled) == 1


def test_when_consent_was_given_stays(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    ada = here.gallery().consent(here.gallery().person("Ada Lovelace").id)
    imported(there, exported(here, tmp_path / "all.gallery"))
    arrived = there.gallery().consent(there.gallery().person("Ada Lovelace").id)
    assert ada is not None
    assert arrived is not None
    assert arrived.given == ada.given <= datetime.now(UTC).isoformat()


def logged(parts: Parts) -> list[tuple[object, object]]:
    log = existing_log(parts.data_dir)
    assert log is not None
    return [(e.fields["action"], e.fields.get("person")) for e in log.entries() if e.kind == ACTION]


def test_an_export_is_in_the_audit_log_before_anything_is_written(here: Parts, tmp_path: Path) -> None:
    fill(here)
    open_log(here.data_dir)
    exported(here, tmp_path / "all.gallery")
    assert logged(here) == [("exported_all 2", None)]
    eva = here.gallery().person("Éva").id
    export_all(here, tmp_path / "one.gallery", WORDS, only=[eva, "nobody"])
    assert logged(here)[1:] == [("exported", eva)]
    with pytest.raises(ExportCancelledError):
        export_all(here, tmp_path / "none.gallery", WORDS, stopped=lambda: True)
    assert len(logged(here)) == 2
    key_file(here.data_dir).unlink()
    with pytest.raises(UnavailableError):
        export_all(here, tmp_path / "unlogged.gallery", WORDS)
    assert not (tmp_path / "unlogged.gallery").exists()


def test_photos_for_whoever_has_the_door_are_refused_by_the_guard(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    there.gallery().add_photo("Ada Lovelace", photo(there, 1))
    path = exported(here, tmp_path / "all.gallery")

    def refuse(name: str) -> None:
        if name == "Ada Lovelace":
            raise InputError(f"{name} may open the door")

    report = GalleryImport(there, path, WORDS, refuse).run()
    assert {(r["name"], *r["codes"]) for r in report.rejected} == {("Ada Lovelace", "pin")}
    assert {p.name: p.photos for p in there.gallery().people()} == {"Ada Lovelace": 1, "Éva": 1}


def test_who_looks_like_somebody_here_is_in_the_report(here: Parts, there: Parts, tmp_path: Path) -> None:
    fill(here)
    there.gallery().add_photo("Augusta", photo(there, 1))
    there.gallery().add_photo("Éva", photo(there, 3))
    report = imported(there, exported(here, tmp_path / "all.gallery"))
    assert list(report.alike) == [("Ada Lovelace", "Augusta")]
