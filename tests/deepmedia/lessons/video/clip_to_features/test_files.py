import numpy as np
import pytest

from deepmedia.clips import BadClip
from deepmedia.lessons.video.clip_to_features.files import (
    lay_on_its_side,
    stored_frame,
    write_broken_clips,
    write_clip,
)
from deepmedia.video import read_frames


def frames():
    images = np.full((6, 48, 64, 3), 90, np.uint8)
    images[:, :24, :, 0] = 200  # the upper half is red
    return images


def test_a_clip_that_lies_on_its_side_is_read_upright(tmp_path):
    lying = write_clip(tmp_path / "lying.mp4", np.rot90(frames(), axes=(1, 2)))
    sideways = lay_on_its_side(lying, tmp_path / "sideways.mp4")
    assert stored_frame(sideways).shape == (64, 48, 3)
    assert np.abs(stored_frame(sideways).astype(int) - np.rot90(frames()[0])).mean() < 5
    images, seconds = read_frames(sideways)
    assert np.abs(images.astype(int) - frames()).mean() < 5
    np.testing.assert_allclose(seconds, range(6))


def test_each_broken_clip_is_refused_by_name(tmp_path):
    paths = write_broken_clips(tmp_path, frames())
    assert len(paths) == 4
    for path in paths:
        with pytest.raises(BadClip, match=path.name):
            read_frames(path)
    for whole in ("whole.mp4", "whole.avi"):
        assert len(read_frames(tmp_path / whole).images) == 6
