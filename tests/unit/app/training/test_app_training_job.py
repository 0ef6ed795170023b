"""A window's training: the command in a process of its own, its end, and what it writes on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faceapp.app.training.job import TrainingJobs
from faceapp.app.training.log import COLUMNS, Log, Step, read_log
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


def test_what_another_window_began_is_gone_on_with(data_dir: Path, tmp_path: Path) -> None:
    for name in (".head-20260101-080000", ".scratch-20260101-080000", ".scratch-20260102-080000"):
        (data_dir / RUNS / f"{name}.unfinished").mkdir(parents=True)
    jobs = TrainingJobs(data_dir)
    jobs.begin("scratch", str(tmp_path / "nowhere"))
    assert jobs._made == data_dir / RUNS / "scratch-20260102-080000"
    jobs.cancel()
    until(lambda: jobs.state().phase == "cancelled", 60)


def test_a_cancelled_run_ends(data_dir: Path, tmp_path: Path) -> None:
    jobs = TrainingJobs(data_dir)
    jobs.begin("scratch", str(crowd(tmp_path / "people", 8, 2, side=64)), whole=True)
    jobs.cancel()
    until(lambda: jobs.state().phase == "cancelled", 60)
    assert "goes on from there" in jobs.state().line


def progress(step: int, validation: float | None = None) -> Progress:
    return Progress(step, 6, 0.5 / step, 0.25, 0.6, 1.2, validation, 0.9, "too easy" if step == 2 else None)


def test_what_is_written_is_followed(data_dir: Path, tmp_path: Path) -> None:
    clock = iter(range(100))
    told: list[str] = []
    lasting: list[str | None] = []

    def tell(step: Step) -> None:
        told.append(step.line())
        lasting.append(step.beforehand())

    with Log(tmp_path, tell, lambda: float(next(clock))) as log:
        for step in (1, 2, 3, 4):
            log.tar = 0.8
            log.step(progress(step, 0.7 if step == 2 else None))
    assert told[-1] == "step 4 of 6: loss 0.1250, 25 % active, validation TAR at FAR 1 %: 80.0 %, 2 s left"
    assert lasting == [None, None, None, "2 s for 6 steps, less where it stops early"], "the first steps are slower"
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
    assert (seen.looks, seen.total, seen.picture) == ((), 6, {"step": 1})
    assert seen.warning == "too easy"
