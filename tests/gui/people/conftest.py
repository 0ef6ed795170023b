"""The people page over the live window, on a fake gallery."""

from __future__ import annotations

import pytest

from faceapp.app.people_types import DoorWords
from faceapp.gui.people.page import PeopleDialog
from tests.fakes.live import FakeSession
from tests.fakes.people import FakeManage
from tests.gui.conftest import MakeWindow
from tests.gui.people.pages import MakePage, somebody


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession(
        somebody("Ada", consent="given", consent_until="2027-03-01", last_seen="2026-11-20"),
        somebody("Bea", consent="none"),
        somebody("Émile", consent="given", last_seen="2026-11-22"),
        somebody("Zoë", consent="expired", consent_until="2026-11-01"),
    )
    manage = session.fake_people.fake_manage
    manage.doors["Bea"] = DoorWords("yes", "Mon-Fri 07:00-19:00", "Night shift, Staff")
    manage.doors["Zoë"] = DoorWords("deactivated", "", "")
    return session


@pytest.fixture
def manage(session: FakeSession) -> FakeManage:
    return session.fake_people.fake_manage


@pytest.fixture
def make_page(make_window: MakeWindow, session: FakeSession) -> MakePage:
    """Opens the page over the live window, with which it goes; its timers rest."""

    def make(chosen: tuple[str, ...] = (), consent: bool = False) -> PeopleDialog:
        window = make_window(session)
        page = PeopleDialog(session, window.theme, window, chosen, consent)
        page.open()
        for timer in page.timers():
            timer.stop()
        return page

    return make


@pytest.fixture
def page(make_page: MakePage) -> PeopleDialog:
    return make_page()
