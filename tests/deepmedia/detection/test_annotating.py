import itertools

import numpy as np
import pytest

from deepmedia.detection.annotating import annotated, class_colour
from deepmedia.detection.records import Detections

BLACK = np.zeros((200, 300, 3), np.uint8)


def test_the_frame_has_the_colour_of_the_class_and_the_inside_is_left():
    drawn = annotated(BLACK, Detections([[50, 60, 150, 160]], [0.5], [7]), [str(n) for n in range(8)])
    for row, column in [(60, 140), (159, 100), (100, 50), (100, 149)]:  # on each of the four sides
        assert tuple(drawn[row, column]) == class_colour(7)
    assert not drawn[65:155, 55:145].any()
    assert not BLACK.any()


@pytest.mark.parametrize("box", [[0, 0, 300, 200], [280, 0, 300, 10], [0, 190, 300, 200]])
def test_a_label_at_the_edge_lies_on_the_image(box):
    drawn = annotated(BLACK, Detections([box], [0.99], [0]), ["aeroplane"])
    filled = (drawn == class_colour(0)).all(axis=2).sum()
    frame = 2 * (box[2] - box[0] + box[3] - box[1])
    assert filled > frame / 2 + 200  # the label's ground


def test_labels_of_two_objects_at_one_place_do_not_hide_each_other():
    names = ["cat", "dog"]
    cat, dog = ([[60, 90, 200, 190]], [0.9], [0]), ([[60, 90, 200, 190]], [0.8], [1])
    both = annotated(BLACK, Detections(*(one + other for one, other in zip(cat, dog, strict=True))), names)
    counts = []
    for class_id, alone in enumerate((cat, dog)):
        label = annotated(BLACK, Detections(*alone), names)[60:89, 60:150]  # above the frame
        counts.append((label == class_colour(class_id)).all(axis=2).sum())
    assert (both[60:89] == class_colour(0)).all(axis=2).sum() == counts[0]
    assert (both[93:187, 63:197] == class_colour(1)).all(axis=2).sum() > 0.7 * counts[1]


def test_the_same_class_has_the_same_colour_and_neighbours_others():
    colours = [class_colour(each) for each in range(80)]
    assert class_colour(3) == colours[3]
    assert len(set(colours)) > 70
    assert min(np.abs(np.subtract(a, b)).max() for a, b in itertools.pairwise(colours)) > 60


def test_black_letters_can_be_read_on_each_colour():
    def light(colour):  # relative luminance of WCAG 2
        parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    assert min((light(class_colour(each)) + 0.05) / 0.05 for each in range(200)) > 4.5


def test_nothing_found_draws_nothing():
    np.testing.assert_array_equal(annotated(BLACK, Detections([], [], []), ["a"]), BLACK)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="image must be uint8"):
        annotated(BLACK / 255, Detections([], [], []), ["a"])
    with pytest.raises(ValueError, match="class_names must hold class 1, got 1 names"):
        annotated(BLACK, Detections([[0, 0, 5, 5]], [0.5], [1]), ["a"])
