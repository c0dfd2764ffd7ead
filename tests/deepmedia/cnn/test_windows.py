import numpy as np
import pytest

from deepmedia.cnn.windows import as_images, check_size


@pytest.mark.parametrize(("kind", "taken_as"), [("longdouble", np.float64), ("uint8", np.float32)])
def test_images_become_floats(kind, taken_as):
    assert as_images(np.ones((1, 1, 2, 1), kind)).dtype == taken_as


@pytest.mark.parametrize("odd", [True, False])
def test_sizes_are_whole_numbers(odd):
    for size in (1, 3, np.int64(5)):
        check_size(size, "size", odd=odd)
    for wrong in (0, -1, 3.0, True, "3", None, (3, 3)):
        with pytest.raises(ValueError, match=r"size must be an? .*whole number"):
            check_size(wrong, "size", odd=odd)


def test_even_sizes_are_refused_only_where_a_middle_is_needed():
    check_size(2, "size")
    with pytest.raises(ValueError, match=r"^size must be an odd whole number \(1, 3, 5, \.\.\.\), got 2$"):
        check_size(2, "size", odd=True)
