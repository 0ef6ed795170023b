"""How long it takes to open a sealed gallery of many people, and to seal it with another key.

    .venv/bin/python tests/bench/sealed_gallery.py [--people N] [--dimension D] [--crop BYTES]

Random vectors and bytes in a folder that is removed afterwards. Opening is what a start waits for: the file, its key,
every template opened and the index built, in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from faceapp.gallery.models import person, photo, template
from faceapp.gallery.sealing import bound_crop, bound_template
from faceapp.gallery.store import GalleryStore

SPACE, AT = "bench", "2026-01-01T00:00:00.000000+00:00"
OPEN = """
import sys, time, pathlib
started = time.perf_counter()
from faceapp.gallery.store import GalleryStore
from faceapp.gallery.index import GalleryIndex
imported = time.perf_counter()
with GalleryStore.open(pathlib.Path(sys.argv[1])) as store:
    opened = time.perf_counter()
    table = store.templates("bench")
    read = time.perf_counter()
    index = GalleryIndex.build("bench", table)
ended = time.perf_counter()
assert index.people == int(sys.argv[2])
print(imported - started, opened - imported, read - opened, ended - read, ended - started)
"""


def fill(data_dir: Path, people: int, dimension: int, crop: int) -> None:
    """One photo each, written in one go: enrolling them one by one takes a disk's flush each."""
    random = np.random.default_rng(1)
    with GalleryStore.open(data_dir) as store, store._database.writing() as connection:
        vault, picture = store.vault, random.bytes(crop)
        for n in range(people):
            who, which = f"{n:032x}", f"{n + people:032x}"
            vector = random.standard_normal(dimension)
            blob = (vector / np.linalg.norm(vector)).astype("<f4").tobytes()
            name = f"Person {n}"
            row = {"id": who, "name": name, "name_key": name.lower(), "created": AT, "updated": AT}
            connection.execute(insert(person).values(row))
            sealed = vault.seal(picture, bound_crop(which, who)) if crop else None
            of = {"id": which, "person_id": who, "source": "a.jpg", "quality": 70.0, "created": AT, "crop": sealed}
            connection.execute(insert(photo).values(of))
            sealed = vault.seal(blob, bound_template(which, who, SPACE))
            values = {"photo_id": which, "space": SPACE, "dimension": dimension, "created": AT, "vector": sealed}
            connection.execute(insert(template).values(values))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=640)
    parser.add_argument("--crop", type=int, default=20_000, help="bytes of each picture")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FACEAPP_KEYS_DIR"] = f"{folder}/keys"
        data_dir = Path(folder) / "data"
        fill(data_dir, chosen.people, chosen.dimension, chosen.crop)
        command = [sys.executable, "-c", OPEN, str(data_dir), str(chosen.people)]
        runs = [
            [float(word) for word in subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()]
            for _ in range(chosen.runs)
        ]
        middle = [statistics.median(column) for column in zip(*runs, strict=True)]
        print(f"{chosen.people} people, {chosen.dimension} numbers each; seconds, median of {chosen.runs}")
        for what, seconds in zip(("import", "open", "templates", "index", "in all"), middle, strict=True):
            print(f"{what:>10}  {seconds:.2f}")

        from faceapp.app.keys import rotate

        started = time.perf_counter()
        sealed = rotate(data_dir).sealed
        print(f"{sealed} templates and pictures sealed with another key in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
