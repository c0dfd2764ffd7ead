"""A network: layers in a row, and the loop that trains them.

outputs = network.forward(x, training=True)               each layer's forward, first to last
network.backward(loss.gradient(outputs, y))               each layer's backward, last to first
optimiser.step(network.parameters, network.gradients)     a step against the gradient
"""

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from deepmedia.arguments import as_floats, check_count
from deepmedia.fundamentals.activations import Sigmoid, Softmax
from deepmedia.fundamentals.early_stopping import EarlyStopping
from deepmedia.fundamentals.layers import Layer
from deepmedia.fundamentals.losses import Loss
from deepmedia.fundamentals.optimisers import Optimiser

History = dict[str, list[float]]  # one number per epoch


class TrainingDiverged(FloatingPointError):
    """A loss or gradient became NaN or infinite. ``history`` holds the epochs finished before."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class Network:
    """Layers in a row.

    Computes in float64 where the input or the parameters are float64, in float32 otherwise.

    Raises:
        ValueError: If there is no layer, one appears twice, or one does not fit the layer before it.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        _check_layers(layers)
        self.layers = list(layers)
        self.output_shape: tuple[int, ...] | None = None  # of the latest forward

    def forward(self, x: ArrayLike, *, training: bool = False) -> np.ndarray:
        """Outputs (n, ...) of inputs (n, ...)."""
        outputs = as_floats(x, "x")
        for layer in self.layers:
            outputs = layer.forward(outputs, training=training)
        self.output_shape = outputs.shape
        return outputs

    def backward(self, upstream: np.ndarray) -> np.ndarray:
        """dL/dx from dL/d(outputs); fills every layer's ``gradients``."""
        self._check_upstream(upstream)
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        return upstream

    def _check_upstream(self, upstream: np.ndarray) -> None:
        if self.output_shape != upstream.shape:
            raise ValueError(
                f"upstream must have the shape of the latest outputs, {self.output_shape}, got {upstream.shape}; "
                "run forward on the same rows first"
            )

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """The arrays that training changes, by name (``layer0.weights``); changing one in place changes the network."""
        return {f"layer{i}.{name}": w for i, layer in enumerate(self.layers) for name, w in layer.parameters.items()}

    @property
    def gradients(self) -> dict[str, np.ndarray]:
        """dL/d(parameter) of the latest backward, under the parameters' names."""
        return {f"layer{i}.{name}": g for i, layer in enumerate(self.layers) for name, g in layer.gradients.items()}

    @property
    def state(self) -> dict[str, np.ndarray]:
        """Running statistics of batch normalisation, named as parameters are."""
        return {f"layer{i}.{name}": s for i, layer in enumerate(self.layers) for name, s in layer.state.items()}

    @property
    def parameter_count(self) -> int:
        """How many numbers training changes."""
        return sum(w.size for w in self.parameters.values())

    def train_step(
        self, x: ArrayLike, y: ArrayLike, *, loss: Loss, optimiser: Optimiser
    ) -> tuple[float, np.ndarray | None]:
        """One mini-batch: forward, loss, backward, update.

        Returns:
            The loss before the update, and which rows were right before it (None where the loss has no classes).

        Raises:
            FloatingPointError: If outputs, loss or gradients are NaN or infinite.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # checked below, with a better message
            outputs = self.forward(x, training=True)
            _check_finite_training(outputs, "the outputs hold")
            value = loss.value(outputs, y)
            _check_finite_training(value, "the loss is")
            self.backward(loss.gradient(outputs, y))
            optimiser.step(self.parameters, self.gradients)
        return value, loss.correct(outputs, y)

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        loss: Loss,
        optimiser: Optimiser,
        epochs: int,
        batch_size: int = 32,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        seed: int | None = 0,
        early_stopping: EarlyStopping | None = None,
        on_epoch_end: Callable[[int, History], None] | None = None,
    ) -> History:
        """Train on mini-batches, and note after each epoch how it goes.

        Trains in float64 if x is float64, in the network's precision otherwise.

        Args:
            x: Inputs (n, ...), finite.
            y: Targets, as the loss takes them.
            loss: What to make small.
            optimiser: How to step; it goes on where its last ``fit`` ended.
            epochs: Passes over all rows.
            batch_size: Rows of a step; the last batch of an epoch may be smaller.
            validation: Inputs and targets that are only looked at.
            seed: Of the order of the rows, which is new in every epoch; None keeps the rows in order.
            early_stopping: Ends training once the validation loss no longer falls, with the best weights.
            on_epoch_end: Called with the epoch's number and the history so far, e.g. to print or to save.

        Returns:
            Lists with a number per epoch: ``loss`` and ``accuracy`` (means over the epoch's batches, each before its
            update), ``validation_loss`` and ``validation_accuracy`` (after the epoch), ``learning_rate`` (of the next
            step) and ``seconds``. No accuracies where the loss has no classes.

        Raises:
            ValueError, TypeError: If data or settings are wrong; nothing was trained then.
            TrainingDiverged: If loss, gradients, parameters or the validation loss became NaN or infinite.
        """
        check_count("epochs", epochs)
        check_count("batch_size", batch_size)
        if early_stopping is not None and validation is None:
            raise ValueError("early_stopping needs validation=(x, y): it watches the validation loss")
        x, y = self.checked_data(x, y, loss)
        if validation is not None:
            validation = self.checked_data(*validation, loss, "validation ")
        if x.dtype == np.float64:
            self.cast(np.float64)
        history: History = {}
        for epoch in range(epochs):
            start = time.perf_counter()
            batches = minibatches(len(x), batch_size, seed=seed, epoch=epoch)
            try:
                row = _means([(len(b), *self.train_step(x[b], y[b], loss=loss, optimiser=optimiser)) for b in batches])
                for name, w in self.parameters.items():  # no later step would see what the last one did
                    _check_finite_training(w, f"{name} holds")
                if validation is not None:
                    row |= self._validate(*validation, loss=loss)
            except FloatingPointError as error:
                raise TrainingDiverged(f"epoch {epoch}: {error}", history) from error
            row |= {"learning_rate": optimiser.current_learning_rate, "seconds": time.perf_counter() - start}
            for name, number in row.items():
                history.setdefault(name, []).append(number)
            if on_epoch_end is not None:
                on_epoch_end(epoch, history)
            if early_stopping is not None and early_stopping.should_stop(row["validation_loss"], self):
                break
        if early_stopping is not None:
            early_stopping.restore_best(self)
        return history

    def _validate(self, x: np.ndarray, y: np.ndarray, *, loss: Loss) -> dict[str, float]:
        """What ``evaluate`` says of checked validation data, each under a name of its own."""
        with np.errstate(over="ignore", invalid="ignore"):  # checked here, with a better message
            outputs = self.predict(x)
            _check_finite_training(outputs, "the outputs of the validation data hold")
            numbers = _means([(len(x), loss.value(outputs, y), loss.correct(outputs, y))])
        _check_finite_training(numbers["loss"], "the validation loss is")
        return {f"validation_{name}": number for name, number in numbers.items()}

    def evaluate(self, x: ArrayLike, y: ArrayLike, *, loss: Loss) -> dict[str, float]:
        """``loss``, and ``accuracy`` where the loss has classes, without training."""
        x, y = self.checked_data(x, y, loss)
        outputs = self.predict(x)
        return _means([(len(x), loss.value(outputs, y), loss.correct(outputs, y))])

    def predict(self, x: ArrayLike, *, batch_size: int = 1024) -> np.ndarray:
        """Outputs (n, ...), computed in batches so that memory stays small."""
        check_count("batch_size", batch_size)
        x = as_floats(x, "x")
        return np.concatenate([self.forward(x[rows]) for rows in minibatches(len(x), batch_size, seed=None)])

    def cast(self, dtype: type[np.floating]) -> Self:
        """Hold parameters and statistics in this precision from now on; returns the network."""
        for layer in self.layers:
            for arrays in (layer.parameters, layer.state):
                arrays.update({name: array.astype(dtype) for name, array in arrays.items()})
        return self

    def assign(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take on these values, and their precision.

        Args:
            arrays: Under the names of ``parameters`` and ``state``, with their shapes; others are left aside.
        """
        own = self.parameters | self.state
        saved_precise = any(arrays[name].dtype == np.float64 for name in own)
        if saved_precise != any(array.dtype == np.float64 for array in own.values()):
            self.cast(np.float64 if saved_precise else np.float32)
        for name, array in (self.parameters | self.state).items():
            array[...] = arrays[name]

    def copy(self) -> Self:
        """An independent copy, random streams included."""
        return copy.deepcopy(self)

    def rewind(self) -> None:
        """Start the random numbers of all layers again (the masks of dropout)."""
        for layer in self.layers:
            layer.rewind()

    def check_loss(self, loss: Loss) -> None:
        """Refuse a loss of logits behind a softmax or sigmoid.

        Raises:
            ValueError: Unless the loss was made with ``accept_probabilities=True``.
        """
        last = self.layers[-1]
        if (
            loss.takes_logits
            and isinstance(last, Softmax | Sigmoid)
            and not getattr(loss, "accept_probabilities", False)
        ):
            raise ValueError(
                f"{type(loss).__name__} takes logits, but the last layer is {last}, which makes probabilities; "
                "leave that layer out, or make the loss with accept_probabilities=True to see what goes wrong"
            )

    def checked_data(self, x: ArrayLike, y: ArrayLike, loss: Loss, what: str = "") -> tuple[np.ndarray, np.ndarray]:
        """Inputs as floats and targets as the loss needs them, or an error; ``what`` says whose, e.g. "validation "."""
        self.check_loss(loss)
        x = as_floats(x, f"{what}x")
        shape = np.asarray(y).shape
        if shape[:1] != x.shape[:1]:
            raise ValueError(f"{what}x and {what}y must have equally many rows, got {x.shape} and {shape}")
        outputs = self.forward(x[:1])
        return x, loss.check_targets(y, (len(x), *outputs.shape[1:]))

    def __repr__(self) -> str:
        return f"Network([{', '.join(map(repr, self.layers))}])"


