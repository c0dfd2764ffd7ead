"""Scenes of garments: the same everywhere, boxes that fit, splits without leaks, and nothing that betrays a class."""

import hashlib

import numpy as np
import pytest

from deepmedia.datasets import FASHION_CLASSES
from deepmedia.detection import GARMENT_GROUPS, Detections, Truth, garment_group_ids, garment_scenes, in_garment_groups
from deepmedia.detection.drawn_scenes.composing import draw_scene, overlap
from deepmedia.drawing.garments import SPLITS

MANY = [draw_scene("train", number, size=320, seed=1) for number in range(120)]


def visible(scene):
    """Number and layer of each garment, and where it is seen."""
    return [
        (number, layer, scene.owner == number)
        for number, layer in enumerate(scene.layers)
        if layer.class_id is not None
    ]


def test_the_test_split_is_frozen():
    # A change here would silently change every result on scenes.
    images, truths = garment_scenes("test", 40)
    found = hashlib.sha256(images.tobytes())
    for truth in truths:
        found.update(truth.boxes.astype("<f4").tobytes() + truth.class_ids.astype("<i8").tobytes())
    assert found.hexdigest() == "dcd712f9554c40fa2125094cbc111421f892b9d6831e4e2665924411b1b986fb"


def test_images_and_truths_have_their_documented_form():
    images, truths = garment_scenes("validation", 3, size=352, seed=4)
    assert images.shape == (3, 352, 352, 3)
    assert images.dtype == np.uint8
    assert [type(truth) for truth in truths] == [Truth] * 3
    for image, truth in zip(images, truths, strict=True):
        assert image.std() > 5
        assert truth.class_ids.max() < len(FASHION_CLASSES)
        assert not truth.is_crowd.any()


def test_a_larger_draw_begins_with_the_smaller_one():
    few, some = garment_scenes("train", 2, seed=3)
    many, truths = garment_scenes("train", 4, seed=3)
    np.testing.assert_array_equal(many[:2], few)
    for one, other in zip(some, truths, strict=False):
        np.testing.assert_array_equal(one.boxes, other.boxes)
        np.testing.assert_array_equal(one.class_ids, other.class_ids)


def test_no_two_scenes_are_alike_whatever_split_seed_or_number():
    images = [image for split in SPLITS for seed in (0, 1) for image in garment_scenes(split, 6, seed=seed)[0]]
    small = np.array(images)[:, ::32, ::32].reshape(len(images), -1).astype(float)
    distances = np.abs(small[:, None] - small).mean(axis=2) + 255 * np.eye(len(images))
    assert len(images) == 36
    assert distances.min() > 4


def test_scenes_hold_one_to_eight_garments_and_all_numbers_occur():
    counts = np.bincount([len(scene.garments) for scene in MANY])
    assert len(counts) == 9
    assert counts[0] == 0
    assert counts[1:].min() >= 5  # of 120, 15 are expected


def test_sizes_reach_from_8_to_50_per_cent_of_the_side():
    boxes = np.array([layer.box for scene in MANY for layer in scene.garments])
    sides = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) / 320
    assert 0.08 <= sides.min() < 0.1
    assert 0.45 < sides.max() <= 0.5
    assert 0.15 < np.median(sides) < 0.3


def test_boxes_are_tight_around_what_is_seen():
    # each box by looking at every pixel of the map of visible layers
    for scene in MANY[:10]:
        for _, layer, seen in visible(scene):
            rows = seen.tolist()
            places = [(x, y) for y in range(320) for x in range(320) if rows[y][x]]
            columns, rows = zip(*places, strict=True)
            assert layer.box == (min(columns), min(rows), max(columns) + 1, max(rows) + 1)


def test_truths_are_the_garments_of_the_scene():
    _, truths = garment_scenes("train", 5, seed=1)
    for scene, truth in zip(MANY, truths, strict=False):
        assert truth.boxes.tolist() == [list(layer.box) for layer in scene.garments]
        assert truth.class_ids.tolist() == [layer.class_id for layer in scene.garments]


def test_a_garment_is_never_hidden_by_more_than_60_per_cent_and_many_are_by_some():
    shares = [seen.sum() / layer.pixels for scene in MANY for _, layer, seen in visible(scene)]
    assert 0.4 <= min(shares) < 0.5
    assert max(shares) == 1
    assert 0.15 < np.mean(np.array(shares) < 0.9) < 0.5


def test_boxes_overlap_up_to_one_half():
    overlaps = [
        overlap(one.box, other.box)
        for scene in MANY
        for place, one in enumerate(scene.garments)
        for other in scene.garments[:place]
    ]
    assert 0.4 < max(overlaps) <= 0.5
    assert np.sum(np.array(overlaps) > 0.2) > 50


def test_classes_are_equally_frequent():
    classes = np.bincount([layer.class_id for scene in MANY for layer in scene.garments], minlength=10)
    expected = classes.sum() / 10
    assert np.abs(classes - expected).max() < 4 * np.sqrt(expected)


def test_neither_colour_nor_place_nor_size_tells_the_class():
    # a class's mean may differ from all the others' by chance: 4.5 standard errors, of 10 x 7 comparisons
    found, classes = [], []
    for scene in MANY:
        for _, layer, seen in visible(scene):
            red, green, blue = np.median(scene.image[seen].astype(float), axis=0)
            left, top, right, bottom = layer.box
            longer = max(right - left, bottom - top)
            found.append(
                (red, green, blue, max(red, green, blue) - min(red, green, blue), left + right, top + bottom, longer)
            )
            classes.append(layer.class_id)
    values, labels = np.array(found), np.array(classes)
    for label in range(10):
        own, rest = values[labels == label], values[labels != label]
        error = np.sqrt(own.var(axis=0) / len(own) + rest.var(axis=0) / len(rest))
        assert (np.abs(own.mean(axis=0) - rest.mean(axis=0)) < 4.5 * error).all(), FASHION_CLASSES[label]


