"""`faceapp people rename|delete` on a site that keeps an audit log."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from faceapp.access.audit import FILE_NAME as LOG_NAME
from faceapp.app.audit import existing_log, log_action
from faceapp.cli.main import main
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

PHOTO = NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg")


@pytest.fixture
def ada(data_dir: Path) -> str:
    """Her id; the site has a log."""
    with GalleryStore.open(data_dir) as store:
        ada = store.add_photo("Ada", PHOTO).person.id
    log_action(data_dir, "pin_set")
    return ada


def names(data_dir: Path) -> list[str]:
    with GalleryStore.open(data_dir) as store:
        return [p.name for p in store.people()]


def test_a_new_name_and_a_deletion_are_logged(data_dir: Path, ada: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "rename", "Ada", "Augusta"]) == 0
    assert main(["people", "delete", "Augusta", "--yes", "--json"]) == 0
    log = existing_log(data_dir)
    assert log is not None
    done = [(e.fields["action"], e.fields.get("person")) for e in log.entries() if e.kind == "action"]
    assert done == [("pin_set", None), ("renamed", ada), ("deleted", ada)]
    captured = capsys.readouterr()
    assert captured.err == ""
    deleted = json.loads(captured.out.splitlines()[-1])["deleted"]
    assert deleted == {"id": ada, "name": "Augusta", "erased": True, "not_logged": None}


@pytest.mark.usefixtures("ada")
def test_where_the_log_cannot_be_written_a_name_stays_and_a_deletion_is_done(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / LOG_NAME).unlink()
    (data_dir / LOG_NAME).mkdir()
    assert main(["people", "rename", "Ada", "Augusta"]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert names(data_dir) == ["Ada"]
    assert main(["people", "delete", "Ada", "--yes"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "Ada is deleted\n"
    [line] = captured.err.splitlines()
    assert line.startswith("faceapp: the deletion is not in the audit log: ")
    assert names(data_dir) == []
