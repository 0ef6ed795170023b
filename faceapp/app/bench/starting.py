"""How long the command itself takes to start, in a process and a data directory of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from faceapp.errors import UnavailableError
from faceapp.types import JsonObject

RUNS = 3
_PATIENCE_S = 60.0


def starts(folder: Path) -> JsonObject:
    """Seconds, the median of three, from the command to its version, and to the first recognised frame of the
    demonstration. `folder` holds its data directory and its keys: the user's own are left alone."""
    environment = {**os.environ, "FACEAPP_KEYS_DIR": str(folder / "keys"), "FACEAPP_DATA_DIR": str(folder / "data")}
    faceapp = [sys.executable, "-m", "faceapp"]
    version = [_until_end([*faceapp, "--version"], environment) for _ in range(RUNS)]
    live = [*faceapp, "live", "--headless", "--source", "demo:", "--no-drop", "--frames", "60", "--events", "-"]
    named = [_until_name(live, environment) for _ in range(RUNS)]
    return {
        "version_s": round(statistics.median(version), 3),
        "first_name_s": round(statistics.median(named), 3),
    }


def _until_end(command: list[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=_PATIENCE_S)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as e:
        raise _failed() from e
    return time.perf_counter() - begun


def _until_name(command: list[str], environment: dict[str, str]) -> float:
    begun = time.perf_counter()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        try:
            for line in process.stdout or ():
                if any(face["name"] for face in json.loads(line).get("faces", ())):
                    return time.perf_counter() - begun
        finally:
            process.terminate()
    raise _failed()


def _failed() -> UnavailableError:
    return UnavailableError("faceapp cannot be started from here to be measured: run `faceapp doctor`")
