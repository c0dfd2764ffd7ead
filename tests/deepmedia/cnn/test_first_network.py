import subprocess
import sys

import keras
import numpy as np
import pytest

from deepmedia.cnn.first_network import linear_classifier, small_cnn
from deepmedia.datasets import fashion_mnist
from deepmedia.splits import train_validation_split
from deepmedia.training import fit, to_input


def forward_by_hand(model, image):
    """The network in NumPy loops, one image (height, width, 1)."""
    x = image
    for number in (1, 2):
        kernel, bias = model.get_layer(f"conv{number}").get_weights()
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        height, width = x.shape[:2]
        y = np.array(
            [
                [np.einsum("uvc,uvcf->f", padded[i : i + 3, j : j + 3], kernel) for j in range(width)]
                for i in range(height)
            ]
        )
        y = np.maximum(y + bias, 0)
        x = y[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2, -1).max(axis=(1, 3))
    weights, bias = model.get_layer("logits").get_weights()
    return x.reshape(-1) @ weights + bias


def test_the_network_computes_what_the_loops_compute():
    keras.utils.set_random_seed(0)
    model = small_cnn((9, 12, 1), classes=3)  # odd and uneven, so that a swapped axis shows
    for layer in ("conv1", "conv2", "logits"):
        kernel, bias = model.get_layer(layer).get_weights()
        model.get_layer(layer).set_weights([kernel, np.random.default_rng(1).normal(size=bias.shape)])
    image = np.random.default_rng(0).normal(size=(9, 12, 1)).astype("float32")
    np.testing.assert_allclose(model(image[None])[0], forward_by_hand(model, image), atol=1e-5)


def test_the_layers_have_the_sizes_and_parameters_counted_by_hand():
    model = small_cnn()
    # (3·3·1 + 1)·16 + (3·3·16 + 1)·32 + (7·7·32 + 1)·10
    assert model.count_params() == 160 + 4640 + 15690
    assert model.get_layer("pool1").output.shape == (None, 14, 14, 16)
    assert model.get_layer("pool2").output.shape == (None, 7, 7, 32)


def test_the_linear_classifier_is_one_matrix_and_a_bias():
    model = linear_classifier()
    assert model.count_params() == 28 * 28 * 10 + 10
    images = np.random.default_rng(0).normal(size=(4, 28, 28, 1)).astype("float32")
    weights, bias = model.get_layer("logits").get_weights()
    np.testing.assert_allclose(model(images), images.reshape(4, -1) @ weights + bias, atol=1e-5)


@pytest.mark.parametrize("build", [small_cnn, linear_classifier])
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((28, 28), r"three whole numbers \(height, width, channels\)"),
        ((28, 28, 0), "end in the channels, 1 to 4"),
        ((1, 28, 28), r"is it \(channels, height, width\)\?"),
    ],
)
def test_impossible_images_are_refused(build, shape, message):
    with pytest.raises(ValueError, match=f"input_shape must .*{message}"):
        build(shape)


@pytest.mark.parametrize("shape", [(3, 28, 1), (28, 3, 1)])
def test_images_too_small_to_be_pooled_twice_are_refused(shape):
    with pytest.raises(ValueError, match=r"at least \(4, 4, channels\) for small_cnn, got"):
        small_cnn(shape)
    assert small_cnn((4, 5, 1)).get_layer("pool2").output.shape == (None, 1, 1, 32)


def test_a_linear_classifier_takes_images_of_any_size():
    assert linear_classifier((1, 2, 3), classes=5).count_params() == (1 * 2 * 3 + 1) * 5
    with pytest.raises(ValueError, match=r"at least \(1, 1, channels\) for linear_classifier, got \(0, 2, 3\)"):
        linear_classifier((0, 2, 3))


@pytest.mark.parametrize("build", [small_cnn, linear_classifier])
def test_a_single_class_is_refused(build):
    with pytest.raises(ValueError, match="classes must be at least 2, got 1"):
        build(classes=1)


def test_the_network_learns_real_garments_better_than_the_linear_model():
    images, labels = fashion_mnist("train")
    some, _ = train_validation_split(labels, validation=len(labels) - 3000, seed=1)
    train, held_out = some[::3], np.setdiff1d(some, some[::3])[:1500]
    parts = [(to_input(images[part]), labels[part]) for part in (train, held_out)]
    accuracies = []
    for build in (linear_classifier, small_cnn):
        keras.utils.set_random_seed(0)
        history = fit(build(), *parts, epochs=8)
        assert len(history["val_loss"]) == 8
        assert history["loss"][-1] < 0.8 * history["loss"][0]
        accuracies.append(history["val_accuracy"][-1])
    assert accuracies[0] > 0.6  # chance is 0.1
    assert accuracies[1] > max(0.7, accuracies[0])


def test_without_tensorflow_the_part_says_what_to_install():
    code = (
        "import sys, importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'tensorflow' else find(name, *rest)\n"
        "import deepmedia.cnn"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs TensorFlow, which is not installed: run pip install 'deepmedia[tensorflow]'" in done.stderr
