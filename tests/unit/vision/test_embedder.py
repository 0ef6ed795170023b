from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import pytest

from faceapp.errors import BugError
from faceapp.types import BgrImage, Box, Face, Floats
from faceapp.vision.embedder import (
    CompositeEmbedder,
    CropSpec,
    InputSpec,
    NetworkEmbedder,
    PartSpec,
    embed_each,
    unit_rows,
)
from faceapp.vision.mtcnn import Mtcnn
from faceapp.vision.session import ModelSession, Tensor

BOX = CropSpec("box", 160, margin=0.25)
SIMILARITY = CropSpec(
    "similarity", 150, reference=((47.8, 45.9), (102.0, 45.9), (74.8, 78.1), (50.9, 105.4), (98.7, 105.4))
)
PLAIN = InputSpec((127.5, 127.5, 127.5), (128.0, 128.0, 128.0))
DLIB = InputSpec((122.782, 117.001, 104.298), (256.0, 256.0, 256.0))


class ColourNet:
    """Embeds a crop as its mean colours in the left and in the right half, times 3."""

    provider = "fake"
    input_names = ("x",)

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        x = inputs["x"]
        self.seen.append(x.shape)
        half = x.shape[3] // 2
        means = [x[:, :, :, :half].mean(axis=(2, 3)), x[:, :, :, half:].mean(axis=(2, 3))]
        return [3 * np.concatenate(means, axis=1)]


def picture() -> BgrImage:
    """Left half blue, right half red."""
    image = np.zeros((200, 200, 3), np.uint8)
    image[:, :100, 0] = 255
    image[:, 100:, 2] = 255
    return image


WHOLE = Face(Box(0, 0, 200, 200), 1.0)
ZERO = InputSpec((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))


def embedder(mirror: bool = False, subtract: Floats | None = None, input: InputSpec = ZERO) -> NetworkEmbedder:
    part = PartSpec(CropSpec("box", 20), input, 6, mirror, subtract)
    return NetworkEmbedder("colour", "colour-1", ColourNet(), part)


def test_the_row_is_of_unit_length_and_in_rgb() -> None:
    (row,) = embedder().embed(picture(), [WHOLE])
    np.testing.assert_allclose(row, np.array([0, 0, 1, 1, 0, 0]) / np.sqrt(2), atol=1e-5)
    assert row.dtype == np.float32


def test_colour_order_and_numbers_are_the_networks() -> None:
    (row,) = embedder(input=InputSpec((0, 0, 0), (255, 255, 510), "bgr")).embed(picture(), [WHOLE])
    # Blue first; red, the third colour, counts half.
    np.testing.assert_allclose(row, np.array([1, 0, 0, 0, 0, 0.5]) / np.sqrt(1.25), atol=1e-5)


def test_layout() -> None:
    spec = InputSpec((1.0, 2.0, 3.0), (2.0, 2.0, 2.0), "rgb", "nhwc")
    tensor = spec.tensor([np.full((4, 5, 3), (30, 20, 10), np.uint8)])
    assert tensor.shape == (1, 4, 5, 3)
    assert tensor.flags.c_contiguous
    assert tensor[0, 0, 0].tolist() == [4.5, 9.0, 13.5]


def test_mirrored_crops_are_averaged() -> None:
    (row,) = embedder(mirror=True).embed(picture(), [WHOLE])
    np.testing.assert_allclose(row, np.array([1, 0, 1, 1, 0, 1]) / 2, atol=1e-5)


def test_the_mean_is_taken_off_before_the_last_normalisation() -> None:
    mean = np.array([0, 0, 0.5, 0, 0, 0], np.float32)
    (row,) = embedder(subtract=mean).embed(picture(), [WHOLE])
    expected = np.array([0, 0, np.sqrt(0.5) - 0.5, np.sqrt(0.5), 0, 0])
    np.testing.assert_allclose(row, expected / np.linalg.norm(expected), atol=1e-5)


def test_a_mean_of_another_size_is_a_bug() -> None:
    with pytest.raises(BugError, match="5 numbers for 6"):
        embedder(subtract=np.zeros(5, np.float32))


def test_no_faces_no_rows() -> None:
    assert embedder().embed(picture(), []).shape == (0, 6)
    both = CompositeEmbedder("two", "two-1", [(embedder(), 1.0), (embedder(), 1.0)])
    assert both.embed(picture(), []).shape == (0, 12)


def test_many_faces_come_in_batches_and_in_order() -> None:
    network = ColourNet()
    part = PartSpec(CropSpec("box", 20), ZERO, 6)
    faces = [Face(Box(0, 0, 100, 100), 1.0), Face(Box(100, 0, 200, 100), 1.0)] * 25
    rows = NetworkEmbedder("colour", "colour-1", network, part).embed(picture(), faces)
    assert rows.shape == (50, 6)
    assert len(network.seen) > 1
    assert rows[0, 2] == pytest.approx(rows[48, 2]) == pytest.approx(np.sqrt(0.5), abs=1e-3)
    assert rows[1, 0] == pytest.approx(rows[49, 0]) == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_a_face_without_landmarks_is_a_bug_where_they_are_needed() -> None:
    aligned = NetworkEmbedder("a", "a-1", ColourNet(), PartSpec(SIMILARITY, DLIB, 6))
    with pytest.raises(BugError, match="without landmarks"):
        aligned.embed(picture(), [WHOLE])


