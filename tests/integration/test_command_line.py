"""The command line as DESIGN promises it: JSON, exit statuses, a line for each error, nothing half-written."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from faceapp import paths
from faceapp.app.audit import existing_log, log_action
from faceapp.cli.main import main
from faceapp.errors import UnavailableError
from faceapp.gallery.store import GalleryStore
from faceapp.images import read_image
from tests.fakes.keys import key_file

NAME = "Eileen Collins"


class Run:
    """One finished command."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> dict[str, Any]:
        lines = self.out.splitlines()
        assert len(lines) == 1, "exactly one JSON object"
        value = json.loads(lines[0])
        assert isinstance(value, dict)
        return value


class Shell:
    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> Run:
        status = main(["--data-dir", str(self.data), *map(str, words)])
        captured = self._capsys.readouterr()
        return Run(status, captured.out, captured.err)

    def fails(self, status: int, *words: str | Path) -> str:
        """Run a command that must fail: its status, one line on stderr, stdout empty; with --json one object."""
        run = self(*words)
        assert run.status == status, run.err
        assert run.out == ""
        lines = [line for line in run.err.splitlines() if "picture/s" not in line and line.strip()]
        assert len(lines) == 1, run.err
        assert "Traceback" not in run.err
        assert set(self(*words, "--json").json) == {"error"}
        return lines[0]

    def people(self) -> list[str]:
        with GalleryStore.open(self.data) as store:
            return [p.name for p in store.people()]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "data", capsys)


@pytest.fixture
def astronaut_file() -> Path:
    return paths.resource("astronaut.jpg")


@pytest.fixture
def no_face(tmp_path: Path) -> Path:
    file = tmp_path / "wall.png"
    noise = np.random.default_rng(0).integers(90, 110, (300, 400, 3), np.uint8)
    Image.fromarray(noise).save(file)
    return file


@pytest.fixture
def two_faces(tmp_path: Path, astronaut_file: Path) -> Path:
    image = read_image(astronaut_file)
    file = tmp_path / "two.png"
    cv2.imwrite(str(file), np.hstack([image, image]))
    return file


def test_detect(shell: Shell, astronaut_file: Path) -> None:
    run = shell("detect", astronaut_file, "--json")
    assert run.status == 0
    assert set(run.json) == {"image", "detector", "faces"}
    assert run.json["detector"] == "mtcnn"
    (face,) = run.json["faces"]
    x1, y1, x2, y2 = face["box"]
    assert 150 < x1 < 210
    assert 40 < y1 < 90
    assert 240 < x2 < 300
    assert 150 < y2 < 210
    assert face["score"] > 0.9
    assert np.array(face["landmarks"]).shape == (5, 2)
    assert shell("detect", astronaut_file).out.startswith(f"{astronaut_file}: 1 face (mtcnn)")


def test_detect_with_the_ssd_has_landmarks_too(shell: Shell, astronaut_file: Path) -> None:
    run = shell("detect", astronaut_file, "--detector", "ssd", "--json")
    assert run.json["detector"] == "ssd"
    assert np.array(run.json["faces"][0]["landmarks"]).shape == (5, 2)


def test_detect_without_a_face_is_done(shell: Shell, no_face: Path) -> None:
    run = shell("detect", no_face, "--json")
    assert (run.status, run.json["faces"]) == (0, [])


def test_min_face_leaves_small_faces_out(shell: Shell, astronaut_file: Path) -> None:
    assert shell("detect", astronaut_file, "--min-face", "200", "--json").json["faces"] == []


