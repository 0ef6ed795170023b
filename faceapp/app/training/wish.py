"""What is asked of a training run, as plain values."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from faceapp.errors import UsageError
from faceapp.training.plan import Loss, Plan, Selection

Kind: TypeAlias = Literal["head", "finetune", "scratch"]
KINDS: tuple[Kind, ...] = get_args(Kind)

GALLERY = "gallery"
"""Said in place of a folder: the gallery's kept crops."""
BASE = "facenet-512"
HEAD_DIMENSION = 128
UNFINISHED = ".unfinished"
"""How the hidden folder ends in which a run is made."""

_MARGINS: dict[Loss, float] = {"triplet": 0.2, "contrastive": 1.0, "arcface": 0.5}
_PLANS: dict[Kind, Plan] = {
    "head": Plan(steps=600, rate=1e-4, check_every=25, patience=8),
    "finetune": Plan(steps=400, rate=3e-5, people_per_batch=8, pictures_each=4, check_every=20, patience=6),
    "scratch": Plan(
        steps=300, loss="arcface", margin=0.3, scale=12, rate=2e-3, decay=1e-3, people_per_batch=10, pictures_each=5,
        check_every=20, patience=15, last=True,
    ),
}  # fmt: skip
"""The head's is what `tests/bench/training.py head` found to work, the small network's what did on people of AT&T's
who weren't those it is judged by: ArcFace's equal error rate was 7.5 % where that of hard triplets was 8.6."""

_ID = re.compile(r"[^a-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """One run."""

    kind: Kind
    data: Path | None
    """A folder with a folder for each person, or an HDF5 file; None: the gallery."""
    out: Path
    plan: Plan
    base: str = BASE
    """The embedder that a head sits on, whose last blocks are trained, or that doubles are found with."""
    dimension: int = HEAD_DIMENSION
    """Of a head's embeddings."""
    nested: bool = False
    """Pictures in folders within a person's folder are theirs too."""
    within: str = ""
    """Only this folder of each person's."""
    whole: bool = False
    """The pictures are faces cut out already: none is looked for."""
    general: Path | None = None
    """Other people, to see what was forgotten."""
    leave_out: bool = False
    """Go on without pictures that can't be used."""
    alike: bool = False
    """Go on although two people seem to be one."""
    device: str = "auto"
    restart: bool = False
    """Begin again where what is unfinished was made of other data or with another plan."""

    @property
    def source(self) -> str:
        """As `--data` names it."""
        return GALLERY if self.data is None else str(self.data)

    @property
    def id(self) -> str:
        """What the network is called, unless somebody says otherwise: the folder's name, as far as it can be an id."""
        return _ID.sub("-", self.out.name.lower()).strip(".-+")[:64].strip(".-+") or self.kind


def plan_of(
    kind: Kind,
    *,
    loss: Loss | None = None,
    selection: Selection | None = None,
    margin: float | None = None,
    steps: int | None = None,
    rate: float | None = None,
    seed: int | None = None,
    people_per_batch: int | None = None,
    pictures_each: int | None = None,
    check_every: int | None = None,
    patience: int | None = None,
) -> Plan:
    """The plan for a kind of training, with what was said otherwise. Raises UsageError for what can't be."""
    usual = _PLANS[kind]
    given = {
        "loss": loss,
        "selection": selection,
        "margin": margin if margin is not None or loss is None else _MARGINS[loss],
        "steps": steps,
        "rate": rate,
        "seed": seed,
        "people_per_batch": people_per_batch,
        "pictures_each": pictures_each,
        "check_every": check_every,
        "patience": patience,
    }
    return dataclasses.replace(usual, **{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]  # each by its own name


def check_out(out: Path) -> Path:
    """The folder in which a run is made that is to become `out`: hidden, beside it. Raises UsageError where `out` is
    there already or can't be made."""
    if not out.name or out.name in (".", ".."):
        raise UsageError("--out is the folder that the run shall make: give it a name")
    if out.exists() or out.is_symlink():
        raise UsageError(f"{out} is there already: name a new folder with --out, or delete that one")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"{out.absolute().parent} is no folder: make it first, or name another with --out")
    return out.absolute().with_name(f".{out.name}{UNFINISHED}")
