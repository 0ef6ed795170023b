"""Learning from those who are enrolled: from the kept crops, without a name in what is written, and never from
somebody who was deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from faceapp import paths
from faceapp.app import people_log
from faceapp.app.doctor import examine
from faceapp.app.model_import import Imported, import_embedder
from faceapp.app.parts import Parts
from faceapp.app.training import install, whose
from faceapp.app.training.log import Step
from faceapp.app.training.run import train
from faceapp.app.training.wish import Wish, plan_of
from faceapp.cli.main import main
from faceapp.errors import InputError
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore
from faceapp.types import Box
from faceapp.zoo.manifest import load_manifest
from faceapp.zoo.own import own_models_dir
from tests.fakes.learning import picture
from tests.unit.app.training.test_app_training_judging import vectors

pytestmark = pytest.mark.usefixtures("models_dir")
torch = pytest.importorskip("torch", reason="PyTorch is an extra")
SPACE = load_manifest(paths.manifest_dir()).embedder("facenet+dlib").space
LANDMARKS = np.array([[34, 40], [62, 40], [48, 56], [36, 70], [60, 70]], np.float32)
NAME = "Zsófia Őry"


class Killed(BaseException):
    """As a process would be."""


@pytest.fixture(autouse=True)
def _enrolled(data_dir: Path) -> None:
    """Eight people, two photos each, of whom the crops are kept."""
    enrol(data_dir, *range(8))


def enrol(data_dir: Path, *people: int) -> None:
    templates = vectors(0.5)
    with GalleryStore.open(data_dir) as store:
        for person in people:
            for number in range(2):
                crop = cv2.imencode(".jpg", picture(person, number, 96))[1].tobytes()
                template, name = templates[5 * person + number], f"{NAME} {number}.jpg"
                photo = NewPhoto(SPACE, template, 70.0, name, crop=crop, box=Box(8, 8, 88, 88), landmarks=LANDMARKS)
                store.add_photo(f"{NAME} {person}", photo)


def delete(data_dir: Path, person: int = 0) -> None:
    with GalleryStore.open(data_dir) as store:
        assert people_log.delete(store, data_dir, store.person(f"{NAME} {person}").id).erased


def wish(out: Path, **changes: object) -> Wish:
    plan = plan_of("scratch", steps=6, check_every=2, people_per_batch=4, pictures_each=2)
    return Wish(kind="scratch", data=None, out=out, plan=plan, alike=True, **changes)  # type: ignore[arg-type]  # its own


def run(wish: Wish, data_dir: Path, tell: Callable[[Step], None] = lambda _: None) -> list[str]:
    """Train; the notes. What is in use costs nothing here."""
    notes: list[str] = []
    with Parts.open(data_dir, threads=1, embedder="pixels") as parts:
        train(parts, wish, tell=tell, note=notes.append)
    return notes


def killed_after(step: int) -> Callable[[Step], None]:
    def tell(told: Step) -> None:
        if told.progress.step == step:
            raise Killed

    return tell


def test_the_kept_crops_are_learned_from_and_nobodys_name_is_written(
    tmp_path: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "--steps",
        "4",
        "--check-every",
        "2",
        "--people-per-batch",
        "4",
        "--pictures-each",
        "2",
        "--nice",
        "0",
        "--threads",
        "1",
    ]
    out = tmp_path / "own"
    assert main(["train", "scratch", "--data", "gallery", "--out", str(out), *words, "--alike", "--json"]) == 0
    told = capsys.readouterr()
    done = json.loads(told.out)
    assert done["data"]["source"] == "gallery"
    assert done["in_use"]["id"] == "facenet+dlib"
    assert done["significant"] is False, "the patterns are nothing to what is in use either"
    assert sum(done["data"][part]["pictures"] for part in ("train", "validation", "test")) == 16
    written = b"".join(f.read_bytes() for f in out.iterdir())
    assert NAME not in told.out + told.err
    assert NAME.encode() not in written
    assert b"Zs\\u00f3fia" not in written
    with GalleryStore.open(data_dir) as store:
        assert whose.read(out / whose.PEOPLE) == whose.present(store)
        assert not any(p.id.encode() in written for p in store.people()), "nobody's id either"


def test_a_network_that_learned_from_somebody_deleted_is_told_of(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are deleted while it is taken in, and its folder goes with them."""
    (data_dir / whose.RUNS).mkdir()
    folder, copy = data_dir / whose.RUNS / "own", tmp_path / "copy"
    run(wish(folder), data_dir)
    shutil.copytree(folder, copy)

    def taken_in(*given: Any, **named: Any) -> Imported:
        done = import_embedder(*given, **named)
        with GalleryStore.open(data_dir) as store:
            assert whose.deleted_since(data_dir, ["own"], store) == {}
        delete(data_dir)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(install, "import_embedder", taken_in)
        assert main(["models", "import", "trained", str(folder), "--id", "own"]) == 0
    assert not folder.exists()
    capsys.readouterr()
    assert main(["models", "import", "trained", str(copy), "--id", "own2"]) == 3
    assert "learned from 1 person who isn't in the gallery any more" in capsys.readouterr().err
    (copy / whose.PEOPLE).write_text('{"version": 1, "peop')
    assert main(["train", "install", str(copy), "--anyway"]) == 3
    assert "does not say whose pictures" in capsys.readouterr().err
    assert [f.name for f in own_models_dir(data_dir).glob(f"*{whose.PEOPLE}")] == [f"own.{whose.PEOPLE}"]
    [after] = [c for c in examine(str(data_dir)) if c.name == "own networks"]
    assert after.state == "note"
    assert "own learned from 1 person deleted since" in after.text
    assert main(["models", "remove", "own"]) == 0
    assert not whose.own_file(data_dir, "own").exists()


