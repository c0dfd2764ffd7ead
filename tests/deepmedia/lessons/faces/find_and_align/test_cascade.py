from pathlib import Path

import cv2
import numpy as np
import pytest

from deepmedia.datasets import photo
from deepmedia.lessons.faces.find_and_align.cascade import (
    box_sum,
    integral_image,
    passing_windows,
    read_stages,
    search_windows,
)


@pytest.fixture(scope="module")
def stages():
    return read_stages()


def grey(name, size):
    image = cv2.cvtColor(photo(name), cv2.COLOR_RGB2GRAY)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def test_an_integral_image_holds_the_sums_above_and_to_the_left():
    # 1, 1 + 2, 1 + 3, 1 + 2 + 3 + 4
    np.testing.assert_array_equal(integral_image([[1, 2], [3, 4]]), [[0, 0, 0], [0, 1, 3], [0, 4, 10]])


def test_a_large_bright_image_does_not_overflow():
    image = np.full((3000, 3000), 255, np.uint8)
    assert integral_image(image)[-1, -1] == 255 * 3000 * 3000


def test_a_box_sum_is_the_sum_of_its_pixels_for_one_box_and_for_many():
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (9, 13))
    table = integral_image(image)
    boxes = [(x, y, x + w, y + h) for x in (0, 4) for y in (0, 3) for w in (1, 9) for h in (1, 6)]
    sums = [image[y:b, x:a].sum() for x, y, a, b in boxes]
    assert [box_sum(table, box) for box in boxes] == sums
    np.testing.assert_array_equal(box_sum(table, np.transpose(boxes)), sums)


def test_the_stages_are_those_of_the_file(stages):
    assert [len(stage.trees) for stage in stages[:5]] == [3, 9, 14, 19, 19]
    assert len(stages) == 20
    assert sum(len(stage.trees) for stage in stages) == 1047
    assert {len(tree.questions) for stage in stages for tree in stage.trees} == {2}
    first = stages[0].trees[0].questions[0].rectangles  # 2 7 16 4 -1. and 2 9 16 2 2.
    assert [(each.box, each.weight) for each in first] == [((2, 7, 18, 11), -1), ((2, 9, 18, 11), 2)]


@pytest.mark.parametrize(("name", "side"), [("astronaut", 106), ("astronaut", 128), ("dog", 150), ("rocket", 140)])
def test_the_windows_that_pass_are_those_of_opencv(stages, name, side):
    image = grey(name, (side, side))
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"))
    found = cascade.detectMultiScale(image, scaleFactor=10.0, minNeighbors=0, minSize=(20, 20), maxSize=(20, 20))
    expected = {(x, y) for x, y, _, _ in np.reshape(found, (-1, 4)).tolist()}
    x, y = passing_windows(image, stages)[-1]
    assert set(zip(x.tolist(), y.tolist(), strict=True)) == expected
    assert expected or name != "astronaut"


def test_an_image_of_one_grey_passes_nothing_on(stages):
    assert len(passing_windows(np.full((40, 40), 90, np.uint8), stages)[-1][0]) == 0


def test_a_search_counts_all_windows_and_keeps_those_left(stages):
    image = grey("astronaut", (256, 256))
    search = search_windows(image, stages, smallest=40, growth=1.25)
    # Sides 40, 50, 62.5, ... below 256: images of 128, 102, 82, ... pixels, windows in steps of 2.
    sides = [round(256 * 20 / (40 * 1.25**power)) for power in range(9)]
    assert search.counts[0] == sum(((side - 20) // 2 + 1) ** 2 for side in sides)
    assert (np.diff(search.counts) <= 0).all()
    assert [len(boxes) for boxes in search.boxes] == search.counts[1:].tolist()
    last = search.boxes[-1]
    widths = last[:, 2] - last[:, 0]
    assert len(last) > 0
    assert (widths > 39).all()
    face = (88, 33, 137, 82)  # half of what find_faces gives in the whole photograph
    middles = (last[:, :2] + last[:, 2:]) / 2
    assert np.mean(((middles > face[:2]) & (middles < face[2:])).all(axis=1)) > 0.5
