import numpy as np
import pytest

from deepmedia.arguments import as_floats, as_reals


@pytest.mark.parametrize("door", [as_reals, as_floats])
@pytest.mark.parametrize("kind", [">f8", "longdouble", "float64"])
def test_floats_wider_than_float32_become_float64(door, kind):
    found = door(np.array([1 / 3, -2], kind), "values")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [1 / 3, -2])  # all digits that a float64 has


@pytest.mark.parametrize("door", [as_reals, as_floats])
@pytest.mark.parametrize("kind", ["float32", ">f4", "float16", "uint8", "int64", "bool"])
def test_other_numbers_become_float32(door, kind):
    found = door(np.array([1, 0], kind), "values")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [1, 0])


@pytest.mark.parametrize("door", [as_reals, as_floats])
@pytest.mark.parametrize("values", [["a"], [1j], [None], np.array(["2026-01-01"], "datetime64[D]")])
def test_what_is_no_real_number_is_refused(door, values):
    with pytest.raises(TypeError, match="values must hold real numbers, got"):
        door(values, "values")


def test_only_rows_must_be_there_and_finite():
    assert np.isnan(as_reals(np.nan, "values"))
    assert as_reals([], "values").shape == (0,)
    with pytest.raises(ValueError, match=r"values must be finite, got nan at \[1\]"):
        as_floats([1.0, np.nan], "values")
    for values in ([], 3.0):
        with pytest.raises(ValueError, match="values must have at least one row"):
            as_floats(values, "values")
