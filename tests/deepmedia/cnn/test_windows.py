import numpy as np
import pytest

from deepmedia.cnn.windows import as_floats, as_images, check_size


@pytest.mark.parametrize("kind", [">f8", "longdouble", "float64"])
def test_floats_wider_than_float32_become_float64(kind):
    values = np.array([1 / 3, -2], kind)
    found = as_floats(values, "values")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [1 / 3, -2])  # all digits that a float64 has
    assert as_images(values.reshape(1, 1, 2, 1)).dtype == np.float64


@pytest.mark.parametrize("kind", ["float32", ">f4", "float16", "uint8", "int64", "bool"])
def test_other_numbers_become_float32(kind):
    found = as_floats(np.array([1, 0], kind), "values")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [1, 0])


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
