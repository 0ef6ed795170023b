"""The README's table of embedders: accuracy with intervals, speed, size and licence, on CFP.

    .venv/bin/python tests/bench/evaluation_table.py --cfp DIR [--data-dir DIR] [--precision P]... [EMBEDDER...]

Every embedder that is ready here (or those named), on `pairs_frontal.txt`, `pairs_profile.txt` and `split.txt`, as
`faceapp evaluate` judges them. `--data-dir`: a data directory with models of your own and with a cache, so that a
second run is quick (and tells the first one's speed); without, a new one. Run it while nothing else runs.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from faceapp.app.evaluate import EmbedderResult, Wish, evaluate
from faceapp.app.parts import Parts
from faceapp.evaluation.intervals import Interval
from faceapp.evaluation.verification import Verification
from faceapp.zoo.specs import EmbedderSpec

HEAD = (
    "embedder", "precision", "size", "pictures a second", "frontal pairs right", "of untouched people",
    "frontal to profile", "of untouched people", "named from one photo", "strangers named", "licence of the weights",
)  # fmt: skip
DOOR = "pair FAR 0.0001 of the split's tune people"


def right(v: Verification | None) -> str:
    """`98.96 % (98.1 to 99.5)`."""
    if v is None:
        return ""
    interval = v.intervals.get("accuracy")
    between = f" ({100 * interval[0]:.1f} to {100 * interval[1]:.1f})" if interval else ""
    return f"{100 * v.accuracy.mean:.2f} %{between}"


def share(count: int, total: int, interval: Interval | None) -> str:
    """`173 of 180 (93 to 98 %)`."""
    return f"{count} of {total}" + (f" ({100 * interval[0]:.0f} to {100 * interval[1]:.0f} %)" if interval else "")


def licence(spec: EmbedderSpec) -> str:
    """The licence without its explanation."""
    return re.sub(r"\s*\([^()]*\)", "", spec.licence).strip()


def size(parts: Parts) -> str:
    """Of the files that are loaded."""
    networks = {p.network for p in parts.embedder_spec.parts}
    return f"{sum(parts.models.path(n, parts.precision_of(n)).stat().st_size for n in networks) / 1e6:.0f} MB"


def row(parts: Parts, frontal: EmbedderResult, profile: EmbedderResult) -> list[str]:
    """One line of the table."""
    precisions = dict.fromkeys(parts.precision_of(p.network).upper() for p in parts.embedder_spec.parts)
    found = frontal.identification
    at = next((a for a in found.at if a.what == DOOR), None) if found else None
    named = share(at.named, found.probes, at.named_interval) if found and at else ""
    strangers = share(at.strangers_named, found.strangers, at.strangers_interval) if found and at else ""
    return [
        f"`{parts.settings.embedder}`", " and ".join(precisions), size(parts), f"{frontal.images_per_second:.0f}",
        right(frontal.verification), right(frontal.untouched), right(profile.verification), right(profile.untouched),
        named, strangers, licence(parts.embedder_spec),
    ]  # fmt: skip


@contextlib.contextmanager
def data_dir(given: Path | None) -> Iterator[Path]:
    """The folder given, or a new one."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cfp", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--precision", action="append")
    parser.add_argument("embedders", metavar="EMBEDDER", nargs="*")
    options = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD))
    with data_dir(options.data_dir) as folder:
        for precision in options.precision or ["auto", "fp32"]:
            with Parts.open(folder, precision=precision) as parts:
                ready = [e.id for e in parts.models.embedders() if e.ready]
                for id in options.embedders or ready:
                    lists = ("pairs_frontal.txt", "pairs_profile.txt")
                    results = []
                    for name in lists:
                        wish = Wish(
                            images=options.cfp / "images",
                            embedders=(id,),
                            pairs=options.cfp / name,
                            crowd=name == lists[0],
                            split=options.cfp / "split.txt",
                        )
                        results.append(evaluate(parts, wish, lambda *_: None).first)
                    print("| " + " | ".join(row(parts.fork(embedder=id), *results)) + " |")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