def minibatches(count: int, batch_size: int, *, seed: int | None, epoch: int = 0) -> Iterator[np.ndarray]:
    """Row numbers of each mini-batch of one epoch: every row once, in an order that seed and epoch fix.

    ``seed=None`` keeps the rows in order. Feed another framework with the same numbers and it sees the same batches.
    """
    order = np.arange(count) if seed is None else np.random.default_rng((seed, epoch)).permutation(count)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


def _means(batches: list[tuple[int, float, np.ndarray | None]]) -> dict[str, float]:
    """Loss and accuracy over all rows, from (rows, loss, right) of each batch."""
    rows = sum(count for count, _, _ in batches)
    means = {"loss": sum(count * value for count, value, _ in batches) / rows}
    right = [correct for _, _, correct in batches if correct is not None]
    if right:
        means["accuracy"] = float(np.concatenate(right).mean())
    return means


def _check_finite_training(numbers: np.ndarray | float, what: str) -> None:
    if not np.isfinite(numbers).all():
        raise FloatingPointError(
            f"{what} NaN or infinity: training diverged; lower the learning rate or scale the inputs to about -1..1"
        )


def _check_layers(layers: Sequence[Layer]) -> None:
    if not layers:
        raise ValueError("layers must hold at least one layer, got none")
    features, source = None, ""
    for i, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers[{i}] must be a Layer, got {layer!r}; is it a class without its brackets?")
        if any(layer is other for other in layers[:i]):
            raise ValueError(f"layers[{i}], {layer}, is in the list twice; make a second one, each keeps its own input")
        if None not in (features, layer.input_features) and features != layer.input_features:
            raise ValueError(f"layers[{i}], {layer}, must take the {features} features that {source} gives")
        if layer.output_features is not None:
            features, source = layer.output_features, repr(layer)
        elif not layer.keeps_features:
            features = None
