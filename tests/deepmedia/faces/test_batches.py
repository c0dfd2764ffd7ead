import numpy as np
import pytest

from deepmedia.faces.batches import balanced_batches

LABELS = np.repeat([3, 5, 8, 9, 11], [4, 3, 6, 3, 5])


def test_each_batch_has_so_many_identities_and_so_many_different_images_of_each():
    batches = balanced_batches(LABELS, identities=2, images=3, steps=20)
    assert batches.shape == (20, 6)
    for batch in batches:
        assert len(set(batch)) == 6
        first, second = LABELS[batch].reshape(2, 3)
        assert len(set(first)) == len(set(second)) == 1
        assert first[0] != second[0]


def test_a_pass_takes_no_identity_twice_and_all_have_their_turn():
    batches = balanced_batches(LABELS, identities=2, images=2, steps=200)
    people = LABELS[batches[:, ::2]].reshape(100, 4)  # two batches of two identities: a pass of four of the five
    assert all(len(set(row)) == 4 for row in people)
    counts = np.unique(people, return_counts=True)[1]
    assert len(counts) == 5
    assert counts.min() > 60  # 80 expected
    assert set(batches.ravel()) == set(range(len(LABELS)))


def test_the_draw_goes_by_its_seed():
    first, again, other = (balanced_batches(LABELS, identities=3, images=2, steps=5, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"identities": 6}, "at least identities=6 identities, got 5"),
        ({"images": 4}, "at least images=4 images, got 3 of identity 5"),
        ({"identities": 1}, "at least 2 identities and 2 images of each, got 1 and 2"),
        ({"images": 1}, "at least 2 identities and 2 images of each, got 2 and 1"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
    ],
)
def test_batches_that_can_not_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        balanced_batches(LABELS, **{"identities": 2, "images": 2, "steps": 3, **settings})


def test_labels_that_are_not_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="labels must be integers, got float64"):
        balanced_batches(LABELS / 2, identities=2, images=2, steps=1)
