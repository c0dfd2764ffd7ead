"""Features of frames: those of the shipped detector's first layers, cell by cell."""

import cv2
import keras
import numpy as np
import pytest

from deepmedia.detection import trained_yolo_tiny
from deepmedia.video import features, frame_features, garment_clips

CLIPS = garment_clips("train", 2, frames=4, size=64, seed=3)[0]


@pytest.fixture(scope="module")
def detector():
    """The detector's own map behind its fourth convolution: another way to load the same weights."""
    whole = trained_yolo_tiny((64, 64, 3))
    return keras.Model(whole.input, whole.get_layer("stage4_leaky").output)


@pytest.mark.parametrize("grid", [1, 2, 4, 8])
def test_each_cell_is_the_mean_of_its_places(detector, grid):
    maps = np.asarray(detector(CLIPS[1].astype(np.float32) / 255))
    found = frame_features(CLIPS[1], grid=grid).reshape(4, grid, grid, 128)
    step = 8 // grid
    for row in range(grid):
        for column in range(grid):
            cell = maps[:, row * step : (row + 1) * step, column * step : (column + 1) * step]
            np.testing.assert_allclose(found[:, row, column], cell.mean(axis=(1, 2)), atol=1e-4)


def test_clips_give_what_their_frames_give(monkeypatch):
    found = frame_features(CLIPS)
    assert found.shape == (2, 4, 2048)
    assert found.dtype == np.float32
    monkeypatch.setattr(features, "BATCH_PIXELS", 3 * 64 * 64)  # batches that end within a clip
    np.testing.assert_allclose(frame_features(CLIPS), found, atol=1e-5)
    np.testing.assert_allclose(frame_features(CLIPS[1]), found[1], atol=1e-5)


def test_a_garment_elsewhere_changes_other_cells():
    frames = np.full((2, 64, 64, 3), 120, np.uint8)
    frames[1, 4:14, 50:60] = (250, 20, 20)  # in the upper right cell
    without, there = frame_features(frames).reshape(2, 4, 4, 128)
    change = np.abs(there - without).sum(axis=-1)
    assert change.argmax() == 3
    assert change[2:].max() < 1e-6 * change.max()  # what a place of the map sees ends within 20 pixels


def test_frames_of_other_sizes_are_brought_to_the_same():
    frames = CLIPS[0][:, :48]
    expected = np.stack([cv2.resize(frame, (64, 64), interpolation=cv2.INTER_LINEAR) for frame in frames])
    np.testing.assert_allclose(frame_features(frames), frame_features(expected), atol=1e-5)
    large = CLIPS[0].repeat(4, axis=1).repeat(3, axis=2)  # each pixel a block, whose mean it is
    np.testing.assert_allclose(frame_features(large), frame_features(CLIPS[0]), atol=1e-4)


def test_more_pixels_cost_more_and_keep_the_width():
    assert frame_features(CLIPS[0], side=128).shape == (4, 2048)


@pytest.mark.parametrize(
    ("shape", "kind", "settings", "error", "text"),
    [
        ((64, 64, 3), np.uint8, {}, ValueError, r"at least one, got shape \(64, 64, 3\); one frame is frame\[None\]"),
        ((2, 64, 64, 1), np.uint8, {}, ValueError, r"frames must be \(n, height, width, 3\)"),
        ((0, 64, 64, 3), np.uint8, {}, ValueError, "at least one"),
        ((2, 64, 64, 3), np.float32, {}, TypeError, "frames must be uint8, 0 to 255, got float32"),
        ((2, 64, 64, 3), np.uint8, {"grid": 3}, ValueError, "side 64 and grid 3; try side=72"),
        ((2, 64, 64, 3), np.uint8, {"side": 60}, ValueError, "side 60 and grid 4; try side=64"),
        ((2, 64, 64, 3), np.uint8, {"grid": 0}, ValueError, "grid must be at least 1"),
        ((2, 64, 64, 3), np.uint8, {"side": 64.5}, TypeError, "side must be a whole number"),
    ],
)
def test_wrong_input_is_refused(shape, kind, settings, error, text):
    with pytest.raises(error, match=text):
        frame_features(np.zeros(shape, kind), **settings)
