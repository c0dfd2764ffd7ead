import numpy as np
import pytest

from deepmedia.detection.decoding import decode

COARSE, FINE = [[60, 90], [100, 50]], [[10, 20], [30, 10]]


def by_loop(heads, anchors, height, width):
    """Each formula of the docstring for one number at a time, in double precision; objectness and classes beside."""
    rows = []
    for head, sizes in zip(heads, anchors, strict=True):
        for j, i, a in np.ndindex(*head.shape[1:4]):
            tx, ty, tw, th, *others = (float(value) for value in head[0, j, i, a])
            x = (i + 1 / (1 + np.exp(-tx))) * width / head.shape[2]
            y = (j + 1 / (1 + np.exp(-ty))) * height / head.shape[1]
            w, h = sizes[a][0] * np.exp(tw), sizes[a][1] * np.exp(th)
            chances = [1 / (1 + np.exp(-value)) for value in others]
            rows.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2, *chances])
    return np.array(rows)


def heads(seed=0, n=1):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, rows, 2 * rows, 2, 5 + 3)).astype("float32") for rows in (2, 4)]


def test_decoding_does_what_its_formulas_say():
    raw = heads()
    boxes, objectness, probabilities = decode(raw, [COARSE, FINE], (64, 192))
    together = np.concatenate([boxes[0], objectness[0][:, None], probabilities[0]], axis=1)
    np.testing.assert_allclose(together, by_loop(raw, [COARSE, FINE], 64, 192), rtol=1e-4, atol=1e-4)
    assert together.dtype == np.float32


def test_zeros_are_anchors_in_the_middle_of_their_cells():
    # 2 × 2 cells of 50 pixels; the third prediction is of the second cell, whose middle is (75, 25).
    boxes, objectness, probabilities = decode(np.zeros((1, 2, 2, 2, 7)), [[[10, 20], [30, 10]]], 100)
    assert boxes[0, 2].tolist() == [70, 15, 80, 35]
    assert objectness[0, 2] == 0.5
    assert probabilities[0, 2].tolist() == [0.5, 0.5]


def test_each_image_is_decoded_by_itself():
    raw = heads(n=3)
    together = decode(raw, [COARSE, FINE], 64)
    alone = decode([head[2:] for head in raw], [COARSE, FINE], 64)
    for all_images, one_image in zip(together, alone, strict=True):
        np.testing.assert_array_equal(all_images[2], one_image[0])


@pytest.mark.parametrize("huge", [1e3, 1e300, -1e3, -1e300])
def test_huge_numbers_give_finite_boxes_and_no_warning(huge):
    found = decode([np.full((1, 2, 2, 2, 7), huge)], [FINE], 64)
    assert all(np.isfinite(each).all() for each in found)
    assert set(found.objectness.ravel()) <= {0, 1}


@pytest.mark.parametrize(
    ("raw", "anchors", "error", "words"),
    [
        ([], [], ValueError, "heads must be one or more, with anchors for each, got 0 and 0"),
        ([np.zeros((1, 2, 2, 2, 7))], [FINE, COARSE], ValueError, "anchors for each, got 1 and 2"),
        ([np.zeros((1, 2, 2, 3, 7))], [FINE], ValueError, r"heads\[0\] must be \(n, rows, columns, 2 anchors"),
        ([np.zeros((1, 2, 2, 2, 5))], [FINE], ValueError, r"5 \+ classes\), got shape \(1, 2, 2, 2, 5\)"),
        ([np.zeros((1, 2, 2, 14))], [FINE], ValueError, r"got shape \(1, 2, 2, 14\)"),
        ([np.full((1, 2, 2, 2, 7), np.nan)], [FINE], ValueError, r"heads\[0\] must be finite, got nan"),
        ([np.full((1, 2, 2, 2, 7), "a")], [FINE], TypeError, r"heads\[0\] must hold real numbers"),
        ([np.zeros((1, 2, 2, 2, 7)), np.zeros((1, 4, 4, 2, 8))], [FINE, FINE], ValueError, "one number of classes"),
    ],
)
def test_heads_that_are_none_are_refused(raw, anchors, error, words):
    with pytest.raises(error, match=words):
        decode(raw, anchors, 64)


@pytest.mark.parametrize("size", [0, (64, 0)])
def test_an_input_without_pixels_is_refused(size):
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        decode([np.zeros((1, 2, 2, 2, 7))], [FINE], size)
