"""Camera, detector and threshold: the three things one may want to change while looking."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import urlsplit

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from faceapp.app.live_types import CameraInfo, LiveControl
from faceapp.gui.theme import Theme, tabular
from faceapp.gui.widgets import Picker, Switch, button, label, quick_key

DETECTORS = {"mtcnn": "MTCNN – small faces", "ssd": "SSD – near faces"}
"""In fewer words than the manifest's, which the others are called by."""
MEANING = "Faces up to this distance get a name.\nSmaller is stricter: fewer names, fewer mistakes."
_STEPS = 100
"""Slider steps in a distance of 1."""


def is_camera(spec: str) -> bool:
    """True for a device in front of which somebody stands; false for a file, a stream, the demonstration."""
    return spec.isdigit() or spec.startswith("/dev/")


def source_name(spec: str) -> str:
    """A source as people read it: never with the user name, password or path of a stream."""
    if spec.startswith("demo:"):
        return "Demonstration"
    if "://" in spec:
        parts = urlsplit(spec)
        return f"{parts.scheme} stream from {parts.hostname or 'somewhere'}"
    return f"Camera {spec}" if spec.isdigit() else PurePath(spec).name or spec


class SettingsPanel(QWidget):
    """Shows the session's settings as they are and changes them."""

    source_chosen = pyqtSignal(str)

    def __init__(self, session: LiveControl, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._listed: list[CameraInfo] = []
        self.camera = Picker(theme)
        self.camera.setAccessibleName("Camera")
        self.camera.setToolTip("Where the picture comes from")
        self.camera.activated.connect(self._camera_chosen)
        self.detector = Picker(theme)
        self.detector.setAccessibleName("Detector")
        self.detector.setToolTip("What looks for faces in the picture")
        for id, title in session.detectors():
            self.detector.addItem(DETECTORS.get(id, title), id)
        self.detector.activated.connect(self._detector_chosen)
        self.recogniser = label()
        self.recogniser.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.change = button("Change …", tip="Compare faces with another network; the cost is shown first")
        self.change.setAccessibleName("Change the recogniser")
        self.change.clicked.connect(self._change_recogniser)

        self.automatic = Switch("Automatic", theme)
        tip = f"Set the threshold from the number of photos enrolled; {session.evaluation.source()}"
        self.automatic.setToolTip(tip)
        self.automatic.setAccessibleDescription(tip)
        self.automatic.toggled.connect(self._automatic_toggled)
        self.value = label()
        self.value.setFont(tabular(self.value.font()))
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Threshold")
        self.slider.setAccessibleDescription(MEANING)
        self.slider.setToolTip(MEANING)
        self.slider.setPageStep(5)
        self.slider.valueChanged.connect(self._slider_moved)
        self.meaning = label(MEANING, kind="small", wrap=True)

        keys = (
            (self.camera, "Alt+C"),
            (self.detector, "Alt+D"),
            (self.change, "Alt+R"),
            (self.automatic, "Alt+A"),
            (self.slider, "Alt+T"),
        )
        for widget, key in keys:
            quick_key(widget, key)
        self._lay_out()

    def refresh(self) -> None:
        """Show what is in force now. A dragged handle is left alone."""
        if self._session.source() != self.camera.currentData():
            self.refresh_cameras()
        with QSignalBlocker(self.detector):
            self.detector.setCurrentIndex(self.detector.findData(self._session.detector()))
        switching = self._session.switching
        metrics, room = self.recogniser.fontMetrics(), self.recogniser.width()
        self.recogniser.setText(metrics.elidedText(switching.in_use(), Qt.TextElideMode.ElideMiddle, room))
        self.recogniser.setAccessibleName(f"Recogniser {switching.in_use()}")
        self.recogniser.setToolTip(f"{switching.in_use()}: {switching.title()}")
        if not self.slider.isSliderDown():
            self._refresh_threshold()

    def _lay_out(self) -> None:
        camera_label, detector_label, threshold_label = label("Camera"), label("Detector"), label("Threshold")
        camera_label.setBuddy(self.camera)
        detector_label.setBuddy(self.detector)
        threshold_label.setBuddy(self.slider)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.addWidget(camera_label, 0, 0)
        grid.addWidget(self.camera, 0, 1)
        grid.addWidget(detector_label, 1, 0)
        grid.addWidget(self.detector, 1, 1)
        recogniser = QHBoxLayout()
        recogniser.setSpacing(8)
        recogniser.addWidget(self.recogniser, 1)
        recogniser.addWidget(self.change)
        grid.addWidget(label("Recogniser"), 2, 0)
        grid.addLayout(recogniser, 2, 1)
        grid.setColumnStretch(1, 1)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(threshold_label)
        head.addWidget(self.value)
        head.addStretch(1)
        head.addWidget(self.automatic)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addSpacing(4)
        column.addLayout(head)
        column.addWidget(self.slider)
        column.addWidget(self.meaning)
        QWidget.setTabOrder(self.detector, self.change)
        QWidget.setTabOrder(self.change, self.automatic)
        QWidget.setTabOrder(self.automatic, self.slider)

    def _refresh_threshold(self) -> None:
        low, high = self._session.threshold_range()
        threshold, automatic = self._session.threshold(), self._session.threshold_is_automatic()
        with QSignalBlocker(self.slider), QSignalBlocker(self.automatic):
            self.slider.setRange(round(low * _STEPS), round(high * _STEPS))
            self.slider.setValue(round(threshold * _STEPS))
            self.automatic.setChecked(automatic)
        self.value.setText(f"{threshold:.2f}")
        self.value.setAccessibleName(f"Threshold {threshold:.2f}{', automatic' if automatic else ''}")

    def refresh_cameras(self) -> None:
        """Look which cameras there are; less often than the rest, because the system is asked. An open list is left
        alone."""
        view = self.camera.view()
        if view is not None and view.isVisible():
            return
        source = self._session.source()
        cameras = self._session.cameras()
        if all(c.spec != source for c in cameras):
            cameras = [CameraInfo(source, source_name(source)), *cameras]
        with QSignalBlocker(self.camera):
            if cameras != self._listed:
                self._listed = cameras
                self.camera.clear()
                for camera in cameras:
                    self.camera.addItem(camera.name, camera.spec)
            self.camera.setCurrentIndex(self.camera.findData(source))

    def _camera_chosen(self, row: int) -> None:
        spec = str(self.camera.itemData(row))
        if spec != self._session.source():
            self.source_chosen.emit(spec)

    def _detector_chosen(self, row: int) -> None:
        id = str(self.detector.itemData(row))
        if id != self._session.detector():
            self._session.set_detector(id)

    def _change_recogniser(self) -> None:
        from faceapp.gui.recogniser_dialog import RecogniserDialog

        RecogniserDialog(self._session.switching, self._theme, self.window() or self).open()

    def _slider_moved(self, steps: int) -> None:
        self._session.set_threshold(steps / _STEPS)
        self._refresh_threshold()

    def _automatic_toggled(self, on: bool) -> None:
        self._session.set_threshold(None if on else self.slider.value() / _STEPS)
        self._refresh_threshold()
