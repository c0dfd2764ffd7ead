"""What the tests of the large networks share: a convolution in NumPy, real photographs, the comparison with Keras."""

import keras
import numpy as np
from scipy.signal import correlate2d

from deepmedia.datasets import photo


def convolution(x, kernel, strides=1):
    """Convolution of one image in NumPy, "same", for kernels of odd sides and images of odd sides or step 1."""
    maps = [
        sum(correlate2d(x[..., c], kernel[..., c, f], mode="same") for c in range(kernel.shape[2]))
        for f in range(kernel.shape[3])
    ]
    return np.stack(maps, axis=-1)[::strides, ::strides]


def scramble(model, seed=0):
    """Random numbers where a new network has zeros and ones: biases, and all of the normalisations."""
    random = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.beta.shape
            gamma = [random.uniform(0.5, 1.5, shape)] if layer.scale else []
            layer.set_weights([*gamma, *random.normal(0, 0.2, (2, *shape)), random.uniform(0.3, 2, shape)])
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(random.normal(0, 0.2, layer.bias.shape))


def photos(height, width):
    """Three real photographs, cut to size, in -1..1."""
    cut = [photo(name)[100 : 100 + height, 60 : 60 + width] for name in ("chelsea", "coffee", "astronaut")]
    return np.stack(cut).astype("float32") / 127.5 - 1


def same_outputs(ours, theirs, images):
    """Check that two networks answer alike, to 1e-5 of the range of the answers."""
    expected, found = (np.array(model(images)) for model in (theirs, ours))
    assert found.shape == expected.shape
    assert np.ptp(expected, axis=0).max() > 1e-3  # the photographs differ in what they give
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.ptp(expected))
