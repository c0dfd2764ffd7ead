"""Clips of garments: the same everywhere, and nothing but the order of frames tells a way to move."""

import hashlib

import numpy as np
import pytest

from deepmedia.clips import ClipWriter
from deepmedia.datasets import FASHION_CLASSES
from deepmedia.video import CLIP_LABELS, MOTIONS, garment_clips, read_frames
from deepmedia.video.drawn_clips.composing import draw_plan

GARMENTS, WAYS = len(FASHION_CLASSES), len(MOTIONS)
SMALL = garment_clips("train", 60, frames=6, size=48, seed=1)


def test_the_test_split_is_frozen():
    # A change here would silently change every result on clips.
    clips, labels = garment_clips("test", 20)
    assert (
        hashlib.sha256(clips.tobytes() + labels.tobytes()).hexdigest()
        == "d41bae7ed86c9d671fed99cc9903f24bc9794e8b23cf36cb66e1a061862abf81"
    )


def test_clips_and_labels_have_their_documented_form():
    clips, labels = SMALL
    assert clips.shape == (60, 6, 48, 48, 3)
    assert labels.shape == (60, 18)
    assert clips.dtype == labels.dtype == np.uint8
    assert set(labels.reshape(-1).tolist()) == {0, 1}
    assert (*FASHION_CLASSES, *MOTIONS) == CLIP_LABELS
    assert MOTIONS == ("right", "left", "down", "up", "growing", "shrinking", "clockwise", "anticlockwise")


def test_of_each_pair_of_ways_to_move_one_occurs():
    pairs = SMALL[1][:, GARMENTS:].reshape(-1, WAYS // 2, 2)
    assert (pairs.sum(axis=2) == 1).all()


def test_one_to_three_classes_appear_and_all_occur():
    appearing = SMALL[1][:, :GARMENTS]
    assert np.bincount(appearing.sum(axis=1), minlength=4)[1:].min() >= 5
    assert appearing.sum(axis=0).min() >= 3


def test_each_way_to_move_is_as_likely_as_its_opposite_whatever_the_others_are():
    ways = np.array([draw_plan("train", number, 0).reversed_axes for number in range(4000)])
    cases = np.bincount(ways @ [1, 2, 4, 8], minlength=16)
    assert np.abs(cases - 250).max() < 4 * np.sqrt(250)


def test_a_larger_draw_begins_with_the_smaller_one():
    for one, other in zip(SMALL, garment_clips("train", 3, frames=6, size=48, seed=1), strict=True):
        np.testing.assert_array_equal(one[:3], other)


def test_no_two_clips_are_alike_whatever_split_seed_or_number():
    draws = [
        garment_clips(split, 4, frames=2, size=48, seed=seed)[0]
        for split in ("train", "validation", "test")
        for seed in (0, 1)
    ]
    images = np.concatenate(draws)[:, 0, ::6, ::6].reshape(24, -1).astype(float)
    distances = np.abs(images[:, None] - images).mean(axis=2) + 255 * np.eye(24)
    assert distances.min() > 4


def test_garments_move_in_every_frame_and_the_photograph_stays():
    clips = SMALL[0].astype(int)
    assert (np.abs(np.diff(clips, axis=1)).max(axis=(2, 3, 4)) > 20).all()
    assert ((clips == clips[:, :1]).all(axis=(1, 4)).mean(axis=(1, 2)) > 0.15).all()


def features_of(clips):
    """What is seen, without order: mean, spread and extremes of each pixel over time, coarsely."""
    coarse = clips.reshape(len(clips), clips.shape[1], 8, 6, 8, 6, 3).mean(axis=(3, 5)) / 255
    return np.concatenate(
        [coarse.mean(axis=1), coarse.std(axis=1), coarse.min(axis=1), coarse.max(axis=1)], axis=1
    ).reshape(len(clips), -1)


def test_without_the_order_of_time_a_clip_is_the_same_as_its_opposite():
    # the proof that no classifier of shuffled frames can do better than chance: each set of frames has both answers
    clips, labels = SMALL
    backwards = features_of(clips[:, ::-1])
    np.testing.assert_allclose(features_of(clips), backwards, atol=1e-12)
    opposite = labels[:, GARMENTS:].reshape(-1, 4, 2)[..., ::-1].reshape(-1, WAYS)
    assert (opposite != labels[:, GARMENTS:]).all()


def test_clips_survive_as_video_files(tmp_path):
    clip = garment_clips("validation", 1, frames=6, seed=2)[0][0]
    with ClipWriter(tmp_path / "clip.mp4", fps=1) as writer:
        for frame in clip:
            writer.write(frame)
    images, seconds = read_frames(tmp_path / "clip.mp4")
    assert images.shape == clip.shape
    np.testing.assert_allclose(seconds, range(6))
    assert np.abs(images.astype(int) - clip).mean() < 8  # the code loses a little


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"split": "val"}, ValueError, "split must be 'train', 'validation' or 'test', got 'val'"),
        ({"count": 0}, ValueError, "count must be at least 1, got 0"),
        ({"count": 2.0}, TypeError, "count must be a whole number, got 2.0"),
        ({"frames": 1}, ValueError, "frames must be at least 2, got 1"),
        ({"size": 47}, ValueError, "size must be at least 48, got 47"),
        ({"size": "64"}, TypeError, "size must be a whole number, got '64'"),
        ({"seed": -1}, ValueError, r"seed must be at least 0 and below 2\^64, got -1"),
        ({"seed": True}, TypeError, "seed must be a whole number, got True"),
    ],
)
def test_wrong_arguments_are_refused(changed, error, message):
    arguments = {"split": "train", "count": 1} | changed
    with pytest.raises(error, match=message):
        garment_clips(arguments.pop("split"), arguments.pop("count"), **arguments)
