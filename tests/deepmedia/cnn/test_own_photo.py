import cv2
import numpy as np
import pytest

from deepmedia.cnn.own_photo import catalogue_steps, like_the_catalogue, made_photo
from deepmedia.datasets import fashion_mnist


def on_wall(colour, garment, shape=(60, 80), place=(slice(10, 50), slice(30, 50))):
    photo = np.full((*shape, 3), colour, np.uint8)
    photo[place] = garment
    return photo


def test_a_dark_garment_on_a_bright_wall_becomes_bright_on_black():
    # Grey 50 on 200: the negative is (200 - 50) / 200 of white. 40 × 20 pixels become 28 × 14, centred.
    small = like_the_catalogue(on_wall((200, 200, 200), (50, 50, 50)))
    assert small.shape == (28, 28, 1)
    np.testing.assert_array_equal(small[0, :, 0], np.repeat([0, 191, 0], [7, 14, 7]))
    np.testing.assert_array_equal(small, np.repeat(small[:1], 28, axis=0))


def test_the_walls_brightness_counts_green_most():
    # 0.299 · 220 + 0.587 · 180 + 0.114 · 90 = 181.7; the negative of grey 90 is (181.7 - 90) / 181.7 of white.
    small = like_the_catalogue(on_wall((220, 180, 90), (90, 90, 90)))
    np.testing.assert_array_equal(small[0, :, 0], np.repeat([0, 128, 0], [7, 14, 7]))


def test_a_bright_garment_on_a_dark_wall_stays_bright():
    small = like_the_catalogue(on_wall((20, 20, 20), (255, 255, 255)))
    np.testing.assert_array_equal(small[0, :, 0], np.repeat([0, 255, 0], [7, 14, 7]))


@pytest.mark.parametrize(
    ("wall", "cloth", "seen"),
    [
        ((170, 170, 170), 255, 255),  # a white shirt on light grey
        ((205, 185, 160), 255, 255),  # on beige
        # A black one on dark wood: 0.299 · 105 + 0.587 · 72 + 0.114 · 45 = 78.8; (78.8 - 15) / 78.8 of white.
        ((105, 72, 45), 15, 206),
        ((60, 60, 60), 15, 191),
    ],
)
def test_garment_and_wall_are_compared_not_the_wall_with_the_middle(wall, cloth, seen):
    small = like_the_catalogue(on_wall(wall, (cloth,) * 3))
    np.testing.assert_array_equal(small[0, :, 0], np.repeat([0, seen, 0], [7, 14, 7]))


def test_most_of_the_garment_decides_what_becomes_bright():
    photo = on_wall((120, 120, 120), (20, 20, 20))
    photo[20:26, 30:50] = 255  # a white stripe, 6 of 40 rows, on a black shirt
    steps = catalogue_steps(photo)
    assert steps["negative"][0, 0, 0] == 212  # (120 - 20) / 120 of white
    assert steps["negative"][12, 0, 0] == 0


@pytest.mark.parametrize(
    ("wall", "cloth"),
    [
        ((100, 160, 60), (200, 107, 80)),  # a red shirt on a green wall; grey 130.7 and 131.7
        ((40, 20, 120), (90, 20, 0)),  # dark, grey 37.4 and 38.7
        ((120, 120, 120), (160, 120, 60)),
    ],
)
def test_a_garment_as_grey_as_the_wall_is_refused(wall, cloth):
    words = r"at least 15 of 255 darker or brighter than its frame, got grey \d+ on \d+; use a wall that is much"
    with pytest.raises(ValueError, match=words):
        like_the_catalogue(on_wall(wall, cloth))


def test_half_black_half_white_on_the_grey_between_is_refused():
    photo = on_wall((128, 128, 128), (0, 0, 0))
    photo[10:50, 30:40] = 255
    with pytest.raises(ValueError, match="got grey 128 on 128; use a wall that is much darker or brighter"):
        like_the_catalogue(photo)


def test_the_steps_come_in_order_with_their_shapes():
    steps = catalogue_steps(on_wall((250, 240, 230), (200, 0, 0)))
    assert {name: picture.shape for name, picture in steps.items()} == {
        "cropped": (40, 20, 3),
        "grey": (40, 20, 1),
        "negative": (40, 20, 1),
        "reduced": (28, 28, 1),
    }
    assert list(steps) == ["cropped", "grey", "negative", "reduced"]
    np.testing.assert_allclose(steps["grey"], 0.299 * 200, atol=1)


def test_a_garment_in_one_channel_alone_is_found():
    # Red differs by 60, the grey value by 18 only.
    assert catalogue_steps(on_wall((100, 100, 100), (160, 100, 100)))["cropped"].shape == (40, 20, 3)


def test_the_catalogues_garments_come_back_from_made_photos():
    images, _ = fashion_mnist("test")
    differences = []
    for n in range(20):
        garment = images[n]
        ys, xs = np.nonzero(garment > 60)
        small = like_the_catalogue(made_photo(garment, seed=n))[..., 0].astype(float)
        tight = garment[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]  # what is left when faint edges are trimmed
        scale = 28 / max(tight.shape)
        sides = (max(1, round(tight.shape[1] * scale)), max(1, round(tight.shape[0] * scale)))
        expected = cv2.resize(tight, sides, interpolation=cv2.INTER_LINEAR)
        top, left = (28 - expected.shape[0]) // 2, (28 - expected.shape[1]) // 2
        canvas = np.zeros((28, 28))
        canvas[top : top + expected.shape[0], left : left + expected.shape[1]] = expected
        differences.append(np.corrcoef(small.ravel(), canvas.ravel())[0, 1])
    assert np.median(differences) > 0.95


def test_made_photos_depend_on_their_seed_and_have_a_bright_frame():
    garment = fashion_mnist("test")[0][0]
    first, again, other = (made_photo(garment, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    for photo in (first, other):
        assert photo.shape == (240, 320, 3)
        assert min(photo[0].min(), photo[-1].min(), photo[:, 0].min(), photo[:, -1].min()) > 170
        assert photo.min() < 60


def test_an_empty_wall_is_refused():
    with pytest.raises(ValueError, match="differs from its frame by more than 40 of 255, but nothing does; use a wall"):
        like_the_catalogue(np.full((30, 30, 3), 200, np.uint8))


@pytest.mark.parametrize("photo", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))])
def test_photos_of_another_shape_or_type_are_refused(photo):
    with pytest.raises(ValueError, match=r"photo must be uint8 \(height, width, 3\), RGB, got"):
        like_the_catalogue(photo)
