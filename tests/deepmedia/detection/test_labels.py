import numpy as np
import pytest

from deepmedia.datasets import BLOOD_CELLS
from deepmedia.datasets.voc import ImageLabels
from deepmedia.detection.labels import blood_cells, truth_of, with_area

BOXES = np.array([[0, 0, 4, 2], [5, 5, 5, 5], [1, 1, 2, 3.0]])
LABELS = ImageLabels(("cat", "cat", "dog"), BOXES, None, (False, False, True))


def test_names_become_their_places_in_the_list_of_classes():
    truth = truth_of(with_area(LABELS), ["dog", "bird", "cat"])
    assert truth.class_ids.tolist() == [2, 0]
    assert truth.is_crowd.tolist() == [False, True]
    np.testing.assert_array_equal(truth.boxes, BOXES[[0, 2]])


def test_labels_may_be_of_no_object_and_know_no_crowds():
    assert len(truth_of(ImageLabels((), np.zeros((0, 4))), ["cat"])) == 0
    assert truth_of(ImageLabels(("cat",), BOXES[:1]), ["cat"]).is_crowd.tolist() == [False]


def test_an_unknown_class_is_refused_by_name():
    with pytest.raises(ValueError, match=r"class_names must hold every class of the labels, dog is not in \['cat'\]"):
        truth_of(LABELS, ["cat"])


def test_a_box_that_has_an_area_with_64_bits_alone_has_none():
    thin = ImageLabels(("cat",), np.array([[1000, 0, 1000 + 1e-9, 5]]))
    assert len(with_area(thin)) == 0


@pytest.mark.parametrize(
    ("split", "pictures", "cells"),
    [("train", 205, [2381, 214, 209]), ("validation", 87, [967, 87, 83]), ("test", 72, [805, 71, 69])],
)
def test_blood_cells_are_all_but_two_of_the_labels(split, pictures, cells):
    # In all 4,155 red cells, 372 white cells and 361 platelets, two of the first without area.
    images, truths = blood_cells(split)
    assert images.shape == (pictures, 312, 416, 3)
    assert len(truths) == pictures
    counts = np.bincount(np.concatenate([truth.class_ids for truth in truths]), minlength=len(BLOOD_CELLS))
    assert counts.tolist() == cells


def test_white_cells_are_dark_and_purple_and_boxes_fit_the_pictures():
    images, truths = blood_cells("test")
    inside, red_cells = [], []
    for image, truth in zip(images, truths, strict=True):
        assert truth.boxes.min(initial=0) >= 0
        assert (truth.boxes[:, 2:] <= (416, 312)).all()
        for box, class_id in zip(truth.boxes.astype(int), truth.class_ids, strict=True):
            colour = image[box[1] : box[3], box[0] : box[2]].mean(axis=(0, 1))
            (inside if class_id == 1 else red_cells).append(colour)
    white, others = np.mean(inside, axis=0), np.mean(red_cells, axis=0)
    assert white[1] < others[1] - 20  # much less green,
    assert white[2] - white[1] > 20  # so that blue is left over: a nucleus in Wright's stain
