from __future__ import annotations

import numpy as np

from faceapp.types import BgrImage, Box
from faceapp.vision.motion import Changes, Motion
from faceapp.vision.proposals import Level, levels_of, whole
from faceapp.vision.pyramid import Pyramid

RNG = np.random.default_rng(5)
ROOM: BgrImage = np.kron(RNG.integers(0, 256, (12, 16, 3), np.uint8), np.ones((40, 40, 1), np.uint8))


def noisy(picture: BgrImage, spread: float) -> BgrImage:
    return np.clip(picture + RNG.normal(0, spread, picture.shape), 0, 255).astype(np.uint8)


def changes(motion: Motion, picture: BgrImage) -> tuple[Changes, list[Level]]:
    pyramid = Pyramid(picture)
    found = motion.changed(pyramid, 60)
    assert found is not None
    return found, levels_of(pyramid, 60, 0.709)


def began(picture: BgrImage = ROOM) -> Motion:
    motion = Motion()
    assert motion.changed(Pyramid(picture), 60) is None
    return motion


def with_square(box: Box) -> BgrImage:
    picture = ROOM.copy()
    x1, y1, x2, y2 = (int(v) for v in box.as_list())
    picture[y1:y2, x1:x2] = 255 - picture[y1:y2, x1:x2]
    return picture


def test_the_first_picture_and_one_of_another_size_have_nothing_to_be_compared_with() -> None:
    motion = began()
    assert motion.changed(Pyramid(ROOM), 60) is not None
    assert motion.changed(Pyramid(ROOM[:400]), 60) is None
    motion.reset()
    assert motion.changed(Pyramid(ROOM[:400]), 60) is None


def test_noise_is_no_change_and_a_cut_is_all_of_it() -> None:
    motion = began(noisy(ROOM, 5))
    found, levels = changes(motion, noisy(ROOM, 5))
    assert found.part == 0
    assert found.blocks(levels, 0.2) == []
    found, levels = changes(motion, 255 - ROOM)
    assert found.part > 0.9
    blocks = found.blocks(levels, 0.2)
    assert sum(b.rows * b.columns for b in blocks) > 0.9 * sum(b.rows * b.columns for b in whole(levels))


def test_every_window_on_what_changed_is_looked_at_and_none_far_from_it() -> None:
    motion = began()
    place = Box(200, 120, 300, 220)
    found, levels = changes(motion, with_square(place))
    blocks = found.blocks(levels, 0.2)
    assert {b.level for b in blocks} >= {0, 1, 2}
    for block in blocks:
        if levels[block.level].rows * levels[block.level].columns <= 300:
            continue  # so few are looked at all at once
        fx, fy = levels[block.level].factors
        box = Box(*(2 * v for v in (block.left / fx, block.top / fy)), *(0, 0))
        right, bottom = (2 * block.left + block.size[1]) / fx, (2 * block.top + block.size[0]) / fy
        margin = 1.2 * 12 / fx
        assert box.x1 > place.x1 - margin
        assert box.y1 > place.y1 - margin
        assert right < place.x2 + margin
        assert bottom < place.y2 + margin
        # A face that fills the change is proposed by windows within these.
        assert box.x1 <= place.x1
        assert right >= place.x2 or block.level < 1
    assert not any(b.level == len(levels) - 1 for b in blocks)
    assert sum(b.level == 0 for b in blocks) == 1


def test_what_was_looked_at_counts_no_more_and_slow_changes_add_up() -> None:
    motion = began()
    moved = with_square(Box(200, 120, 300, 220))
    found, levels = changes(motion, moved)
    found.looked_at(levels, found.blocks(levels, 0.2))
    found, _ = changes(motion, moved)
    assert found.part == 0
    brighter = [np.clip(ROOM.astype(np.int16) + k, 0, 255).astype(np.uint8) for k in (3, 6, 9)]
    motion = began()
    assert [changes(motion, picture)[0].part > 0.5 for picture in brighter] == [False, True, True]


def test_a_face_explains_what_moves_in_it_and_one_that_was_lost_is_looked_for() -> None:
    motion = began()
    place = Box(192, 112, 304, 224)
    found, levels = changes(motion, with_square(place))
    found.explain([place])
    assert found.blocks(levels, 0.2) == []
    found.doubt([place])
    assert found.blocks(levels, 0.2)
    found.explain([Box(-500, -500, -400, -400), Box(2000, 2000, 2100, 2100)])  # nothing of these is in the picture
    assert found.blocks(levels, 0.2)


def test_around_a_face_only_faces_of_about_its_size_are_looked_for() -> None:
    motion = began()
    face, hair = Box(240, 120, 400, 320), Box(410, 120, 500, 320)
    found, levels = changes(motion, with_square(hair))
    windows = [12 / level.factors[0] for level in levels]
    everywhere = {b.level for b in found.blocks(levels, 0.2)}
    assert min(windows[k] for k in everywhere) < face.height / 2
    found.explain([face])
    near = {b.level for b in found.blocks(levels, 0.2)}
    assert near == {k for k in everywhere if 2 * windows[k] >= face.height}
    assert found.elsewhere == 0
    # A face that is lost there is looked for in every size.
    found.doubt([hair])
    assert {b.level for b in found.blocks(levels, 0.2)} >= everywhere


def test_how_much_changed_beside_the_faces() -> None:
    motion = began()
    found, _ = changes(motion, 255 - ROOM)
    assert found.elsewhere > 0.9
    found.explain([Box(200, 100, 300, 220)])
    assert found.elsewhere > 0.9
    found.explain([Box(-700, -700, 1300, 1300)])
    assert found.elsewhere == 0


def test_tiny_pictures() -> None:
    for size in [(1, 1), (3, 400), (13, 13), (40, 61)]:
        picture = np.zeros((*size, 3), np.uint8)
        motion = Motion()
        assert motion.changed(Pyramid(picture), 12) is None
        pyramid = Pyramid(np.full_like(picture, 200))
        found = motion.changed(pyramid, 12)
        assert found is not None
        levels = levels_of(pyramid, 12, 0.709)
        found.looked_at(levels, found.blocks(levels, 0.2))
        assert all(b.rows > 0 and b.columns > 0 for b in found.blocks(levels, 0.2))
