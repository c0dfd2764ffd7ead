"""Networks that give clips labels: what order and padding do to them, and their arithmetic by hand."""

import keras
import numpy as np
import pytest

from deepmedia.video import average_tagger, bag_of_frames_tagger, gru_tagger, lstm_tagger, pad_clips
from deepmedia.video.recurrent import lstm

TAGGERS = {"average": average_tagger, "bag": bag_of_frames_tagger, "lstm": lstm_tagger, "gru": gru_tagger}
rng = np.random.default_rng(5)
CLIPS = rng.normal(size=(3, 7, 6)).astype("float32")


@pytest.fixture(scope="module", params=TAGGERS)
def tagger(request):
    keras.utils.set_random_seed(1)
    return request.param, TAGGERS[request.param](6, 4, units=5)


def logits(model, clips):
    return np.asarray(model(clips, training=False))


def test_a_logit_for_each_label(tagger):
    _, model = tagger
    assert logits(model, CLIPS).shape == (3, 4)
    assert logits(model, CLIPS).min() < 0  # no sigmoid


def test_padding_changes_nothing(tagger):
    _, model = tagger
    short = [CLIPS[0, :4], CLIPS[1], CLIPS[2, :1]]
    alone = np.concatenate([logits(model, clip[None]) for clip in short])
    np.testing.assert_allclose(logits(model, pad_clips(short)), alone, atol=1e-5)


def test_order_counts_for_the_recurrent_ones_alone(tagger):
    name, model = tagger
    change = np.abs(logits(model, CLIPS[:, ::-1]) - logits(model, CLIPS)).max()
    assert change > 1e-2 if name in ("lstm", "gru") else change < 1e-5


def test_the_average_tagger_is_a_perceptron_of_the_mean():
    model = average_tagger(6, 4, units=5)
    w1, b1, w2, b2 = model.get_weights()
    expected = np.maximum(CLIPS.mean(axis=1) @ w1 + b1, 0) @ w2 + b2
    np.testing.assert_allclose(logits(model, CLIPS), expected, atol=1e-5)


def test_the_bag_keeps_the_largest_of_each_feature():
    model = bag_of_frames_tagger(6, 4, clusters=8, units=5)
    w0, b0, w1, b1, w2, b2 = model.get_weights()
    bag = np.stack([[max(0, *(frame @ w0[:, k] + b0[k] for frame in clip)) for k in range(8)] for clip in CLIPS])
    np.testing.assert_allclose(logits(model, CLIPS), np.maximum(bag @ w1 + b1, 0) @ w2 + b2, atol=1e-5)


def test_the_lstm_tagger_reads_as_the_numpy_lstm_does():
    model = lstm_tagger(6, 4, units=5)
    *weights, w, b = model.get_weights()
    np.testing.assert_allclose(logits(model, CLIPS), lstm(CLIPS, *weights)[:, -1] @ w + b, atol=1e-5)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's writer, with NumPy 2
@pytest.mark.parametrize("name", TAGGERS)
def test_a_saved_tagger_gives_the_same(name, tmp_path):
    model = TAGGERS[name](6, 4, units=5)
    model.save(tmp_path / "tagger.keras")
    np.testing.assert_allclose(logits(keras.saving.load_model(tmp_path / "tagger.keras"), CLIPS), logits(model, CLIPS))


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"width": 0}, ValueError, "width must be at least 1"),
        ({"labels": 0}, ValueError, "labels must be at least 1"),
        ({"units": 2.5}, TypeError, "units must be a whole number"),
        ({"dropout": 1.0}, ValueError, "dropout must be at least 0 and below 1"),
    ],
)
@pytest.mark.parametrize("name", TAGGERS)
def test_impossible_settings_are_refused(name, settings, error, text):
    with pytest.raises(error, match=text):
        TAGGERS[name](**{"width": 6, "labels": 4} | settings)


def test_a_bag_without_clusters_is_refused():
    with pytest.raises(ValueError, match="clusters must be at least 1"):
        bag_of_frames_tagger(6, 4, clusters=0)


@pytest.mark.parametrize(
    ("clips", "text"),
    [
        ([], "at least one clip, got none"),
        ([np.ones((2, 3)), np.ones((2, 4))], r"of one width, got shape \(2, 4\) at clips\[1\] beside \(2, 3\)"),
        ([np.ones(3)], r"\(frames, width\) each"),
        ([np.ones((2, 3)), np.ones((0, 3))], r"clips\[1\] must have at least one row"),
        ([np.array([[1.0, np.nan]])], r"clips\[0\] must be finite"),
    ],
)
def test_clips_that_cannot_be_padded_are_refused(clips, text):
    with pytest.raises(ValueError, match=text):
        pad_clips(clips)
