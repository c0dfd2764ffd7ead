"""Video-level networks: the public parameter counts, and outputs that a loop in NumPy gives, too."""

import keras
import numpy as np
import pytest

from deepmedia.video.models import MixtureLogits, video_logistic, video_moe, video_network

MODELS = [video_logistic, video_moe, video_network]


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, float)))


def features(count, width, seed=0):
    return np.random.default_rng(seed).normal(size=(count, width)).astype("float32")


@pytest.mark.parametrize(
    ("model", "width", "classes", "count"),
    [
        # By hand: C (D + 1), and for two experts C D 3 + C 2 (D + 1), of the starter code's own models.
        (video_logistic, 1152, 3862, 4_452_886),
        (video_logistic, 1024, 4716, 4_833_900),
        (video_moe, 1152, 3862, 22_252_844),
        (video_moe, 1024, 4716, 24_155_352),
    ],
)
def test_parameters_are_those_of_the_starter_code(model, width, classes, count):
    assert model(width, classes=classes).count_params() == count


def test_our_network_has_the_parameters_counted_by_hand():
    # 1152 x 1024 weights, 1024 normalised units with 2 learned and 2 measured numbers, 1024 x 3862 weights and biases.
    assert video_network().count_params() == 1152 * 1024 + 4 * 1024 + 1024 * 3862 + 3862
    assert video_network(depth=2).count_params() - video_network().count_params() == 1024 * 1024 + 4 * 1024


def test_the_logistic_model_is_a_product_and_a_bias():
    model = video_logistic(5, classes=3)
    model.set_weights([features(5, 3, 1), features(1, 3, 2)[0]])
    x = features(4, 5)
    np.testing.assert_allclose(model(x), x @ features(5, 3, 1) + features(1, 3, 2)[0], rtol=1e-5, atol=1e-5)


def test_the_mixture_is_the_sum_over_the_experts_of_each_topic():
    model = video_moe(5, classes=3, experts=2)
    gates, experts, bias = features(5, 9, 1), features(5, 6, 2), features(1, 6, 3)[0]
    model.set_weights([gates, experts, bias])
    x = features(4, 5)
    expected = np.zeros((4, 3))
    for video in range(4):
        for topic in range(3):
            raw = [x[video] @ gates[:, topic * 3 + m] for m in range(3)]
            shares = np.exp(raw) / np.exp(raw).sum()
            for m in range(2):  # the third gate is the dummy's
                expected[video, topic] += shares[m] * sigmoid(
                    x[video] @ experts[:, topic * 2 + m] + bias[topic * 2 + m]
                )
    np.testing.assert_allclose(sigmoid(model(x)), expected, rtol=1e-4)


def test_the_mixture_stays_finite_where_its_probability_rounds_to_zero_or_one():
    gates = np.array([[90.0, 0, -90], [-90, -90, 90]], "float32")
    answers = np.array([[200.0, 0], [-200, -200]], "float32")
    logits = np.asarray(MixtureLogits()([gates, answers]))
    # First: 1 - p is exp(-90) of the second expert, halved, and exp(-180) of the dummy: logit 90 + ln 2 to 1e-6.
    # Second: p = 2 exp(-180) exp(-200), 1 - p = 1.
    np.testing.assert_allclose(logits, [90 + np.log(2), np.log(2) - 380], rtol=1e-5)


def test_our_network_is_what_its_layers_say():
    model = video_network(7, classes=3, visual=4, units=6, depth=2)
    random = np.random.default_rng(0)
    weights = [random.uniform(0.1, 2, variable.shape) for variable in model.weights]
    model.set_weights(weights)
    named = {v.path: w for v, w in zip(model.weights, weights, strict=True)}
    x = features(5, 7).astype(float)
    parts = [p / np.linalg.norm(p, axis=1, keepdims=True) * p.shape[1] ** 0.5 for p in (x[:, :4], x[:, 4:])]
    hidden = np.concatenate(parts, axis=1)
    for name in ("hidden1", "hidden2"):
        y = hidden @ named[f"{name}/kernel"]
        spread = np.sqrt(named[f"{name}_norm/moving_variance"] + 1e-3)
        y = (y - named[f"{name}_norm/moving_mean"]) / spread * named[f"{name}_norm/gamma"] + named[f"{name}_norm/beta"]
        hidden = np.maximum(y, 0) + (hidden if name == "hidden2" else 0)
    expected = hidden @ named["logits/kernel"] + named["logits/bias"]
    np.testing.assert_allclose(model(x.astype("float32")), expected, rtol=1e-4)


def test_our_network_does_not_see_how_long_a_video_s_features_are():
    model = video_network(7, classes=3, visual=4, units=6)
    x = features(5, 7)
    scaled = x * np.array([3] * 4 + [0.5] * 3, "float32")
    np.testing.assert_allclose(model(scaled), model(x), atol=1e-5)
    assert np.isfinite(model(np.zeros((1, 7), "float32"))).all()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's writer, with NumPy 2
@pytest.mark.parametrize("build", MODELS)
def test_a_saved_model_gives_the_same(build, tmp_path):
    model = build(8, classes=3) if build is not video_network else build(8, classes=3, visual=5, units=4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(features(3, 8)), model(features(3, 8)))


@pytest.mark.parametrize("build", MODELS)
def test_layers_have_names_that_say_where_they_stand(build):
    assert build().layers[-1].name == "logits"
    assert build().output_shape == (None, 3862)


@pytest.mark.parametrize(
    ("build", "settings", "error", "words"),
    [
        (video_logistic, {"classes": 0}, ValueError, "classes must be at least 1"),
        (video_logistic, {"width": 2.5}, TypeError, "width must be a whole number"),
        (video_moe, {"experts": 0}, ValueError, "experts must be at least 1"),
        (video_network, {"depth": 0}, ValueError, "depth must be at least 1"),
        (video_network, {"visual": 1152}, ValueError, "visual must be below the width, 1152"),
        (video_network, {"dropout": 1.0}, ValueError, "dropout must be"),
    ],
)
def test_wrong_settings_are_named(build, settings, error, words):
    with pytest.raises(error, match=words):
        build(**settings)