def test_a_network_of_another_dimension_is_a_bug() -> None:
    wrong = NetworkEmbedder("w", "w-1", ColourNet(), PartSpec(CropSpec("box", 20), ZERO, 7))
    with pytest.raises(BugError, match="w: the network gave"):
        wrong.embed(picture(), [WHOLE])


def test_parts_are_weighted_and_of_unit_length_together() -> None:
    both = CompositeEmbedder("two", "two-1", [(embedder(), 2.0), (embedder(mirror=True), 1.0)])
    assert (both.dimension, both.id, both.space, both.provider) == (12, "two", "two-1", "fake")
    (row,) = both.embed(picture(), [WHOLE])
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-6)
    assert np.linalg.norm(row[:6]) / np.linalg.norm(row[6:]) == pytest.approx(2, abs=1e-5)
    a, b = embedder().embed(picture(), [WHOLE])[0], embedder(mirror=True).embed(picture(), [WHOLE])[0]
    np.testing.assert_allclose(row * np.sqrt(5), np.concatenate([2 * a, b]), atol=1e-5)


def test_faces_of_different_pictures_come_in_one_batch_and_in_order() -> None:
    one, other = picture(), np.full((60, 60, 3), 40, np.uint8)
    faces = [(one, WHOLE), (other, Face(Box(0, 0, 60, 60), 1.0)), (one, WHOLE)]
    both = CompositeEmbedder("two", "two-1", [(embedder(), 2.0), (embedder(mirror=True), 1.0)])
    rows = embed_each(both, faces)
    for (image, face), row in zip(faces, rows, strict=True):
        np.testing.assert_allclose(row, both.embed(image, [face])[0], atol=1e-6)
    network = ColourNet()
    embed_each(NetworkEmbedder("c", "c", network, PartSpec(CropSpec("box", 20), ZERO, 6)), faces)
    assert network.seen == [(3, 3, 20, 20)]
    assert embed_each(both, []).shape == (0, 12)


def test_an_embedder_of_nothing_is_a_bug() -> None:
    with pytest.raises(BugError, match="no parts"):
        CompositeEmbedder("none", "none-1", [])


def test_a_row_of_zeros_stays_one() -> None:
    rows = unit_rows(np.array([[0, 0], [3, 4]], np.float32))
    np.testing.assert_allclose(rows, [[0, 0], [0.6, 0.8]], rtol=1e-6)


@pytest.fixture(scope="module")
def real(facenet: ModelSession, dlib_net: ModelSession) -> dict[str, NetworkEmbedder]:
    return {
        "facenet": NetworkEmbedder("facenet", "f-1", facenet, PartSpec(BOX, PLAIN, 512)),
        "dlib": NetworkEmbedder("dlib", "d-1", dlib_net, PartSpec(SIMILARITY, DLIB, 128, mirror=True)),
    }


@pytest.mark.parametrize(("name", "between"), [("facenet", 0.85), ("dlib", 0.38)])
def test_a_face_changed_is_nearer_to_itself_than_any_two_people_are(
    real: dict[str, NetworkEmbedder],
    mtcnn: Mtcnn,
    astronaut: BgrImage,
    six_people: BgrImage,
    name: str,
    between: float,
) -> None:
    chosen = real[name]
    (face,) = mtcnn.detect(astronaut, 40)
    # Smaller, turned and darker: found anew, embedded anew.
    turn = cv2.getRotationMatrix2D((256, 256), 12, 0.7)
    changed = (cv2.warpAffine(astronaut, turn, (512, 512)) * 0.7).astype(np.uint8)
    (first,) = chosen.embed(astronaut, [face])
    (second,) = chosen.embed(changed, mtcnn.detect(changed, 40))
    people = np.concatenate([chosen.embed(six_people, mtcnn.detect(six_people, 40)), first[None]])
    assert people.shape == (7, chosen.dimension)
    np.testing.assert_allclose(np.linalg.norm(people, axis=1), 1, atol=1e-5)
    apart = np.linalg.norm(people[:, None] - people[None], axis=2)[np.triu_indices(7, 1)]
    assert np.linalg.norm(first - second) < between < apart.min()


def test_faces_together_are_embedded_as_alone(
    real: dict[str, NetworkEmbedder], mtcnn: Mtcnn, six_people: BgrImage
) -> None:
    faces = mtcnn.detect(six_people, 40)
    together = real["facenet"].embed(six_people, faces)
    for face, row in zip(faces[:2], together[:2], strict=True):
        np.testing.assert_allclose(real["facenet"].embed(six_people, [face])[0], row, atol=1e-5)
