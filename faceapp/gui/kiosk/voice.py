"""A tone and a spoken line with an answer: both optional, off by default, and silent where the system can't.

Nothing of Qt's multimedia is loaded unless it is wanted. Both play on threads of Qt's own.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PyQt6.QtCore import QLocale, QObject, QUrl

from faceapp.app.resources import resource
from faceapp.gui.kiosk.messages import Message

if TYPE_CHECKING:
    from PyQt6.QtMultimedia import QSoundEffect
    from PyQt6.QtTextToSpeech import QTextToSpeech

_log = logging.getLogger("faceapp.gui.kiosk")
TONES = {"good": "good.wav", "caution": "again.wav", "stop": "no.wav"}
"""Which sound goes with which tone of a message; a calm one has none."""


class Voice(QObject):
    """Says messages aloud. `begin` loads what is wanted."""

    def __init__(self, sound: bool, speech: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sound, self._speech = sound, speech
        self._effects: dict[str, QSoundEffect] = {}
        self._engine: QTextToSpeech | None = None

    def begin(self) -> None:
        """Load tones and voice, as far as they are wanted and there."""
        if self._sound:
            self._load_sounds()
        if self._speech:
            self._load_speech()

    def say(self, message: Message, language: str) -> None:
        """Play the tone of `message` and speak its line in `language`. Returns at once."""
        effect = self._effects.get(message.tone)
        if effect is not None:
            effect.play()
        if self._engine is not None and message.spoken:
            self._engine.setLocale(QLocale(language))
            self._engine.say(message.spoken)

    @property
    def has_sound(self) -> bool:
        return bool(self._effects)

    @property
    def has_speech(self) -> bool:
        return self._engine is not None

    def stop(self) -> None:
        """Be silent, and let go of the loudspeaker."""
        for effect in self._effects.values():
            effect.stop()
            effect.deleteLater()
        self._effects.clear()
        if self._engine is not None:
            self._engine.stop()
            self._engine.deleteLater()
            self._engine = None

    def _load_sounds(self) -> None:
        try:
            from PyQt6.QtMultimedia import QMediaDevices, QSoundEffect
        except ImportError as e:
            _log.warning("no sound: %s", e)
            return
        if not QMediaDevices.audioOutputs():
            _log.info("no sound: there is no loudspeaker")
            return
        for tone, file in TONES.items():
            effect = QSoundEffect(self)
            effect.setSource(QUrl.fromLocalFile(str(resource("sounds", file))))
            self._effects[tone] = effect

    def _load_speech(self) -> None:
        try:
            from PyQt6.QtTextToSpeech import QTextToSpeech
        except ImportError as e:
            _log.warning("no speech: %s", e)
            return
        engines = [e for e in QTextToSpeech.availableEngines() if e != "mock"]
        if not engines:
            _log.info("no speech: the system has no voice")
            return
        engine = QTextToSpeech(engines[0], self)
        if engine.state() == QTextToSpeech.State.Error:  # listed, and its system library is missing
            _log.warning("no speech: the engine %s cannot be loaded", engines[0])
            engine.deleteLater()
            return
        self._engine = engine
