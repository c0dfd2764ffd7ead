"""The command for a folder of one's own: what it refuses, and that it trains (the second with `make benchmark`)."""

import json

import cv2
import numpy as np
import pytest
from tests.benchmarks.own_objects import main

from deepmedia.datasets.voc import ImageLabels, write_voc


def draw(folder, count):
    random = np.random.default_rng(0)
    for number in range(count):
        width, height = [(90, 70), (64, 64), (77, 121)][number % 3]
        picture = random.integers(90, 110, (height, width, 3)).astype(np.uint8)
        x, y, side = (int(each) for each in random.integers(5, 30, 3))
        picture[y : y + side, x : x + side] = (250, 40, 40)
        assert cv2.imwrite(str(folder / f"{number}.png"), picture)
        labels = ImageLabels(("square",), np.array([[x, y, x + side, y + side]], float), (width, height))
        write_voc(folder / f"{number}.xml", labels, picture=f"{number}.png")


def test_a_folder_without_pictures_ends_with_a_sentence(tmp_path, capsys):
    assert main(["--folder", str(tmp_path)]) == 2
    assert "no picture with labels can be used" in capsys.readouterr().err


@pytest.mark.benchmark
def test_a_small_folder_gives_one_line_of_json(tmp_path, capsys):
    draw(tmp_path, 6)
    assert main(["--folder", str(tmp_path), "--side", "64", "--epochs", "2"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["pictures"] == {"train": 4, "test": 2}
    assert result["ap50_by_class"].keys() == {"square"}
    assert 0 <= result["ap"] <= result["ap50"] <= 1
