"""The kiosk behind its window, from the camera's picture to the door: real networks, gallery, log and threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from faceapp.access.audit import AuditLog
from faceapp.app.audit import open_log
from faceapp.gallery.store import GalleryStore
from faceapp.security.keys import SiteKeys, badge_mac
from faceapp.types import BgrImage
from tests.fakes.entrance import Camera, copied, kiosk, pictures, site_with_ada, with_code

BADGE = "4711 0815"


@pytest.fixture(scope="module")
def ada_there(tmp_path_factory: pytest.TempPathFactory, astronaut: BgrImage) -> list[bytes]:
    return pictures(tmp_path_factory.mktemp("pictures") / "ada", astronaut)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    return site_with_ada(tmp_path_factory.mktemp("site") / "data")


@pytest.fixture(autouse=True)
def _interval() -> Iterator[None]:
    """A session changes it for the whole process."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def kinds(log: AuditLog) -> list[str]:
    assert log.verify() == []
    return [entry.kind for entry in log.entries()]


def test_the_demonstration_from_its_start_to_its_end(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with kiosk(data_dir, "demo:", "sim:", monkeypatch) as onlooker:
        assert onlooker.look().screen == "starting"
        onlooker.sees("welcome", seconds=30)
        assert onlooker.session.troubles() == []
        # Where the machine is so busy that her scene is over before the welcome is, the group comes next.
        onlooker.sees("go_through", "one_at_a_time")
    assert onlooker.screens[0] == "starting"
    # Where the machine is too busy for five frames in the votes' one and a half seconds, she must be known again first.
    after = onlooker.screens[onlooker.screens.index("welcome") :]
    assert after[-1] in ("go_through", "one_at_a_time")
    assert after[1:-1] in ([], ["checking"])
    assert set(onlooker.screens[:-1]) <= {"starting", "idle", "look_here", "checking", "opening", "welcome"}
    assert onlooker.names == {"Eileen Collins"}
    (decision,) = onlooker.session.decisions()
    assert (decision.decision, decision.outcome, decision.name) == ("grant", "opened", "Eileen Collins")
    found = kinds(open_log(data_dir))
    assert found.count("kiosk_started") == found.count("kiosk_stopped") == 1
    assert found[-1] == "kiosk_stopped"
    assert found.count("intention") == found.count("outcome") == 1


def test_a_claim_by_badge_and_by_code(
    site: Path, data_dir: Path, ada_there: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    began = date.today()
    with GalleryStore.open(copied(site, data_dir)) as gallery:
        ada = gallery.person("Ada").id
        assert gallery.person("Ada").last_seen is None
        gallery.add_badge(ada, badge_mac(SiteKeys.open(data_dir).badges, BADGE))
    with (
        Camera(ada_there) as camera,
        kiosk(data_dir, camera.address, "sim:", monkeypatch, mode="verify") as onlooker,
    ):
        onlooker.sees("badge", seconds=30)
        onlooker.watches_frames(10)
        assert not onlooker.session.decisions(), "a known face alone opens nothing"

        onlooker.session.typed(f" {BADGE}\n")
        onlooker.sees("welcome")
        assert onlooker.names == {"Ada"}
        onlooker.sees("badge")
        assert len(onlooker.session.decisions()) == 1, "a claim opens once"

        onlooker.session.typed("no badge of ours")
        onlooker.sees("checking")
        onlooker.sees("not_recognised")
        unknown = onlooker.session.decisions()[0]
        assert (unknown.decision, unknown.reason, unknown.name) == ("deny", "not_recognised", None)

        camera.code = with_code(BADGE)
        onlooker.sees("idle", "badge")
        onlooker.watches(lambda: (claim := onlooker.session._searching.claim) and claim.person_id == ada)
        camera.code = None
        onlooker.watches(lambda: onlooker.session.decisions()[0].outcome == "opened")
    assert onlooker.names == {"Ada"}
    denied = [entry for entry in open_log(data_dir).entries() if entry.kind == "refusal"]
    assert [entry.fields["person"] for entry in denied] == ["unknown"]
    assert kinds(open_log(data_dir)).count("intention") == 2
    with GalleryStore.open(data_dir) as gallery:
        assert gallery.person("Ada").last_seen in {began.isoformat(), date.today().isoformat()}, "a grant says so"
