import numpy as np
import pytest
import tensorflow as tf

from deepmedia.cnn.convolution import conv2d, conv2d_gradients

SIZES = [(7, 8), (8, 5)]
KERNELS = [(1, 1), (3, 3), (2, 3), (4, 2)]
SETTINGS = [
    (stride, padding, dilation)
    for stride in (1, 2, 3, (2, 1))
    for padding in ("same", "valid")
    for dilation in (1, 2, (1, 3))
]


def example(image_size, kernel_size, dtype="float64"):
    random = np.random.default_rng(0)
    images = random.normal(size=(2, *image_size, 3)).astype(dtype)
    kernels = random.normal(size=(*kernel_size, 3, 4)).astype(dtype)
    return images, kernels


def widened(kernels, dilation):
    # TensorFlow's CPU kernels have no gradient of a dilated convolution. A dilated kernel is a larger one with zeros.
    down, across = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    height, width = kernels.shape[:2]
    rows = tf.one_hot(np.arange(height) * down, (height - 1) * down + 1, dtype=kernels.dtype)
    columns = tf.one_hot(np.arange(width) * across, (width - 1) * across + 1, dtype=kernels.dtype)
    return tf.einsum("uvcf,uh,vw->hwcf", kernels, rows, columns)


def fits(image_size, kernel_size, padding, dilation):
    dilations = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    reaches = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilations, strict=True)]
    return padding == "same" or all(r <= size for r, size in zip(reaches, image_size, strict=True))


@pytest.mark.parametrize("kernel_size", KERNELS)
@pytest.mark.parametrize("image_size", SIZES)
def test_output_and_gradients_are_those_of_tensorflow(image_size, kernel_size):
    images, kernels = example(image_size, kernel_size)
    compared = 0
    for stride, padding, dilation in SETTINGS:
        if not fits(image_size, kernel_size, padding, dilation):
            continue
        x, w = tf.constant(images), tf.constant(kernels)
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            expected = tf.nn.conv2d(x, widened(w, dilation), stride, padding.upper())
            upstream = np.random.default_rng(1).normal(size=expected.shape)
            loss = tf.reduce_sum(expected * upstream)
        expected_images, expected_kernels = tape.gradient(loss, [x, w])
        settings = {"stride": stride, "padding": padding, "dilation": dilation}
        ours = conv2d(images, kernels, **settings)
        d_images, d_kernels = conv2d_gradients(images, kernels, upstream, **settings)
        message = str(settings)
        np.testing.assert_allclose(ours, expected, atol=1e-10, err_msg=message)
        np.testing.assert_allclose(d_images, expected_images, atol=1e-10, err_msg=message)
        np.testing.assert_allclose(d_kernels, expected_kernels, atol=1e-10, err_msg=message)
        compared += 1
    assert compared >= 12


@pytest.mark.parametrize(("stride", "padding", "dilation"), SETTINGS)
def test_in_float32_output_and_gradients_are_those_of_tensorflow_too(stride, padding, dilation):
    images, kernels = example((13, 12), (3, 4), "float32")
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    expected = tf.nn.conv2d(images, kernels, stride, padding.upper(), dilations=dilation)  # its own dilation
    ours = conv2d(images, kernels, **settings)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, atol=1e-5)
    x, w = tf.constant(images), tf.constant(kernels)
    with tf.GradientTape() as tape:
        tape.watch([x, w])
        loss = tf.reduce_sum(tf.nn.conv2d(x, widened(w, dilation), stride, padding.upper()) ** 2) / 2
    for mine, theirs in zip(
        conv2d_gradients(images, kernels, expected, **settings), tape.gradient(loss, [x, w]), strict=True
    ):
        assert mine.dtype == np.float32
        assert np.abs(mine - theirs).max() <= 1e-5 * np.abs(theirs).max()


def test_a_convolution_counted_by_hand():
    image = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    kernel = np.array([[0.0, 1], [-1, 0]])[:, :, None, None]
    # right neighbour minus lower neighbour: 2 - 4, 3 - 5, ...
    np.testing.assert_array_equal(conv2d(image, kernel, padding="valid").squeeze(), [[-2, -2], [-2, -2]])
    # "same" adds a row below and a column on the right: 0 - 6, 8 - 0, 9 - 0, 0 - 0
    expected = [[-2, -2, -6], [-2, -2, -9], [8, 9, 0]]
    np.testing.assert_array_equal(conv2d(image, kernel).squeeze(), expected)


