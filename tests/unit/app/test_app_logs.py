import logging
import stat
from pathlib import Path

import pytest

from faceapp.app import logs


@pytest.fixture(autouse=True)
def _closed():
    yield
    logs.close()


def test_a_bug_is_one_line_here_and_a_traceback_in_the_log(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    try:
        raise ZeroDivisionError("first\nsecond")
    except ZeroDivisionError as e:
        line = logs.report_bug(e)
    assert "\n" not in line
    assert str(tmp_path / logs.FILE_NAME) in line
    text = (tmp_path / logs.FILE_NAME).read_text()
    assert "Traceback" in text
    assert stat.S_IMODE((tmp_path / logs.FILE_NAME).stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_costs_the_log_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    logs.configure(tmp_path / "file" / "below")
    logging.getLogger("faceapp.test").warning("nobody reads this")
