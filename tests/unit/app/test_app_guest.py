import numpy as np

from faceapp.app.guest import GUEST_NAME, guest_summary, with_guest
from faceapp.gallery.index import GalleryIndex
from faceapp.gallery.rows import TemplateTable
from faceapp.images import decode_image


def unit(*values: float) -> np.ndarray:
    v = np.array(values, np.float32)
    return v / np.linalg.norm(v)


def test_the_guest_joins_the_people_enrolled() -> None:
    stored = TemplateTable.of("s", [("1", "Ada", unit(1, 0, 0))])
    guest = TemplateTable.of("s", [("guest", GUEST_NAME, unit(0, 1, 0))])
    index = with_guest(GalleryIndex.build("s", stored), guest, threshold=0.5)
    match = index.match(guest.vectors, 0.5)[0]
    assert match is not None
    assert match.name == GUEST_NAME
    assert index.people == 2


def test_the_guest_steps_back_for_somebody_with_her_face() -> None:
    stored = TemplateTable.of("s", [("1", "Ada", unit(1, 0.1, 0))])
    guest = TemplateTable.of("s", [("guest", GUEST_NAME, unit(1, 0, 0))])
    built = GalleryIndex.build("s", stored)
    assert with_guest(built, guest, threshold=0.5) is built


def test_without_a_photograph_there_is_no_guest() -> None:
    built = GalleryIndex.empty("s")
    assert with_guest(built, TemplateTable.of("s", ()), 0.5) is built


def test_the_list_shows_her_face() -> None:
    summary = guest_summary()
    assert summary.guest
    assert summary.thumbnail is not None
    assert decode_image(summary.thumbnail, "thumbnail").shape == (96, 96, 3)
