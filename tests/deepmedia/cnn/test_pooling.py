import numpy as np
import pytest
import tensorflow as tf

from deepmedia.cnn.pooling import average_pool2d, average_pool2d_gradient, max_pool2d, max_pool2d_gradient

SIZES = [(6, 7), (7, 4), (5, 5)]
WINDOWS = [1, 2, 3, (2, 3), (4, 1)]
STRIDES = [1, 2, 3, (2, 1), None]
CASES = [(window, stride, padding) for window in WINDOWS for stride in STRIDES for padding in ("same", "valid")]
POOLS = {
    "max": (max_pool2d, max_pool2d_gradient, tf.nn.max_pool2d),
    "average": (average_pool2d, average_pool2d_gradient, tf.nn.avg_pool2d),
}


def expected_of(pool, images, window, stride, padding):
    """TensorFlow's output, a random upstream gradient, and TensorFlow's gradient by the images."""
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = pool(x, window, window if stride is None else stride, padding.upper())
        upstream = np.random.default_rng(1).normal(size=output.shape).astype(images.dtype)
        loss = tf.reduce_sum(output * upstream)
    return output, upstream, tape.gradient(loss, x)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", POOLS)
def test_output_and_gradient_are_those_of_tensorflow(kind, size):
    ours, our_gradient, theirs = POOLS[kind]
    images = np.random.default_rng(0).normal(size=(2, *size, 3))
    for window, stride, padding in CASES:
        output, upstream, gradient = expected_of(theirs, images, window, stride, padding)
        settings = {"size": window, "stride": stride, "padding": padding}
        np.testing.assert_allclose(ours(images, **settings), output, atol=1e-12, err_msg=str(settings))
        np.testing.assert_allclose(
            our_gradient(images, upstream, **settings), gradient, atol=1e-12, err_msg=str(settings)
        )


@pytest.mark.parametrize("size", SIZES)
def test_among_equal_values_the_gradient_goes_where_tensorflow_sends_it(size):
    # After a ReLU many pixels of a window are 0.
    images = np.maximum(0, np.random.default_rng(0).integers(-4, 3, size=(2, *size, 3))).astype("float32")
    assert (images == 0).mean() > 0.5
    for window, stride, padding in CASES:
        _, upstream, gradient = expected_of(tf.nn.max_pool2d, images, window, stride, padding)
        ours = max_pool2d_gradient(images, upstream, window, stride=stride, padding=padding)
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, gradient, atol=1e-5)


def test_pooling_counted_by_hand():
    image = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, -9]])[None, :, :, None]
    np.testing.assert_array_equal(max_pool2d(image).squeeze(), 5)
    np.testing.assert_array_equal(max_pool2d(image, padding="same").squeeze(), [[5, 6], [8, -9]])
    # at the border an average counts 4, 2, 2 and 1 pixels
    expected = [[(1 + 2 + 4 + 5) / 4, (3 + 6) / 2], [(7 + 8) / 2, -9]]
    np.testing.assert_array_equal(average_pool2d(image, padding="same").squeeze(), expected)


def test_pixels_beyond_the_border_are_never_the_largest():
    np.testing.assert_array_equal(max_pool2d(-np.ones((1, 3, 3, 1)), 3, stride=1, padding="same"), -1)


def test_each_outputs_gradient_is_handed_on_in_full():
    images = np.random.default_rng(0).normal(size=(2, 7, 6, 3))
    for pool, gradient, _ in POOLS.values():
        upstream = np.random.default_rng(1).normal(size=pool(images, 3, stride=2, padding="same").shape)
        handed = gradient(images, upstream, 3, stride=2, padding="same")
        np.testing.assert_allclose(handed.sum(axis=(1, 2)), upstream.sum(axis=(1, 2)), atol=1e-12)


def test_no_images_give_no_outputs():
    images = np.zeros((0, 4, 4, 2))
    for pool, gradient, _ in POOLS.values():
        assert pool(images).shape == (0, 2, 2, 2)
        assert gradient(images, np.zeros((0, 2, 2, 2))).shape == images.shape


@pytest.mark.parametrize("pool", [max_pool2d, average_pool2d])
@pytest.mark.parametrize(
    ("images", "settings", "error", "message"),
    [
        (np.zeros((4, 4)), {}, ValueError, "images must be"),
        (np.zeros((1, 4, 4, 1)), {"size": 0}, ValueError, "size must be at least 1, got 0"),
        (np.zeros((1, 4, 4, 1)), {"size": "2"}, TypeError, "size must be a whole number or a pair"),
        (np.zeros((1, 4, 4, 1)), {"stride": -1}, ValueError, "stride must be at least 1, got -1"),
        (np.zeros((1, 4, 4, 1)), {"padding": "full"}, ValueError, "padding must be"),
        (np.zeros((1, 4, 4, 1)), {"size": (5, 2)}, ValueError, "window, 5 × 2 pixels, got 4 × 4"),
    ],
)
def test_impossible_arguments_are_refused(pool, images, settings, error, message):
    with pytest.raises(error, match=message):
        pool(images, **settings)


@pytest.mark.parametrize("gradient", [max_pool2d_gradient, average_pool2d_gradient])
def test_an_upstream_gradient_of_another_shape_is_refused(gradient):
    with pytest.raises(ValueError, match=r"shape of the output, \(1, 2, 2, 1\), got \(1, 4, 4, 1\)"):
        gradient(np.zeros((1, 4, 4, 1)), np.zeros((1, 4, 4, 1)))
