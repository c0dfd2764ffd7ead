import keras
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.fundamentals import SGD, Adam, AdamW, CosineDecay, Momentum, RMSProp

SHAPES = {"vector": (7,), "matrix": (5, 3), "kernel": (2, 3, 2, 4), "single": (1,)}
RULES = {
    "sgd": (SGD, keras.optimizers.SGD, {"learning_rate": 0.05}),
    "sgd decay": (SGD, keras.optimizers.SGD, {"learning_rate": 0.05, "weight_decay": 0.1}),
    "momentum": (Momentum, keras.optimizers.SGD, {"learning_rate": 0.02, "momentum": 0.9}),
    "momentum 0.5": (Momentum, keras.optimizers.SGD, {"learning_rate": 0.1, "momentum": 0.5, "weight_decay": 0.02}),
    "nesterov": (Momentum, keras.optimizers.SGD, {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True}),
    "rmsprop": (RMSProp, keras.optimizers.RMSprop, {}),
    "rmsprop 0.7": (RMSProp, keras.optimizers.RMSprop, {"learning_rate": 0.01, "rho": 0.7, "epsilon": 1e-3}),
    "adam": (Adam, keras.optimizers.Adam, {}),
    "adam 0.8": (
        Adam,
        keras.optimizers.Adam,
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-2, "weight_decay": 0.05},
    ),
    "adamw": (AdamW, keras.optimizers.AdamW, {}),
    "adamw 0.1": (AdamW, keras.optimizers.AdamW, {"learning_rate": 0.01, "weight_decay": 0.1, "beta_2": 0.99}),
}


def both_ways(ours, theirs, dtype):
    """Parameters after each of 100 steps, ours and those of Keras, on the same uneven gradients."""
    random = np.random.default_rng(0)
    parameters = {name: random.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}
    variables = [keras.Variable(w, dtype=dtype, name=name) for name, w in parameters.items()]
    theirs.build(variables)
    step = tf.function(lambda gradients: theirs.apply(gradients, variables))  # eagerly ten times as slow
    for _ in range(100):
        gradients = {
            name: (random.normal(0.1, 1.0, shape) * 10.0 ** random.uniform(-3, 1)).astype(dtype)
            for name, shape in SHAPES.items()
        }
        ours.step(parameters, gradients)
        step([tf.constant(g) for g in gradients.values()])
        yield parameters, [np.asarray(variable) for variable in variables]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", RULES)
def test_a_hundred_steps_equal_those_of_keras(name, dtype):
    rule, keras_rule, options = RULES[name]
    steps = 0
    for ours, theirs in both_ways(rule(**options), keras_rule(**options), dtype):
        steps += 1
        for array, expected in zip(ours.values(), theirs, strict=True):
            np.testing.assert_allclose(array, expected, rtol=1e-6, atol=1e-6, err_msg=f"step {steps}")
    assert steps == 100


def test_schedules_set_the_rate_of_each_step_as_in_keras():
    ours = SGD(CosineDecay(0.1, steps=60, final=0.01))
    theirs = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 60, alpha=0.1))
    for parameters, expected in both_ways(ours, theirs, "float64"):
        np.testing.assert_allclose(parameters["matrix"], expected[1], atol=1e-6)


def test_first_steps_match_those_by_hand():
    def after(optimiser, *gradients):
        w = {"w": np.array([1.0])}
        for g in gradients:
            optimiser.step(w, {"w": np.array([g])})
        return w["w"].item()

    assert after(SGD(0.1), 2.0) == pytest.approx(0.8)
    # velocity -0.2, then 0.5 * -0.2 - 0.1 = -0.2: 1 - 0.2 - 0.2
    assert after(Momentum(0.1, momentum=0.5), 2.0, 1.0) == pytest.approx(0.6)
    # velocity -0.2, step 0.5 * -0.2 - 0.2 = -0.3
    assert after(Momentum(0.1, momentum=0.5, nesterov=True), 2.0) == pytest.approx(0.7)
    # mean square 0.1 * 4: step 0.1 * 2 / sqrt(0.4)
    assert after(RMSProp(0.1), 2.0) == pytest.approx(1 - 0.2 / np.sqrt(0.4))
    # Adam's first step is the learning rate, whatever the gradient
    assert after(Adam(0.1), 2.0) == pytest.approx(0.9)
    assert after(Adam(0.1), 2000.0) == pytest.approx(0.9)
    # decay first: 1 - 0.1 * 0.5, then the step
    assert after(SGD(0.1, weight_decay=0.5), 2.0) == pytest.approx(0.75)


def test_a_step_changes_the_arrays_that_the_network_holds():
    w = np.ones(3, np.float32)
    SGD(0.5).step({"w": w}, {"w": np.ones(3)})
    np.testing.assert_array_equal(w, 0.5)
    assert w.dtype == np.float32


@pytest.mark.parametrize("rule", [SGD, Momentum, RMSProp, Adam, AdamW])
@pytest.mark.parametrize("rate", [0, -0.1, np.nan, np.inf])
def test_a_learning_rate_that_is_no_step_is_refused(rule, rate):
    with pytest.raises(ValueError, match=f"learning_rate must be finite and above 0, got {rate}"):
        rule(rate)


def test_a_learning_rate_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"learning_rate must be a number .*, got '0\.1'"):
        SGD("0.1")  # type: ignore[arg-type]


def test_a_schedule_that_leaves_the_numbers_is_refused_with_its_step():
    optimiser = SGD(lambda step: 0.1 - step)
    optimiser.step({"w": np.ones(1)}, {"w": np.ones(1)})
    with pytest.raises(ValueError, match=r"learning_rate at step 1 must be finite and at least 0, got -0\.9"):
        optimiser.step({"w": np.ones(1)}, {"w": np.ones(1)})


@pytest.mark.parametrize(
    ("rule", "option", "value"),
    [
        (SGD, "weight_decay", -0.1),
        (Momentum, "momentum", 1.0),
        (RMSProp, "rho", 1.0),
        (RMSProp, "epsilon", 0.0),
        (Adam, "beta_1", -0.1),
        (Adam, "beta_2", 1.0),
        (Adam, "epsilon", 0.0),
        (AdamW, "weight_decay", np.nan),
    ],
)
def test_settings_outside_their_range_are_refused(rule, option, value):
    with pytest.raises(ValueError, match=f"{option} must be "):
        rule(**{option: value})


def test_gradients_that_do_not_belong_to_the_parameters_are_refused():
    with pytest.raises(ValueError, match="must have the same names, only one has b; run backward first"):
        SGD().step({"w": np.ones(2), "b": np.ones(1)}, {"w": np.ones(2)})
    with pytest.raises(ValueError, match=r"gradient of w must have its shape \(2,\), got \(2, 1\)"):
        SGD().step({"w": np.ones(2)}, {"w": np.ones((2, 1))})


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite_are_refused_before_any_step(bad):
    parameters = {"a": np.ones(2), "b": np.ones(2)}
    with pytest.raises(FloatingPointError, match=r"gradient of b must be finite.*lower the learning rate"):
        SGD().step(parameters, {"a": np.ones(2), "b": np.array([1.0, bad])})
    np.testing.assert_array_equal(parameters["a"], 1)
