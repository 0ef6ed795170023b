"""`faceapp models use`: the cost first, the old embedder in force until the new one's templates are complete, also when
it is killed on the way."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faceapp import paths
from faceapp import settings as settings_file
from faceapp.app.audit import existing_log, log_action
from faceapp.app.parts import Parts
from faceapp.app.switching import StoredEmbedder, cost_of, switch, target
from faceapp.cli.main import main
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage
from tests.fakes.filled import fill, unit
from tests.polling import until

NAME = "Eileen Collins"
PHOTOS = 40

pytestmark = pytest.mark.usefixtures("models_dir")


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.told = ""

    def __call__(self, *words: str, status: int = 0) -> Any:
        """The JSON a command prints; what it says beside is in `told`."""
        assert main([*words, "--json"]) == status
        captured = self._capsys.readouterr()
        self.told = captured.err
        return json.loads(captured.out)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def in_force(data_dir: Path) -> str:
    return settings_file.load(data_dir).embedder


def add_without_crop(name: str) -> None:
    with Parts.open() as parts:
        vector = unit(1, parts.embedder_spec.dimension)
        parts.gallery().add_photo(name, NewPhoto(parts.space(), vector, 50.0, "b.jpg", None, None, None))


def test_there_and_back(shell: Shell, data_dir: Path) -> None:
    picture = str(paths.resource("astronaut.jpg"))
    shell("enroll", NAME, picture)
    add_without_crop("Bob")
    policy = {"door_threshold": 0.5, "votes": 6.0}
    stored = settings_file.load(data_dir)
    settings_file.save(dataclasses.replace(stored, kiosk=dataclasses.replace(stored.kiosk, policy=policy)), data_dir)
    log_action(data_dir, "allow")  # so that the site keeps a log

    refused = shell("models", "use", "facenet-512", status=2)
    assert "needs --yes" in refused["error"]
    assert "1 photo of 1 person is embedded again" in shell.told
    assert "1 person must be photographed again: Bob" in shell.told
    assert "door_threshold" in shell.told
    assert "votes" not in shell.told
    with Parts.open(embedder="facenet-512") as parts:
        own = parts.embedder_spec.threshold_door()
    assert f"a door then opens up to a distance of {own:.2f}" in shell.told, "the settings' distance goes, this comes"
    assert in_force(data_dir) == "facenet+dlib"
    assert len(shell("models", "use")["templates"]) == 1
    cost = shell("models", "use", "facenet-512", "--dry-run")["cost"]
    assert (cost["photos"], cost["people"], cost["photos_lost"]) == (1, 1, 1)
    assert cost["milliseconds"] > 0
    assert cost["door_threshold"] == own

    done = shell("models", "use", "facenet-512", "--yes")
    assert (done["switched"], done["embedded"], done["photograph_again"]) == (True, 1, ["Bob"])
    assert in_force(data_dir) == "facenet-512"
    assert settings_file.load(data_dir).kiosk.policy == {"votes": 6.0}
    log = existing_log(data_dir)
    assert log is not None
    assert [e.fields.get("action") for e in log.entries()][-1] == "embedder_changed facenet-512"
    [face] = shell("identify", picture)["images"][0]["faces"]
    assert face["name"] == NAME
    told = shell("models", "use")
    assert [(t["in_use"], t["templates"]) for t in told["templates"]] == [(False, 2), (True, 1)]

    back = shell("models", "use", "facenet+dlib", "--yes")
    assert (back["embedded"], back["photograph_again"], back["dropped"]) == (0, [], {})
    again = shell("models", "use", "facenet+dlib", "--drop-old", "--yes")
    assert list(again["dropped"].values()) == [1]
    assert again["erased"]
    assert [t["in_use"] for t in shell("models", "use")["templates"]] == [True]
    assert shell("models", "use", "facenet+dlib", "--drop-old")["dropped"] == {}  # nothing to do: nothing to ask


def test_what_cannot_be_used_is_refused_in_a_line(
    shell: Shell, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = data_dir / "models"
    own.mkdir(parents=True)
    part = '[[embedders.mine.parts]]\nnetwork = "facenet-512"\nmirror = true\nweight = 1.0\n'
    (own / "manifest.toml").write_text(f'version = 1\n[embedders.mine]\ntitle = "Mine"\n{part}', encoding="utf-8")
    assert "no thresholds for mine yet" in shell("models", "use", "mine", "--yes", status=4)["error"]
    assert "no embedder 'nobody'" in shell("models", "use", "nobody", "--yes", status=3)["error"]
    assert "say which embedder" in shell("models", "use", "--drop-old", status=2)["error"]
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(tmp_path / "empty"))
    assert "is missing: run" in shell("models", "use", "facenet-512", "--yes", status=4)["error"]
    assert in_force(data_dir) == "facenet+dlib"
    assert not (data_dir / "gallery.db").exists()


def test_without_anybody_it_just_changes(shell: Shell, data_dir: Path) -> None:
    done = shell("models", "use", "dlib-resnet-128", "--yes")
    assert (done["switched"], done["embedded"]) == (True, 0)
    assert in_force(data_dir) == "dlib-resnet-128"
    assert not (data_dir / "gallery.db").exists()


@pytest.mark.parametrize(("answer", "status", "then"), [("n\n", 1, "facenet+dlib"), ("y\n", 0, "dlib-resnet-128")])
def test_on_a_terminal_it_asks(
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    status: int,
    then: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["models", "use", "dlib-resnet-128"]) == status
    told = capsys.readouterr()
    assert "Use dlib-resnet-128? [y/N]" in told.err
    assert told.out.startswith(f"{then} {'is' if status == 0 else 'stays'} in use")
    assert in_force(data_dir) == then


def test_cancelled_it_goes_on_where_it_was(data_dir: Path, astronaut: BgrImage) -> None:
    fill(astronaut, 5)
    with Parts.open() as opened, target(opened, "dlib-resnet-128") as parts:
        seen: list[int] = []
        done = switch(parts, lambda n, _: seen.append(n), lambda: len(seen) == 3)
        assert (done.switched, done.embedded) == (False, 3)
        assert in_force(data_dir) == "facenet+dlib"
        assert cost_of(parts).photos == 2
        assert switch(parts, lambda *_: None).embedded == 2
    assert in_force(data_dir) == "dlib-resnet-128"


def test_a_photo_that_cannot_be_embedded_is_no_end(data_dir: Path, astronaut: BgrImage) -> None:
    fill(astronaut, 2)
    with Parts.open() as opened:
        space, vector = opened.space(), unit(9, opened.embedder_spec.dimension)
        box = opened.detector().detect(astronaut, 40)[0].box
        store = opened.gallery()
        store.add_photo("Spoilt", NewPhoto(space, vector, 50.0, "s.jpg", b"no JPEG", box, np.ones((5, 2), "f4")))
        store.add_photo("Flat", NewPhoto(space, vector, 50.0, "f.jpg", b"no JPEG", box, None))
        with target(opened, "dlib-resnet-128") as parts:  # which is shown upright faces
            assert cost_of(parts).again == ("Flat",)
            assert switch(parts, lambda *_: None).again == ("Flat", "Spoilt")


def test_a_program_that_runs_notices(data_dir: Path) -> None:
    watch = StoredEmbedder(data_dir, "facenet+dlib")
    watch.look()
    assert watch.notice is None
    settings_file.save(settings_file.Settings(embedder="facenet-512"), data_dir)
    watch.look()
    assert watch.notice is not None
    assert "another recogniser was chosen, facenet-512:" in watch.notice
    settings_file.save(settings_file.Settings(), data_dir)
    watch.look()
    assert watch.notice is None


def test_killed_in_the_middle_it_ends_the_same(data_dir: Path, astronaut: BgrImage) -> None:
    fill(astronaut, PHOTOS)
    with Parts.open() as opened:
        old, new = opened.space(), opened.manifest.embedder("facenet-512").space
        before = opened.gallery().templates(old).vectors
        process = subprocess.Popen(
            [sys.executable, "-m", "faceapp", "models", "use", "facenet-512", "--yes"],
            env=dict(os.environ),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            until(lambda: len(opened.gallery().templates(new)) or None, seconds=60)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        there = len(opened.gallery().templates(new))
        assert 0 < there < PHOTOS, "it ended before it was killed: look at the moment"
        assert in_force(data_dir) == "facenet+dlib"
        assert np.array_equal(opened.gallery().templates(old).vectors, before)

        with target(opened, "facenet-512") as parts:
            assert cost_of(parts).photos == PHOTOS - there
            assert switch(parts, lambda *_: None).embedded == PHOTOS - there
            killed = by_photo(opened.gallery(), new)
            assert in_force(data_dir) == "facenet-512"

            opened.gallery().drop_spaces_but(old)
            assert switch(parts, lambda *_: None).embedded == PHOTOS
        assert by_photo(opened.gallery(), new) == killed


def by_photo(store: GalleryStore, space: str) -> dict[str, bytes]:
    table = store.templates(space)
    return {name: row.tobytes() for name, row in zip(table.names, table.vectors, strict=True)}
