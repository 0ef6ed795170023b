"""`faceapp evaluate` from end to end, with real networks on a crowd that is made here."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import stat
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from faceapp import paths
from faceapp.app import evaluate_honest, evaluate_pictures
from faceapp.cli.main import main
from faceapp.evaluation.overlap import DIGITS, PeopleList
from faceapp.images import encode_jpeg
from faceapp.vision.mtcnn import Mtcnn
from tests.fakes.crowd import PEOPLE, make_crowd
from tests.fakes.page import Page

EACH = 3
SMALL = ("--embedder", "dlib-resnet-128")
"""Loads and runs in a quarter of the default's time, where it doesn't matter which."""
PROMISED = {
    "pairs", "failed", "accuracy", "accuracy_std", "threshold", "auc", "eer", "tar_at_far", "images_per_second",
    "embedder", "detector",
}  # fmt: skip


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, group_photo: Path) -> Path:
    return make_crowd(tmp_path_factory.mktemp("crowd") / "images", paths.resource("astronaut.jpg"), group_photo)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose cache the tests of this module share."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def lfw(crowd: Path) -> Path:
    """Pairs in the form of LFW's View 2, two folds."""
    genuine = [f"{n}\t{a}\t{b}" for n in PEOPLE for a, b in combinations(range(1, EACH + 1), 2)]
    impostors = [f"{n}\t{a}\t{m}\t{a}" for n, m in combinations(PEOPLE, 2) for a in (1, 2)]
    rows = [*genuine[:6], *impostors[:6], *genuine[6:], *impostors[6:]]
    file = crowd.parent / "pairs.txt"
    file.write_text("\n".join(["2\t6", *rows]) + "\n")
    return file


class Shell:
    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def run(self, status: int, *words: str | Path) -> tuple[str, str]:
        found = main(["--data-dir", str(self.data), "evaluate", *map(str, words)])
        captured = self._capsys.readouterr()
        assert found == status, captured.err
        return captured.out, captured.err

    def json(self, *words: str | Path, status: int = 0) -> dict[str, Any]:
        out, _ = self.run(status, *words, "--json")
        value = json.loads(out)
        assert isinstance(value, dict)
        return value


