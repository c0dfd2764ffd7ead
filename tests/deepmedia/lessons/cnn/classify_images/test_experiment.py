"""The cells that are cut out, against the labelled boxes."""

import numpy as np
import pytest

from deepmedia.cnn.image_folder import list_pictures
from deepmedia.cnn.picture_files import read_picture
from deepmedia.datasets import BLOOD_CELLS
from deepmedia.detection.labels import blood_cells
from deepmedia.lessons.cnn.classify_images.experiment import write_cells


def test_each_file_is_a_labelled_box_and_four_pixels_around_it(tmp_path):
    cells = list_pictures(write_cells(tmp_path / "cells", "test", (5, 3, 2)), class_names=BLOOD_CELLS)
    assert np.bincount(cells.labels).tolist() == [5, 3, 2]
    pictures, truths = blood_cells("test")
    cut_outs = {0: set(), 1: set(), 2: set()}
    for picture, truth in zip(pictures, truths, strict=True):
        for (left, top, right, bottom), class_id in zip(truth.boxes.astype(int), truth.class_ids, strict=True):
            rows, columns = slice(max(0, top - 4), bottom + 4), slice(max(0, left - 4), right + 4)
            cut_outs[int(class_id)].add(picture[rows, columns].tobytes())
    for path, label in zip(cells.paths, cells.labels, strict=True):
        pixels = read_picture(path)
        assert min(pixels.shape[:2]) >= 12
        assert pixels.tobytes() in cut_outs[label]


def test_another_seed_draws_other_cells(tmp_path):
    first, second = (
        {path.name for path in list_pictures(write_cells(tmp_path / str(seed), "test", (20, 9, 9), seed=seed)).paths}
        for seed in (0, 1)
    )
    assert first != second


def test_more_than_there_are_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"counts must be at most .* for platelet in test, got 5000"):
        write_cells(tmp_path, "test", (1, 1, 5000))
