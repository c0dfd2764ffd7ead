import cv2
import keras
import numpy as np
import pytest

from deepmedia.cnn.attribution import grad_cam
from deepmedia.datasets import fashion_mnist
from deepmedia.lessons.cnn.looking_inside.clutter import cluttered_scenes
from deepmedia.lessons.cnn.looking_inside.exercises import check_cover, check_grad_cam, check_layers
from deepmedia.lessons.cnn.looking_inside.network import localising_network


def test_the_map_computed_by_hand_is_accepted():
    # Means (2 + 2) / 4 = 1 and -4 / 4 = -1: [[3 - 0, 0 - 4], [1 - 2, 5 - 2]], then ReLU.
    assert check_grad_cam([[3, 0], [0, 3]]).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([[3, -4], [-1, 3]], "the ReLU is missing"),
        ([[12, 0], [0, 12]], "you took their sums"),
        ([[12, -16], [-4, 12]], "not sums, and the ReLU"),
        ([[6, 0], [0, 0]], "by its own gradient"),  # 2·3, -2·4, -2·2 and 0
        ([[12, 0], [0, 1]], "First average"),
        ([[3, 4], [3, 7]], "You added the maps"),
        ([3, 0, 0, 0], "two rows of two"),
        ("map", "two rows of two"),
        ([[1, 2], [3]], "two rows of two"),
    ],
)
def test_wrong_maps_are_rejected_with_their_reason(answer, words):
    verdict = check_grad_cam(answer)
    assert not verdict.accepted
    assert words in verdict.text


@pytest.fixture(scope="module")
def shares():
    """Shares by a route of its own: OpenCV enlarges, pixels are cut out."""
    keras.utils.set_random_seed(0)
    model, scenes = localising_network((56, 56, 1)), cluttered_scenes(fashion_mnist("train")[0][:3], seed=0)
    model.get_layer("logits").set_weights(
        [np.random.default_rng(0).uniform(size=(64, 10)), np.zeros(10)]
    )  # no map is 0
    for stage in (1, 2, 3, 4):  # few places above 0, so that the shares differ
        batch_norm = model.get_layer(f"stage{stage}_bn")
        batch_norm.beta.assign(batch_norm.beta - 0.03)
    classes = np.array([1, 0, 3])
    mass, peaks = [], []
    for stage in (1, 2, 3, 4):
        maps = grad_cam(model, scenes.images, classes, layer=f"stage{stage}_relu")
        large = [cv2.resize(each, (56, 56), interpolation=cv2.INTER_LINEAR) for each in maps]
        inside = [each[y0:y1, x0:x1] for each, (x0, y0, x1, y1) in zip(large, scenes.boxes, strict=True)]
        mass.append(np.mean([part.sum() / each.sum() for part, each in zip(inside, large, strict=True)]))
        peaks.append(np.mean([part.max() == each.max() for part, each in zip(inside, large, strict=True)]))
    return (model, scenes, classes), np.array(mass), np.array(peaks)


def test_the_right_shares_are_accepted(shares):
    given, mass, _ = shares
    assert check_layers(mass, *given).accepted
    assert check_layers(list(np.round(mass, 2)), *given).accepted


def test_wrong_shares_are_rejected_with_their_reason(shares):
    given, mass, peaks = shares
    assert np.abs(mass - mass[::-1]).max() > 0.01  # else a wrong order could pass
    for answer, words in (
        (mass[::-1], "reverse order"),
        (100 * mass, "not percentages"),
        (peaks, "shares of peaks"),
        (mass[:3], "4 numbers"),
        ({"stage1": 0.25}, "4 numbers"),
        (mass + 0.1, "own answer"),
    ):
        verdict = check_layers(answer, *given)
        assert not verdict.accepted
        assert words in verdict.text


def right_cover(image, heat, share):
    covered = image.copy()
    rows, columns = np.unravel_index(np.argsort(heat, axis=None), heat.shape)
    chosen = slice(heat.size - round(share * heat.size), heat.size)
    covered[rows[chosen], columns[chosen]] = 0
    return covered


def changing_cover(image, heat, share):
    image[...] = right_cover(image, heat, share)
    return image


def dimming_cover(image, heat, share):
    return right_cover(image, heat, share) * 0.9


def cutting_cover(image, heat, share):
    return right_cover(image, heat, int(share * heat.size) / heat.size)


def cover_above_a_value(image, heat, share):
    return np.where((heat > (1 - share) * heat.max())[..., None] & (share > 0), 0, image)


def test_the_right_cover_is_accepted():
    assert check_cover(right_cover).accepted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda image, heat, share: right_cover(image, -heat, share), "smallest values"),
        (lambda image, heat, share: right_cover(image, heat, share / 2), "became black, not"),
        (lambda image, heat, share: right_cover(image, heat.T.reshape(4, 5), share), "Other pixels"),
        (lambda image, heat, share: right_cover(image, heat, share)[..., 0], "the shape should stay"),
        (lambda image, heat: image, "raised TypeError"),
        (cutting_cover, "2 became black, not 3"),  # int(2.6)
        (cover_above_a_value, "became black, not 5"),  # right if the heat is spread evenly
        (changing_cover, "work on a copy"),
        (dimming_cover, "stay as they were"),
        (lambda image, heat, share: image, "became black, not 5"),
        (np.zeros(3), "Give the function itself"),
    ],
)
def test_wrong_covers_are_rejected_with_their_reason(function, words):
    verdict = check_cover(function)
    assert not verdict.accepted
    assert words in verdict.text