def test_garments_lie_everywhere():
    middles = np.array(
        [(box[0] + box[2], box[1] + box[3]) for scene in MANY for box in [g.box for g in scene.garments]]
    )
    assert np.abs(middles.mean(axis=0) / 2 - 160).max() < 12
    for axis in (0, 1):
        assert np.histogram(middles[:, axis] / 2, 4, (0, 320))[0].min() > 0.12 * len(middles)


def test_garments_stand_out_from_what_is_behind():
    # against the image two pixels around it; a garment may lie on another one of a similar colour
    apart = []
    for scene in MANY[:60]:
        for _, _, seen in visible(scene):
            ring = np.zeros_like(seen)
            ring[2:-2, 2:-2] = seen[4:, 2:-2] | seen[:-4, 2:-2] | seen[2:-2, 4:] | seen[2:-2, :-4]
            inside, around = scene.image[seen].mean(axis=0), scene.image[ring & ~seen].mean(axis=0)
            apart.append(np.abs(inside - around).sum() / 255)
    assert np.median(apart) > 0.5
    assert np.mean(np.array(apart) > 0.25) > 0.9


def test_a_scene_has_the_same_layout_alone_as_in_a_draw():
    scene = draw_scene("train", 7, size=320, seed=0)
    image, truths = garment_scenes("train", 8)
    np.testing.assert_array_equal(image[7], scene.image)
    assert truths[7].boxes.tolist() == [list(layer.box) for layer in scene.garments]


def test_large_scenes_keep_their_proportions():
    scene = draw_scene("test", 5, size=641, seed=0)
    sides = [max(b[2] - b[0], b[3] - b[1]) / 641 for b in (layer.box for layer in scene.garments)]
    assert scene.image.shape == (641, 641, 3)
    assert min(sides) >= 0.08
    assert max(sides) <= 0.5


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"split": "val"}, ValueError, "split must be 'train', 'validation' or 'test', got 'val'"),
        ({"count": 0}, ValueError, "count must be at least 1, got 0"),
        ({"count": 2.0}, TypeError, "count must be a whole number, got 2.0"),
        ({"size": 319}, ValueError, "size must be at least 320, got 319; below that the smallest garments"),
        ({"size": "320"}, TypeError, "size must be a whole number, got '320'"),
        ({"seed": -1}, ValueError, r"seed must be at least 0 and below 2\^64, got -1"),
        ({"seed": 2**64}, ValueError, r"seed must be at least 0 and below 2\^64"),
        ({"seed": True}, TypeError, "seed must be a whole number, got True"),
    ],
)
def test_wrong_arguments_are_refused(changed, error, message):
    arguments = {"split": "train", "count": 1, "size": 320, "seed": 0} | changed
    with pytest.raises(error, match=message):
        garment_scenes(arguments.pop("split"), arguments.pop("count"), **arguments)


def test_every_class_is_in_one_group():
    names = {group: [FASHION_CLASSES[label] for label in classes] for group, classes in GARMENT_GROUPS.items()}
    assert names == {
        "tops": ["T-shirt/top", "Pullover", "Coat", "Shirt"],
        "trousers": ["Trouser"],
        "dresses": ["Dress"],
        "shoes": ["Sandal", "Sneaker", "Ankle boot"],
        "bags": ["Bag"],
    }
    assert garment_group_ids(np.arange(10)).tolist() == [0, 1, 0, 2, 0, 3, 0, 3, 4, 3]


def test_groups_keep_the_shape_of_the_class_ids():
    assert garment_group_ids(np.array([[8], [1]], np.uint8)).tolist() == [[4], [1]]
    assert garment_group_ids([]).shape == (0,)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([10], ValueError, r"class_ids must lie in 0\.\.9, got 10 to 10"),
        ([0, -1], ValueError, r"class_ids must lie in 0\.\.9, got -1 to 0"),
        ([0.0], TypeError, "class_ids must be integers, got float64"),
    ],
)
def test_only_classes_have_groups(wrong, error, message):
    with pytest.raises(error, match=message):
        garment_group_ids(wrong)


def test_boxes_of_one_group_on_one_garment_become_one():
    truths = [Truth([[0, 0, 10, 10], [50, 0, 60, 10]], [6, 9], [False, True])]
    boxes = [[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 8], [50, 0, 60, 10], [20, 20, 30, 30]]
    found = [Detections(boxes, [0.3, 0.5, 0.9, 0.2, 0.1], [6, 4, 8, 5, 3]), Detections([], [], [])]
    (truth,), (grouped, none) = in_garment_groups(truths, found)
    assert (truth.class_ids.tolist(), truth.is_crowd.tolist()) == ([0, 3], [False, True])
    np.testing.assert_array_equal(truth.boxes, truths[0].boxes)
    assert grouped.class_ids.tolist() == [4, 0, 3, 2]  # bag, top, shoe, dress, by falling score
    np.testing.assert_array_equal(grouped.boxes, np.take(boxes, [2, 1, 3, 4], axis=0))
    np.testing.assert_allclose(grouped.scores, [0.9, 0.5, 0.2, 0.1])
    assert len(none) == 0
    assert len(in_garment_groups(truths, found, nms_threshold=0.95)[1][0]) == 5


def test_a_class_of_another_data_set_has_no_group():
    with pytest.raises(ValueError, match=r"class_ids must lie in 0\.\.9, got 10 to 10"):
        in_garment_groups([], [Detections([[0, 0, 1, 1]], [0.5], [10])])
