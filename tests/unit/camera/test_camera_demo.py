"""The demonstration: always the same, always full of faces, and quickly drawn."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pytest

from faceapp import paths
from faceapp.camera import demo as module
from faceapp.camera.choose import parse_source
from faceapp.camera.demo import FPS, SCENE_FRAMES, SIZE, DemoSource, Scene, View, astronaut_view, draw
from faceapp.errors import BugError
from faceapp.images import read_image
from faceapp.types import BgrImage, Frame

SECOND = 1_000_000_000


def opened(*, loop: bool = False) -> DemoSource:
    source = DemoSource(loop=loop)
    source.open()
    return source


@pytest.fixture
def no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the insightface package isn't installed."""
    monkeypatch.setattr(module, "group_photograph", lambda: None)


def test_alone_the_astronaut_fills_one_scene(no_group: None) -> None:
    frames = list(iter(opened().read, None))
    assert [f.id for f in frames] == list(range(SCENE_FRAMES))
    assert {f.size for f in frames} == {SIZE}
    assert not any(f.image.flags.writeable for f in frames)
    assert frames[-1].captured_ns - frames[0].captured_ns == round((SCENE_FRAMES - 1) * SECOND / FPS)


def test_with_the_group_there_are_two_scenes(group_photo: Path) -> None:
    assert module.group_photograph() == group_photo
    source = opened()
    count = sum(1 for _ in iter(source.read, None))
    assert count == 2 * SCENE_FRAMES


def test_at_a_door_without_end_nobody_comes_between(group_photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is asked to turn their head is the only one there: no other photograph, and no fading from one round to the
    next, which would look like a face that jumps."""
    monkeypatch.setattr(module, "SCENE_FRAMES", 4)
    source = parse_source("demo:", loop_demo=True, door=True)
    source.open()
    shown = [source.read() for _ in range(10)]
    scene = Scene(read_image(paths.resource("astronaut.jpg")), astronaut_view)
    for number in (3, 4, 9):
        frame = shown[number]
        assert frame is not None
        assert np.array_equal(frame.image, draw(scene, number / FPS))


def test_it_ends_or_goes_on_for_ever(no_group: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCENE_FRAMES", 20)
    source = opened(loop=True)
    frames = [source.read() for _ in range(50)]
    assert [f.id for f in frames if f] == list(range(50)), "the numbers go on"
    times = [f.captured_ns for f in frames if f]
    assert times == sorted(set(times))
    assert frames[3] is not None
    assert frames[43] is not None
    assert (frames[3].image == frames[43].image).all()
    once = opened()
    assert sum(1 for _ in iter(once.read, None)) == 20
    assert once.read() is None


def test_a_frame_depends_on_its_number_alone(no_group: None) -> None:
    def some() -> list[Frame]:
        source = opened()
        return [f for f in (source.read() for _ in range(40)) if f and f.id % 13 == 0]

    for a, b in zip(some(), some(), strict=True):
        assert (a.image == b.image).all()


def test_nothing_jumps(no_group: None) -> None:
    """Neighbouring frames differ little: across a scene's end too, where one fades into the next."""
    source = opened(loop=True)
    frames = [source.read() for _ in range(SCENE_FRAMES + 30)]
    pictures = [f.image[::4, ::4].astype(np.int16) for f in frames if f]
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(pictures)]
    assert max(steps) < 20
    assert max(steps[-45:]) < 1.5 * max(steps[:-45])
    assert min(steps) > 0.05, "and nothing stands still: that would be a frozen camera"


@pytest.mark.parametrize(
    ("view", "across", "down"),
    [
        (View(-900, 256, 300), (0, 300), (143, 369)),
        (View(5000, 256, 300), (212, 512), (143, 369)),
        (View(256, -900, 300), (106, 406), (0, 225)),
        (View(256, 5000, 300), (106, 406), (287, 512)),
        (View(256, 256, 9000), (0, 512), (64, 448)),
    ],
)
def test_no_border_is_ever_seen(view: View, across: tuple[int, int], down: tuple[int, int]) -> None:
    """A view that looks beyond the photograph is pushed back into it: neither black nor a smeared edge."""
    ramp = np.linspace(0, 255, 512).astype(np.uint8)
    photograph: BgrImage = np.zeros((512, 512, 3), np.uint8)
    photograph[:, :, 0] = ramp
    photograph[:, :, 1] = ramp[:, None]
    picture = draw(module.Scene(photograph, lambda _: view), 0.0)
    assert picture.shape == (480, 640, 3)
    edges = [picture[:, :2, 0], picture[:, -2:, 0], picture[:2, :, 1], picture[-2:, :, 1]]
    assert [e.mean() * 2 for e in edges] == pytest.approx([*across, *down], abs=4)


def test_the_photograph_is_moved_not_stretched() -> None:
    """A circle stays one, at the place the view says."""
    photograph: BgrImage = np.zeros((512, 512, 3), np.uint8)
    y, x = np.mgrid[:512, :512]
    photograph[(x - 200) ** 2 + (y - 240) ** 2 <= 40**2] = 255
    picture = draw(module.Scene(photograph, lambda _: View(200, 240, 320)), 0.0)
    ys, xs = np.nonzero(picture[:, :, 0] > 127)
    assert (xs.mean(), ys.mean()) == pytest.approx((320, 240), abs=1.5)
    assert np.ptp(xs) == pytest.approx(160, abs=3)
    assert np.ptp(ys) == pytest.approx(160, abs=3)


def test_without_the_group_photograph_or_with_a_broken_one_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "t1.jpg"
    broken.write_text("no picture", encoding="utf-8")
    monkeypatch.setattr(module, "group_photograph", lambda: broken)
    assert sum(1 for _ in iter(opened().read, None)) == SCENE_FRAMES


def test_closed_it_cannot_be_read() -> None:
    source = opened()
    source.close()
    with pytest.raises(BugError):
        source.read()


def test_a_frame_costs_little() -> None:
    """The pictures are drawn on the capture thread, next to recognition: about 3 ms each, and here with room for a busy
    machine."""
    source = opened(loop=True)
    begun = time.thread_time()
    for _ in range(60):
        source.read()
    assert (time.thread_time() - begun) / 60 < 0.008
