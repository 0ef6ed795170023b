"""`faceapp enroll --consent`, and a site that requires it: the real networks, one photograph."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from faceapp import paths
from faceapp.cli.main import main
from faceapp.gallery.backups import FOLDER, backups
from faceapp.gallery.consent_rows import NewConsent
from faceapp.gallery.store import GalleryStore

PHOTO = str(paths.resource("astronaut.jpg"))
TOMORROW = date.today() + timedelta(days=1)


def test_enrolling_with_and_without_consent(
    models_dir: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir.mkdir(mode=0o700)
    (data_dir / "settings.json").write_text('{"require_consent": true}')
    assert main(["enroll", "Eileen", PHOTO, "--json"]) == 3
    [rejected] = json.loads(capsys.readouterr().out)["rejected"]
    assert "requires consent" in rejected["reason"]
    with GalleryStore.open(data_dir) as store:
        assert store.people() == []

    consent = ["--consent", "I agree", "--consent-until", TOMORROW.isoformat(), "--consent-by", "NASA"]
    assert main(["enroll", "Eileen", PHOTO, *consent, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["enrolled"]) == 1
    assert main(["people", "show", "Eileen", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["consent"], shown["consent_until"], shown["consent_by"], shown["consent_text"]) == (
        "given",
        TOMORROW.isoformat(),
        "NASA",
        "I agree",
    )

    with GalleryStore.open(data_dir) as store:  # the day after
        eileen = store.person("Eileen")
        store.set_consent(eileen.id, NewConsent("I agree", date(2020, 1, 1)))
    assert main(["enroll", "Eileen", PHOTO, *consent, "--json"]) == 0
    with GalleryStore.open(data_dir) as store:
        [again] = store.people()
        assert (again.id != eileen.id, again.photos) == (True, 1), "whose consent had ended was removed first"


def test_the_first_enrolment_of_a_day_makes_a_backup(
    models_dir: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Eileen", "Eileen", "Eileen"):
        assert main(["enroll", name, PHOTO]) == 0
    assert len(backups(data_dir / FOLDER)) == 1


@pytest.mark.parametrize("part", [["--consent-by", "NASA"], ["--consent-until", "2030-01-01"]])
def test_a_part_of_a_consent_is_none(part: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enroll", "Eileen", PHOTO, *part]) == 2
    assert "--consent TEXT" in capsys.readouterr().err
