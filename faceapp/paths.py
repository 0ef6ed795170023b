"""Where files live. Nothing here creates a file; folders are made by whoever writes into them."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "faceapp"
_PACKAGE = Path(__file__).resolve().parent


def checkout_root() -> Path | None:
    """The top of the source checkout we run from, or None in an installed package."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "resources").is_dir() else None


def resource(*parts: str) -> Path:
    """A file below `resources/`, in a checkout as well as in an installed package."""
    return (checkout_root() or _PACKAGE).joinpath("resources", *parts)


def manifest_dir() -> Path:
    """The folder with `manifest.toml` and the statistics it names, in a checkout as well as in an installed package."""
    return (checkout_root() or _PACKAGE) / "models"


def models_dir() -> Path:
    """Where built networks lie: `FACEAPP_MODELS_DIR`, else the checkout's `models/` (somebody else's too, if networks
    were built there), else the user's cache."""
    override = os.environ.get("FACEAPP_MODELS_DIR")
    if override:
        return Path(override)
    root = checkout_root()
    if root is not None and (os.access(root / "models", os.W_OK) or any((root / "models").glob("*.onnx"))):
        return root / "models"
    return Path(platformdirs.user_cache_dir(APP)) / "models"


def engines_dir() -> Path:
    """Where TensorRT keeps what it compiled for this computer's graphics card: the user's cache, apart from networks,
    which are held to a checksum."""
    return Path(platformdirs.user_cache_dir(APP)) / "tensorrt"


def data_dir(chosen: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the gallery and the settings: `chosen`, else `FACEAPP_DATA_DIR`, else the platform's own place."""
    return Path(chosen or os.environ.get("FACEAPP_DATA_DIR") or platformdirs.user_data_dir(APP))
