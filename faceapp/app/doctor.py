"""`faceapp doctor`: everything that must be right for faceapp to work here, one line each."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from faceapp import __version__
from faceapp.app.parts import Parts
from faceapp.errors import KnownError
from faceapp.types import JsonObject


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "note", "fail"]
    """note: worth knowing, nothing is broken."""
    text: str

    def as_json(self) -> JsonObject:
        return {"name": self.name, "state": self.state, "text": self.text}


def examine(data_dir: str | None) -> list[Check]:
    """Look at everything; never raises for what is merely broken."""
    checks = [
        Check("faceapp", "ok", f"{__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"),
        _runtime(),
        _opencv(),
    ]
    try:
        parts = Parts.open(data_dir)
    except KnownError as e:
        return [*checks, Check("settings", "fail", str(e))]
    with parts:
        checks.append(Check("data", "ok", str(parts.data_dir)))
        for name, look in (("networks", _networks), ("gallery", _gallery)):
            checks.append(_tried(name, lambda look=look: look(parts)))  # type: ignore[misc]  # lambda in a loop, bound
    checks += [_cameras(), _display(), _extra()]
    return checks


def _tried(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except KnownError as e:
        return Check(name, "fail", str(e))


def _runtime() -> Check:
    flavours = [
        f"{d.metadata['Name']} {d.version}"
        for d in importlib.metadata.distributions()
        if (d.metadata["Name"] or "").lower().startswith("onnxruntime")
    ]
    if len(flavours) > 1:
        both = " and ".join(sorted(flavours))
        return Check("ONNX Runtime", "fail", f"{both} share one folder, the graphics card is lost: keep one of them")
    return Check(
        "ONNX Runtime", "ok" if flavours else "fail", flavours[0] if flavours else "missing: install faceapp again"
    )


def _opencv() -> Check:
    import cv2

    names = {(d.metadata["Name"] or "").lower() for d in importlib.metadata.distributions()}
    if "opencv-python" in names or "opencv-contrib-python" in names:
        return Check(
            "OpenCV",
            "fail",
            "opencv-python brings Qt plugins that break PyQt6's: uninstall it, keep opencv-python-headless",
        )
    return Check("OpenCV", "ok", cv2.__version__)


def _networks(parts: Parts) -> Check:
    detector, embedder = parts.detector(), parts.embedder()
    spec = parts.embedder_spec
    precisions = ", ".join(f"{p.network} {parts.precision_of(p.network)}" for p in spec.parts)
    return Check("networks", "ok", f"{detector.id} and {embedder.id} run on {embedder.provider} ({precisions})")


def _gallery(parts: Parts) -> Check:
    store = parts.gallery()
    people = len(store.people())
    again = [p.name for p in store.people_without(parts.space())]
    if again:
        return Check("gallery", "note", f"{people} people; to be photographed again: {', '.join(again)}")
    return Check("gallery", "ok", f"{people} people")


def _cameras() -> Check:
    from faceapp.camera.device import list_cameras

    cameras = list_cameras()
    if not cameras:
        return Check("camera", "note", "none found: the window will show the demonstration")
    return Check("camera", "ok", ", ".join(f"{c.spec} {c.name!r}" for c in cameras))


def _display() -> Check:
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Check("display", "note", "none: the demonstration is written to files instead")
    return Check("display", "ok", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or platform.system())


def _extra() -> Check:
    if importlib.util.find_spec("insightface") is None:
        return Check("insightface", "note", "not installed: its group photograph is missing from the demonstration")
    return Check("insightface", "ok", importlib.metadata.version("insightface"))
