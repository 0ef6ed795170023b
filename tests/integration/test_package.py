"""What `pip install .` installs: the wheel is built as pip would, unpacked, and run away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--wheel-dir", str(out), str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as in site-packages."""
    site = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the unpacked wheel before everything else on its path, in a folder that isn't the checkout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FACEAPP_")}
    environment |= {"PYTHONPATH": str(installed), "FACEAPP_DATA_DIR": str(installed.parent / "data")}
    environment |= {"XDG_CACHE_HOME": str(installed.parent / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=installed.parent, env=environment, capture_output=True, text=True, check=False)


def files_below(folder: str) -> set[str]:
    """What git would put into a fresh clone below `folder`: tracked and about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    listed = [name for name in out.split("\0") if name and (ROOT / name).is_file()]
    if not listed:
        listed = [str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return set(listed)


def test_the_whole_package_is_in_the_wheel(members: set[str]) -> None:
    assert files_below("faceapp") <= members


def test_resources_and_the_models_manifest_are_in_the_package(members: set[str]) -> None:
    expected = {f"faceapp/{name}" for name in files_below("resources") | files_below("models/statistics")}
    assert {"faceapp/resources/astronaut.jpg", "faceapp/models/manifest.toml"} <= members
    assert len(files_below("models/statistics")) > 0
    assert expected <= members


def test_nothing_else_is_in_the_wheel(members: set[str]) -> None:
    foreign = {name for name in members if not name.startswith(("faceapp/", "faceapp-"))}
    built = {name for name in members if name.endswith((".onnx", ".build.json", ".pyc"))}
    assert not foreign | built


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 5_000_000


def test_metadata_says_licence_python_and_dependencies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
        (entry,) = (n for n in archive.namelist() if n.endswith("entry_points.txt"))
        assert "faceapp = faceapp.__main__:main" in archive.read(entry).decode()
        assert any(n.endswith("licenses/LICENSE") for n in archive.namelist())
    assert metadata["License-Expression"] == "GPL-3.0-or-later"
    assert metadata["Requires-Python"] == ">=3.11"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert len(plain) == len(project["dependencies"])
    assert not [line for line in plain if line.startswith("insightface")]


def test_it_runs_away_from_the_checkout(installed: Path) -> None:
    done = run(installed, "-m", "faceapp", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("faceapp ")


def test_it_finds_its_own_resources_and_manifest(installed: Path) -> None:
    code = """
import json, faceapp
from faceapp import images, paths
print(json.dumps({"file": faceapp.__file__, "checkout": paths.checkout_root(), "models": str(paths.models_dir()),
                  "manifest": (paths.manifest_dir() / "manifest.toml").is_file(),
                  "astronaut": images.read_image(paths.resource("astronaut.jpg")).shape}))"""
    done = run(installed, "-c", code)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert Path(seen["file"]).is_relative_to(installed)
    assert seen["checkout"] is None
    assert seen["manifest"] is True
    assert Path(seen["models"]).is_relative_to(installed.parent / "cache")
    assert seen["astronaut"] == [512, 512, 3]


def test_opencv_and_qt_live_in_one_process(installed: Path) -> None:
    # opencv-python (not headless) points Qt at plugins of its own, and the application dies at its first window.
    code = """
import os, cv2
from PyQt6 import QtWidgets
application = QtWidgets.QApplication(["x", "-platform", "offscreen"])
assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
print(application.platformName())"""
    done = run(installed, "-c", code)
    assert done.stdout.strip() == "offscreen", done.stderr


def test_the_gallery_opens_away_from_the_checkout(installed: Path) -> None:
    done = run(installed, "-m", "faceapp", "people", "list", "--json")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert json.loads(done.stdout)["people"] == []
