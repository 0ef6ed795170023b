"""Nothing leaves this computer, and nothing is left on it that nobody asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def files_left_by(code: str, home: Path) -> list[str]:
    """Run Python with an empty home; returns what lies in it afterwards."""
    home.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_", "FACEAPP_"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "HOME": str(home)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.is_file())


def test_onnx_runtime_makes_no_identifier_of_this_machine_and_reports_nothing(models_dir: Path, tmp_path: Path) -> None:
    network = models_dir / "mtcnn-pnet.fp32.onnx"
    code = f"""
from pathlib import Path
from faceapp.vision.session import SessionPolicy, open_session
open_session(Path({str(network)!r}), SessionPolicy("cpu", 1))"""
    assert files_left_by(code, tmp_path / "ours") == []