def rotated(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    data = io.BytesIO()
    image.transpose(Image.Transpose.ROTATE_90).save(data, "JPEG", quality=95, exif=exif.tobytes())
    return data.getvalue()


def grey16(image: Image.Image) -> bytes:
    data = io.BytesIO()
    values = np.asarray(image.convert("L"), np.uint16) * 257
    Image.fromarray(values).save(data, "PNG")
    return data.getvalue()


def rgba(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.convert("RGBA").save(data, "PNG")
    return data.getvalue()


def grey(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.convert("L").save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize("form", [rotated, grey16, rgba, grey])
def test_every_form_of_picture_has_the_same_face(shell: Shell, astronaut_file: Path, tmp_path: Path, form: Any) -> None:
    with Image.open(astronaut_file) as image:
        file = tmp_path / form.__name__
        file.write_bytes(form(image))
    expected = shell("detect", astronaut_file, "--json").json["faces"][0]["box"]
    (face,) = shell("detect", file, "--json").json["faces"]
    assert np.abs(np.array(face["box"]) - expected).max() < 8
    assert shell("verify", file, astronaut_file, "--json").json["same"] is True


def test_a_very_large_and_a_tiny_picture(shell: Shell, astronaut_file: Path, tmp_path: Path) -> None:
    image = read_image(astronaut_file)
    large = np.full((6000, 8400, 3), 127, np.uint8)  # 50 megapixels
    large[1000:4072, 2000:5072] = cv2.resize(image, (3072, 3072))
    cv2.imwrite(str(tmp_path / "large.jpg"), large)
    faces = shell("detect", tmp_path / "large.jpg", "--json").json["faces"]
    assert [2000 + 6 * 150 < f["box"][0] < 2000 + 6 * 210 for f in faces[:1]] == [True]
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    assert shell("detect", tmp_path / "tiny.png", "--json").json["faces"] == []


def test_embed(shell: Shell, astronaut_file: Path, no_face: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{no_face}\n{astronaut_file}\n")
    run = shell("embed", astronaut_file, "--list", tmp_path / "list.txt", "--out", tmp_path / "e.npz", "--json")
    assert run.status == 0
    assert run.json["found"] == 2
    with np.load(tmp_path / "e.npz") as file:
        assert file["embeddings"].dtype == np.float32
        assert file["embeddings"].shape == (3, 640)
        assert file["found"].tolist() == [True, False, True]
        assert np.linalg.norm(file["embeddings"], axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
        assert file["paths"].tolist() == [str(astronaut_file), str(no_face), str(astronaut_file)]


@pytest.mark.parametrize(("embedder", "dimension"), [("facenet-512", 512), ("dlib-resnet-128", 128)])
def test_each_embedder_alone(shell: Shell, astronaut_file: Path, tmp_path: Path, embedder: str, dimension: int) -> None:
    run = shell("embed", astronaut_file, "--out", tmp_path / "e.npz", "--embedder", embedder, "--json")
    assert (run.json["embedder"], run.json["dimension"]) == (embedder, dimension)


def test_embed_writes_what_it_can_and_names_the_rest(shell: Shell, astronaut_file: Path, tmp_path: Path) -> None:
    run = shell("embed", tmp_path / "none.jpg", astronaut_file, "--out", tmp_path / "e.npz", "--json")
    assert run.status == 3
    assert "there is no such file" in run.err
    with np.load(tmp_path / "e.npz") as file:
        assert file["found"].tolist() == [False, True]


@pytest.mark.skipif(os.name != "posix", reason="FIFOs and links as POSIX has them")
def test_embed_replaces_files_only(shell: Shell, astronaut_file: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for out in (tmp_path / "fifo", Path("/dev/null"), tmp_path, tmp_path / "none" / "out.npz"):
        assert "cannot be written" in shell.fails(3, "embed", astronaut_file, "--out", out)
    assert (tmp_path / "fifo").is_fifo()
    (tmp_path / "link").symlink_to(tmp_path / "real.npz")
    for _ in range(2):  # there is no file yet, then there is one
        assert shell("embed", astronaut_file, "--out", tmp_path / "link").status == 0
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real.npz").stat().st_size > 1000


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_embed_on_a_full_disk_or_cut_short_leaves_nothing(
    shell: Shell, astronaut_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fails(*_args: object, **_kwargs: object) -> None:
        raise error

    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.npz").write_text("of yesterday")
    monkeypatch.setattr(np, "savez", fails)
    run = shell("embed", astronaut_file, "--out", folder / "a.npz")
    assert run.status == (4 if isinstance(error, OSError) else 130)
    assert ("No space left" in run.err) == isinstance(error, OSError)
    assert [p.name for p in folder.iterdir()] == ["a.npz"]
    assert (folder / "a.npz").read_text() == "of yesterday"


def test_a_list_is_parted_at_line_feeds_only(shell: Shell, no_face: Path, tmp_path: Path) -> None:
    odd = no_face.rename(tmp_path / "wall\u2028and\x0cfloor.png")
    (tmp_path / "list").write_bytes(f"{odd}\r\n\n{odd}\n".encode())
    run = shell("embed", "--list", tmp_path / "list", "--out", tmp_path / "out.npz", "--json")
    assert run.status == 0, run.err
    assert run.json["pictures"] == 2


def test_verify(shell: Shell, astronaut_file: Path, group_photo: Path, tmp_path: Path) -> None:
    run = shell("verify", astronaut_file, astronaut_file, "--json")
    assert run.status == 0
    assert set(run.json) == {"same", "distance", "threshold", "metric", "embedder", "detector"}
    assert run.json["same"] is True
    assert run.json["distance"] == pytest.approx(0, abs=1e-3)
    group = read_image(group_photo)
    cv2.imwrite(str(tmp_path / "other.png"), group[:, : group.shape[1] // 4])
    other = shell("verify", astronaut_file, tmp_path / "other.png", "--json")
    assert (other.status, other.json["same"]) == (1, False)
    assert other.json["distance"] > other.json["threshold"]


def test_enroll_then_verify_and_identify_by_name(shell: Shell, astronaut_file: Path, group_photo: Path) -> None:
    run = shell("enroll", NAME, astronaut_file, "--json")
    assert run.status == 0
    assert [r["name"] for r in run.json["enrolled"]] == [NAME]
    assert run.json["rejected"] == []
    assert set(run.json["enrolled"][0]) == {"name", "image", "quality", "warnings"}

    assert shell("verify", astronaut_file, "--name", "eileen  COLLINS", "--json").json["same"] is True
    found = shell("identify", astronaut_file, "--json")
    assert found.status == 0
    (face,) = found.json["images"][0]["faces"]
    assert set(face) == {"box", "score", "name", "distance", "runner_up", "threshold"}
    assert (face["name"], face["runner_up"]) == (NAME, None)

    strangers = shell("identify", group_photo, "--json")
    assert strangers.status == 1
    assert [f["name"] for f in strangers.json["images"][0]["faces"]] == [None] * 6
    heights = [f["box"][3] - f["box"][1] for f in strangers.json["images"][0]["faces"]]
    assert heights[0] >= heights[-1]


def test_identify_with_nobody_enrolled(shell: Shell, astronaut_file: Path) -> None:
    run = shell("identify", astronaut_file, "--json")
    assert run.status == 1
    (face,) = run.json["images"][0]["faces"]
    assert (face["name"], face["distance"], face["runner_up"]) == (None, None, None)
    assert 0 < face["threshold"] < 2


def test_looking_makes_no_gallery(shell: Shell, astronaut_file: Path) -> None:
    assert shell("people", "list", "--json").json == {"people": []}
    assert "nobody named" in shell.fails(3, "people", "show", "Ada")
    assert "nobody named" in shell.fails(3, "verify", astronaut_file, "--name", "Ada")
    assert shell("identify", astronaut_file).status == 1
    shell("doctor")
    assert not list(shell.data.glob("gallery*"))


def test_a_gallery_locked_in_the_middle_of_an_enrolment(
    shell: Shell, astronaut_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_photo = GalleryStore.add_photo

    def once(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(GalleryStore, "add_photo", locked)
        return add_photo(*args, **more)

    def locked(*_args: object, **_more: object) -> None:
        raise UnavailableError("the gallery is locked")

    monkeypatch.setattr(GalleryStore, "add_photo", once)
    run = shell("enroll", NAME, astronaut_file, astronaut_file, astronaut_file, "--json")
    assert run.status == 4
    assert len(run.json["enrolled"]) == 1
    assert ["not tried" in r["reason"] for r in run.json["rejected"]] == [False, True]
    assert all("the gallery is locked" in r["reason"] for r in run.json["rejected"])
    assert "locked" in shell.fails(4, "enroll", NAME, astronaut_file)


def test_enrolling_is_in_the_log_of_a_site_that_keeps_one(shell: Shell, astronaut_file: Path, tmp_path: Path) -> None:
    other_file = tmp_path / "other.jpg"
    other_file.write_bytes(astronaut_file.read_bytes() + b"\0")
    shell("enroll", NAME, astronaut_file)
    assert existing_log(shell.data) is None, "a webcam demonstration gets none through this"
    log_action(shell.data, "pin_set")
    shell("enroll", NAME, astronaut_file)  # the very same picture: nothing happens
    shell("enroll", NAME, other_file)
    shell("enroll", "Ada", astronaut_file)
    log = existing_log(shell.data)
    assert log is not None
    assert [e.fields.get("action") for e in log.entries()][-2:] == ["photo_added", "enrolled"]
    assert [e.fields.get("action") for e in log.entries()][-3] == "pin_set"

    key_file(shell.data).write_bytes(b"not a key")
    assert ".key is not a key" in shell.fails(4, "enroll", "Bob", astronaut_file)
    assert {p["name"]: p["photos"] for p in shell("people", "list", "--json").json["people"]} == {NAME: 2, "Ada": 1}


def test_the_runner_up_is_another_person(shell: Shell, astronaut_file: Path, group_photo: Path, tmp_path: Path) -> None:
    group = read_image(group_photo)
    cv2.imwrite(str(tmp_path / "other.png"), group[:, : group.shape[1] // 4])
    shell("enroll", NAME, astronaut_file, astronaut_file)
    assert shell("enroll", "Somebody", tmp_path / "other.png").status == 0
    face = shell("identify", astronaut_file, "--json").json["images"][0]["faces"][0]
    assert face["name"] == NAME
    assert face["runner_up"]["name"] == "Somebody"
    assert face["runner_up"]["distance"] > face["distance"]


def test_a_known_face_under_another_name(shell: Shell, astronaut_file: Path) -> None:
    shell("enroll", NAME, astronaut_file)
    warned = shell("enroll", "Ada", astronaut_file, "--json")
    assert warned.status == 0
    assert NAME in warned.json["enrolled"][0]["warnings"][-1]
    refused = shell("enroll", "Eve", astronaut_file, "--on-duplicate", "refuse", "--json")
    assert refused.status == 3
    assert refused.json["enrolled"] == []
    assert "Eve" not in shell.people()
    shell("people", "delete", "Ada", "--yes")
    added = shell("enroll", "Eve", astronaut_file, "--on-duplicate", "add", "--json")
    assert added.json["enrolled"][0]["name"] == NAME
    assert shell.people() == [NAME]


def test_the_good_pictures_of_a_bad_lot_stay(
    shell: Shell, astronaut_file: Path, no_face: Path, two_faces: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(astronaut_file.read_bytes()[:20_000])
    text = tmp_path / "text.jpg"
    text.write_text("not a picture")
    run = shell("enroll", NAME, no_face, two_faces, broken, text, tmp_path / "none.jpg", astronaut_file, "--json")
    assert run.status == 3
    assert len(run.json["enrolled"]) == 1
    reasons = [r["reason"] for r in run.json["rejected"]]
    for reason, words in zip(
        reasons, ["no face", "two faces", "cut off", "not a picture", "no such file"], strict=True
    ):
        assert words in reason
    assert shell.people() == [NAME]


@pytest.mark.parametrize("command", ["verify", "identify", "enroll", "detect"])
def test_bad_pictures_leave_nothing_behind(
    shell: Shell, command: str, astronaut_file: Path, no_face: Path, two_faces: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("not a picture")
    truncated = tmp_path / "truncated.jpg"
    truncated.write_bytes(astronaut_file.read_bytes()[:20_000])
    bad = [text, truncated, tmp_path / "none.jpg", tmp_path]
    bad += [] if command == "detect" else [no_face]
    bad += [two_faces] if command in ("verify", "enroll") else []
    for file in bad:
        words: list[str | Path] = {"verify": ["verify", file, astronaut_file], "enroll": ["enroll", "Ada", file]}.get(
            command, [command, file]
        )
        run = shell(*words)
        assert run.status == 3, (words, run.err)
        lines = run.err.strip().splitlines()
        assert len(lines) == 1, run.err
        assert "Traceback" not in run.err
    assert shell.people() == []


def test_unknown_names(shell: Shell, astronaut_file: Path) -> None:
    assert "Nobody" in shell.fails(3, "verify", astronaut_file, "--name", "Nobody")
    for verb in (["show", "Nobody"], ["rename", "Nobody", "Ada"], ["delete", "Nobody", "--yes"]):
        assert "Nobody" in shell.fails(3, "people", *verb)


@pytest.mark.parametrize(
    "words",
    [
        ["unknown"],
        ["detect"],
        ["detect", "a.jpg", "--min-face", "0"],
        ["verify", "a.jpg"],
        ["verify", "a.jpg", "b.jpg", "--name", "Ada"],
        ["embed", "--out", "e.npz"],
        ["live", "--headless"],
        ["live", "--no-drop"],
        ["live", "--source", "demo:", "--headless", "--frames", "0"],
        ["people"],
    ],
)
def test_wrong_usage(shell: Shell, words: list[str]) -> None:
    shell.fails(2, *words)


@pytest.mark.parametrize(
    "words", [["detect", "a.jpg", "--detector", "haar"], ["embed", "a.jpg", "--out", "e.npz", "--embedder", "none"]]
)
def test_a_model_that_is_not_there(shell: Shell, words: list[str]) -> None:
    assert "choose one of" in shell.fails(3, *words)


def test_people(shell: Shell, astronaut_file: Path) -> None:
    assert shell("people", "list", "--json").json == {"people": []}
    shell("enroll", NAME, astronaut_file)
    (row,) = shell("people", "list", "--json").json["people"]
    assert (row["name"], row["photos"], row["usable"]) == (NAME, 1, True)
    shown = shell("people", "show", NAME, "--json").json
    assert shown["photos"][0]["crop"] is True
    assert shell("people", "rename", NAME, "Álvaro 李").status == 0
    assert shell.people() == ["Álvaro 李"]
    assert "--yes" in shell.fails(2, "people", "delete", "Álvaro 李")
    assert shell("people", "delete", "álvaro 李", "--yes", "--json").status == 0
    assert shell.people() == []


def test_another_embedder_embeds_everybody_again(shell: Shell, astronaut_file: Path) -> None:
    shell("enroll", NAME, astronaut_file)
    run = shell("identify", astronaut_file, "--embedder", "facenet-512", "--json")
    assert run.json["images"][0]["faces"][0]["name"] == NAME
    shown = shell("people", "show", NAME, "--json").json
    assert len(shown["photos"][0]["spaces"]) == 2


def test_without_crops_people_must_be_photographed_again(shell: Shell, astronaut_file: Path) -> None:
    shell.data.mkdir()
    (shell.data / "settings.json").write_text('{"version": 1, "keep_crops": false}')
    shell("enroll", NAME, astronaut_file)
    assert shell("people", "show", NAME, "--json").json["photos"][0]["crop"] is False
    (shell.data / "settings.json").write_text('{"version": 1, "keep_crops": false, "embedder": "facenet-512"}')
    assert shell("people", "list", "--json").json["people"][0]["usable"] is False
    assert "photograph again" in shell("people", "list").out
    assert shell("identify", astronaut_file, "--json").status == 1


def test_live_on_the_demonstration(shell: Shell, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    run = shell("live", "--source", "demo:", "--headless", "--no-drop", "--frames", "30", "--events", events, "--json")
    assert run.status == 0
    *frames, summary = [json.loads(line) for line in events.read_text().splitlines()]
    assert run.json == summary
    assert set(summary) == {
        "type", "frames_read", "frames_processed", "frames_dropped", "fps", "latency_ms",
    }  # fmt: skip
    assert (summary["frames_read"], summary["frames_dropped"]) == (30, 0)
    assert [f["frame"] for f in frames] == list(range(30))
    assert {name for f in frames for face in f["faces"] if (name := face["name"])} == {NAME}
    assert set(frames[0]["faces"][0]) == {"box", "track", "name", "distance", "observed"}
    assert shell.people() == []  # the guest is never stored


def test_the_guest_steps_back_for_somebody_enrolled(shell: Shell, astronaut_file: Path, tmp_path: Path) -> None:
    shell("enroll", "My own name for her", astronaut_file)
    events = tmp_path / "events.jsonl"
    shell("live", "--source", "demo:", "--headless", "--no-drop", "--frames", "10", "--events", events)
    names = {f["name"] for line in events.read_text().splitlines() for f in json.loads(line).get("faces", [])}
    assert names == {"My own name for her"}


def test_live_on_what_is_no_source(shell: Shell, tmp_path: Path) -> None:
    text = tmp_path / "film.mp4"
    text.write_text("not a film")
    live = ("live", "--headless", "--source")
    assert "no such" in shell.fails(3, *live, tmp_path / "none.mp4")
    shell.fails(3, *live, text)
    assert "camera 77" in shell.fails(4, *live, "77")


def test_events_on_stdout(shell: Shell) -> None:
    run = shell("live", "--source", "demo:", "--headless", "--no-drop", "--frames", "3", "--events", "-")
    assert [json.loads(line)["type"] for line in run.out.splitlines()] == ["frame"] * 3 + ["summary"]


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX sends them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_with_its_summary(data_dir: Path, tmp_path: Path, number: signal.Signals) -> None:
    """A film of a day, watched as a camera is; its events are read while it runs."""
    events = tmp_path / "events"
    os.mkfifo(events)
    words = ["live", "--headless", "--json", "--events", str(events), "--source", "demo:"]
    with subprocess.Popen(
        [sys.executable, "-m", "faceapp", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        with events.open(encoding="utf-8") as reader:
            first = json.loads(reader.readline())  # there long before the demonstration's end
            process.send_signal(number)
            *_, last = (json.loads(line) for line in reader)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert (first["type"], last["type"]) == ("frame", "summary")
    assert json.loads(out) == last
    assert last["frames_processed"] >= 1
    assert err == ""


def test_events_are_private_and_outlive_a_source_that_is_none(shell: Shell, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("of yesterday")
    shell.fails(3, "live", "--headless", "--source", tmp_path / "none.mp4", "--events", events)
    assert events.read_text() == "of yesterday"
    run = shell("live", "--source", "demo:", "--headless", "--no-drop", "--frames", "1", "--events", events)
    assert run.status == 0
    assert len(events.read_text().splitlines()) == 2
    assert stat.S_IMODE(events.stat().st_mode) == 0o600
    assert "cannot be written" in shell.fails(
        3, "live", "--source", "demo:", "--headless", "--frames", "1", "--events", tmp_path / "none" / "events"
    )


def test_a_broken_settings_file(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / "settings.json").write_text("{")
    assert "settings.json" in shell.fails(4, "people", "list")


def test_a_missing_model(shell: Shell, astronaut_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(tmp_path / "models"))
    assert "faceapp models install" in shell.fails(4, "detect", astronaut_file)
    listed = shell("models", "list", "--json").json
    assert {f["state"] for n in listed["networks"] for f in n["files"].values()} == {"missing"}


def test_models_list_says_whose_they_are(shell: Shell) -> None:
    listed = shell("models", "list", "--json").json
    assert {n["id"] for n in listed["networks"]} >= {"facenet-512", "dlib-resnet-128", "mtcnn-onet", "ssd-resnet10"}
    assert all(n["licence"] and n["training"] and n["source"] for n in listed["networks"])
    (default,) = [e for e in listed["embedders"] if e["default"]]
    assert default["id"] == "facenet+dlib"
    t = default["thresholds"]
    assert t["verify"] >= t["identify_1"] >= t["identify_100"]
    assert shell("models", "list").out.count("\n") > 10


def test_doctor(shell: Shell) -> None:
    run = shell("doctor", "--json")
    assert run.status == 0, run.out
    names = [c["name"] for c in run.json["checks"]]
    assert {"ONNX Runtime", "OpenCV", "networks", "gallery", "camera"} <= set(names)
