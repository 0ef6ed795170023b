"""One run, from pictures to a network: read, split, learn, judge, export.

It is made in a hidden folder beside the one that was asked for, which gets its name when everything is in it. A run
that was killed leaves that folder behind, and the same command goes on from its last checkpoint; what can't be trained
on leaves nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from faceapp import files
from faceapp.app.parts import Parts
from faceapp.app.training import whose
from faceapp.app.training.data import People, Report, base_parts, read_people
from faceapp.app.training.judging import Judgement, all_pairs, judge, threshold_of, validation_figure
from faceapp.app.training.kinds import Work, check_parity, prepare, require_torch
from faceapp.app.training.log import LOG, Log, Tell, read_log
from faceapp.app.training.people import Split, check_people, split_people
from faceapp.app.training.picture import TripletPicture
from faceapp.app.training.report import report_html
from faceapp.app.training.result import Trained, counts_of, entry_json, thresholds_of
from faceapp.app.training.whose import PEOPLE
from faceapp.app.training.wish import Wish, check_out
from faceapp.errors import InputError, UnavailableError
from faceapp.types import JsonObject
from faceapp.vision.session import thread_count

if TYPE_CHECKING:
    from faceapp.training.device import Where
    from faceapp.training.plan import Ended

CHECKPOINT, MODEL, ENTRY, REPORT, PAGE, PICTURE = (
    "checkpoint.npz", "model.onnx", "entry.json", "report.json", "report.html", "picture.json",
)  # fmt: skip
_SAID = frozenset({"how long it takes"})
_ALIKE = 0.95
"""Of the verify threshold. Of CFP's 120 people no two are nearer on average, and of halves of one person's pictures
nearly all are."""


def train(
    parts: Parts,
    wish: Wish,
    report: Report = lambda *_: None,
    tell: Tell = lambda _: None,
    note: Callable[[str], None] = lambda _: None,
    split: Callable[[People], Split] | None = None,
) -> Trained:
    """Do it, or go on where it was interrupted; `wish.out` is there afterwards, whole. `split`: another way to deal
    people than at random. Raises KnownError for what can't be trained on or written; then, unless it had begun to
    learn, nothing is left."""
    require_torch()
    unfinished = check_out(wish.out)
    base = base_parts(parts, wish.base, wish.kind)
    with contextlib.closing(base):
        # What is in use is what a gain must be over, and it need not be what this begins from.
        used = None if wish.kind != "scratch" and parts.settings.embedder == wish.base else parts
        people = read_people(base, wish, wish.data, report, used)
        for line in people.notes:
            note(line)
        table = base.embedder_spec.thresholds
        alike = None if wish.alike or table is None else _ALIKE * base.embedder_spec.threshold_verify()
        check_people(people, alike)
        general = _general(base, wish, people, report)
        dealt = split_people(people.person, wish.plan.seed) if split is None else split(people)
        where = _where(wish, base)
        note(f"trained on the {where.name}; {_dealt(people, dealt)}")
        with prepare(wish, base, people, dealt.train) as work, _folder(unfinished) as folder:
            id = "" if used is None else used.settings.embedder
            return _Run(base, wish, people, dealt, general, work, where, folder, id).run(tell, report, note)


class _Run:
    """What one run knows. One thread."""

    def __init__(
        self,
        base: Parts,
        wish: Wish,
        people: People,
        split: Split,
        general: People | None,
        work: Work,
        where: Where,
        folder: Path,
        used: str,
    ) -> None:
        self._base, self._wish, self._people, self._split = base, wish, people, split
        self._general, self._work, self._where, self._folder = general, work, where, folder
        self._used = used

    def run(self, tell: Tell, report: Report, note: Callable[[str], None]) -> Trained:
        began = time.monotonic()
        try:
            self._begin(note)
            ended = self._learn(tell, note)
            report("judging", 0, 1)
            trained, model = self._judged(ended, time.monotonic() - began)
            self._check_present()
            self._write(trained, model)
        except (OSError, UnavailableError):
            self._check_present()  # a deletion takes the folder away
            raise
        report("judging", 1, 1)
        return trained

    def _begin(self, note: Callable[[str], None]) -> None:
        """Let go of what was learned before where it can't be gone on with, and write down whose pictures these are."""
        from faceapp.training.checkpoint import resumable

        file = self._folder / CHECKPOINT
        if file.exists():
            before = whose.listed(self._folder / PEOPLE)
            stays = before is not None and before <= set(map(whose.mark, self._people.ids))
            if not stays or (self._wish.restart and not resumable(file, self._wish.plan.fingerprint, self._data())):
                for name in (CHECKPOINT, LOG, PICTURE):
                    (self._folder / name).unlink(missing_ok=True)
                note("begun anew: what was unfinished was learned from other people or with another plan")
        whose.write(self._folder / PEOPLE, self._people.ids)
        self._check_present()  # who was deleted between the reading of the pictures and this was looked for in vain

    def _check_present(self) -> None:
        """Raises DeletedMeanwhileError where somebody isn't in the gallery any more."""
        ids = self._people.ids
        if ids and not whose.present(self._base.existing_gallery()).issuperset(map(whose.mark, ids)):
            raise whose.DeletedMeanwhileError

    def _data(self) -> str:
        """The fingerprint of what is learned from, and of what decides how it is seen."""
        rows = [part.tolist() for part in (self._split.train, self._split.validation, self._split.test)]
        what = [self._wish.kind, self._base.space(), self._wish.dimension, self._people.fingerprint(), rows]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()

    def _learn(self, tell: Tell, note: Callable[[str], None]) -> Ended:
        from faceapp.training.loop import Trainer

        work, people, split, wish = self._work, self._people, self._split, self._wish
        pairs = all_pairs(people.person[split.validation])
        picture = TripletPicture(people.person, split.validation, wish.plan.seed)
        shown = work.before(picture.rows)
        looks = 0
        warned: set[str] = set()

        with Log(self._folder, lambda step: _warn(step, warned, tell, note)) as log:

            def validate() -> float:
                nonlocal looks
                self._check_present()
                work.settle()
                figure, log.tar = validation_figure(work.now(split.validation), pairs)
                found = picture.look(shown, work.now(picture.rows), looks)
                _put(self._folder / PICTURE, found)
                looks += 1
                return figure

            numbers = np.unique(people.person[split.train], return_inverse=True)[1].astype(np.intp)
            trainer = Trainer(work.learner, work.people(numbers), wish.plan, validate, self._data(), self._where)
            ended = trainer.run(self._folder / CHECKPOINT, log.step)
        _put(self._folder / PICTURE, picture.look(shown, work.now(picture.rows), ended.best_step))
        return ended

    def _judged(self, ended: Ended, seconds: float) -> tuple[Trained, bytes]:
        work, people, split, wish = self._work, self._people, self._split, self._wish
        model = work.to_onnx().SerializeToString()
        sha256 = hashlib.sha256(model).hexdigest()
        limits = [
            threshold_of(people.person[split.validation], side(split.validation)) for side in (work.before, work.now)
        ]
        judged = judge(
            people.person[split.test], (work.before(split.test), limits[0]), (work.now(split.test), limits[1])
        )
        against: Judgement | None = None
        if people.used is not None:
            validation, test = people.used[split.validation], people.used[split.test]
            limit = threshold_of(people.person[split.validation], validation)
            against = judge(people.person[split.test], (test, limit), (work.now(split.test), limits[1]))
        other: Judgement | None = None
        if self._general is not None:
            before, now = work.others(self._general)
            other = judge(self._general.person, (before, limits[0]), (now, limits[1]))
        return Trained(
            kind=wish.kind,
            id=wish.id,
            base=wish.base,
            started_from=work.started_from,
            source=wish.source,
            device=self._where.name,
            plan=wish.plan,
            ended=ended,
            seconds=seconds,
            counts={
                name: counts_of(people.person, people.sha256, rows)
                for name, rows in (("train", split.train), ("validation", split.validation), ("test", split.test))
            },
            judged=judged,
            used=against,
            used_id=self._used,
            general=other,
            general_source="" if self._general is None else self._general.source,
            parity=check_parity(work.to_onnx(), work, people, split.test),
            thresholds=thresholds_of(work.now(split.validation), people.person[split.validation], "set when installed"),
            shown=work.crop_input,
            model_sha256=sha256,
            notes=people.notes,
            logged=read_log(self._folder / LOG),
            picture=json.loads((self._folder / PICTURE).read_text(encoding="utf-8")),
        ), model

    def _write(self, trained: Trained, model: bytes) -> None:
        """Everything, and then the folder's own name."""
        network = self._base.manifest.network(self._base.embedder_spec.parts[0].network)
        scratch = trained.kind == "scratch"
        licence = "Your own: trained here from nothing, on your pictures" if scratch else network.licence
        entry = entry_json(trained, "" if scratch else network.photographs, licence)
        with _writing(self._folder):
            files.write_atomically(self._folder / MODEL, model)
            _put(self._folder / ENTRY, entry)
            _put(self._folder / REPORT, trained.as_json())
            files.write_atomically(self._folder / PAGE, report_html(trained).encode())
            self._folder.rename(self._wish.out)
            files.sync_folder(self._wish.out.absolute().parent)


