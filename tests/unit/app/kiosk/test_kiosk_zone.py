"""The zone that an administrator moves: logged, kept, in force, in this order and on another thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp import settings
from faceapp.app.audit import open_log
from faceapp.app.kiosk.session import KioskSession
from faceapp.app.kiosk.site import KioskOptions
from faceapp.app.parts import Parts
from faceapp.errors import UnavailableError
from faceapp.settings import Settings

ZONE, WHOLE = (0.2, 0.1, 0.8, 0.9), (0.0, 0.0, 1.0, 1.0)


@pytest.fixture
def session(data_dir: Path) -> Iterator[KioskSession]:
    """It isn't started: neither camera nor networks matter here."""
    with Parts.open(data_dir) as parts:
        made = KioskSession.open(parts, KioskOptions("demo:", "sim:", "identify"))
        yield made
        made.stop()


def logged(data_dir: Path) -> list[object]:
    return [entry.fields["action"] for entry in open_log(data_dir).entries() if entry.kind == "action"]


def test_it_is_in_the_log_before_it_is_kept_or_in_force(
    session: KioskSession, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[object], tuple[float, float, float, float], bool]] = []
    save = settings.save

    def watched(changed: Settings, folder: Path) -> None:
        seen.append((logged(data_dir), session.zone(), threading.current_thread() is threading.main_thread()))
        save(changed, folder)

    monkeypatch.setattr(settings, "save", watched)
    session.set_zone(ZONE).result(60)
    assert seen == [(["zone_changed"], WHOLE, False)]
    assert session.zone() == ZONE
    assert settings.load(data_dir).kiosk.zone == ZONE


def test_one_that_cannot_be_logged_does_not_happen(session: KioskSession, data_dir: Path) -> None:
    log = open_log(data_dir).path
    log.unlink()
    log.mkdir()
    with pytest.raises(UnavailableError, match="audit log"):
        session.set_zone(ZONE).result(60)
    assert session.zone() == WHOLE
    assert settings.load(data_dir).kiosk.zone == WHOLE


def test_one_that_cannot_be_kept_is_not_in_force(session: KioskSession, data_dir: Path) -> None:
    (data_dir / settings.FILE_NAME).write_text("no settings")
    with pytest.raises(UnavailableError, match="cannot be read"):
        session.set_zone(ZONE).result(60)
    assert session.zone() == WHOLE
    assert logged(data_dir) == []
