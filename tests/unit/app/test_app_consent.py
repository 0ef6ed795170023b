from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faceapp.app import consent, people_log
from faceapp.app.audit import existing_log, open_log
from faceapp.app.consent import describe_consent, due, expire, in_words, new_consent, withdraw
from faceapp.app.people import summaries
from faceapp.app.upkeep import EVERY, Upkeep
from faceapp.errors import InputError
from faceapp.gallery.backups import FOLDER, backups
from faceapp.gallery.rows import NewPhoto, PersonRow
from faceapp.gallery.store import GalleryStore
from faceapp.settings import BackupSettings, Settings

TOMORROW = date.today() + timedelta(days=1)
LATER = TOMORROW + timedelta(days=1)


def photo(seed: int) -> NewPhoto:
    vector = np.random.default_rng(seed).normal(size=16)
    return NewPhoto("space:1", (vector / np.linalg.norm(vector)).astype(np.float32), 70.0, f"{seed}.jpg")


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as opened:
        yield opened


@pytest.fixture
def ada(store: GalleryStore, data_dir: Path) -> PersonRow:
    return people_log.add_photo(store, data_dir, "Ada", photo(1), new_consent("I agree", TOMORROW)).person


def actions(data_dir: Path) -> list[tuple[object, object]]:
    log = existing_log(data_dir)
    assert log is not None
    return [(e.fields["action"], e.fields.get("person")) for e in log.entries() if e.kind == "action"]


def test_photo_and_consent_come_together(store: GalleryStore, data_dir: Path, ada: PersonRow) -> None:
    found = store.consent(ada.id)
    assert describe_consent(found) == {"consent": "given", "consent_until": TOMORROW.isoformat()}
    assert in_words(describe_consent(found)) == f"until {TOMORROW}"
    assert in_words(describe_consent(None)) == consent.NOTHING_ON_RECORD


def test_where_consent_is_required_nobody_is_enrolled_without(
    store: GalleryStore, data_dir: Path, ada: PersonRow
) -> None:
    with pytest.raises(InputError, match="requires consent") as caught:
        people_log.add_photo(store, data_dir, "Bob", photo(2), required=True)
    assert "--consent" in str(caught.value)
    assert [p.name for p in store.people()] == ["Ada"]
    people_log.add_photo(store, data_dir, "ada", photo(3), required=True)  # hers is on record
    people_log.add_photo(store, data_dir, "Bob", photo(2), new_consent("I agree"), required=True)
    assert [(p.name, p.photos) for p in store.people()] == [("Ada", 2), ("Bob", 1)]


def test_the_same_picture_again_with_consent_puts_it_on_record(store: GalleryStore, data_dir: Path) -> None:
    import dataclasses

    same = dataclasses.replace(photo(1), content="ab")
    person = people_log.add_photo(store, data_dir, "Bob", same).person
    again = people_log.add_photo(store, data_dir, "Bob", same, new_consent("I agree"))
    assert again.repeated
    assert store.consent(person.id) is not None


def test_consent_that_ends_deletes_and_is_logged(store: GalleryStore, data_dir: Path, ada: PersonRow) -> None:
    open_log(data_dir)
    bob = people_log.add_photo(store, data_dir, "Bob", photo(2)).person
    assert due(store) == []
    assert expire(store, data_dir).ids == ()
    assert [row["name"] for row in due(store, LATER)] == ["Ada"]
    done = expire(store, data_dir, LATER)
    assert (done.ids, done.names, done.erased, done.not_logged) == ((ada.id,), ("Ada",), True, None)
    assert [p.id for p in store.people()] == [bob.id]
    assert actions(data_dir)[-1] == ("expired", ada.id)
    assert expire(store, data_dir, LATER).ids == ()


def test_withdrawal_deletes_at_once_and_is_logged(store: GalleryStore, data_dir: Path, ada: PersonRow) -> None:
    open_log(data_dir)
    assert withdraw(store, data_dir, ada.id).names == ("Ada",)
    assert store.people() == []
    assert actions(data_dir) == [("consent_withdrawn", ada.id)]


def test_a_withdrawal_that_was_cut_short_is_finished(
    store: GalleryStore, data_dir: Path, ada: PersonRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.withdraw_consent(ada.id)  # and killed here
    assert expire(store, data_dir).names == ("Ada",)


def test_a_day_that_is_over_is_refused() -> None:
    with pytest.raises(InputError, match="ended already"):
        new_consent("I agree", date.today() - timedelta(days=1))


# Upkeep


def test_upkeep_expires_then_backs_up_once_a_day(store: GalleryStore, data_dir: Path, ada: PersonRow) -> None:
    people_log.add_photo(store, data_dir, "Bob", photo(2))
    moment, clock = datetime.now().astimezone() + timedelta(days=3), [0.0]
    days = [0]

    def now() -> datetime:
        return moment + timedelta(days=days[0])

    upkeep = Upkeep(data_dir, Settings(backups=BackupSettings(keep=2)), now=now, monotonic=lambda: clock[0])
    upkeep.when_due(store)
    assert [p.name for p in store.people()] == ["Bob"]
    assert len(backups(data_dir / FOLDER)) == 1
    assert b"Ada" not in backups(data_dir / FOLDER)[0].read_bytes()
    upkeep.when_due(store)
    clock[0] = EVERY
    upkeep.when_due(store)
    assert len(backups(data_dir / FOLDER)) == 1, "once a day"
    for day in (1, 2):
        days[0] = day
        upkeep.run(store)
    assert len(backups(data_dir / FOLDER)) == 2, "the oldest goes"


def test_a_site_can_do_without_daily_backups_and_an_empty_gallery_needs_none(
    store: GalleryStore, data_dir: Path
) -> None:
    Upkeep(data_dir, Settings()).run(store)
    people_log.add_photo(store, data_dir, "Bob", photo(2))
    Upkeep(data_dir, Settings(backups=BackupSettings(daily=False))).run(store)
    assert not (data_dir / FOLDER).exists()


def test_upkeep_that_cannot_be_done_ends_nothing(store: GalleryStore, data_dir: Path) -> None:
    people_log.add_photo(store, data_dir, "Bob", photo(2))
    (data_dir / FOLDER).write_text("in the way")
    Upkeep(data_dir, Settings()).run(store)
    assert len(store.people()) == 1


def test_lists_know_who_agreed(store: GalleryStore, data_dir: Path, ada: PersonRow) -> None:
    people_log.add_photo(store, data_dir, "Bob", photo(2))
    rows = {p.name: (p.consent, p.consent_until) for p in summaries(store, "space:1")}
    assert rows == {"Ada": ("given", TOMORROW.isoformat()), "Bob": ("none", None)}
