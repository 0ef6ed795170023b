"""Changing the embedder beside a live window, with the real networks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faceapp import settings as settings_file
from faceapp.app import live_switch
from faceapp.app.live_switch import LiveSwitch
from faceapp.app.parts import Parts
from faceapp.app.switch_types import SwitchDone
from faceapp.app.switching import stored_embedder
from faceapp.errors import InputError, UnavailableError
from faceapp.gallery.store import GalleryStore
from faceapp.types import BgrImage
from tests.fakes.filled import fill
from tests.polling import until

pytestmark = pytest.mark.usefixtures("models_dir")


@pytest.fixture
def switch(data_dir: Path) -> Iterator[LiveSwitch]:
    with Parts.open(data_dir) as parts:
        made = LiveSwitch(parts)
        yield made
        assert made.stop(20)


def test_what_there_is_and_what_it_costs(switch: LiveSwitch, astronaut: BgrImage) -> None:
    fill(astronaut, 3)
    assert switch.in_use() == "facenet+dlib"
    found = {c.id: c for c in switch.choices().result(60)}
    assert found["facenet+dlib"].stored
    assert not found["facenet-512"].stored
    assert found["facenet-512"].problem == ""
    assert "MIT" in found["facenet-512"].licence
    cost = switch.cost("dlib-resnet-128").result(60)
    assert (cost.photos, cost.people, cost.before) == (3, 3, "facenet+dlib")
    with pytest.raises(InputError, match="no embedder"):
        switch.cost("nobody").result(60)


def test_it_changes_what_is_started_next_and_says_so(switch: LiveSwitch, data_dir: Path, astronaut: BgrImage) -> None:
    fill(astronaut, 3)
    called: list[object] = []
    look = switch.looking(called.append)
    with GalleryStore.open(data_dir) as store:
        look(store)
        assert called == [store]
        assert switch.notices() == []
        switch.begin("dlib-resnet-128")
        switch.begin("facenet-512")  # one at a time
        state = until(lambda: s if (s := switch.state()).phase != "embedding" else None, 30)
        assert (state.phase, state.embedder) == ("done", "dlib-resnet-128")
        assert state.result is not None
        assert state.result.embedded == 3
        assert stored_embedder(data_dir) == "dlib-resnet-128"
        assert switch.in_use() == "facenet+dlib"  # until it is started again
        look(store)
        [notice] = switch.notices()
        assert "nother recogniser was chosen, dlib-resnet-128:" in notice.text


def test_a_failure_is_told(switch: LiveSwitch, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> SwitchDone:
        raise UnavailableError("the settings cannot be written: free some space")

    monkeypatch.setattr(live_switch, "switch", full)
    switch.begin("dlib-resnet-128")
    state = until(lambda: s if (s := switch.state()).phase != "embedding" else None, 30)
    assert (state.phase, state.problem) == ("failed", "The settings cannot be written: free some space.")
    assert [n.level for n in switch.notices()] == ["error"]
    assert stored_embedder(data_dir) == settings_file.Settings().embedder


def test_closing_the_window_ends_it_between_two_photos(
    switch: LiveSwitch, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, seen = threading.Event(), []

    def long(_parts: object, _progress: object, cancelled: live_switch.Callable[[], bool]) -> SwitchDone:
        begun.set()
        until(cancelled)
        seen.append("cancelled")
        return SwitchDone("dlib-resnet-128", False, 0, (), (), True)

    monkeypatch.setattr(live_switch, "switch", long)
    switch.begin("dlib-resnet-128")
    assert begun.wait(30)
    assert not switch.state().cancelling
    assert switch.stop(20)
    assert seen == ["cancelled"]
    assert stored_embedder(data_dir) == settings_file.Settings().embedder
    assert switch.choices().cancelled()