def test_gradients_are_those_of_central_differences():
    images, kernels = example((5, 6), (3, 2))
    settings = {"stride": (2, 1), "padding": "same", "dilation": (1, 2)}
    upstream = np.random.default_rng(1).normal(size=conv2d(images, kernels, **settings).shape)
    gradients = conv2d_gradients(images, kernels, upstream, **settings)
    for array, gradient in zip((images, kernels), gradients, strict=True):
        for place in [(0, 0, 0, 0), (1, 1, 2, 3), (-1, -1, -1, -1)]:
            place = tuple(min(i, n - 1) for i, n in zip(place, array.shape, strict=True))
            losses = []
            for step in (1e-6, -2e-6):  # to + and on to -
                array[place] += step
                losses.append(np.sum(upstream * conv2d(images, kernels, **settings)))
            array[place] += 1e-6
            assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 2e-6, abs=1e-6)


def test_a_stride_keeps_each_second_output_of_a_convolution_with_stride_1():
    images, kernels = example((9, 9), (3, 3))
    every = conv2d(images, kernels, padding="valid")
    np.testing.assert_allclose(conv2d(images, kernels, padding="valid", stride=2), every[:, ::2, ::2], atol=1e-12)


def test_bytes_are_taken_as_numbers_and_do_not_overflow():
    images = np.full((1, 3, 3, 1), 255, np.uint8)
    assert conv2d(images, np.ones((3, 3, 1, 1), np.uint8), padding="valid").item() == 9 * 255


def test_no_images_give_no_outputs():
    images, kernels = np.zeros((0, 5, 5, 2)), np.ones((3, 3, 2, 4))
    assert conv2d(images, kernels, stride=2).shape == (0, 3, 3, 4)
    d_images, d_kernels = conv2d_gradients(images, kernels, np.zeros((0, 5, 5, 4)))
    assert d_images.shape == images.shape
    assert not d_kernels.any()


@pytest.mark.parametrize("settings", [{}, {"stride": 2, "padding": "valid"}])
def test_arguments_stay_as_they_were(settings):
    images, kernels = example((5, 5), (3, 3))
    before = images.copy(), kernels.copy()
    upstream = np.ones_like(conv2d(images, kernels, **settings))
    conv2d_gradients(images, kernels, upstream, **settings)
    np.testing.assert_array_equal(images, before[0])
    np.testing.assert_array_equal(kernels, before[1])
    assert (upstream == 1).all()


IMAGES, ONE_KERNEL = np.zeros((1, 4, 5, 2)), np.zeros((3, 3, 2, 1))


@pytest.mark.parametrize(
    ("images", "kernels", "settings", "error", "message"),
    [
        (np.zeros((4, 5)), ONE_KERNEL, {}, ValueError, r"one grey image is images\[None, :, :, None\]"),
        (np.zeros((4, 5, 2)), ONE_KERNEL, {}, ValueError, r"one image is images\[None\]"),
        (np.zeros((1, 0, 5, 2)), ONE_KERNEL, {}, ValueError, "images must have pixels"),
        (IMAGES.astype(complex), ONE_KERNEL, {}, TypeError, "images must hold real numbers, got complex128"),
        (IMAGES, ONE_KERNEL[..., 0, 0], {}, ValueError, r"one kernel for grey images is kernels\[:, :, None, None\]"),
        (IMAGES, np.zeros((3, 0, 2, 1)), {}, ValueError, "kernels must be .* none 0"),
        (IMAGES, np.zeros((3, 3, 3, 1)), {}, ValueError, "as many channels as images, 2, got shape"),
        (IMAGES, ONE_KERNEL.astype(str), {}, TypeError, "kernels must hold real numbers"),
        (IMAGES, ONE_KERNEL, {"stride": 0}, ValueError, "stride must be at least 1, got 0"),
        (IMAGES, ONE_KERNEL, {"stride": 1.5}, TypeError, "stride must be a whole number or a pair"),
        (IMAGES, ONE_KERNEL, {"stride": True}, TypeError, "stride must be a whole number"),
        (IMAGES, ONE_KERNEL, {"dilation": (1, 2, 3)}, TypeError, "dilation must be a whole number or a pair"),
        (IMAGES, ONE_KERNEL, {"dilation": (1, 0)}, ValueError, r"dilation must be at least 1, got \(1, 0\)"),
        (IMAGES, ONE_KERNEL, {"padding": "SAME"}, ValueError, 'padding must be "same" or "valid", got \'SAME\''),
        (
            IMAGES,
            ONE_KERNEL,
            {"padding": "valid", "dilation": 2},
            ValueError,
            'window, 5 × 5 pixels, got 4 × 5; .*"same"',
        ),
    ],
)
def test_impossible_arguments_are_refused(images, kernels, settings, error, message):
    with pytest.raises(error, match=message):
        conv2d(images, kernels, **settings)


def test_an_upstream_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"upstream must have the shape of the output, \(1, 4, 5, 1\), got \(4, 5\)"):
        conv2d_gradients(IMAGES, ONE_KERNEL, np.zeros((4, 5)))
