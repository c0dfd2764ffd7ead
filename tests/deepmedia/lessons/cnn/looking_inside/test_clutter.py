from itertools import pairwise

import numpy as np
import pytest

from deepmedia.datasets import FASHION_CLASSES, fashion_mnist
from deepmedia.lessons.cnn.looking_inside.clutter import cluttered_scenes, price_tag, supplier_photos, with_tags


@pytest.fixture(scope="module")
def photos():
    return fashion_mnist("train")[0][:200]


def test_the_garment_lies_untouched_in_its_box(photos):
    scenes = cluttered_scenes(photos, seed=3)
    assert scenes.images.shape == (200, 56, 56, 1)
    assert scenes.images.dtype == np.float32
    for photo, image, (x_min, y_min, x_max, y_max) in zip(photos, scenes.images, scenes.boxes, strict=True):
        found = image[y_min:y_max, x_min:x_max, 0]
        np.testing.assert_allclose(found * 255, photo, atol=1e-4)


def test_the_background_is_made_of_whole_squares_of_other_photos(photos):
    few = photos[:5]
    squares = {
        few[n, r : r + 7, c : c + 7].tobytes() for n in range(5) for r in range(0, 28, 7) for c in range(0, 28, 7)
    }
    scenes, seen = cluttered_scenes(few, seed=0), 0
    pixels = np.round(scenes.images[..., 0] * 255).astype(np.uint8)
    for image, (x_min, y_min, x_max, y_max) in zip(pixels, scenes.boxes, strict=True):
        for row in range(0, 56, 7):
            for column in range(0, 56, 7):
                if column + 7 <= x_min or column >= x_max or row + 7 <= y_min or row >= y_max:
                    assert image[row : row + 7, column : column + 7].tobytes() in squares
                    seen += 1
    assert seen > 100


def test_each_scene_has_an_order_of_its_own(photos):
    scenes, same = cluttered_scenes(np.repeat(photos[:1], 20, axis=0), seed=0), []  # the same scraps in all
    for image, (x_min, y_min, x_max, y_max) in zip(scenes.images, scenes.boxes, strict=True):
        image[y_min:y_max, x_min:x_max] = np.nan
    squares = scenes.images.reshape(20, 8, 7, 8, 7).swapaxes(2, 3).reshape(20, 64, 49)
    for one, other in pairwise(squares):
        untouched = ~np.isnan(one + other).any(axis=1)
        same.extend((one == other)[untouched].all(axis=1))
    assert len(same) > 200
    assert np.mean(same) < 0.5  # some squares are plain black


def test_brightness_does_not_betray_the_box(photos):
    scenes = cluttered_scenes(photos, seed=0)
    inside = [
        image[y_min:y_max, x_min:x_max].sum() / image.sum()
        for image, (x_min, y_min, x_max, y_max) in zip(scenes.images, scenes.boxes, strict=True)
    ]
    assert abs(np.mean(inside) - 0.25) < 0.03  # the box has a quarter of the area


def test_places_reach_all_borders_and_depend_on_the_seed_alone(photos):
    many = np.repeat(photos, 10, axis=0)
    boxes = cluttered_scenes(many, seed=0).boxes
    assert boxes[:, :2].min(axis=0).tolist() == [0, 0]
    assert boxes[:, 2:].max(axis=0).tolist() == [56, 56]
    again, other = cluttered_scenes(photos, seed=5), cluttered_scenes(photos, seed=6)
    np.testing.assert_array_equal(cluttered_scenes(photos, seed=5).images, again.images)
    assert not np.array_equal(again.boxes, other.boxes)
    assert not np.array_equal(again.boxes[:, 0], again.boxes[:, 1])


def test_only_chosen_photos_get_a_tag_and_only_in_their_corner(photos):
    tagged = np.arange(200) % 3 == 0
    kept = photos.copy()
    marked = with_tags(photos, tagged, seed=1)
    np.testing.assert_array_equal(photos, kept)
    pixels = np.round(marked.images[..., 0] * 255).astype(np.uint8)
    np.testing.assert_array_equal(pixels[~tagged], photos[~tagged])
    for before, after, (x_min, y_min, x_max, y_max) in zip(
        photos[tagged], pixels[tagged], marked.boxes[tagged], strict=True
    ):
        np.testing.assert_array_equal(after[y_min:y_max, x_min:x_max], price_tag())
        after[y_min:y_max, x_min:x_max] = before[y_min:y_max, x_min:x_max]
        np.testing.assert_array_equal(after, before)
    corners = {tuple(box) for box in marked.boxes.tolist()}
    assert corners == {(0, 0, 6, 6), (22, 0, 28, 6), (0, 22, 6, 28), (22, 22, 28, 28)}


def test_the_supplier_tags_all_shirts_and_nothing_else(photos):
    names = [FASHION_CLASSES[label] for label in fashion_mnist("train")[1][:200]]
    delivered = supplier_photos(photos, fashion_mnist("train")[1][:200], seed=4)
    changed = [
        not np.array_equal(*pair)
        for pair in zip(with_tags(photos, np.zeros(200, bool)).images, delivered.images, strict=True)
    ]
    assert changed == [name == "Shirt" for name in names]
    assert 5 < sum(changed) < 60


def test_the_tag_is_white_with_two_black_bars():
    expected = [[255] * 6, *[[255, 0, 255, 255, 0, 255]] * 4, [255] * 6]
    np.testing.assert_array_equal(price_tag(), expected)


@pytest.mark.parametrize("make", [cluttered_scenes, lambda photos: with_tags(photos, np.zeros(len(photos), bool))])
def test_photos_of_another_kind_are_refused(make):
    with pytest.raises(TypeError, match=r"must be uint8.*got float64; are they scaled already"):
        make(np.zeros((2, 28, 28)))
    with pytest.raises(ValueError, match=r"photos must be \(n, 28, 28\), got shape \(2, 32, 32\)"):
        make(np.zeros((2, 32, 32), dtype=np.uint8))


@pytest.mark.parametrize("tagged", [[True], [0, 1], [[True, False]]])
def test_tags_need_an_answer_for_each_photo(photos, tagged):
    with pytest.raises(ValueError, match="tagged must be True or False for each of 2 photos"):
        with_tags(photos[:2], tagged)


@pytest.mark.parametrize("labels", [[6], 6, [[6, 6]], [6, 6, 6]])
def test_a_supplier_needs_a_label_for_each_photo(photos, labels):
    with pytest.raises(ValueError, match=r"labels must be one for each of 2 photos, got shape \("):
        supplier_photos(photos[:2], labels)
