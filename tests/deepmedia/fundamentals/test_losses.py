import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import log_loss

from deepmedia.fundamentals import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    HingeLoss,
    MultiClassHingeLoss,
    SquaredError,
    numerical_gradient,
    sigmoid,
    softmax,
)
from deepmedia.fundamentals.losses import looks_like_probabilities

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0.5, 2.0, (6, 4))
LABELS = np.array([0, 3, 1, 1, 2, 0])
YES_NO = RANDOM.integers(0, 2, (6, 4))
CASES = {
    "squared error": (SquaredError(), RANDOM.normal(size=(6, 4))),
    "binary": (BinaryCrossEntropy(), YES_NO),
    "binary smoothed": (BinaryCrossEntropy(label_smoothing=0.2), YES_NO),
    "binary soft": (BinaryCrossEntropy(), RANDOM.uniform(size=(6, 4))),
    "categorical": (CategoricalCrossEntropy(), LABELS),
    "categorical smoothed": (CategoricalCrossEntropy(label_smoothing=0.1), LABELS),
    "hinge": (HingeLoss(), YES_NO),
    "multi-class hinge": (MultiClassHingeLoss(margin=1.5), LABELS),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_the_differences_of_the_values(name):
    loss, targets = CASES[name]
    outputs = LOGITS.copy()
    expected = numerical_gradient(lambda: loss.value(outputs, targets), outputs)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(loss.gradient(outputs, targets), expected, atol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_gradients_keep_shape_and_precision_of_the_outputs(name):
    loss, targets = CASES[name]
    for dtype in (np.float32, np.float64):
        gradient = loss.gradient(LOGITS.astype(dtype), targets)
        assert gradient.shape == LOGITS.shape
        assert gradient.dtype == dtype


@pytest.mark.parametrize("name", CASES)
def test_a_loss_is_a_mean_so_doubling_the_rows_changes_nothing(name):
    loss, targets = CASES[name]
    assert loss.value(np.tile(LOGITS, (2, 1)), np.concatenate([targets, targets])) == pytest.approx(
        loss.value(LOGITS, targets)
    )


def test_squared_error_matches_three_numbers_by_hand():
    # (1, 2, 4) against (1, 4, 1): (0 + 4 + 9) / 3; gradient 2 (0, -2, 3) / 3
    outputs, targets = np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 4.0, 1.0])
    assert SquaredError().value(outputs, targets) == pytest.approx(13 / 3)
    np.testing.assert_allclose(SquaredError().gradient(outputs, targets).ravel(), [0, -4 / 3, 2])


def test_squared_error_equals_keras():
    loss, targets = CASES["squared error"]
    assert loss.value(LOGITS, targets) == pytest.approx(float(keras.losses.MeanSquaredError()(targets, LOGITS)))


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_binary_cross_entropy_equals_keras(smoothing):
    expected = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)(YES_NO, LOGITS)
    assert BinaryCrossEntropy(label_smoothing=smoothing).value(LOGITS, YES_NO) == pytest.approx(float(expected))


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_categorical_cross_entropy_equals_keras(smoothing):
    expected = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)(
        np.eye(4)[LABELS], LOGITS
    )
    assert CategoricalCrossEntropy(label_smoothing=smoothing).value(LOGITS, LABELS) == pytest.approx(float(expected))


def test_cross_entropies_equal_scikit_learn_on_probabilities():
    assert CategoricalCrossEntropy().value(LOGITS, LABELS) == pytest.approx(
        log_loss(LABELS, softmax(LOGITS), labels=range(4))
    )
    assert BinaryCrossEntropy().value(LOGITS[:, :1], YES_NO[:, 0]) == pytest.approx(
        log_loss(YES_NO[:, 0], sigmoid(LOGITS[:, 0]))
    )


def test_even_logits_cost_the_logarithm_of_the_number_of_classes():
    assert CategoricalCrossEntropy().value(np.full((3, 5), 7.0), [0, 1, 4]) == pytest.approx(np.log(5))
    assert BinaryCrossEntropy().value(np.zeros((3, 1)), [0, 1, 1]) == pytest.approx(np.log(2))


@given(arrays.arrays(np.float32, (3, 4), elements=st.floats(-(2.0**99), 2.0**99, width=32)))
def test_cross_entropies_stay_finite_for_all_finite_logits(z):
    for loss, targets in (
        (CategoricalCrossEntropy(accept_probabilities=True), LABELS[:3]),
        (BinaryCrossEntropy(), YES_NO[:3]),
    ):
        assert np.isfinite(loss.value(z, targets))
        assert loss.value(z, targets) >= 0
        assert np.isfinite(loss.gradient(z, targets)).all()


def test_correct_rows_are_those_on_the_right_side():
    scores = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 5.0], [0.0, 3.0, 1.0]])
    for loss in (CategoricalCrossEntropy(), MultiClassHingeLoss()):
        np.testing.assert_array_equal(loss.correct(scores, [0, 1, 1]), [True, False, True])
    one = np.array([[0.3], [-2.0], [0.3], [-2.0]])
    for binary in (BinaryCrossEntropy(), HingeLoss()):
        np.testing.assert_array_equal(binary.correct(one, [1, 0, 0, 1]), [[True], [True], [False], [False]])
    assert SquaredError().correct(one, one) is None