def _warn(step: object, warned: set[str], tell: Tell, note: Callable[[str], None]) -> None:
    from faceapp.app.training.log import Step

    assert isinstance(step, Step)  # noqa: S101 - the log's own
    beforehand = step.beforehand()
    if beforehand and not _SAID & warned:
        warned |= _SAID
        note(beforehand)
    if step.progress.warning and step.progress.warning not in warned:
        warned.add(step.progress.warning)
        note(step.progress.warning)
    tell(step)


def _general(base: Parts, wish: Wish, people: People, report: Report) -> People | None:
    """Other people, to see what was forgotten: those that were named, else the gallery's, where they aren't the ones
    learned from and there are enough of them. People with a picture among `people` don't count."""
    data = wish.general
    if data is None and (wish.data is None or wish.kind == "scratch" or not _gallery_helps(base)):
        return None
    found = read_people(base, wish, data, report)
    met = {n for n, s in zip(found.person.tolist(), found.sha256, strict=True) if s in set(people.sha256)}
    kept = np.flatnonzero(~np.isin(found.person, list(met)))
    several = int((np.bincount(found.person[kept]) > 1).sum()) if len(kept) else 0
    if several < 3:
        if data is None:
            return None
        raise InputError(
            f"{data} holds {several} other people with two pictures or more: three are needed to see what was forgotten"
        )
    return People(
        found.source,
        found.names,
        found.person[kept],
        tuple(found.sha256[k] for k in kept.tolist()),
        [found.crops[k] for k in kept.tolist()],
        found.vectors[kept],
    )


