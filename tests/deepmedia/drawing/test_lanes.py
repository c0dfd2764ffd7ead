"""Numbers that share a word don't disturb each other."""

import numpy as np

from deepmedia.drawing.lanes import blended, lane, to_lanes

RANDOM = np.random.RandomState(0)


def test_arrays_come_back_from_their_lanes():
    channels = [RANDOM.randint(0, 256, (5, 7)).astype(np.uint8) for _ in range(4)]
    words = to_lanes(channels)
    for number, channel in enumerate(channels):
        np.testing.assert_array_equal(lane(words, number), channel)


def test_each_lane_is_blended_as_if_it_were_alone():
    one, other = RANDOM.choice([0, 1, 127, 254, 255], (2, 4, 6, 6)).astype(np.uint8)
    part = RANDOM.choice([0, 1, 128, 255, 256], (6, 6))
    mixed = blended(to_lanes(one), to_lanes(other), part.astype(np.uint64))
    for number in range(4):
        expected = (one[number] * (256 - part) + other[number] * part + 128) // 256
        np.testing.assert_array_equal(lane(mixed, number), expected)