def test_a_deletion_ends_the_run_that_learns_from_them_and_nothing_of_it_stays(tmp_path: Path, data_dir: Path) -> None:
    def tell(step: Step) -> None:
        if step.progress.step == 3:
            assert (tmp_path / ".own.unfinished" / "checkpoint.npz").exists()
            delete(data_dir)

    with pytest.raises(whose.DeletedMeanwhileError, match="begin it again"):
        run(wish(tmp_path / "own"), data_dir, tell)
    assert [f for f in tmp_path.iterdir() if f != data_dir] == []


def test_a_deletion_takes_the_windows_runs_of_theirs_away(tmp_path: Path, data_dir: Path) -> None:
    runs = data_dir / whose.RUNS
    runs.mkdir()
    run(wish(runs / "finished"), data_dir)
    with pytest.raises(Killed):
        run(wish(runs / "killed"), data_dir, killed_after(3))
    for name in ("of others", "of nobody knows whom", ".head-2.unfinished"):
        (runs / name).mkdir()
    whose.write(runs / "of others" / whose.PEOPLE, ())
    (runs / ".head-2.unfinished" / whose.PEOPLE).write_text('{"version": 1, "peop')
    assert len(list(runs.iterdir())) == 5

    def tell(step: Step) -> None:
        if step.progress.step == 1:
            delete(data_dir, 7)
            assert [f.name for f in runs.iterdir()] == ["of others"], "the run's own folder, too"

    with pytest.raises(whose.DeletedMeanwhileError):
        run(wish(runs / "under way"), data_dir, tell)
    assert [f.name for f in runs.iterdir()] == ["of others"]


def test_who_is_deleted_before_the_list_is_written_ends_the_run(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(file: Path, ids: Iterable[str], write: Callable[[Path, Iterable[str]], None] = whose.write) -> None:
        delete(data_dir)
        write(file, ids)

    monkeypatch.setattr(whose, "write", write)
    steps: list[Step] = []
    with pytest.raises(whose.DeletedMeanwhileError):
        run(wish(tmp_path / "own"), data_dir, steps.append)
    assert steps == [], "not a step is learned"
    assert [f for f in tmp_path.iterdir() if f != data_dir] == []


def test_an_unfinished_run_is_gone_on_with_or_begun_anew(tmp_path: Path, data_dir: Path) -> None:
    """Of other people only if wanted; of somebody deleted in any case."""
    own, steps = wish(tmp_path / "own", restart=True), list[int]()

    def tell(told: Step) -> None:
        steps.append(told.progress.step)
        killed_after(5)(told)

    with pytest.raises(Killed):
        run(own, data_dir, tell)
    with pytest.raises(Killed):
        run(own, data_dir, tell)
    assert steps == [1, 2, 3, 4, 5, 5], "the same people: it went on"
    enrol(data_dir, 8)
    with pytest.raises(InputError, match="--restart"):
        run(wish(tmp_path / "own"), data_dir)
    steps.clear()
    with pytest.raises(Killed):
        run(own, data_dir, tell)
    delete(data_dir)
    notes = run(wish(tmp_path / "own"), data_dir, lambda s: steps.append(s.progress.step))
    assert any(n.startswith("begun anew") for n in notes)
    assert steps == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]