def _gallery_helps(base: Parts) -> bool:
    store = base.existing_gallery()
    if store is None or store.locked:
        return False
    return sum(sum(p.has_crop for p in store.photos(row.id)) > 1 for row in store.people()) >= 3


def _where(wish: Wish, base: Parts) -> Where:
    from faceapp.training.device import choose

    # What a head computes is too small to be shared out.
    return choose(wish.device, 1 if wish.kind == "head" else thread_count(base.settings.threads))


def _dealt(people: People, split: Split) -> str:
    train, validation, test = split.people(people.person)
    return f"{train} people to learn from, {validation} to look at meanwhile, {test} to judge by"


def _put(file: Path, data: JsonObject) -> None:
    files.write_atomically(file, (json.dumps(data, indent=1) + "\n").encode())


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """The folder of an unfinished run: kept with a checkpoint in it, whatever happens; else gone again."""
    with _writing(path):
        path.mkdir(mode=0o700, exist_ok=True)
    try:
        with _writing(path), files.locked(path / "lock", 0.2):
            yield path
    except whose.DeletedMeanwhileError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    except TimeoutError as e:
        raise UnavailableError(
            f"another run is making {path.name.removeprefix('.').removesuffix('.unfinished')}: wait for it"
        ) from e
    finally:
        if path.is_dir() and not (path / CHECKPOINT).exists():
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise
    except OSError as e:
        raise UnavailableError(
            f"{folder} cannot be written to ({e.strerror or e}): free some space, or name another"
        ) from e
