"""Can a window be opened here at all? Qt would end the whole program where it can't: ask first."""

from __future__ import annotations

import ctypes
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QLibraryInfo

NO_DISPLAY = "there is no display"
_X11_PORT = 6000
_PATIENCE_S = 2.0


def display_problem(environment: Mapping[str, str]) -> str | None:
    """None where a window can be opened, else one line why not (Linux only: elsewhere there is always a display)."""
    if sys.platform != "linux" or environment.get("QT_QPA_PLATFORM"):
        return None
    if environment.get("WAYLAND_DISPLAY"):
        return _loading_problem("libqwayland.so")
    display = environment.get("DISPLAY", "")
    if not display:
        return NO_DISPLAY
    if not _answers(display):
        return f"the display {display} does not answer"
    return _loading_problem("libqxcb.so")


def _answers(display: str) -> bool:
    """Whether somebody listens at an X display, as `DISPLAY` names it: `:0`, `:1.0`, `host:10`."""
    parts = re.fullmatch(r"(?:unix/?)?([^:/]*):(\d+)(?:\.\d+)?", display)
    if parts is None:
        return True  # A form we don't know: let Qt try.
    host, number = parts[1], int(parts[2])
    if host:
        try:
            socket.create_connection((host, _X11_PORT + number), _PATIENCE_S).close()
        except OSError:
            return False
        return True
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108  # where every X server listens
    return any(_connects(address) for address in (path, f"\0{path}"))


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PATIENCE_S)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def _loading_problem(plugin: str) -> str | None:
    """Load the plugin as Qt will: a missing system library shows here instead of ending the program."""
    file = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms" / plugin
    if not file.is_file():
        return None
    try:
        ctypes.CDLL(str(file))
    except OSError as e:
        library = str(e).partition(":")[0]
        return f"Qt's window plugin needs the system library {library}, which is not installed"
    return None
