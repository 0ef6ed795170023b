"""`faceapp train …`: adapting a network to people, and taking it in or leaving it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faceapp.cli.output import Output

if TYPE_CHECKING:
    from faceapp.app.training.log import Step
    from faceapp.app.training.result import Trained
    from faceapp.app.training.wish import Wish

_KINDS = {
    "head": "a shorter encoding behind a network that stays as it is: minutes on two cores",
    "finetune": "FaceNet's last blocks go on learning from your pictures",
    "scratch": "a small network from nothing, for teaching and for grey cameras",
}
_EVERY = 10.0
"""Seconds between two lines of progress where nobody watches."""


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add this module's command to the parser."""
    train = commands.add_parser("train", parents=[common], help="adapt a network to people, and see whether it helps")
    kinds = train.add_subparsers(dest="kind", metavar="KIND", required=True)
    for kind, what in _KINDS.items():
        _register_kind(kinds.add_parser(kind, parents=[common], help=what, description=what), kind)
    p = kinds.add_parser(
        "install", parents=[common], help="take in what a run made, and put it into use where it is a gain"
    )
    p.add_argument("folder", metavar="DIR", type=Path, help="the --out of a run")
    p.add_argument("--id", help="what it shall be called (default: the folder's name)")
    p.add_argument("--anyway", action="store_true", help="also where there was no significant gain")
    p.add_argument("--keep", action="store_true", help="take it in and leave the embedder in use as it is")
    p.set_defaults(run=install)


def _register_kind(p: argparse.ArgumentParser, kind: str) -> None:
    p.add_argument(
        "--data",
        metavar="DIR|FILE.h5|gallery",
        required=True,
        help="a folder with a folder for each person, an HDF5 file, or the gallery's kept crops",
    )
    p.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="a new folder: network, report, log, checkpoint"
    )
    if kind == "head":
        p.add_argument("--dimension", metavar="N", type=int, help="numbers of the encoding (128)")
    if kind != "scratch":
        p.add_argument("--embedder", metavar="ID", help="what it is built on (facenet-512)")
    p.add_argument(
        "--loss", choices=("triplet", "contrastive", "arcface"), help="what is learned (triplet; scratch: arcface)"
    )
    p.add_argument(
        "--selection",
        choices=("all", "random", "hard", "semi-hard", "distance-weighted"),
        help="which triplets to learn from",
    )
    p.add_argument("--margin", metavar="M", type=float, help="how much further the others shall be")
    p.add_argument("--steps", metavar="N", type=int, help="batches to learn from at most")
    p.add_argument("--rate", metavar="R", type=float, help="of learning")
    p.add_argument("--people-per-batch", metavar="P", type=int, help="people in a batch")
    p.add_argument("--pictures-each", metavar="K", type=int, help="pictures of each in a batch")
    p.add_argument("--check-every", metavar="N", type=int, help="steps between two looks at the validation people")
    p.add_argument("--patience", metavar="N", type=int, help="looks without improvement after which it stops")
    p.add_argument("--seed", metavar="N", type=int, default=0, help="of everything that is drawn (0)")
    p.add_argument(
        "--general", metavar="DIR", type=Path, help="other people, to see what was forgotten (else the gallery's)"
    )
    p.add_argument("--nested", action="store_true", help="pictures in folders within a person's folder are theirs too")
    p.add_argument("--within", metavar="FOLDER", default="", help="only this folder of each person's")
    p.add_argument("--whole", action="store_true", help="the pictures are faces cut out already: look for none")
    p.add_argument("--leave-out", action="store_true", help="go on without pictures that cannot be read")
    p.add_argument("--alike", action="store_true", help="go on although two people seem to be one")
    p.add_argument(
        "--restart",
        action="store_true",
        help="begin again where what is unfinished was learned from other people or with another plan",
    )
    p.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where PyTorch computes")
    p.add_argument("--threads", metavar="N", type=int, help="of the processor")
    p.add_argument("--nice", metavar="N", type=int, default=10, help="how far it stands back for others, 0 to 19 (10)")
    p.set_defaults(run=train)


