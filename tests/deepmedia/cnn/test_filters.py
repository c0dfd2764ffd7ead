import cv2
import numpy as np
import pytest

from deepmedia.cnn.filters import BOX, LAPLACE, SHARPEN, SOBEL_ACROSS, SOBEL_DOWN, filter_image, gaussian_kernel
from deepmedia.datasets import photo

PHOTO = photo("chelsea")[100:180, 150:260]
SCALED = PHOTO.astype(np.float32) / 255


def by_opencv(kernel):
    return cv2.filter2D(SCALED, -1, kernel, borderType=cv2.BORDER_CONSTANT)


@pytest.mark.parametrize("kernel", [BOX, SHARPEN, SOBEL_ACROSS, SOBEL_DOWN, LAPLACE, gaussian_kernel(7, sigma=1.5)])
def test_filters_do_to_a_colour_photo_what_opencv_does(kernel):
    np.testing.assert_allclose(filter_image(PHOTO, kernel), by_opencv(kernel), atol=1e-5)


def test_sobel_kernels_are_opencvs():
    inside = np.s_[1:-1, 1:-1]  # OpenCV mirrors the border
    for kernel, direction in ((SOBEL_ACROSS, (1, 0)), (SOBEL_DOWN, (0, 1))):
        expected = cv2.Sobel(SCALED, cv2.CV_32F, *direction, ksize=3)
        np.testing.assert_allclose(filter_image(PHOTO, kernel)[inside], expected[inside], atol=1e-5)


@pytest.mark.parametrize(("size", "sigma"), [(3, 0.5), (7, 1.5), (11, 3.0)])
def test_the_gaussian_is_opencvs(size, sigma):
    column = cv2.getGaussianKernel(size, sigma)
    np.testing.assert_allclose(gaussian_kernel(size, sigma=sigma), column @ column.T, atol=1e-12)


def test_a_grey_image_and_one_in_0_to_1_are_taken_as_they_are():
    grey = SCALED[..., 0]
    expected = cv2.filter2D(grey, -1, LAPLACE, borderType=cv2.BORDER_CONSTANT)
    np.testing.assert_allclose(filter_image(grey, LAPLACE), expected, atol=1e-5)
    assert filter_image(grey, LAPLACE, stride=3).shape == (27, 37)


def test_blurring_filters_keep_brightness_and_edge_filters_remove_it():
    flat = np.full((9, 9), 0.5)
    assert filter_image(flat, BOX)[4, 4] == pytest.approx(0.5)
    assert filter_image(flat, SHARPEN)[4, 4] == pytest.approx(0.5)
    for kernel in (SOBEL_ACROSS, SOBEL_DOWN, LAPLACE):
        assert filter_image(flat, kernel)[4, 4] == pytest.approx(0)


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match=r"got shapes \(1, 9, 9, 3\) and \(3, 3\)"):
        filter_image(np.zeros((1, 9, 9, 3)), BOX)
    with pytest.raises(ValueError, match=r"and \(9,\)"):
        filter_image(PHOTO, BOX.ravel())
    for image, kernel in ((np.zeros((0, 9)), BOX), (np.zeros((9, 9)), np.zeros((0, 3)))):
        with pytest.raises(ValueError, match=rf"none 0, got shapes \({len(image)}, 9\) and \({len(kernel)}, 3\)"):
            filter_image(image, kernel)
    with pytest.raises(TypeError, match="kernel must hold real numbers, got complex128"):
        filter_image(PHOTO, BOX.astype(complex))
    with pytest.raises(TypeError, match=r"stride must be a whole number .*got 1.5"):
        filter_image(PHOTO, BOX, stride=1.5)
    with pytest.raises(ValueError, match="stride must be at least 1, got 0"):
        filter_image(PHOTO, BOX, stride=0)


@pytest.mark.parametrize("kind", ["int64", "uint16", "bool", "complex64"])
def test_an_image_of_which_the_range_is_unknown_is_refused(kind):
    with pytest.raises(TypeError, match=rf"image must be uint8 .* got {kind}; .*image\.astype\(np\.uint8\)"):
        filter_image(PHOTO.astype(kind), BOX)


@pytest.mark.parametrize("size", [4, 3.5, 3.0, 0, -1, True])
def test_a_gaussian_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match=rf"size must be an odd whole number \(1, 3, 5, \.\.\.\), got {size}"):
        gaussian_kernel(size, sigma=1.0)


def test_a_gaussian_without_a_width_is_refused():
    with pytest.raises(ValueError, match="sigma must be positive, got 0"):
        gaussian_kernel(3, sigma=0)
