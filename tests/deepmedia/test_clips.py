import cv2
import numpy as np
import pytest

from deepmedia.clips import clip_frames
from deepmedia.datasets import big_buck_bunny


def test_frames_come_in_their_order_and_proportions():
    frames = clip_frames(big_buck_bunny(), [0, 2, 60], width=160)
    assert frames.shape == (3, 90, 160, 3)
    assert frames.dtype == np.uint8
    alone = clip_frames(big_buck_bunny(), [2], width=160)
    np.testing.assert_array_equal(frames[1], alone[0])
    assert np.abs(frames[0].astype(int) - frames[1]).mean() < np.abs(frames[0].astype(int) - frames[2]).mean()


def test_frames_are_red_green_blue():
    video = cv2.VideoCapture(str(big_buck_bunny()))
    _, blue_green_red = video.read()
    video.release()
    frame = clip_frames(big_buck_bunny(), [0], width=1280)[0]
    np.testing.assert_array_equal(frame, blue_green_red[:, :, ::-1])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], "rise from 0 on"), ([3, 3], "rise from 0 on"), ([-1, 4], "rise from 0 on"), ([5, 132], "below 132")],
)
def test_frames_that_are_not_there_are_refused(numbers, words):
    with pytest.raises(ValueError, match=words):
        clip_frames(big_buck_bunny(), numbers, width=32)


def test_a_missing_clip_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.mp4 is not a file"):
        clip_frames(tmp_path / "none.mp4", [0], width=32)