def train(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp train KIND`: exit 0 where a network was made, whether it is better or not; 3 for people who can't be
    learned from."""
    from faceapp.app.parts import Parts
    from faceapp.app.training.run import train as run

    wish = _wish(arguments)
    _stand_back(arguments.nice)
    with Parts.open(arguments.data_dir, threads=arguments.threads) as parts, output.steps() as report:
        line = _Line(output)
        try:
            trained = run(parts, wish, report, line.show, output.note)
        except KeyboardInterrupt:
            line.end()
            output.note("faceapp: interrupted: the same command goes on from the last checkpoint")
            raise
        line.end()
    output.result({**trained.as_json(), "out": str(wish.out)}, _lines(trained, wish))
    return 0


def install(arguments: argparse.Namespace, output: Output) -> int:
    """`faceapp train install DIR`: exit 1 where there was no significant gain and nothing was taken in."""
    from faceapp.app.parts import Parts
    from faceapp.app.training.install import install as run

    with Parts.open(arguments.data_dir) as parts, output.steps() as report:
        done = run(parts, arguments.folder, arguments.id, arguments.anyway, not arguments.keep, report)
    output.result(done.as_json(), done.lines())
    return 0 if done.imported else 1


def _wish(arguments: argparse.Namespace) -> Wish:
    from faceapp.app.training.wish import BASE, GALLERY, HEAD_DIMENSION, Wish, plan_of

    plan = plan_of(
        arguments.kind,
        loss=arguments.loss,
        selection=arguments.selection,
        margin=arguments.margin,
        steps=arguments.steps,
        rate=arguments.rate,
        seed=arguments.seed,
        people_per_batch=arguments.people_per_batch,
        pictures_each=arguments.pictures_each,
        check_every=arguments.check_every,
        patience=arguments.patience,
    )
    return Wish(
        kind=arguments.kind,
        data=None if arguments.data == GALLERY else Path(arguments.data),
        out=arguments.out,
        plan=plan,
        base=getattr(arguments, "embedder", None) or BASE,
        dimension=getattr(arguments, "dimension", None) or HEAD_DIMENSION,
        nested=arguments.nested,
        within=arguments.within,
        whole=arguments.whole,
        general=arguments.general,
        leave_out=arguments.leave_out,
        alike=arguments.alike,
        device=arguments.device,
        restart=arguments.restart,
    )


def _stand_back(by: int) -> None:
    """Let a kiosk on the same computer go first."""
    if by > 0 and hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(min(by, 19))


class _Line:
    """The line of progress: over and over on a terminal, else one at each look and now and then."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._watched = sys.stderr.isatty()
        self._last = 0.0

    def show(self, step: Step) -> None:
        """After a step."""
        now = time.monotonic()
        if self._watched:
            if now - self._last > 0.1 or step.progress.step == step.progress.steps:
                self._last = now
                print(f"\r\033[K{step.line()}", end="", file=sys.stderr, flush=True)
        elif now - self._last > _EVERY or step.progress.step == step.progress.steps:
            self._last = now
            self._output.note(step.line())

    def end(self) -> None:
        """Leave the line."""
        if self._watched and self._last:
            print(file=sys.stderr)


def _lines(t: Trained, wish: Wish) -> list[str]:
    lines = [
        f"{t.kind}: {t.judged.after.dimension} numbers a face, {t.seconds:.0f} s on the {t.device}; "
        f"{t.ended.steps} steps, the best after {t.ended.best_step}",
        f"on {t.judged.people} people nobody trained on, before ({t.started_from}) and after:",
    ]
    for name, before, after in (
        ("right", t.judged.before.accuracy, t.judged.after.accuracy),
        ("equal error rate", t.judged.before.eer, t.judged.after.eer),
        *((f"TAR at FAR {100 * f:g} %", t.judged.before.tar[f], t.judged.after.tar[f]) for f in t.judged.before.tar),
    ):
        lines.append(f"  {name}: {100 * before:.2f} % and {100 * after:.2f} %")
    lines.append(t.verdict())
    if t.used is not None and not t.judged.significant:
        lines.append(f"against {t.used_id}, which is in use: {t.used.verdict()}")
    if t.general is not None:
        lines.append(f"on {t.general.people} other people ({t.general_source}): {t.general.verdict()}")
    lines.append(f"written: {wish.out} (report.html, report.json, log.csv, model.onnx)")
    if t.significant:
        lines.append(f'"faceapp train install {wish.out}" puts it into use')
    return lines
