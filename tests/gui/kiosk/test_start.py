"""Opening and ending the kiosk; sounds and voice where there are none."""

from __future__ import annotations

import builtins
import os
import signal
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from faceapp.app.kiosk.types import KioskView
from faceapp.app.resources import resource
from faceapp.errors import UnavailableError
from faceapp.gui.kiosk import start
from faceapp.gui.kiosk.messages import message
from faceapp.gui.kiosk.options import ScreenOptions
from faceapp.gui.kiosk.voice import TONES, Voice
from faceapp.gui.kiosk.window import KioskWindow
from tests.fakes.kiosk import FakeKiosk

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_stops_the_kiosk(qapp: QApplication, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    fake = FakeKiosk()
    said: list[str] = []
    QTimer.singleShot(150, lambda: os.kill(os.getpid(), number))
    assert start.show(fake, ScreenOptions("en"), said.append) == 0
    assert (fake.calls[0], fake.calls[-1]) == ("start", "stop")
    assert said == []
    assert signal.getsignal(number) is before
    assert QApplication.topLevelWidgets() == []


def test_nothing_is_opened_until_somebody_has_chosen_the_pin(qapp: QApplication) -> None:
    fake = FakeKiosk(pin=None)
    before: list[bool] = []

    def act() -> None:
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, KioskWindow)]
        before.append("start" in fake.calls)
        window.pin_pad.accepted.emit()
        QTimer.singleShot(50, window.end)

    QTimer.singleShot(100, act)
    assert start.show(fake, ScreenOptions("en"), lambda _: None) == 0
    assert before == [False]
    assert fake.calls.count("start") == 1


def test_trouble_within_is_logged_and_shown_to_nobody(qapp: QApplication, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakeKiosk(pin=None)
    fake.now_mode = "verify"
    seen: list[str] = []

    def act() -> None:
        (window,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, KioskWindow)]
        seen.append(window.screen_page.accessibleName())
        QTimer.singleShot(50, window.end)
        raise ZeroDivisionError("inner trouble")

    said: list[str] = []
    QTimer.singleShot(100, act)
    assert start.show(fake, ScreenOptions("en"), said.append) == 0
    assert "inner trouble" in caplog.text
    assert "trouble" not in seen[0]
    assert said == ["No administrator's PIN is set: the screen asks for one first."]


def test_without_a_display_the_error_names_headless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "display_problem", lambda _: "there is no display")
    fake = FakeKiosk()
    with pytest.raises(UnavailableError, match=r"^there is no display: .*--headless") as caught:
        start.show(fake, ScreenOptions(), print)
    assert "\n" not in str(caught.value)
    assert fake.calls == []


def test_multimedia_is_not_loaded_unless_it_is_wanted() -> None:
    script = (
        "import sys\n"
        "from PyQt6.QtWidgets import QApplication\n"
        "app = QApplication(['x'])\n"
        "import faceapp.gui.kiosk.start\n"
        "from faceapp.gui.kiosk.voice import Voice\n"
        "voice = Voice(False, False)\n"
        "voice.begin()\n"
        "print([m for m in sys.modules if 'Multimedia' in m or 'Speech' in m])\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_where_multimedia_cannot_be_loaded_it_is_silent(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if "Multimedia" in name or "TextToSpeech" in name:
            raise ImportError("libpulse.so.0: cannot open shared object file")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    voice = Voice(True, True)
    voice.begin()
    voice.say(message(KioskView("welcome", 0, name="Ada"), False), "en")
    assert not voice.has_sound
    assert not voice.has_speech
    assert "libpulse.so.0" in caplog.text
    voice.stop()


def test_each_answer_has_a_tone_of_its_own() -> None:
    heard = set()
    for file in TONES.values():
        with wave.open(str(resource("sounds", file))) as sound:
            seconds = sound.getnframes() / sound.getframerate()
            assert 0.3 < seconds < 1.2
            heard.add(sound.readframes(sound.getnframes()))
    assert len(heard) == 3
    assert "GNU General Public License" in resource("sounds", "LICENSE.txt").read_text(encoding="utf-8")


def test_the_voice_says_the_message_and_the_tone_plays() -> None:
    class Played:
        count = 0

        def play(self) -> None:
            self.count += 1

        def stop(self) -> None: ...

        def deleteLater(self) -> None: ...  # noqa: N802  # Qt's name

    class Engine(Played):
        said: list[str]

        def __init__(self) -> None:
            self.said = []

        def setLocale(self, locale: object) -> None: ...  # noqa: N802  # Qt's name

        def say(self, text: str) -> None:
            self.said.append(text)

    voice, tone, engine = Voice(True, True), Played(), Engine()
    voice._effects["good"] = tone  # type: ignore[assignment]  # stands in for QSoundEffect
    voice._engine = engine  # type: ignore[assignment]  # stands in for QTextToSpeech
    voice.say(message(KioskView("welcome", 0, name="Ada"), False), "en")
    voice.say(message(KioskView("idle", 0), False), "en")
    assert tone.count == 1
    assert engine.said == ["Welcome. The door is open."]
    voice.stop()
