from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from faceapp import paths

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package as pip lays it out, without a checkout around it."""
    package = tmp_path / "site-packages" / "faceapp"
    package.mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    return package


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    for folder in ("faceapp", "resources", "models"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    monkeypatch.setattr(paths, "_PACKAGE", root / "faceapp")
    monkeypatch.delenv("FACEAPP_MODELS_DIR", raising=False)
    return root


def test_a_checkout_keeps_resources_and_models_beside_the_package() -> None:
    assert paths.checkout_root() == ROOT
    assert paths.resource("astronaut.jpg").is_file()
    assert paths.manifest_dir() == ROOT / "models"


def test_an_installed_package_holds_them_itself(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACEAPP_MODELS_DIR", raising=False)
    assert paths.checkout_root() is None
    assert paths.resource("icons", "x.svg") == installed / "resources" / "icons" / "x.svg"
    assert paths.manifest_dir() == installed / "models"
    assert paths.models_dir() == Path(platformdirs.user_cache_dir("faceapp")) / "models"


def test_networks_lie_in_the_checkout(checkout: Path) -> None:
    assert paths.models_dir() == checkout / "models"


def test_networks_somebody_else_built_in_the_checkout_are_used(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert paths.models_dir() == Path(platformdirs.user_cache_dir("faceapp")) / "models"
    (checkout / "models" / "pnet.onnx").write_bytes(b"")
    assert paths.models_dir() == checkout / "models"


def test_the_environment_says_where_networks_lie(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", "/srv/models")
    assert paths.models_dir() == Path("/srv/models")


def test_data_dir_is_the_chosen_one_then_the_environments_then_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_DATA_DIR", "/srv/data")
    assert paths.data_dir("/srv/other") == Path("/srv/other")
    assert paths.data_dir(Path("/srv/other")) == Path("/srv/other")
    assert paths.data_dir() == Path("/srv/data")
    monkeypatch.delenv("FACEAPP_DATA_DIR")
    assert paths.data_dir() == Path(platformdirs.user_data_dir("faceapp"))


def test_asking_makes_no_folder(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", str(tmp_path / "models"))
    paths.data_dir()
    paths.models_dir()
    assert not data_dir.exists()
    assert not (tmp_path / "models").exists()


def test_engines_lie_in_the_users_cache_whoever_owns_the_networks(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEAPP_MODELS_DIR", "/srv/models")
    assert paths.engines_dir() == Path(platformdirs.user_cache_dir("faceapp")) / "tensorrt"
