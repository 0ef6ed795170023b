"""What the database says when nobody foresaw it: it ends up in a log, and there no name may stand."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from faceapp.app.logs import report_bug
from faceapp.gallery.rows import NewPhoto
from faceapp.gallery.store import GalleryStore

NAME = "Ada Lovelace"


def test_an_unforeseen_error_of_the_database_names_nobody(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    with GalleryStore.open(data_dir) as store:
        store.add_photo(NAME, NewPhoto("space", np.array([0.6, 0.8], np.float32), 70, "a.jpg"))
        with store._database.reading() as connection, pytest.raises(DBAPIError) as raised:
            connection.execute(text("select * from nowhere where name = :name"), {"name": NAME})
        with store._database.writing() as connection, pytest.raises(DBAPIError) as twice:
            connection.execute(text("insert into person select * from person where name = :name"), {"name": NAME})
    for error in (raised.value, twice.value):
        line = report_bug(error, data_dir)
        logging.getLogger("faceapp").error("unforeseen", exc_info=error)
        assert error.params, "there was something to hide"
        assert NAME not in line
        assert NAME not in str(error)
    assert NAME not in caplog.text
    for log in data_dir.glob("*.log"):
        assert NAME not in log.read_text()
