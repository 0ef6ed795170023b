import logging
import stat
from pathlib import Path

import pytest

from faceapp.app import logs
from faceapp.camera.folder import FolderSource
from faceapp.pipeline.capture import CaptureThread
from faceapp.pipeline.slot import LatestSlot
from faceapp.types import Frame


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


def test_a_bug_before_the_log_is_open_goes_where_the_command_said(tmp_path: Path, data_dir: Path) -> None:
    line = logs.report_bug(ZeroDivisionError("early"), tmp_path / "chosen")
    assert str(tmp_path / "chosen" / logs.FILE_NAME) in line
    assert "early" in (tmp_path / "chosen" / logs.FILE_NAME).read_text()
    assert not data_dir.exists()


def test_the_log_names_no_picture(tmp_path: Path) -> None:
    """Not even one that can't be read, nor the folder of a source that fails."""
    folder = tmp_path / "Ada Lovelace"
    folder.mkdir()
    (folder / "Ada in Paris.jpg").write_text("no picture")
    logs.configure(tmp_path)
    source = FolderSource("folder", folder)
    slot: LatestSlot[Frame] = LatestSlot()
    capture = CaptureThread(source, [slot], pace=False)
    capture.start()
    assert slot.take(10) is None
    assert slot.closed
    assert capture.stop(10)
    text = (tmp_path / logs.FILE_NAME).read_text()
    assert "picture 0 left out" in text
    assert "capture failed" in text
    assert "Ada" not in text
