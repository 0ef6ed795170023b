"""A window's training: the command in a process of its own, its end, and what it writes on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceapp.app.training.job import TrainingJobs
from faceapp.app.training.log import COLUMNS, Log, read_log
from faceapp.app.training.whose import RUNS
from faceapp.errors import InputError
from faceapp.training.plan import Progress
from tests.fakes.learning import crowd
from tests.polling import until


def test_a_run_that_fails_says_so_in_one_line_and_another_can_begin(data_dir: Path, tmp_path: Path) -> None:
    jobs = TrainingJobs(data_dir)
    assert jobs.state().phase == "idle"
    jobs.begin("scratch", str(tmp_path / "nowhere"))
    assert jobs.state().phase == "training"
    with pytest.raises(InputError, match="already"):
        jobs.begin("head", "gallery")
    until(lambda: jobs.state().phase == "failed", 60)
    problem = jobs.state().problem
    assert "\n" not in problem
    assert "there is no such folder" in problem or "make setup-train" in problem
    with pytest.raises(InputError, match="no trained network"):
        jobs.install()
    assert list((data_dir / RUNS).iterdir()) == []


def test_a_cancelled_run_ends(data_dir: Path, tmp_path: Path) -> None:
    jobs = TrainingJobs(data_dir)
    jobs.begin("scratch", str(crowd(tmp_path / "people", 8, 2, side=64)), whole=True)
    jobs.cancel()
    until(lambda: jobs.state().phase == "cancelled", 60)
    assert "goes on from there" in jobs.state().line


def progress(step: int, validation: float | None = None) -> Progress:
    return Progress(step, 4, 0.5 / step, 0.25, 0.6, 1.2, validation, 0.9)


def test_what_is_written_is_followed(data_dir: Path, tmp_path: Path) -> None:
    clock = iter(range(100))
    told: list[str] = []
    with Log(tmp_path, lambda step: told.append(step.line()), lambda: float(next(clock))) as log:
        for step in (1, 2, 3):
            log.tar = 0.8
            log.step(progress(step, 0.7 if step == 2 else None))
    assert told[-1] == "step 3 of 4: loss 0.1667, 25 % active, validation TAR at FAR 1 %: 80.0 %, 1 s left"
    with Log(tmp_path, lambda _: None) as log:  # killed after step 3, gone on from the checkpoint of step 1
        log.step(progress(2))
    rows = read_log(tmp_path / "log.csv")
    assert [r["step"] for r in rows] == ["1", "2"]
    assert tuple(rows[0]) == COLUMNS
    with (tmp_path / "log.csv").open("a") as file:
        file.write("3,4,0.1")  # being written
    assert len(read_log(tmp_path / "log.csv")) == 2
    jobs = TrainingJobs(data_dir)
    jobs._made = tmp_path
    (tmp_path / "picture.json").write_text(json.dumps({"step": 1}))
    seen = jobs._looked("training", "a line")
    assert seen.steps == ((1, 0.5, 0.25), (2, 0.25, 0.25))
    assert (seen.looks, seen.total, seen.picture) == ((), 4, {"step": 1})
