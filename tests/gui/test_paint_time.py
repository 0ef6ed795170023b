"""What painting takes is measured on the window's own view."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from faceapp.gui import paint_time
from faceapp.gui.overlay import Overlay
from tests.fakes.live import frame, result, tracked


def test_every_result_is_painted_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[int] = []
    paint = Overlay.paint

    def counted(self: Overlay, painter: object, faces: list[object], *others: object) -> None:
        painted.append(len(faces))
        paint(self, painter, faces, *others)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(Overlay, "paint", counted)
    seen = [(frame(k, k * 33_000_000), result([tracked(1, (100, 100, 200, 230))], k, k * 33_000_000)) for k in range(3)]
    times = paint_time.paint_times(seen)
    assert len(times) == 3 == len(painted)
    assert all(ms > 0 for ms in times)
    assert max(painted) == 1
