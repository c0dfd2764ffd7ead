import numpy as np
import pytest

from deepmedia.detection.decoding import decode
from deepmedia.detection.overlap import iou
from deepmedia.detection.records import Truth
from deepmedia.detection.scenes import garment_scenes
from deepmedia.detection.targets import yolo_targets
from deepmedia.lessons.detection.train_it import experiment

ANCHORS = [[[60, 40], [30, 90]], [[12, 10]]]
GRIDS = [(3, 4), (6, 8)]
TRUTH = Truth([[10, 20, 80, 50], [100, 5, 108, 20], [60, 30, 90, 95]], [2, 0, 1])


def test_small_scenes_are_the_scenes_at_half_the_side_with_one_class():
    images, truths = garment_scenes("validation", 3)
    small, labels = experiment.small_scenes("validation", 3)
    assert small.shape == (3, 160, 160, 3)
    assert small.dtype == np.uint8
    # The mean of each square of two by two pixels, as INTER_AREA has it; a half is rounded either way.
    means = images.reshape(3, 160, 2, 160, 2, 3).mean(axis=(2, 4))
    assert np.abs(small - means).max() <= 0.5
    for truth, label in zip(truths, labels, strict=True):
        np.testing.assert_allclose(2 * label.boxes, truth.boxes)
        assert set(label.class_ids) == {0}


def test_perfect_answers_decode_to_the_labelled_boxes():
    targets = yolo_targets([TRUTH], ANCHORS, GRIDS, (96, 128), 3)
    decoded = decode(experiment.perfect_answers(targets), ANCHORS, (96, 128))
    sure = decoded.objectness[0] > 0.5
    overlaps = iou(TRUTH.boxes, decoded.boxes[0][sure])
    assert overlaps.shape == (3, 3)
    assert overlaps.max(axis=1).min() > 0.999
    classes = decoded.class_probabilities[0][sure][overlaps.argmax(axis=1)]
    np.testing.assert_allclose(classes, np.eye(3)[TRUTH.class_ids], atol=1e-3)


def test_the_five_detections_have_the_overlaps_that_the_page_tells():
    truth, found = experiment.five_detections()
    np.testing.assert_allclose(iou(found.boxes, truth.boxes).max(axis=1), [0.92, 0, 0.78, 0.64, 0], atol=1e-6)
    assert np.all(np.diff(found.scores) < 0)


def test_each_cell_says_the_box_as_well_as_it_can():
    # The centre (50, 30) lies in column 2 and row 1 of cells of 20; the box is 40 x 20.
    answers = experiment.answers_near((30, 20, 70, 40), (40, 10), 5, 100, doubt=1.0)
    boxes = decode([answers], [[(40, 10)]], 100).boxes[0].reshape(5, 5, 4)
    np.testing.assert_allclose(boxes[1, 2], [30, 20, 70, 40], atol=1e-3)
    # The cell on the left ends at x = 40, the one below begins at y = 40.
    np.testing.assert_allclose(boxes[1, 1], [20, 20, 60, 40], atol=0.05)
    np.testing.assert_allclose(boxes[2, 2], [30, 30, 70, 50], atol=0.05)


@pytest.mark.parametrize(("above", "spared"), [(0.7, 2), (0.8, 1), (1.0, 0)])
def test_the_slopes_are_answer_less_target_but_for_what_is_ignored(above, spared):
    # The centre is at x = 47 of a cell from 40 to 60. The left neighbour shifts the box of 80 by 7 (an IoU of
    # 73 / 87 = 0.84), the right one by 13 (67 / 93 = 0.72), all others by 27 or more, or by 10 of its height of 14.
    box = (7, 23, 87, 37)
    answers = experiment.answers_near(box, (80, 14), 5, 100, doubt=1.0)
    slopes = experiment.objectness_slopes(answers, [box], (80, 14), 100, ignore_above=above)
    assert slopes[1, 2] == pytest.approx(-0.26894, abs=1e-4)  # 1 / (1 + 1 / e) less 1
    others = np.delete(slopes.ravel(), 5 + 2)
    assert (others == 0).sum() == spared
    np.testing.assert_allclose(others[others != 0], 0.73106, atol=1e-4)


def test_the_worst_scene_has_the_most_mistakes():
    kinds = [("hit", "class"), ("background", "duplicate", "unsure"), ("hit", "crowd")]
    missed = [np.array([0, 1]), np.array([], int), np.array([0])]
    assert experiment.worst_scenes(kinds, missed, 2) == [0, 1]  # 3, 2 and 1 mistakes
