import numpy as np
import pytest

from deepmedia.lessons.video.clip_to_features.experiment import (
    FeaturesOfClips,
    garment_precision,
    motion_accuracies,
    relative_error,
)

CLIPS, FRAMES, NUMBERS = 60, 5, 11


def moving_clips(seed, *, telling=True):
    """The first number of a frame rises if the clip's first way to move is the first of its pair, and falls otherwise.

    Every garment that appears is told by a number of its own.
    """
    rng = np.random.default_rng(seed)
    firsts = rng.integers(0, 2, (CLIPS, 4))
    labels = np.zeros((CLIPS, 18), np.uint8)
    labels[:, 10::2], labels[:, 11::2] = firsts, 1 - firsts
    labels[:, :10] = rng.integers(0, 2, (CLIPS, 10))
    features = rng.normal(size=(CLIPS, FRAMES, NUMBERS)) * 0.1
    if telling:
        features[:, :, 0] += 5 * (2 * firsts[:, :1] - 1) * np.linspace(-1, 1, FRAMES)
        features[:, :, 1:] += 3 * labels[:, np.newaxis, :10]
    return FeaturesOfClips(features.astype(np.float32), labels)


def test_an_opposite_has_the_same_frames_and_every_way_to_move_swapped():
    clips = moving_clips(0)
    opposites = clips.opposites()
    np.testing.assert_array_equal(opposites.features[3, 0], clips.features[3, -1])
    np.testing.assert_array_equal(opposites.labels[:, :10], clips.labels[:, :10])
    np.testing.assert_array_equal(opposites.labels[:, 10:] + clips.labels[:, 10:], 1)
    np.testing.assert_array_equal(opposites.motions, 1 - clips.motions)
    np.testing.assert_array_equal(opposites.opposites().features, clips.features)


def test_shuffled_and_single_frames_are_those_of_the_clips():
    clips = moving_clips(0)
    orders = np.tile([4, 0, 2, 1, 3], (CLIPS, 1))
    np.testing.assert_array_equal(clips.shuffled(orders).features, clips.features[:, [4, 0, 2, 1, 3]])
    single = clips.single_frames()
    assert single.features.shape == (CLIPS * FRAMES, 1, NUMBERS)
    np.testing.assert_array_equal(single.features[FRAMES * 7 + 2, 0], clips.features[7, 2])
    np.testing.assert_array_equal(single.labels[FRAMES * 7 + 2], clips.labels[7])


@pytest.mark.parametrize("telling", [True, False])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_without_order_exactly_half_is_right_whatever_the_features(telling, seed):
    accuracies = motion_accuracies(moving_clips(0, telling=telling), moving_clips(1, telling=telling), seed=seed)
    assert list(accuracies) == ["one frame", "all frames, shuffled", "all frames, in order"]
    assert accuracies["one frame"] == accuracies["all frames, shuffled"] == 0.5


def test_in_order_what_rises_is_told_from_what_falls():
    accuracies = motion_accuracies(moving_clips(0), moving_clips(1))
    assert accuracies["all frames, in order"] > 0.6  # one pair of four always, the others half of the time


def test_garments_that_features_tell_are_ranked_first():
    assert garment_precision(moving_clips(0), moving_clips(1)) > 0.99
    nothing = garment_precision(moving_clips(0, telling=False), moving_clips(1, telling=False))
    assert 0.3 < nothing < 0.7  # half of the clips have each garment


def test_the_error_is_0_for_the_features_and_1_for_their_mean():
    features = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    mean = features.mean(axis=0)
    assert relative_error(features, features, mean) == 0
    assert relative_error(features, np.tile(mean, (50, 1)), mean) == pytest.approx(1)
    halfway = (features + mean) / 2
    assert relative_error(features, halfway, mean) == pytest.approx(0.25)
