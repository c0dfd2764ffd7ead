"""Random numbers for scenes: the published ones, evenly spread, and apart for other keys."""

import numpy as np
import pytest

from deepmedia.drawing.draws import Draws


def test_words_are_the_published_numbers_of_splitmix64():
    # rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64: the first five of seed 1234567
    draws = Draws()
    draws.state = 1234567
    assert [draws.next_word() for _ in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_equal_keys_give_equal_numbers_and_others_do_not():
    firsts = {Draws(*keys).next_word() for keys in [(0,), (1,), (0, 0), (0, 1), (1, 0), (0, 0, 0), (2**64 - 1,)]}
    assert len(firsts) == 7
    assert Draws(0, 1).next_word() == Draws(0, 1).next_word()


def test_numbers_are_spread_evenly():
    draws = Draws(5)
    counts = np.histogram([draws.between(-2, 6) for _ in range(4000)], 8, (-2, 6))[0]
    assert counts.sum() == 4000
    assert np.abs(counts - 500).max() < 5 * np.sqrt(500)


@pytest.mark.parametrize("below", [1, 2, 7])
def test_whole_numbers_are_equally_likely(below):
    draws = Draws(6)
    counts = np.bincount([draws.whole(below) for _ in range(700 * below)])
    assert len(counts) == below
    assert np.abs(counts - 700).max() < 5 * np.sqrt(700)


def test_chances_are_met():
    draws = Draws(7)
    assert np.mean([draws.happens(0.3) for _ in range(4000)]) == pytest.approx(0.3, abs=0.03)


def test_every_order_is_equally_likely():
    draws = Draws(8)
    orders = [tuple(draws.shuffle([0, 1, 2])) for _ in range(3000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert np.abs(np.array(counts) - 500).max() < 5 * np.sqrt(500)


def test_shuffling_leaves_the_list_as_it_was():
    items = [3, 1, 2]
    Draws(0).shuffle(items)
    assert items == [3, 1, 2]
