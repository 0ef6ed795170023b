"""`faceapp enroll --folder|--csv|--hdf5`, and `--face N`: real networks, a few pictures."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import pytest

from faceapp.app.imports import Import, ImportReport
from faceapp.cli.main import main
from faceapp.errors import UnavailableError
from faceapp.gallery.store import GalleryStore
from faceapp.images import encode_jpeg
from faceapp.types import BgrImage

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture
def people(tmp_path: Path, astronaut: BgrImage) -> Path:
    """Eileen_Collins_0001.jpg, her folder with one more picture and one of a wall, somebody's picture that is none."""
    folder = tmp_path / "people"
    (folder / "Eileen Collins").mkdir(parents=True)
    face = astronaut[0:240, 110:340]
    (folder / "Eileen_Collins_0001.jpg").write_bytes(encode_jpeg(face))
    (folder / "Eileen Collins" / "2.png").write_bytes(cv2.imencode(".png", face[:, ::-1])[1].tobytes())
    (folder / "Eileen Collins" / "wall.jpg").write_bytes(encode_jpeg(np.full((90, 90, 3), 90, np.uint8)))
    (folder / "Nobody_0001.jpg").write_bytes(b"no picture")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, Any, list[str]]:
    status = main([str(w) for w in words])
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    if "--json" in words:
        assert len(lines) == 1
    return status, json.loads(lines[0]) if "--json" in words else lines, captured.err.splitlines()


def photos(data_dir: Path) -> dict[str, int]:
    with GalleryStore.open(data_dir) as store:
        return {p.name: p.photos for p in store.people()}


