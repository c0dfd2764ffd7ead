"""Layers: each knows its output, and how to hand a gradient back.

``forward`` computes the output and keeps what ``backward`` will need. ``backward`` is given the upstream gradient
dL/d(output), stores dL/d(parameter) in ``gradients`` and returns dL/d(input): the chain rule, one layer at a time.
The first axis is always the row (the example); n is the number of rows of a mini-batch.

Parameters are float32 until ``Network.cast`` changes them. Where parameters or input are float64, NumPy computes in
float64.
"""

# ruff: noqa: D102 - forward and backward are described once, in Layer

import numpy as np

from deepmedia.arguments import check_count, check_fraction, check_positive
from deepmedia.fundamentals.initialisation import Initialiser, Seed, glorot_uniform


class Layer:
    """What all layers share.

    Attributes:
        parameters: Arrays that an optimiser changes, by name.
        gradients: dL/d(parameter) under the same names, filled by ``backward``.
        state: Arrays that training changes without a gradient (running statistics), by name.
        input_features, output_features: Length of the last axis; None where the layer takes any.
        keeps_features: Whether a layer without ``output_features`` leaves the last axis as long as it was.
    """

    input_features: int | None = None
    output_features: int | None = None
    keeps_features = True

    def __init__(self) -> None:
        self.parameters: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self.state: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """The layer's output; ``training`` matters to dropout and batch normalisation alone."""
        raise NotImplementedError(f"{type(self).__name__} must define forward")

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        """dL/d(input) from dL/d(output) of the latest ``forward``."""
        raise NotImplementedError(f"{type(self).__name__} must define backward")

    def rewind(self) -> None:
        """Start the layer's random numbers again, if it draws any."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Dense(Layer):
    """Every output unit is a weighted sum of all inputs, plus a bias.

    Args:
        inputs: Length of an input row.
        outputs: Units.
        initialiser: Draws the weights from their shape (inputs, outputs); the bias starts at 0.
        seed: For the initialiser: a whole number or a generator.
    """

    def __init__(self, inputs: int, outputs: int, *, initialiser: Initialiser = glorot_uniform, seed: Seed = 0) -> None:
        super().__init__()
        check_count("inputs", inputs)
        check_count("outputs", outputs)
        self.input_features, self.output_features = inputs, outputs
        self.parameters["weights"] = initialiser((inputs, outputs), seed=seed)  # (inputs, outputs)
        self.parameters["bias"] = np.zeros(outputs, np.float32)  # (outputs,)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self._check_input(x)
        self.x = x  # (n, inputs)
        # z = x W + b
        weights, bias = self.parameters["weights"], self.parameters["bias"]
        return x @ weights + bias  # (n, outputs)

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # dL/dW = x^T dL/dz: weight (k, j) meets input k and output j, in every row
        self.gradients["weights"] = self.x.T @ upstream  # (inputs, outputs)
        # dL/db = sum of dL/dz over the rows: the bias is added to each
        self.gradients["bias"] = upstream.sum(axis=0)  # (outputs,)
        # dL/dx = dL/dz W^T: input k reaches the loss through all outputs
        return upstream @ self.parameters["weights"].T  # (n, inputs)

    def _check_input(self, x: np.ndarray) -> None:
        if x.ndim != 2 or x.shape[1] != self.input_features:
            hint = "; put Flatten() in front" if x.ndim > 2 else ""
            raise ValueError(f"input of {self} must be (n, {self.input_features}), got {x.shape}{hint}")

    def __repr__(self) -> str:
        return f"Dense({self.input_features}, {self.output_features})"


class Flatten(Layer):
    """Rows of any shape, such as (height, width, channels), become rows of numbers."""

    keeps_features = False

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.shape = x.shape  # (n, ...)
        return x.reshape(len(x), -1)  # (n, product of the rest)

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        return upstream.reshape(self.shape)  # (n, ...)


class Dropout(Layer):
    """In training, sets a random part of its inputs to 0 and scales the rest up, so that the mean stays.

    Args:
        rate: Part that is dropped, 0 <= rate < 1.
        seed: Of the layer's own stream of masks.

    Source: Srivastava et al. (2014), "Dropout", JMLR 15, in the inverted form: they scale at test time instead.
    """

    def __init__(self, rate: float, *, seed: int = 0) -> None:
        super().__init__()
        check_fraction("rate", rate)
        self.rate, self.seed = rate, seed
        self.rewind()

    def rewind(self) -> None:
        self.generator = np.random.default_rng(self.seed)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        if not training:
            self.mask = np.ones((), x.dtype)
            return x
        kept = self.generator.random(x.shape, np.float32) >= self.rate
        # E[mask] = (1 - rate) * 1 / (1 - rate) = 1
        self.mask = kept.astype(x.dtype) / (1 - self.rate)  # (n, ...)
        # y = mask * x
        return x * self.mask  # (n, ...)

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # dL/dx = mask * dL/dy: what was dropped has no say
        return upstream * self.mask  # (n, ...)

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"


class BatchNormalisation(Layer):
    """Gives each feature mean 0 and variance 1 over the batch, then a learnt scale and shift.

    In training the statistics are those of the batch, so every row's output depends on all rows; running means of them
    are kept for use afterwards. Images are normalised per channel: over all axes but the last.

    Args:
        features: Length of the last axis.
        momentum: Part of the old running statistics that each batch keeps.
        epsilon: Added to the variance, so that a constant feature is not divided by 0.

    Source: Ioffe and Szegedy (2015), arXiv:1502.03167. As in Keras, running_variance takes the batch's variance
        divided by n; the paper divides by n - 1.
    """

    def __init__(self, features: int, *, momentum: float = 0.99, epsilon: float = 1e-3) -> None:
        super().__init__()
        check_count("features", features)
        check_fraction("momentum", momentum)
        check_positive("epsilon", epsilon)
        self.input_features = self.output_features = features
        self.momentum, self.epsilon = momentum, epsilon
        self.parameters["scale"] = np.ones(features, np.float32)  # gamma
        self.parameters["shift"] = np.zeros(features, np.float32)  # beta
        self.state["running_mean"] = np.zeros(features, np.float32)
        self.state["running_variance"] = np.ones(features, np.float32)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        if x.ndim < 2 or x.shape[-1] != self.input_features:
            raise ValueError(f"input of {self} must be (n, ..., {self.input_features}), got {x.shape}")
        self.training, self.axes = training, tuple(range(x.ndim - 1))
        mean, variance = self._batch_statistics(x) if training else self.state.values()  # (features,) each
        # s = 1 / sqrt(variance + epsilon)
        self.inverse_deviation = 1 / np.sqrt(variance + self.epsilon)  # (features,)
        # x_hat = (x - mean) s
        self.x_hat = (x - mean) * self.inverse_deviation  # (n, ..., features)
        # y = gamma x_hat + beta
        return self.parameters["scale"] * self.x_hat + self.parameters["shift"]  # (n, ..., features)

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        # dL/dgamma = sum of dL/dy x_hat, dL/dbeta = sum of dL/dy, over all rows
        self.gradients["scale"] = (upstream * self.x_hat).sum(axis=self.axes)  # (features,)
        self.gradients["shift"] = upstream.sum(axis=self.axes)  # (features,)
        # g = dL/dx_hat = gamma dL/dy
        g = upstream * self.parameters["scale"]  # (n, ..., features)
        if not self.training:  # mean and s are constants: dL/dx = s g
            return g * self.inverse_deviation
        # dL/dx = s (g - mean(g) - x_hat mean(g x_hat)): x moves x_hat directly, through the mean, through s
        through_mean = g.mean(axis=self.axes)  # (features,)
        through_deviation = self.x_hat * (g * self.x_hat).mean(axis=self.axes)  # (n, ..., features)
        return self.inverse_deviation * (g - through_mean - through_deviation)  # (n, ..., features)

    def _batch_statistics(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of the batch, after adding them to the running ones."""
        if x.size == x.shape[-1]:
            raise ValueError(
                f"{self} needs at least two rows in training, got shape {x.shape}: the variance of one is 0; "
                "choose a batch_size that leaves no single row over"
            )
        mean, variance = x.mean(axis=self.axes), x.var(axis=self.axes)  # (features,) each
        for name, batch in (("running_mean", mean), ("running_variance", variance)):
            # running = momentum running + (1 - momentum) batch
            self.state[name][...] = self.momentum * self.state[name] + (1 - self.momentum) * batch
        return mean, variance

    def __repr__(self) -> str:
        return f"BatchNormalisation({self.input_features})"
