"""Where learning starts: the first weights of a layer.

A unit adds up fan_in products. If weights and inputs are independent with mean 0,

    Var[z] = fan_in * Var[w] * Var[x],

so a stack of layers keeps the size of its activations only if fan_in * Var[w] is about 1 (2 behind a ReLU, which
drops half of them). Smaller weights make activations and gradients vanish layer by layer, larger ones explode.

Every function takes the shape (fan_in, fan_out) and returns float32, also for networks that later compute in float64:
the same numbers then go to Keras without a rounding. ``seed`` is a whole number, or a generator whose stream goes on:
pass one generator to all layers, so that no two layers start alike.
"""

from collections.abc import Callable

import numpy as np

from deepmedia.arguments import check_positive

Seed = int | np.random.Generator
Initialiser = Callable[..., np.ndarray]  # (shape, *, seed) -> float32 array of that shape


def zeros(shape: tuple[int, ...], *, seed: Seed = 0) -> np.ndarray:
    """All 0: right for biases; as weights it keeps all units of a layer equal for ever."""
    return np.zeros(shape, np.float32)


def normal(shape: tuple[int, ...], *, scale: float = 0.01, seed: Seed = 0) -> np.ndarray:
    """Normal numbers with standard deviation ``scale``.

    For another scale inside a layer: ``Dense(64, 64, initialiser=functools.partial(normal, scale=0.5))``.
    """
    check_positive("scale", scale)
    return np.random.default_rng(seed).normal(0.0, scale, shape).astype(np.float32)


def glorot_uniform(shape: tuple[int, int], *, seed: Seed = 0) -> np.ndarray:
    """Uniform in -limit..limit, for tanh, sigmoid and linear units; the default of Keras.

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks".
    """
    fan_in, fan_out = shape
    # Var[w] = 2 / (fan_in + fan_out): between 1/fan_in (keeps activations) and 1/fan_out (keeps gradients);
    # a uniform number in -limit..limit has variance limit^2 / 3
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.random.default_rng(seed).uniform(-limit, limit, shape).astype(np.float32)


def glorot_normal(shape: tuple[int, int], *, seed: Seed = 0) -> np.ndarray:
    """Normal numbers with Glorot's variance. Keras cuts the tails off at two deviations; this does not."""
    fan_in, fan_out = shape
    # Var[w] = 2 / (fan_in + fan_out)
    return normal(shape, scale=np.sqrt(2 / (fan_in + fan_out)), seed=seed)


def he_normal(shape: tuple[int, int], *, seed: Seed = 0) -> np.ndarray:
    """Normal numbers for ReLU units. Keras cuts the tails off, this does not.

    Source: He et al. (2015), "Delving deep into rectifiers", arXiv:1502.01852.
    """
    fan_in, _ = shape
    # Var[w] = 2 / fan_in: twice 1/fan_in, since ReLU drops half of the inputs
    return normal(shape, scale=np.sqrt(2 / fan_in), seed=seed)


def he_uniform(shape: tuple[int, int], *, seed: Seed = 0) -> np.ndarray:
    """Uniform in -limit..limit with He's variance."""
    fan_in, _ = shape
    # Var[w] = limit^2 / 3 = 2 / fan_in
    limit = np.sqrt(6 / fan_in)
    return np.random.default_rng(seed).uniform(-limit, limit, shape).astype(np.float32)
