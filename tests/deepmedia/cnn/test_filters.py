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
    with pytest.raises(ValueError, match=r"size must be odd and at least 1, .*got 4"):
        gaussian_kernel(4, sigma=1.0)
    with pytest.raises(ValueError, match="sigma must be positive, got 0"):
        gaussian_kernel(3, sigma=0)
