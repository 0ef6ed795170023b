"""`faceapp doctor`: everything that must be right for faceapp to work here, one line each."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from faceapp import __version__, paths
from faceapp.app.parts import Parts
from faceapp.app.training.whose import deleted_since
from faceapp.errors import KnownError, UnavailableError
from faceapp.types import JsonObject

_log = logging.getLogger(__name__)


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
        _tried("ONNX Runtime", _runtime),
        _tried("graphics card", _graphics_card),
        _tried("OpenCV", _opencv),
    ]
    try:
        parts = Parts.open(data_dir)
    except KnownError as e:
        return [*checks, Check("settings", "fail", str(e))]
    with parts:
        if parts.settings.device == "tensorrt":
            checks.append(_tried("TensorRT", _engines))
        looks = {
            "data": _data,
            "key": _key,
            "networks": _networks,
            "own networks": _own_networks,
            "gallery": _gallery,
            "thresholds": _thresholds,
            "liveness": _liveness,
        }
        for name, look in looks.items():
            checks.append(_tried(name, lambda look=look: look(parts)))  # type: ignore[misc]  # lambda in a loop, bound
    return [*checks, _tried("camera", _cameras), _tried("display", _display), _tried("insightface", _extra)]


def _tried(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except KnownError as e:
        return Check(name, "fail", str(e))
    except Exception as e:  # noqa: BLE001 - what is looked at may be broken in any way, and the list must go on
        _log.exception("doctor: %s", name)
        return Check(name, "fail", f"broken ({type(e).__name__}: {e}): install faceapp again")


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


def _graphics_card() -> Check:
    from faceapp.vision.session import CUDA, cuda_devices, cuda_usable

    cards = cuda_devices()
    if not cards:
        return Check("graphics card", "ok", "none with CUDA: the processor does the work")
    if cuda_usable():
        return Check("graphics card", "ok", f"{cards} with CUDA, used")
    import onnxruntime

    if CUDA not in onnxruntime.get_available_providers():
        why = "this ONNX Runtime is made for processors only: put onnxruntime-gpu in its place"
    else:
        why = "the libraries of CUDA or cuDNN are missing: install them for this ONNX Runtime"
    return Check("graphics card", "note", f"{cards} with CUDA, not used: {why}")


def _engines() -> Check:
    from faceapp.vision.tensorrt import private_folder

    folder = paths.engines_dir()
    try:
        private_folder(folder)
    except OSError as e:
        why = e.strerror or str(e)
        return Check("TensorRT", "note", f"{folder} can't be used ({why}): networks are compiled at each start")
    return Check("TensorRT", "ok", f"what it compiles is kept in {folder}")


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


def _data(parts: Parts) -> Check:
    folder = parts.data_dir
    if os.name == "posix" and folder.exists() and (mode := folder.stat().st_mode & 0o777) & 0o077:
        return Check("data", "note", f"{folder} is open to others ({mode:o}): `chmod 700` it, it holds faces and names")
    return Check("data", "ok", str(folder))


def _key(parts: Parts) -> Check:
    from faceapp.app.keys import key_kept

    kept = key_kept(parts.data_dir)
    if kept is None:
        return Check("key", "ok", "none yet: it is made with the gallery")
    return Check("key", "fail" if kept.missing else "note" if kept.with_the_data else "ok", kept.text())


def _networks(parts: Parts) -> Check:
    detector, embedder = parts.detector(), parts.embedder()
    spec = parts.embedder_spec
    precisions = ", ".join(f"{p.network} {parts.precision_of(p.network)}" for p in spec.parts)
    return Check("networks", "ok", f"{detector.id} and {embedder.id} run on {embedder.provider} ({precisions})")


def _own_networks(parts: Parts) -> Check:
    own = [n for n in parts.manifest.networks.values() if n.home is not None]
    if not own:
        return Check("own networks", "ok", "none: those faceapp comes with are used")
    for network in own:
        try:
            parts.models.path(network.id)
        except UnavailableError as e:
            return Check("own networks", "note", str(e))  # one that is in use fails above
    gone = deleted_since(parts.data_dir, parts.manifest.embedders, parts.existing_gallery())
    if gone:
        told = ", ".join(f"{id} learned from {n} {'person' if n == 1 else 'people'}" for id, n in gone.items())
        return Check("own networks", "note", f"{told} deleted since: train another and remove it (PRIVACY.md)")
    return Check("own networks", "ok", f"{', '.join(n.id for n in own)}: as they were brought")


def _gallery(parts: Parts) -> Check:
    store = parts.existing_gallery()
    if store is None:
        return Check("gallery", "ok", "none yet: nobody is enrolled")
    if store.why_locked is not None:
        return Check("gallery", "fail", store.why_locked)
    people = len(store.people())
    again = [p.name for p in store.people_without(parts.space())]
    if again:
        return Check("gallery", "note", f"{people} people; to be photographed again: {', '.join(again)}")
    return Check("gallery", "ok", f"{people} people")


def _liveness(parts: Parts) -> Check:
    """How the kiosk would tell a person from a picture, begun now without a choice."""
    from faceapp.app.kiosk.site import NO_MODEL, kiosk_options

    kiosk, model = parts.settings.kiosk, parts.passive_model()
    options = kiosk_options(parts, None, None, None, None, None)
    text = f"{options.liveness} at the kiosk"
    text += ", otherwise at some hours" if options.by_hour else ""
    text += f", the group {kiosk.spared_group!r} is spared the questions" if kiosk.spared_group else ""
    if model is not None:
        least = model.limits
        text += f"; model {model.spec.id}, for faces of {least.min_height:g} px and more"
    elif options.rules.needs_model(spares=bool(kiosk.spared_group)):
        return Check("liveness", "fail", f"{text}; {NO_MODEL}")
    else:
        text += "; no model"
    weak = options.liveness == "off"
    return Check("liveness", "note" if weak else "ok", f"{text}: a photograph opens the door" if weak else text)


def _thresholds(parts: Parts) -> Check:
    from faceapp.app.thresholds import source_text

    store, calibration = parts.existing_gallery(), parts.calibration()
    people = [] if store is None else store.people()
    photos = sum(p.photos for p in people)
    text = source_text(parts.embedder_spec, calibration, max(1, photos), parts.settings.kiosk.policy)
    if calibration is not None:
        from faceapp.app.calibration import stale

        line = stale(calibration, len(people), photos)
        if line is not None:
            return Check("thresholds", "note", f"{text}; {line}")
    return Check("thresholds", "ok", text)


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
        return Check(
            "insightface",
            "note",
            "not installed: no pack's detector can be used, and the demonstration lacks a photograph",
        )
    return Check("insightface", "ok", importlib.metadata.version("insightface"))
