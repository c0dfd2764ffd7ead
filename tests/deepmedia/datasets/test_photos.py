"""Photographs, as arrays."""

import numpy as np
import pytest

from deepmedia.datasets import PHOTOS, photo

COLOUR = {"astronaut", "chelsea", "coffee", "hubble_deep_field", "immunohistochemistry", "retina", "rocket"} | {
    "dog",
    "horses",
    "person",
}


def test_photos_are_sorted_and_named_once():
    assert len(PHOTOS) == 19
    assert list(PHOTOS) == sorted(set(PHOTOS))


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photo_is_rgb_and_can_be_written_to(monkeypatch, tmp_path, name):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    image = photo(name)
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert min(image.shape[:2]) >= 170
    assert np.ptp(image) > 100
    is_grey = (image == image[:, :, :1]).all()
    assert is_grey == (name not in COLOUR)
    image[0, 0] = 7
    assert not (photo(name)[0, 0] == 7).all()


@pytest.mark.parametrize(
    ("name", "shape"),
    [("dog", (576, 768, 3)), ("person", (424, 640, 3)), ("horses", (512, 773, 3)), ("coins", (303, 384, 3))],
)
def test_a_photo_has_the_size_of_its_file(name, shape):
    assert photo(name).shape == shape


def test_channels_are_red_green_blue():
    # The astronaut's suit is orange; with the channels in OpenCV's order it would be blue.
    suit = photo("astronaut")[300:, 150:300].reshape(-1, 3)
    orange = suit[suit[:, 0] > 150].mean(axis=0)
    assert orange[0] > orange[1] > orange[2]
    # So is the dry grass under the horses, which comes by another decoder.
    grass = photo("horses")[400:, 300:500].reshape(-1, 3).mean(axis=0)
    assert grass[0] > grass[1] > grass[2]


@pytest.mark.parametrize("name", ["cat", "lfw_subset", "", "dog.jpg", None])
def test_an_unknown_photo_is_refused_with_the_known_ones(name):
    with pytest.raises(ValueError, match=r"name must be one of astronaut, brick, .* got"):
        photo(name)
