"""Write models/statistics/people.json: on whom the shipped numbers were tuned, and on whom the README's are measured.

    .venv/bin/python tests/bench/people_lists.py --cfp DIR

Of each person's photos the first digits of their SHA-256 alone, so that `faceapp evaluate` knows them again: no name,
no picture, nothing made from a face. Run it again when another data set or other people are used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from faceapp.evaluation.overlap import DIGITS

USED_FOR = ["mean", "weights", "thresholds", "ranges", "gate"]


def digests(folder: Path) -> list[str]:
    """Of one person's photos, frontal and profile."""
    return [hashlib.sha256(f.read_bytes()).hexdigest()[:DIGITS] for f in sorted(folder.rglob("*.jpg"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cfp", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/statistics/people.json"))
    options = parser.parse_args()
    roles = dict(line.split() for line in (options.cfp / "split.txt").read_text().splitlines() if line.strip())
    groups = {
        role: [digests(options.cfp / "images" / p) for p, r in roles.items() if (r == "tune") == role]
        for role in (True, False)
    }
    lists = [
        {
            "source": f"{len(groups[True])} people, frontal and profile (CFP, tune)",
            "used_for": USED_FOR,
            "people": groups[True],
        },
        {
            "source": f"{len(groups[False])} people (CFP, enrolled and stranger)",
            "used_for": [],
            "people": groups[False],
        },
    ]
    options.out.write_text(
        json.dumps({"digest": f"first {DIGITS} digits of a photo's SHA-256", "lists": lists}, indent=0) + "\n"
    )


if __name__ == "__main__":
    main()
