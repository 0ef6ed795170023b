"""`faceapp calibrate` from the command line, on galleries of made-up people."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from faceapp import paths
from faceapp.app.parts import Parts
from faceapp.cli.main import main
from tests.fakes.crowds import fill


class Shell:
    """Runs `faceapp` on the test's data directory."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        status = main(list(words))
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out, captured.err

    def json(self, *words: str) -> tuple[int, dict[str, Any]]:
        status, out, _ = self(*words, "--json")
        [line] = out.splitlines()
        value = json.loads(line)
        assert isinstance(value, dict)
        return status, value


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred people with two photos each, in the default space."""
    folder = tmp_path_factory.mktemp("crowded") / "data"
    with Parts.open(folder) as parts:
        fill(folder, parts.space(), 200, photos=2)
    return folder


@pytest.fixture
def gallery(crowded: Path, data_dir: Path) -> Path:
    """A copy of them for one test."""
    shutil.copytree(crowded, data_dir)
    return data_dir


def test_from_a_gallery_to_thresholds_in_force(shell: Shell, gallery: Path) -> None:
    status, found = shell.json("calibrate")
    assert status == 0
    assert (found["people"], found["photos"], found["source"]) == (200, 400, "gallery")
    assert found["pairs"] == {"people": 19900, "genuine": 200, "impostor": 79600}
    verify = found["verify"]
    assert (verify["from"], verify["supported"], verify["target_far"]) == ("site", True, 0.001)
    value, low, high = verify["far"]
    assert low <= value <= high <= 0.001
    assert "one person who is like very many others" in found["assumes"]
    assert found["identify"]["supported"] is False
    assert found["identify"]["people_needed"] == 3686
    assert found["door"] == {**found["door"], "from": "manifest", "supported": False, "in_force": False}
    file = Path(found["stored"])
    assert file.parent == gallery / "calibration"
    with Parts.open(gallery) as parts:
        assert parts.thresholds().verify == pytest.approx(verify["threshold"])

    status, out, err = shell("calibrate", "show")
    assert (status, err) == (0, "")
    assert "200 people, 200 of them with several photos; 400 photos" in out
    assert "identify (1:K): 200 people cannot speak for 0.2 % a search, 3,686 or more could" in out
    assert out.endswith("at the door: the model's own thresholds\n")
    assert shell.json("calibrate", "show")[1]["stale"] is None

    status, out, _ = shell("doctor")
    assert "verify" in out
    assert "calibrated on 200 people" in out

    assert shell.json("calibrate", "reset") == (0, {"space": found["space"], "reset": True})
    assert shell("calibrate", "reset")[:2] == (1, "there was no calibration\n")
    assert shell.json("calibrate", "show") == (1, {"space": found["space"], "calibrated": False})


def test_a_dry_run_keeps_nothing(shell: Shell, gallery: Path) -> None:
    status, out, err = shell("calibrate", "--dry-run", "--far", "0.00001")
    assert (status, err) == (0, "")
    assert (
        "not kept (--dry-run); it would be refused: 200 people can speak for a false-accept rate of 0.083 % or more"
        in out
    )
    status, found = shell.json("calibrate", "--dry-run")
    assert (status, found["stored"], found["refused"]) == (0, None, None)
    assert not (gallery / "calibration").exists()


@pytest.mark.parametrize(
    ("status", "words", "line"),
    [
        (3, ("--far", "0.0001"), "calibrate with 577 people or more"),
        (2, ("--far", "2"), "--far is a rate between"),
        (2, ("--search-far", "0"), "--search-far is a rate between"),
        (2, ("show", "--far", "0.1"), "takes no further options"),
        (2, ("reset", "--door"), "takes no further options"),
        (2, ("nonsense",), "invalid choice"),
        (3, ("--embedder", "none"), "there is no embedder"),
        (3, ("--folder", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    shell: Shell, gallery: Path, status: int, words: tuple[str, ...], line: str
) -> None:
    ended, out, err = shell("calibrate", *words)
    assert (ended, out) == (status, "")
    assert len(err.splitlines()) == 1
    assert line in err
    assert set(shell.json("calibrate", *words)[1]) == {"error"}
    assert not (gallery / "calibration").exists()


def test_nobody_enrolled_is_told_calmly(shell: Shell, data_dir: Path) -> None:
    status, out, err = shell("calibrate")
    assert (status, out) == (3, "")
    assert err == "faceapp: nobody is enrolled yet: calibrating compares people, so enrol 183 or more\n"
    assert not (data_dir / "gallery.db").exists()


def test_the_door_is_moved_by_an_explicit_word_alone(shell: Shell, gallery: Path) -> None:
    assert shell("calibrate")[1].endswith("the door goes by the same thresholds as before\n")
    status, out, _ = shell("calibrate", "--door")
    assert status == 0
    assert "the door goes by 0.454 (with a badge " in out
    assert out.endswith("laxer than before\n")  # these people are easily told apart
    assert shell("calibrate")[0] == 2
    assert "door thresholds" in shell("audit", "list")[1]
    assert shell("calibrate", "show")[1].endswith("at the door: in force\n")
    assert shell.json("calibrate", "--no-door")[1]["door"]["in_force"] is False
    assert "door thresholds reset" in shell("audit", "list")[1]


def test_a_search_rate_that_two_hundred_people_can_speak_for(shell: Shell, gallery: Path) -> None:
    _, found = shell.json("calibrate", "--search-far", "0.05")
    identify = found["identify"]
    assert (identify["from"], identify["supported"], identify["people_needed"]) == ("site", True, 144)
    assert identify["fpir"][2] <= 0.05
    with Parts.open(gallery) as parts:
        assert parts.automatic_threshold(400) == pytest.approx(identify["threshold"])
        assert parts.automatic_threshold(4000) < identify["threshold"]


def test_a_folder_of_people(shell: Shell, tmp_path: Path, models_dir: Path) -> None:
    folder = tmp_path / "people"
    for name in ("Ada", "Bea"):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.jpg").write_bytes(paths.resource("astronaut.jpg").read_bytes())
    (folder / "Bea" / "2.jpg").write_bytes(b"no picture")
    status, out, err = shell("calibrate", "--folder", str(folder), "--dry-run")
    assert (status, out) == (3, "")
    lines = err.splitlines()
    assert "2.jpg" in lines[-2]
    assert lines[-1] == "faceapp: 2 people are too few to calibrate with: 183 or more are needed"
