"""Optimisers: from a gradient to a step.

Each ``update`` changes one parameter in place; ``w`` is the parameter, ``g`` its gradient, ``rate`` the learning rate
(eta in formulas). What a rule remembers between steps (velocities, averages) starts at 0 and lives in ``memory``. All
rules equal those of ``keras.optimizers``, where papers differ.
"""

# ruff: noqa: D102 - update is described once, in Optimiser

import math
from collections.abc import Callable, Mapping

import numpy as np

from deepmedia.arguments import check_fraction, check_number, check_positive

Schedule = Callable[[int], float]  # steps taken so far -> learning rate


class Optimiser:
    """What all optimisers share: the learning rate, weight decay, and the loop over parameters.

    Args:
        learning_rate: A number above 0, or a schedule: a function of the steps taken so far.
        weight_decay: Each step first takes this part, times the learning rate, off every parameter (decoupled decay:
            the gradient does not see it).
    """

    def __init__(self, learning_rate: float | Schedule, *, weight_decay: float = 0.0) -> None:
        if not callable(learning_rate):
            check_positive("learning_rate", learning_rate)
        check_number("weight_decay", weight_decay, "finite and at least 0", low=0, high=math.inf, ends="[)")
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.steps_taken = 0
        self.memory: dict[str, dict[str, np.ndarray]] = {}  # by kind, then by parameter

    def step(self, parameters: Mapping[str, np.ndarray], gradients: Mapping[str, np.ndarray]) -> None:
        """Change every parameter in place.

        Raises:
            ValueError: If names or shapes of parameters and gradients differ.
            FloatingPointError: If a gradient is NaN or infinite.
        """
        _check_gradients(parameters, gradients)
        rate = self.current_learning_rate
        for name, w in parameters.items():
            if self.weight_decay:
                # w <- w - eta lambda w
                w -= rate * self.weight_decay * w
            self.update(name, w, gradients[name], rate)
        self.steps_taken += 1

    def update(self, name: str, w: np.ndarray, g: np.ndarray, rate: float) -> None:
        """One parameter's step."""
        raise NotImplementedError(f"{type(self).__name__} must define update")

    @property
    def current_learning_rate(self) -> float:
        """The rate of the next step."""
        if not callable(self.learning_rate):
            return float(self.learning_rate)
        rate = float(self.learning_rate(self.steps_taken))
        if not (math.isfinite(rate) and rate >= 0):
            raise ValueError(f"learning_rate at step {self.steps_taken} must be finite and at least 0, got {rate}")
        return rate

    def remembered(self, kind: str, name: str, w: np.ndarray) -> np.ndarray:
        """The array of this kind kept for a parameter; zeros the first time."""
        return self.memory.setdefault(kind, {}).setdefault(name, np.zeros_like(w))


class SGD(Optimiser):
    """Gradient descent on mini-batches: a step against the gradient."""

    def __init__(self, learning_rate: float | Schedule = 0.01, *, weight_decay: float = 0.0) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay)

    def update(self, name: str, w: np.ndarray, g: np.ndarray, rate: float) -> None:
        # w <- w - eta g
        w -= rate * g


class Momentum(Optimiser):
    """Steps that remember: a velocity adds up where gradients agree and cancels where they alternate.

    Args:
        momentum: Part of the velocity that each step keeps (mu).
        nesterov: Take the gradient's step after the velocity's instead of inside it.

    Source: Sutskever et al. (2013), "On the importance of initialization and momentum in deep learning".
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        *,
        momentum: float = 0.9,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay)
        check_fraction("momentum", momentum)
        self.momentum, self.nesterov = momentum, nesterov

    def update(self, name: str, w: np.ndarray, g: np.ndarray, rate: float) -> None:
        v = self.remembered("velocity", name, w)
        # v <- mu v - eta g
        v *= self.momentum
        v -= rate * g
        # w <- w + v;  Nesterov: w <- w + mu v - eta g
        w += self.momentum * v - rate * g if self.nesterov else v


class RMSProp(Optimiser):
    """Each weight's step is divided by the recent size of its gradient.

    Args:
        rho: Part of the average of squares that each step keeps.
        epsilon: Added under the root (some add it outside).

    Source: Tieleman and Hinton (2012), lecture 6.5 of "Neural networks for machine learning".
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        *,
        rho: float = 0.9,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay)
        check_fraction("rho", rho)
        check_positive("epsilon", epsilon)
        self.rho, self.epsilon = rho, epsilon

    def update(self, name: str, w: np.ndarray, g: np.ndarray, rate: float) -> None:
        s = self.remembered("mean square", name, w)
        # s <- rho s + (1 - rho) g^2
        s *= self.rho
        s += (1 - self.rho) * g**2
        # w <- w - eta g / sqrt(s + epsilon)
        w -= rate * g / np.sqrt(s + self.epsilon)


class Adam(Optimiser):
    """Momentum and RMSProp together, both corrected for their start at 0.

    Args:
        beta_1: Part of the average gradient that each step keeps.
        beta_2: Part of the average of squares that each step keeps.
        epsilon: Added to the root of the uncorrected average.

    Source: Kingma and Ba (2015), arXiv:1412.6980, with the corrections folded into the rate, as in their
        section 2 (before 2.1) and in Keras; epsilon then weighs more in the first steps than in Algorithm 1.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        *,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay)
        check_fraction("beta_1", beta_1)
        check_fraction("beta_2", beta_2)
        check_positive("epsilon", epsilon)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def update(self, name: str, w: np.ndarray, g: np.ndarray, rate: float) -> None:
        t = self.steps_taken + 1
        m = self.remembered("mean", name, w)
        s = self.remembered("mean square", name, w)
        # m <- beta_1 m + (1 - beta_1) g
        m += (1 - self.beta_1) * (g - m)
        # s <- beta_2 s + (1 - beta_2) g^2
        s += (1 - self.beta_2) * (g**2 - s)
        # averages that began at 0 are too small by the factor 1 - beta^t:
        # eta_t = eta sqrt(1 - beta_2^t) / (1 - beta_1^t)
        corrected = rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        # w <- w - eta_t m / (sqrt(s) + epsilon)
        w -= corrected * m / (np.sqrt(s) + self.epsilon)


class AdamW(Adam):
    """Adam with weight decay beside the gradient, not in it.

    Source: Loshchilov and Hutter (2019), arXiv:1711.05101; the decay is multiplied by the learning rate, as in Keras.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        *,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ) -> None:
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, weight_decay=weight_decay)


def _check_gradients(parameters: Mapping[str, np.ndarray], gradients: Mapping[str, np.ndarray]) -> None:
    if set(parameters) != set(gradients):
        odd = ", ".join(sorted(set(parameters) ^ set(gradients)))
        raise ValueError(f"parameters and gradients must have the same names, only one has {odd}; run backward first")
    for name, w in parameters.items():
        g = gradients[name]
        if g.shape != w.shape:
            raise ValueError(f"gradient of {name} must have its shape {w.shape}, got {g.shape}")
        if not np.isfinite(g).all():
            raise FloatingPointError(
                f"gradient of {name} must be finite, got NaN or infinity; lower the learning rate or scale the inputs"
            )
