"""Where a door's secrets come from, and that they are never shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from faceapp.access.doors.secrets import FILE_NAME, DoorSecrets
from faceapp.errors import UnavailableError

ENVIRON = {
    "FACEAPP_DOOR_USER": "kiosk",
    "FACEAPP_DOOR_PASSWORD": "hunter2",
    "FACEAPP_DOOR_SECRET": "sesame",
    "FACEAPP_DOOR_CA": "/etc/door.pem",
}


def written(data_dir: Path, text: str, mode: int = 0o600) -> Path:
    data_dir.mkdir(exist_ok=True)
    file = data_dir / FILE_NAME
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_nothing_set_is_nothing_known(data_dir: Path) -> None:
    assert DoorSecrets.from_environment({}, data_dir) == DoorSecrets()
    assert not data_dir.exists()


def test_the_environment_is_read(data_dir: Path) -> None:
    expected = DoorSecrets("kiosk", "hunter2", "sesame", Path("/etc/door.pem"))
    assert DoorSecrets.from_environment(ENVIRON, data_dir) == expected


def test_the_environment_goes_before_the_file_and_an_empty_variable_is_none(data_dir: Path) -> None:
    written(data_dir, json.dumps({"user": "of the file", "secret": "of the file", "ca_file": "ca.pem"}))
    found = DoorSecrets.from_environment({"FACEAPP_DOOR_SECRET": "sesame", "FACEAPP_DOOR_USER": ""}, data_dir)
    assert found == DoorSecrets("of the file", None, "sesame", data_dir / "ca.pem")


def test_they_are_not_shown(data_dir: Path) -> None:
    assert repr(DoorSecrets.from_environment(ENVIRON, data_dir)) == "DoorSecrets()"


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(data_dir: Path, mode: int) -> None:
    written(data_dir, json.dumps({"secret": "sesame"}), mode)
    with pytest.raises(UnavailableError, match="may be read by others: chmod 600") as refused:
        DoorSecrets.from_environment({}, data_dir)
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sesame", "is not JSON"),
        ('["sesame"]', "must hold an object of texts: user, password, secret, ca_file"),
        ('{"secret": 4711}', "must hold an object of texts"),
        ('{"sesame": "x"}', "has a key that means nothing"),
    ],
)
def test_a_file_that_holds_something_else_is_named_and_not_quoted(data_dir: Path, text: str, says: str) -> None:
    file = written(data_dir, text)
    with pytest.raises(UnavailableError, match=says) as refused:
        DoorSecrets.from_environment({}, data_dir)
    assert str(file) in str(refused.value)
    assert "sesame" not in str(refused.value)
    assert refused.value.__cause__ is None
