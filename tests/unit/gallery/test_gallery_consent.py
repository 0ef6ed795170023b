from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.consent_rows import PURPOSE, THEMSELVES, ConsentRow, NewConsent, state_of
from faceapp.gallery.rows import NewPhoto, PersonRow
from faceapp.gallery.store import GalleryStore

TODAY = date(2026, 3, 1)


def photo(seed: int) -> NewPhoto:
    vector = np.random.default_rng(seed).normal(size=16)
    return NewPhoto("space:1", (vector / np.linalg.norm(vector)).astype(np.float32), 70.0, f"{seed}.jpg")


@pytest.fixture
def store(data_dir: Path) -> Iterator[GalleryStore]:
    with GalleryStore.open(data_dir) as opened:
        yield opened


@pytest.fixture
def ada(store: GalleryStore) -> PersonRow:
    return store.add_photo("Ada", photo(1)).person


def row(until: str | None = None, withdrawn: str | None = None) -> ConsentRow:
    return ConsentRow("aa" * 16, PURPOSE, THEMSELVES, "2026-01-01T00:00:00+00:00", until, withdrawn, "I agree")


@pytest.mark.parametrize(
    ("consent", "state"),
    [
        (None, "none"),
        (row(), "given"),
        (row("2026-03-01"), "given"),
        (row("2026-02-28"), "expired"),
        (row("2026-12-31", "2026-02-01T00:00:00+00:00"), "withdrawn"),
    ],
)
def test_whether_a_consent_counts(consent: ConsentRow | None, state: str) -> None:
    assert state_of(consent, TODAY) == state


def test_a_consent_says_something() -> None:
    for bad in (lambda: NewConsent(" "), lambda: NewConsent("x" * 20_001), lambda: NewConsent("x", given_by="")):
        with pytest.raises(InputError):
            bad()
    NewConsent("x", date(2026, 3, 1)).require_lasting(TODAY)
    with pytest.raises(InputError, match="ended already"):
        NewConsent("x", date(2026, 2, 28)).require_lasting(TODAY)


def test_a_consent_is_kept_as_given_and_another_takes_its_place(store: GalleryStore, ada: PersonRow) -> None:
    assert store.consent(ada.id) is None
    store.set_consent(ada.id, NewConsent("I agree", date(2026, 3, 1), "her mother", "the school's door"))
    found = store.consent(ada.id)
    assert found is not None
    assert (found.text, found.until, found.given_by, found.purpose) == (
        "I agree",
        "2026-03-01",
        "her mother",
        "the school's door",
    )
    assert store.consents() == {ada.id: found}
    store.set_consent(ada.id, NewConsent("I still agree"))
    again = store.consent(ada.id)
    assert again is not None
    assert (again.text, again.until) == ("I still agree", None)


def test_who_is_due(store: GalleryStore, ada: PersonRow) -> None:
    bob, cy = (store.add_photo(name, photo(n)).person for n, name in enumerate(("Bob", "Cy"), 2))
    store.set_consent(ada.id, NewConsent("x", date(2026, 2, 28)))
    store.set_consent(bob.id, NewConsent("x", TODAY))
    assert [c.person_id for c in store.due(TODAY)] == [ada.id]
    store.withdraw_consent(cy.id)
    assert {c.person_id for c in store.due(TODAY)} == {ada.id, cy.id}, "also who never had any on record"
    store.withdraw_consent(bob.id)
    taken = store.consent(bob.id)
    assert taken is not None
    assert (taken.text, taken.withdrawn is None) == ("x", False)


def test_consent_goes_with_the_person(store: GalleryStore, ada: PersonRow) -> None:
    store.set_consent(ada.id, NewConsent("x"))
    store.delete(ada.id)
    assert store.consents() == {}
    with pytest.raises(InputError):
        store.set_consent(ada.id, NewConsent("x"))
    with pytest.raises(InputError):
        store.withdraw_consent(ada.id)


def test_what_cannot_be_logged_does_not_happen(store: GalleryStore, ada: PersonRow) -> None:
    def refuse(_: str) -> None:
        raise UnavailableError("the log is full")

    for change in (
        lambda: store.set_consent(ada.id, NewConsent("x"), first=refuse),
        lambda: store.withdraw_consent(ada.id, first=refuse),
    ):
        with pytest.raises(UnavailableError):
            change()
    assert store.consents() == {}
