"""How fast the people page is with many people: opening, searching, sorting, scrolling; and how long it takes to delete
one of them and a hundred.

    .venv/bin/python tests/bench/people_page.py [--people N] [--grab DIR] [--without-delete]

The window is off screen and the people are invented; deleting is done in a gallery of random vectors, with two backups
and an audit log, in a folder that is removed afterwards. Scrolling paints a frame for each step of a wheel, over all of
the table, and each row that comes into view has a face of its own to decode.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QWidget

from faceapp.app import people_log
from faceapp.app.audit import open_log
from faceapp.app.people_types import DoorWords
from faceapp.gallery.backups import FOLDER, make_backup
from faceapp.gallery.store import GalleryStore
from faceapp.gui.people.page import PeopleDialog
from faceapp.gui.people.table_model import Column
from faceapp.gui.run import make_application
from faceapp.gui.theme import Theme
from faceapp.images import encode_jpeg
from faceapp.types import PersonSummary
from tests.bench.sealed_gallery import fill
from tests.fakes.live import FakeSession


def people(count: int) -> FakeSession:
    """A session with so many people, faces, doors and groups."""
    chance = random.Random(1)  # noqa: S311 - invented people
    session = FakeSession()
    manage = session.fake_people.fake_manage
    first = ("Ada", "Bea", "Zoë", "Émile", "Grace", "Linus", "Noor", "Oskar", "Priya", "Søren")
    for n in range(count):
        name = f"{chance.choice(first)} {chance.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}{n:05d}"
        state = chance.choice(("given", "given", "none", "expired"))
        until = "2027-03-01" if state == "given" and n % 2 else None
        photos = chance.randint(1, 5)
        seen = f"2026-11-{chance.randint(1, 22):02d}" if n % 3 else None
        session.fake_people.rows.append(
            PersonSummary(
                f"id{n}", name, photos, "", True, consent=state, consent_until=until, templates=photos, last_seen=seen
            )
        )
        manage.doors[name] = DoorWords("yes", "Mon-Fri 07:00-19:00", "Staff") if n % 4 else DoorWords("no", "", "")
        colour = np.full((96, 96, 3), [chance.randint(60, 200) for _ in range(3)], np.uint8)
        manage.pictures[f"id{n}"] = encode_jpeg(colour, 88)
    session.fake_people.rows.sort(key=lambda p: p.name)
    return session


def taken(what: str, act: Callable[[], object]) -> None:
    """Do it, paint, and say how long that took."""
    started = time.perf_counter()
    act()
    QApplication.processEvents()
    print(f"{what:>34}  {1000 * (time.perf_counter() - started):7.0f} ms")


def scroll(page: PeopleDialog) -> None:
    """A frame for each step, through everybody in 600 steps."""
    bar, viewport = page.view.verticalScrollBar(), page.view.viewport()
    assert bar is not None
    assert viewport is not None
    steps = 600
    worst, started = 0.0, time.perf_counter()
    for n in range(steps):
        began = time.perf_counter()
        bar.setValue(bar.maximum() * n // steps)
        viewport.repaint()
        QApplication.processEvents()
        worst = max(worst, time.perf_counter() - began)
    each = (time.perf_counter() - started) / steps
    print(f"{'scrolling':>34}  {1 / each:7.0f} frames a second, the slowest frame {1000 * worst:.0f} ms")


def delete(count: int) -> None:
    """One, then a hundred, of a gallery of so many."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FACEAPP_KEYS_DIR"] = f"{folder}/keys"
        data_dir = Path(folder) / "data"
        fill(data_dir, count, 640, 4000)
        open_log(data_dir)
        with GalleryStore.open(data_dir) as store:
            make_backup(store.path, data_dir / FOLDER)
            make_backup(store.path, data_dir / FOLDER)
            ids = [p.id for p in store.people()]
            for some in (ids[:1], ids[1:101]):
                started = time.perf_counter()
                people_log.delete_all(store, data_dir, dict.fromkeys(some, people_log.DELETED))
                print(f"{f'deleting {len(some)} of {count}':>34}  {time.perf_counter() - started:7.2f} s")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--grab", type=Path, help="a folder for a picture of the page")
    parser.add_argument("--without-delete", action="store_true")
    chosen = parser.parse_args()
    app = make_application([])
    theme = Theme(app, "light")
    theme.apply()
    window, session = QWidget(), people(chosen.people)
    pages: list[PeopleDialog] = []

    def opened() -> None:
        pages.append(PeopleDialog(session, theme, window))
        pages[0].show()

    taken(f"opening with {chosen.people}", opened)
    page = pages[0]
    taken("searching, one letter", lambda: page.search.setText("a"))
    taken("searching, five letters", lambda: page.search.setText("zoe m"))
    taken("back to everybody", page.search.clear)
    for column in (Column.PHOTOS, Column.CONSENT, Column.DOOR, Column.NAME):
        taken(
            f"sorting by {column.name.lower()}",
            lambda c=column: page.view.sortByColumn(c, Qt.SortOrder.DescendingOrder),
        )
    taken("selecting everybody", page.view.selectAll)
    taken("sorting, everybody selected", lambda: page.view.sortByColumn(0, Qt.SortOrder.AscendingOrder))
    page.view.clearSelection()
    scroll(page)
    print(f"{'widgets in the table':>34}  {len(page.view.findChildren(QWidget)):7d}")
    if chosen.grab:
        page.grab().save(str(chosen.grab / "people-page.png"))
    page.close()
    if not chosen.without_delete:
        delete(chosen.people)


if __name__ == "__main__":
    main()