def test_probabilities_given_for_logits_are_refused_and_can_be_accepted():
    probabilities = softmax(LOGITS.astype(np.float32))
    for method in (CategoricalCrossEntropy().value, CategoricalCrossEntropy().gradient):
        with pytest.raises(ValueError, match=r"outputs must be logits.*accept_probabilities=True"):
            method(probabilities, LABELS)
    accepted = CategoricalCrossEntropy(accept_probabilities=True).value(probabilities, LABELS)
    assert accepted == pytest.approx(log_loss(LABELS, softmax(probabilities), labels=range(4)), rel=1e-6)


@pytest.mark.parametrize("classes", [2, 10, 4000])
def test_a_softmax_is_recognised_whatever_its_size(classes):
    logits = np.random.default_rng(1).normal(0, 3, (64, classes)).astype(np.float32)
    assert looks_like_probabilities(softmax(logits))
    assert not looks_like_probabilities(logits)


def test_rows_near_a_distribution_are_not_taken_for_one():
    assert not looks_like_probabilities(np.array([[0.5, 0.5], [0.6, 0.5]]))  # the second sums to 1.1
    assert not looks_like_probabilities(np.array([[0.5, 0.5], [1.5, -0.5]]))  # the second leaves 0..1
    assert not looks_like_probabilities(np.array([[-0.5, 0.5, 1.0]]))  # sums to 1, none above it, one below 0
    assert not looks_like_probabilities(np.zeros((3, 2)))


@pytest.mark.parametrize("loss", [SquaredError(), BinaryCrossEntropy(), HingeLoss()])
def test_targets_of_another_shape_are_refused(loss):
    with pytest.raises(ValueError, match=r"targets must have the shape of the outputs, \(6, 4\), got \(6,\)"):
        loss.value(LOGITS, YES_NO[:, 0])


@pytest.mark.parametrize("loss", [CategoricalCrossEntropy(), MultiClassHingeLoss()])
@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 1, 2, 3, 4, 0], ValueError, r"labels must lie in 0\.\.3 for 4 classes, got 4 at row 4"),
        ([0, 1, -1, 3, 2, 0], ValueError, r"got -1 at row 2"),
        ([0.0, 1.0, 2.0, 3.0, 1.0, 0.0], TypeError, r"labels must be integers, got float64"),
        (np.eye(4, dtype=int)[LABELS], ValueError, r"class numbers, shape \(n,\), got shape \(6, 4\); .*argmax"),
        ([0, 1, 2], ValueError, r"labels must be one per row of outputs \(6, 4\), got 3"),
        (np.zeros(0, int), ValueError, r"labels must hold at least one label"),
    ],
)
def test_wrong_labels_are_refused(loss, labels, error, message):
    with pytest.raises(error, match=message):
        loss.value(LOGITS, labels)


@pytest.mark.parametrize("shape", [(6,), (6, 1), (6, 4, 2)])
def test_a_class_loss_refuses_outputs_that_are_not_a_table_of_classes(shape):
    with pytest.raises(ValueError, match=r"outputs must be \(n, classes\), at least 2 classes"):
        CategoricalCrossEntropy().value(np.zeros(shape), LABELS)


@pytest.mark.parametrize("loss", [case[0] for case in CASES.values()])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite_are_refused_with_their_place(loss, bad):
    outputs = LOGITS.copy()
    outputs[2, 1] = bad
    with pytest.raises(ValueError, match=rf"outputs must be finite, got {bad} at \[2, 1\]"):
        loss.gradient(outputs, LABELS)


def test_targets_that_are_not_finite_or_no_numbers_are_refused():
    with pytest.raises(ValueError, match=r"targets must be finite, got nan at \[1\]"):
        SquaredError().value(np.zeros((2, 1)), [0.0, np.nan])
    with pytest.raises(TypeError, match="targets must hold real numbers"):
        SquaredError().value(np.zeros((2, 1)), ["a", "b"])


def test_yes_no_targets_outside_their_range_are_refused():
    with pytest.raises(ValueError, match=r"targets must lie in 0\.\.1, got -1 to 1; from -1 and 1"):
        BinaryCrossEntropy().value(np.zeros((2, 1)), [-1, 1])
    with pytest.raises(ValueError, match="targets must be 0 or 1, got numbers between"):
        HingeLoss().value(np.zeros((2, 1)), [0.5, 1])


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="outputs must have at least one row"):
        CategoricalCrossEntropy().value(np.zeros((0, 3)), np.zeros(0, int))


@pytest.mark.parametrize("loss", [BinaryCrossEntropy, CategoricalCrossEntropy])
@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_a_smoothing_outside_zero_to_one_is_refused(loss, smoothing):
    with pytest.raises(ValueError, match="label_smoothing must be at least 0 and below 1"):
        loss(label_smoothing=smoothing)
