"""Where the numbers of a drawn face come from."""

import numpy as np
import pytest

from deepmedia.faces.drawn import parameters
from deepmedia.faces.drawn.hair import STYLES
from deepmedia.faces.drawn.parameters import BACKGROUNDS, BEARDS, GROUPS, HAIR_STYLES, NAMES, OCCLUSIONS, Range, mix

MANY = parameters.draw_parameters("train", 4000, 1, seed=0)


def test_mix_gives_the_published_numbers_of_splitmix64():
    # rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64: the first five of seed 1234567
    state = np.array([(1234567 + i * 0x9E3779B97F4A7C15) % 2**64 for i in range(5)], np.uint64)
    assert mix(state).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for _, name, kind in NAMES if isinstance(kind, Range)])
def test_numbers_lie_evenly_in_their_range(name, kind):
    values = (MANY[name].astype(float) - kind.low) / (kind.high - kind.low)
    assert -1e-6 <= values.min() < 0.01 < 0.99 < values.max() <= 1 + 1e-6
    counts = np.histogram(values, 8, (0, 1))[0]
    assert np.abs(counts - 500).max() < 5 * np.sqrt(500)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for _, name, kind in NAMES if not isinstance(kind, Range)])
def test_kinds_are_as_frequent_as_their_weights_say(name, kind):
    assert sum(kind.weights) == pytest.approx(1)
    expected = 4000 * np.array(kind.weights)
    counts = np.bincount(MANY[name], minlength=len(expected))
    assert len(counts) == len(expected)
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected)).all()


def test_parameters_do_not_follow_each_other():
    columns = [MANY[name].astype(float) for _, name, _ in NAMES]
    related = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(related).max() < 5 / np.sqrt(4000)


def test_kinds_have_as_many_names_as_weights():
    identity, occlusion, camera = GROUPS["identity"], GROUPS["occlusion"], GROUPS["camera"]
    assert len(HAIR_STYLES) == len(identity["hair_style"].weights) == len(STYLES)
    assert len(BEARDS) == len(identity["beard"].weights)
    assert len(OCCLUSIONS) == len(occlusion["occlusion"].weights)
    assert len(BACKGROUNDS) == len(camera["background"].weights)


def test_no_name_is_in_two_groups():
    names = [name for _, name, _ in NAMES]
    assert len(set(names)) == len(names)
    assert {group for group, _, _ in NAMES} == {"identity", "pose", "light", "expression", "occlusion", "camera"}
