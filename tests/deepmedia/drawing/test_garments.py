"""Garments are cut out of their photographs, and no garment is in two splits."""

import numpy as np
import pytest

from deepmedia.datasets import fashion_mnist
from deepmedia.drawing.garments import SPLITS, garment_stencil, garments, silhouette
from deepmedia.drawing.stencils import ENLARGED, MARGIN


def picture(*rows):
    """A grey picture from characters: # is cloth, a dot is white."""
    lines = np.array([[200 * (mark == "#") for mark in row] for row in rows], np.uint8)
    return np.pad(lines, MARGIN)


@pytest.mark.parametrize(("split", "number"), [("train", 1600), ("validation", 400), ("test", 200)])
def test_every_class_has_its_garments(split, number):
    images, labels = fashion_mnist("test" if split == "test" else "train")
    known = {(image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)}
    assert [len(each) for each in garments(split)] == [number] * 10
    for label, each in enumerate(garments(split)):
        assert {(image.tobytes(), label) for image in each} <= known


def test_no_garment_is_in_two_splits():
    found = {split: {image.tobytes() for each in garments(split) for image in each} for split in SPLITS}
    assert [len(found[split]) for split in SPLITS] == [16000, 4000, 2000]
    assert not found["train"] & found["validation"]
    assert not (found["train"] | found["validation"]) & found["test"]


def test_a_white_place_within_is_filled_and_a_handle_left_open():
    shirt = picture(*["#" * 16] * 5, *["#####......#####"] * 4, *["#" * 16] * 5)
    bag = picture("#" * 16, *["#..............#"] * 4, *["#" * 16] * 6)
    assert silhouette(shirt)[MARGIN:-MARGIN, MARGIN:-MARGIN].all()
    np.testing.assert_array_equal(silhouette(bag), bag > 0)


def test_a_small_hole_is_filled_even_near_the_outline():
    shirt = picture("#" * 8, "##...###", "#" * 8)
    assert silhouette(shirt)[MARGIN:-MARGIN, MARGIN:-MARGIN].all()


def test_what_is_open_to_the_paper_is_no_hole():
    trousers = picture(*["#" * 9] * 3, *["###...###"] * 6)
    np.testing.assert_array_equal(silhouette(trousers), trousers > 0)


def test_a_stencil_covers_the_garment_and_has_an_empty_margin():
    for label in range(10):
        image = garments("train")[label][5]
        stencil = garment_stencil(image)
        side = ENLARGED * (28 + 2 * MARGIN)
        assert stencil.cover.shape == stencil.tone.shape == (side, side)
        middles = stencil.cover.reshape(side // 4, 4, side // 4, 4).mean(axis=(1, 3)) >= 128
        expected = silhouette(np.pad(image, MARGIN))
        assert np.mean(middles == expected) > 0.93
        for edge in (stencil.cover[0], stencil.cover[-1], stencil.cover[:, 0], stencil.cover[:, -1]):
            assert not edge.any()


def test_the_outline_is_no_lighter_than_the_cloth():
    # cloth of one tone, mixed with paper at its outline
    image = np.zeros((28, 28), np.uint8)
    image[7:21, 7:21] = 90
    image[8:20, 8:20] = 180
    stencil = garment_stencil(image)
    assert stencil.tone[stencil.cover >= 128].min() >= 178


def test_every_garment_can_be_cut_out():
    for split in SPLITS:
        for each in garments(split):
            for image in each[::40]:
                assert (garment_stencil(image).cover >= 128).sum() > 500