@pytest.fixture
def shell(kept: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(kept, capsys)


def test_the_promised_figures(shell: Shell, crowd: Path, lfw: Path) -> None:
    row = shell.json(lfw, "--images", crowd)
    assert set(row) >= PROMISED
    assert (row["pairs"], row["failed"], row["people"], row["pictures"]) == (24, 0, 4, 12)
    assert (row["embedder"], row["detector"], row["face"]) == ("facenet+dlib", "mtcnn", "central")
    assert row["accuracy"] == 1.0
    assert row["auc"] == 1.0
    assert row["tar_at_far"].keys() == {"0.01", "0.001"}
    assert row["too_few_impostor_pairs_at_far"] == ["0.01", "0.001"]
    assert row["images_per_second"] > 0
    assert {t["what"] for t in row["tuned"]} >= {"mean of facenet-512", "weights of the parts"}
    assert row["overlap"]["people"] == 0
    out, err = shell.run(0, lfw, "--images", crowd)
    assert "24 pairs: 100.00 % right" in out
    assert "0.1 %: 100.0 % (too few impostor pairs)" in out
    assert "facenet+dlib" in err


def test_free_lists_of_either_kind_give_the_same(shell: Shell, crowd: Path, lfw: Path, tmp_path: Path) -> None:
    names = {(n, k): f"{n}/{n}_{k:04d}.jpg" for n in PEOPLE for k in range(1, EACH + 1)}
    rows = []
    for line in lfw.read_text().splitlines()[1:]:
        words = line.split("\t")
        a = names[words[0], int(words[1])]
        b = names[words[0], int(words[2])] if len(words) == 3 else names[words[2], int(words[3])]
        rows.append((a, b, "1" if len(words) == 3 else "0"))
    for space in ("\t", " "):
        file = tmp_path / "list.txt"
        file.write_text("\n".join(space.join(r) for r in rows) + "\n")
        row = shell.json(file, "--images", crowd, "--face", "central")
        assert row["auc"] == 1.0
        assert row["computed"] == 0, "all from the cache"
    assert shell.json(file, "--images", crowd)["face"] == "largest"


def test_view_1_chooses_the_threshold_elsewhere(shell: Shell, crowd: Path, tmp_path: Path) -> None:
    train, test = tmp_path / "pairsDevTrain.txt", tmp_path / "pairsDevTest.txt"
    train.write_text("2\nAda\t1\t2\nBea\t1\t2\nAda\t1\tBea\t1\nAda\t2\tBea\t2\n")
    test.write_text("2\nCyd\t1\t2\nDee\t1\t2\nCyd\t1\tDee\t1\nCyd\t2\tDee\t2\n")
    row = shell.json(test, "--train", train, "--images", crowd, *SMALL)
    assert (row["accuracy"], row["accuracy_std"], len(row["folds"])) == (1.0, 0.0, 1)
    other = shell.json(train, "--train", test, "--images", crowd, *SMALL)
    assert other["threshold"] != row["threshold"]


def with_a_wall(crowd: Path, tmp_path: Path) -> Path:
    """The crowd and Eve, of whom there are only pictures of a grey wall."""
    images = tmp_path / "images"
    shutil.copytree(crowd, images)
    (images / "Eve").mkdir()
    for k in (1, 2):
        wall = np.full((90, 90, 3), 90 + k, np.uint8)
        (images / "Eve" / f"Eve_{k:04d}.jpg").write_bytes(encode_jpeg(wall))
    return images


def test_a_picture_without_a_face_fails_its_pairs(shell: Shell, crowd: Path, lfw: Path, tmp_path: Path) -> None:
    images = with_a_wall(crowd, tmp_path)
    file = tmp_path / "list.txt"
    lines = [f"{n}/{n}_0001.jpg\t{n}/{n}_0002.jpg\t1" for n in PEOPLE]
    lines += [f"{n}/{n}_0001.jpg\tEve/Eve_0001.jpg\t0" for n in PEOPLE]
    lines += [f"{n}/{n}_0001.jpg\t{m}/{m}_0001.jpg\t0" for n, m in combinations(PEOPLE, 2)]
    file.write_text("\n".join(lines))
    row = shell.json(file, "--images", images, *SMALL)
    assert (row["pairs"], row["failed"], row["unreadable"]) == (14, 4, 0)
    assert row["accuracy"] < 1.0


def test_unreadable_pictures_are_told_and_counted(shell: Shell, crowd: Path, lfw: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    a = "Ada/Ada_0001.jpg"
    file.write_text(
        f"{a} Ada/Ada_0002.jpg 1\n{a} nobody.jpg 1\n{a} Bea/Bea_0001.jpg 0\nnobody.jpg Cyd/Cyd_0001.jpg 0\n"
    )
    row = shell.json(file, "--images", crowd, *SMALL, status=3)
    assert (row["unreadable"], row["failed"]) == (1, 2)
    _, err = shell.run(3, file, "--images", crowd, *SMALL)
    assert "nobody.jpg: there is no such file" in err
    _, err = shell.run(3, lfw, "--images", tmp_path)
    assert re.fullmatch(r"(embedding, facenet\+dlib\n)?faceapp: none of the 12 pictures can be read: .*\n", err)


def test_identification_in_folders_and_by_a_split(shell: Shell, crowd: Path, tmp_path: Path) -> None:
    found = shell.json("--identify", "--images", crowd, *SMALL)["identification"]
    assert (found["people"], found["templates"], found["probes"], found["strangers"]) == (4, 4, 8, 8)
    assert (found["rank1"], found["rank5"], found["cmc"]) == (1.0, 1.0, [1.0] * 4)
    split = tmp_path / "split.txt"
    split.write_text("Ada\tenrolled\nBea\tenrolled\nCyd\tstranger\nDee\ttune\n")
    found = shell.json("--identify", split, "--images", crowd, "--shots", "2", *SMALL)["identification"]
    assert (found["people"], found["templates"], found["probes"], found["strangers"]) == (2, 4, 2, 3)
    assert [a["what"] for a in found["at"]] == ["shipped, 4 templates", "shipped, door"]
    assert found["at"][1] == found["at"][1] | {"named": 2, "wrongly": 0, "strangers_named": 0}


def test_whoever_has_no_face_at_all_is_told_of(shell: Shell, crowd: Path, tmp_path: Path) -> None:
    images = with_a_wall(crowd, tmp_path)
    (images / "Fay").mkdir()
    shutil.copy(images / "Ada" / "Ada_0001.jpg", images / "Fay")
    words = ("--identify", "--images", images, *SMALL, "--report", tmp_path / "report")
    found = shell.json(*words)["identification"]
    assert (found["people"], found["not_enrolled"], found["left_out"], found["failed"]) == (4, 1, 1, 0)
    report = (tmp_path / "report" / "report.html").read_text()
    assert "1 person is not enrolled, as none of their photos shows a face" in report
    assert "1 has too few photos" in report
    out, _ = shell.run(0, *words)
    assert "not enrolled, as none of their photos shows a face: 1 more" in out
    assert "too few photos: 1 more" in out


def test_another_run_computes_nothing_and_forgetting_is_easy(shell: Shell, crowd: Path, lfw: Path) -> None:
    first = shell.json(lfw, "--images", crowd, *SMALL)
    again = shell.json(lfw, "--images", crowd, *SMALL)
    assert again["computed"] == 0
    new = {"computed", "provider"}
    assert {k: v for k, v in again.items() if k not in new} == {k: v for k, v in first.items() if k not in new}
    files = list((shell.data / "evaluation").iterdir())
    assert files
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in files)
    assert shell.json("--forget")["deleted_bytes"] > 0
    assert not (shell.data / "evaluation").exists()
    assert shell.json(lfw, "--images", crowd, "--no-cache", *SMALL)["computed"] == 12
    assert not (shell.data / "evaluation").exists()


def test_ended_in_the_middle_it_goes_on_there(
    shell: Shell, crowd: Path, lfw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.json("--forget")
    monkeypatch.setattr(evaluate_pictures, "CHUNK", 3)
    add = evaluate_pictures.PictureCache.add
    chunks = 0

    def interrupted(*given: Any) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 3:
            raise KeyboardInterrupt
        add(*given)

    with monkeypatch.context() as patch:
        patch.setattr(evaluate_pictures.PictureCache, "add", interrupted)
        out, err = shell.run(130, lfw, "--images", crowd, *SMALL)
    assert out == ""
    assert "6 embeddings are kept, and the same command goes on from there" in err
    assert "Traceback" not in err
    assert shell.json(lfw, "--images", crowd, *SMALL)["computed"] == 6


def test_interrupted_without_a_cache_nothing_is_kept(
    shell: Shell, crowd: Path, lfw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluate_pictures.PictureCache, "add", interrupted)
    _, err = shell.run(130, lfw, "--images", crowd, "--no-cache", *SMALL)
    assert "nothing is kept, as --no-cache asked" in err


@pytest.mark.parametrize("command", ["evaluate", "calibrate"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"Example: faceapp {command} " in " ".join(capsys.readouterr().out.split())


def test_one_line_for_each_mistake(shell: Shell, crowd: Path, lfw: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.txt"
    alone.write_text("a b 1\n")
    for status, words, line in (
        (2, [lfw], "--images"),
        (2, ["--images", crowd], "list of pairs"),
        (3, [lfw, "--images", crowd, "--embedder", "none"], "no embedder 'none'"),
        (3, [lfw, "--images", crowd, "--compare", "none"], "no embedder 'none'"),
        (3, [lfw, "--images", crowd, "--detector", "none"], "detector"),
        (2, ["--identify", "--images", crowd, "--shots", "0"], "--shots"),
        (2, ["--identify", "--images", crowd, "--train", lfw], "--train"),
        (3, [tmp_path / "none.txt", "--images", crowd], "cannot be read"),
        (3, [lfw, "--images", tmp_path / "none"], "not a folder: name the one that the list's paths begin in"),
        (3, ["--identify", "--images", tmp_path / "none"], "the one that has a folder for each person"),
        (3, ["--identify", "--images", crowd, "--within", "nope"], "has photos in a folder 'nope'"),
        (3, [alone, "--images", crowd], "at least two of each kind"),
        (3, ["--identify", tmp_path / "none.txt", "--images", crowd], "cannot be read"),
        (3, ["--identify", "--images", crowd, "--shots", "3"], "4 photos or more"),
    ):
        out, err = shell.run(status, *words)
        assert out == ""
        assert err.count("\n") == 1
        assert line in err


def test_the_report_is_whole_and_loads_nothing(shell: Shell, crowd: Path, lfw: Path, tmp_path: Path) -> None:
    words = [lfw, "--images", crowd, "--report", tmp_path / "report", "--identify"]
    words += [*SMALL, "--compare", "dlib-resnet-128-plain"]
    row = shell.json(*words)
    assert [e["embedder"] for e in row["compare"]] == ["dlib-resnet-128", "dlib-resnet-128-plain"]
    assert row["embedder"] == "dlib-resnet-128"
    assert row["tests"][0]["mcnemar"] == {"only_a": 0, "only_b": 0, "p": 1.0}
    assert [set(t["differences"]) for t in row["identification_tests"]] == [{"rank1", "dir@0.01", "dir@0.001"}]
    assert row["report"] == [str(tmp_path / "report" / name) for name in ("report.html", "scores.csv")]
    text = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.loads == []
    assert page.open == []
    assert page.pictures == 4 * 2 * 10 + 8 * 3 + 8 * 2
    assert text.count("<svg") == 2 + 2 + 1 + 2
    for words_of_it in (
        "ROC",
        "DET",
        "CMC",
        "McNemar",
        "prefers-color-scheme:dark",
        "ONNX Runtime",
        "Ada/Ada_0001.jpg",
    ):
        assert words_of_it in text
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o600 for f in (tmp_path / "report").iterdir())

    with (tmp_path / "report" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(r["embedder"], r["task"]) for r in rows} == {
        (e, t) for e in words[-3::2] for t in ("pair", "own", "other")
    }
    first = [r for r in rows if r["embedder"] == "dlib-resnet-128" and r["task"] == "pair"]
    assert len(first) == 24
    assert {r["fold"] for r in first} == {"1", "2"}
    auc = roc_auc_score([int(r["same"]) for r in first], [-float(r["distance"]) for r in first])
    assert row["auc"] == pytest.approx(auc, abs=1e-9)
    assert sum(int(r["right_answer"]) for r in first) / 24 == pytest.approx(row["accuracy"])


def test_a_report_of_searches_shows_the_worst_and_keeps_every_distance(
    shell: Shell, crowd: Path, tmp_path: Path
) -> None:
    split = tmp_path / "split.txt"
    split.write_text("Ada\tenrolled\nBea\tenrolled\nCyd\tstranger\nDee\tstranger\n")
    row = shell.json("--identify", split, "--images", crowd, *SMALL, "--report", tmp_path / "report")
    found = row["identification"]
    assert found["fpir_reached"] == {"0.01": 0.0, "0.001": 0.0}, "one of six would be too many"
    assert found["too_few_strangers_at_fpir"] == ["0.01", "0.001"]
    assert "dir@0.01" not in found["intervals"]
    text = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert (page.loads, page.open) == ([], [])
    assert page.pictures == 4 * 3 + 6 * 2
    for words in ("farthest from being named", "Strangers nearest", "too few strangers", "really 0.00 %"):
        assert words in text
    with (tmp_path / "report" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [sum(r["task"] == t for r in rows) for t in ("own", "other", "stranger")] == [4, 4, 6]
    for r in rows:
        people = [r[side].partition("/")[0] for side in ("left", "right")]
        assert (people[0] == people[1]) == (r["task"] == "own") == (r["same"] == "1")
        assert r["right"] in {"Ada/Ada_0001.jpg", "Bea/Bea_0001.jpg"}
    assert min(float(r["distance"]) for r in rows if r["task"] == "stranger") > found["threshold_at_fpir"]["0.01"]
    assert sum(int(r["right_answer"]) for r in rows if r["task"] == "own") == 4 * found["dir_at_fpir"]["0.01"]


def test_embedders_side_by_side_find_the_faces_once(
    shell: Shell, crowd: Path, lfw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    detect = Mtcnn.detect
    monkeypatch.setattr(Mtcnn, "detect", lambda *given: looked.append(1) or detect(*given))
    row = shell.json(lfw, "--images", crowd, "--no-cache", "--compare", "dlib-resnet-128", "dlib-resnet-128-plain")
    assert [e["computed"] for e in row["compare"]] == [12, 12]
    assert len(looked) == 12


def test_a_report_without_faces(shell: Shell, crowd: Path, lfw: Path, tmp_path: Path) -> None:
    shell.json(lfw, "--images", crowd, "--report", tmp_path, "--no-pictures", *SMALL)
    assert "data:image" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    _, err = shell.run(4, lfw, "--images", crowd, "--report", tmp_path / "file")
    assert err.count("\n") == 1


def test_people_of_tuning_are_told_and_can_be_left_out(
    shell: Shell, crowd: Path, lfw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = [hashlib.sha256((crowd / "Ada" / "Ada_0002.jpg").read_bytes()).hexdigest()[:DIGITS]]
    lists = (PeopleList("Ada alone", ("mean",), dict.fromkeys(digests, 0)),)
    monkeypatch.setattr(evaluate_honest, "people_lists", lambda _: lists)
    row = shell.json(lfw, "--images", crowd, "--report", tmp_path, *SMALL)
    ada = sum(line.startswith("Ada") or "\tAda" in line for line in lfw.read_text().splitlines())
    assert row["overlap"] == {"people": 1, "pairs_left_out": 0}
    assert row["pairs"] == 24
    assert row["untouched"]["pairs"] == 24 - ada
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "1 of the people here: shipped numbers were tuned on them" in page
    out, _ = shell.run(0, lfw, "--images", crowd, *SMALL)
    assert "without those on whom a shipped number was tuned (1):" in out
    row = shell.json(lfw, "--images", crowd, "--untouched", *SMALL)
    assert (row["pairs"], row["overlap"]["pairs_left_out"]) == (24 - ada, ada)
    assert "untouched" not in row


def test_whoever_is_deleted_is_gone_from_the_cache_too(
    shell: Shell, crowd: Path, lfw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.json(lfw, "--images", crowd, *SMALL)
    data = ["--data-dir", str(shell.data)]
    assert main([*data, "enroll", "Ada Lovelace", str(crowd / "Ada" / "Ada_0001.jpg")]) == 0
    assert (shell.data / "evaluation").is_dir()
    assert main([*data, "people", "delete", "Ada Lovelace", "--yes"]) == 0
    assert not (shell.data / "evaluation").exists()
    capsys.readouterr()
