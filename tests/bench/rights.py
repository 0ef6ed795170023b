"""How long it takes to read who may open the door, in a gallery of 10,000 people. Wants nothing; makes its own gallery.

python -m tests.bench.rights [--people N]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from faceapp.app.hours import parse_all
from faceapp.app.rights import permissions_of
from faceapp.gallery.models import badge, door_right, membership, person
from faceapp.gallery.right_rows import hours_as_json
from faceapp.gallery.store import GalleryStore


def fill(store: GalleryStore, people: int) -> list[str]:
    """`people` people, each in one or two of five groups, with a badge and an own right or none. Returns their ids."""
    groups = [
        store.add_group(f"Group {n}", allowed=n > 0, hours=parse_all([f"daily 0{n}:00-19:00"])).id for n in range(5)
    ]
    ids = [uuid.uuid4().hex for _ in range(people)]
    hours = hours_as_json(parse_all(["Mon-Fri 07:00-19:00", "Sat 10:00-14:00"]))
    with store._database.writing() as connection:
        connection.execute(
            insert(person),
            [
                {"id": i, "name": f"P {n}", "name_key": f"p {n}", "created": "", "updated": ""}
                for n, i in enumerate(ids)
            ],
        )
        own: list[dict[str, object]] = [
            {"own": None, "hours": None},
            {"own": "allow", "hours": hours},
            {"own": "deny", "hours": None},
        ]
        connection.execute(
            insert(door_right), [{"person_id": i, "active": n % 7 != 0, **own[n % 3]} for n, i in enumerate(ids)]
        )
        connection.execute(
            insert(membership),
            [{"person_id": i, "group_id": g} for n, i in enumerate(ids) for g in {groups[n % 5], groups[n // 5 % 5]}],
        )
        connection.execute(insert(badge), [{"mac": uuid.uuid4().hex, "person_id": i} for i in ids])
    return ids


def milliseconds(work: Callable[[], object], runs: int) -> str:
    """Median and slowest of `runs` runs."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return f"{statistics.median(taken):8.2f} ms, slowest {max(taken):.2f} ms"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, GalleryStore.open(Path(folder)) as store:
        ids = fill(store, options.people)
        print(f"{options.people} people")
        print("rights()           ", milliseconds(store.rights, 11))
        print("permissions_of()   ", milliseconds(lambda: permissions_of(store.rights()), 11))
        several = iter(ids[:500])
        print("right(person_id)   ", milliseconds(lambda: store.right(next(several)), 500))


if __name__ == "__main__":
    main()
