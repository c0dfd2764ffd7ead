import numpy as np
import pytest

from deepmedia.detection.counting import class_counts, counting_error
from deepmedia.detection.records import Detections, Truth

SQUARE = [0, 0, 2, 2]


def truth(*ids):
    return Truth([SQUARE] * len(ids), list(ids))


def found(*ids):
    return Detections([SQUARE] * len(ids), [0.5] * len(ids), list(ids))


def test_too_many_and_too_few_do_not_cancel():
    # class 0: 1 too many in the first image, 2 too few in the second; class 1: 1 too few, then right
    truths, detections = [truth(0, 1), truth(0, 0)], [found(0, 0), found()]
    np.testing.assert_allclose(counting_error(truths, detections, classes=3), [1.5, 0.5, 0])


def test_counts_have_a_column_for_each_class():
    assert class_counts([found(2, 0, 2), found()], classes=4).tolist() == [[1, 0, 2, 0], [0, 0, 0, 0]]


def test_without_images_there_is_no_error_to_state():
    assert np.isnan(counting_error([], [], classes=2)).all()


def test_a_class_beyond_the_number_is_refused():
    with pytest.raises(ValueError, match="got 2 and the class id 2"):
        counting_error([truth(2)], [found()], classes=2)