def test_a_folder_as_json_and_again(people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told, _ = run(capsys, "enroll", "--folder", people, "--json")
    assert status == 3
    assert [(r["name"], r["image"]) for r in told["enrolled"]] == [
        ("Eileen Collins", str(people / "Eileen_Collins_0001.jpg")),
        ("Eileen Collins", str(people / "Eileen Collins/2.png")),
    ]
    assert set(told["enrolled"][0]) == {"name", "image", "quality", "warnings"}
    assert [(Path(r["image"]).name, r["codes"]) for r in told["rejected"]] == [
        ("Nobody_0001.jpg", ["unreadable"]),
        ("wall.jpg", ["no_face"]),
    ]
    assert told["import"]["pictures"] == 4
    assert told["import"]["complete"] is True
    assert photos(data_dir) == {"Eileen Collins": 2}
    status, again, _ = run(capsys, "enroll", "--folder", people, "--json")
    assert (status, again["enrolled"], len(again["already"])) == (3, [], 2)
    assert again["rejected"] == told["rejected"]
    assert photos(data_dir) == {"Eileen Collins": 2}


def test_a_table_for_people(people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = people / "list.csv"
    table.write_text("name,path\nAda,Eileen_Collins_0001.jpg\nADA,Eileen Collins/2.png\nBo,nowhere.jpg\n")
    status, lines, errors = run(capsys, "enroll", "--csv", table)
    assert status == 3
    assert len(lines) == 1
    assert "2 of 1 person enrolled, 0 known already, 1 rejected (unreadable 1)" in lines[0]
    assert f"faceapp: {people / 'nowhere.jpg'}: there is no such file" in errors
    assert 'faceapp: "ADA" and "Ada" are one name: their pictures are one person\'s' in errors
    assert photos(data_dir) == {"Ada": 2}


def test_a_data_set_of_small_pictures(
    astronaut: BgrImage, tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = cv2.resize(astronaut[0:240, 100:340], (64, 64), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = np.array([small, small[:, ::-1]]), np.array([7, 7])
    status, told, errors = run(capsys, "enroll", "--hdf5", tmp_path / "set.h5", "--json")
    assert (status, told["rejected"]) == (0, [])
    assert photos(data_dir) == {"label 7": 2}
    assert "names nobody" in errors[-1]
    assert told["enrolled"][0]["warnings"], "so small a face is no good one"


def test_strict_rejects_what_the_gate_does_not_like(
    astronaut: BgrImage, tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "people").mkdir()
    dark = np.asarray(astronaut[0:240, 110:340] // 8, np.uint8)
    (tmp_path / "people" / "Ada_1.jpg").write_bytes(encode_jpeg(dark))
    status, told, _ = run(capsys, "enroll", "--folder", tmp_path / "people", "--quality", "strict", "--json")
    assert status == 3
    assert "too_dark" in told["rejected"][0]["codes"]
    assert photos(data_dir) == {}


def test_one_of_several_faces(group_photo: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told, errors = run(capsys, "enroll", "Ada", group_photo, "--json")
    assert status == 3
    assert told["rejected"][0]["codes"] == ["several_faces"]
    boxes = told["rejected"][0]["boxes"]
    assert len(boxes) == 6
    assert len(errors) == 1
    assert "--face 1 to 6" in errors[0]
    assert main(["detect", str(group_photo)]) == 0
    numbers = [line.split(":")[0].strip() for line in capsys.readouterr().out.splitlines()[1:]]
    assert numbers == ["1", "2", "3", "4", "5", "6"], "to choose by"
    assert main(["enroll", "Ada", str(group_photo), "--face", "2"]) == 0
    assert main(["enroll", "Bo", "--face", "5", str(group_photo)]) == 0
    capsys.readouterr()
    faces = run(capsys, "identify", group_photo, "--json")[1]["images"][0]["faces"]
    assert [(faces[k]["name"], faces[k]["distance"] < 0.1) for k in (1, 4)] == [("Ada", True), ("Bo", True)]
    for number in ("0", "7"):
        status, _, errors = run(capsys, "enroll", "Cy", group_photo, "--face", number)
        assert status == 3
        assert f"there is no face {number}: 6 faces were found" in errors[0]
    assert photos(data_dir) == {"Ada": 1, "Bo": 1}


def test_ctrl_c_ends_it_in_order_and_it_goes_on_later(
    people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Import.run

    def interrupted(self: Import, progress: Any) -> ImportReport:
        def told(done: int, total: int) -> None:
            progress(done, total)
            if done == 1:
                signal.raise_signal(signal.SIGINT)

        return real(self, told)

    with monkeypatch.context() as patch:
        patch.setattr(Import, "run", interrupted)
        status, told, errors = run(capsys, "enroll", "--folder", people, "--json")
    assert status == 130
    assert (told["import"]["cancelled"], len(told["enrolled"])) == (True, 1)
    assert "goes on from here" in errors[-1]
    status, told, _ = run(capsys, "enroll", "--folder", people, "--json")
    assert (status, told["import"]["resumed"]) == (3, True)
    assert photos(data_dir) == {"Eileen Collins": 2}


def test_what_ends_it_early_is_told_with_what_was_done(
    people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = GalleryStore.add_photo

    def full(self: GalleryStore, *args: Any, **more: Any) -> Any:
        if self.people():
            raise UnavailableError("the gallery cannot be written, the disk is full: free some space")
        return real(self, *args, **more)

    monkeypatch.setattr(GalleryStore, "add_photo", full)
    status, told, errors = run(capsys, "enroll", "--folder", people, "--json")
    assert status == 4
    assert told["error"].startswith("the gallery cannot be written")
    assert (len(told["enrolled"]), told["import"]["complete"]) == (1, False)
    assert "the disk is full" in errors[-1]


def test_where_consent_is_required_each_picture_without_is_a_line(
    people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir.mkdir()
    (data_dir / "settings.json").write_text('{"version": 1, "require_consent": true}')
    status, told, _ = run(capsys, "enroll", "--folder", people, "--json")
    assert status == 3
    assert [r["codes"] for r in told["rejected"]].count(["consent"]) == 2
    assert all(r["reason"].startswith(r["image"]) for r in told["rejected"])
    assert photos(data_dir) == {}
    status, told, _ = run(capsys, "enroll", "--folder", people, "--consent", "yes", "--json")
    assert len(told["enrolled"]) == 2


def test_consent_may_be_said_the_second_time(people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "enroll", "--folder", people)
    given = []
    for _ in range(2):
        run(capsys, "enroll", "--folder", people, "--consent", "yes, for the door")
        with GalleryStore.open(data_dir) as store:
            consent = store.consent(store.person("Eileen Collins").id)
        assert consent is not None
        assert consent.text == "yes, for the door"
        given.append(consent)
    assert given[0] == given[1], "it is put on record once"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["enroll"], "NAME, IMAGE"),
        (["enroll", "Ada"], "IMAGE"),
        (["enroll", "Ada", "a.jpg", "--folder", "x"], "or one of --folder, --csv and --hdf5"),
        (["enroll", "--folder", "x", "--csv", "y"], "or one of --folder, --csv and --hdf5"),
        (["enroll", "--csv", "x", "--nested"], "--nested goes with --folder"),
        (["enroll", "--folder", "x", "--face", "1"], "--face N chooses a face of one picture"),
        (["enroll", "Ada", "a.jpg", "b.jpg", "--face", "1"], "--face N chooses a face of one picture"),
    ],
)
def test_wrong_words(words: list[str], says: str, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, errors = run(capsys, *words)
    assert status == 2
    assert len(errors) == 1
    assert says in errors[0]
    assert not data_dir.exists()


@pytest.mark.parametrize("kind", ["folder", "csv", "hdf5"])
def test_what_is_not_there_makes_no_gallery(
    kind: str, tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, errors = run(capsys, "enroll", f"--{kind}", tmp_path / "nothing")
    assert status == 3
    assert len(errors) == 1
    assert "there is no such f" in errors[0]
    assert not (data_dir / "gallery.db").exists()


def test_options_may_stand_between_name_and_picture(
    people: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "enroll", "Ada", "--quality", "warn", people / "Eileen_Collins_0001.jpg")[0] == 0
    assert photos(data_dir) == {"Ada": 1}
