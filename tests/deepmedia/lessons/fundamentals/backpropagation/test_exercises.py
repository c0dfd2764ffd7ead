import numpy as np
import pytest
from scipy.special import expit

from deepmedia.fundamentals import SGD, Layer, Optimiser, RMSProp, Value, softplus
from deepmedia.lessons.fundamentals.backpropagation.exercises import check_adagrad, check_slopes, check_softplus


def test_the_right_slopes_are_accepted():
    w1, w2, b = Value(1), Value(-2), Value(1)
    ((w1 * 3 + w2 * 1 + b - 4) ** 2).backward()
    assert check_slopes((w1.gradient, w2.gradient, b.gradient)).accepted
    assert check_slopes([-12, -4, -4]).accepted


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ((12, 4, 4), "wrong way round"),
        ((-6, -2, -2), "left out the 2"),
        ((-4, -4, -4), "respect to z, three times"),
        ((-4, 8, -4), "the weight itself"),
        ((-12, 4, -4), "Compute z first"),
        ((-12, -4), "three numbers"),
        (-12, "three numbers"),
        ("many", "three numbers"),
    ],
)
def test_wrong_slopes_are_rejected_with_their_reason(answer, word):
    verdict = check_slopes(answer)
    assert not verdict.accepted
    assert word in verdict.text


class RightSoftplus(Layer):
    def forward(self, z, *, training=False):
        self.z = z
        return np.logaddexp(0, z)

    def backward(self, upstream):
        return upstream * expit(self.z)


class ForgetfulSoftplus(RightSoftplus):
    def backward(self, upstream):
        return expit(self.z)


class KinkedSoftplus(RightSoftplus):
    def backward(self, upstream):
        return upstream * (self.z > 0)


class NarrowSoftplus(RightSoftplus):
    def backward(self, upstream):
        return (upstream * expit(self.z)).sum(axis=0)


class ReLUInstead(RightSoftplus):
    def forward(self, z, *, training=False):
        self.z = z
        return np.maximum(z, 0)


class NoBackward(Layer):
    def forward(self, z, *, training=False):
        return softplus(z)


class OverflowingSoftplus(RightSoftplus):
    def forward(self, z, *, training=False):
        self.z = z
        return np.log(1 + np.exp(z))


class OverflowingSlope(RightSoftplus):
    def backward(self, upstream):
        return upstream * np.exp(self.z) / (1 + np.exp(self.z))


class NoTraining(RightSoftplus):
    def forward(self, z):
        return softplus(z)


def test_the_right_softplus_is_accepted():
    assert check_softplus(RightSoftplus).accepted


@pytest.mark.parametrize(
    ("layer", "word"),
    [
        (ForgetfulSoftplus, "multiplied by the upstream"),
        (KinkedSoftplus, "disagree with central differences"),
        (NarrowSoftplus, "shape of its input"),
        (ReLUInstead, "forward does not give"),
        (OverflowingSoftplus, "forward is right for small scores, but overflows"),
        (OverflowingSlope, "backward is right for small scores, but overflows"),
        (NoBackward, "raised NotImplementedError"),
        (NoTraining, "raised TypeError"),
        (RightSoftplus(), "derived from Layer"),
        (softplus, "derived from Layer"),
    ],
)
def test_wrong_softpluses_are_rejected_with_their_reason(layer, word):
    verdict = check_softplus(layer)
    assert not verdict.accepted
    assert word in verdict.text


class RightAdaGrad(Optimiser):
    def update(self, name, w, g, rate):
        s = self.remembered("sum", name, w)
        s += g**2
        w -= rate * g / np.sqrt(s + 1e-7)


class RootlessAdaGrad(Optimiser):
    def update(self, name, w, g, rate):
        s = self.remembered("sum", name, w)
        s += g**2
        w -= rate * g / (s + 1e-7)


class ForgetfulAdaGrad(Optimiser):
    def update(self, name, w, g, rate):
        s = self.remembered("sum", name, w)
        s = s + g**2
        w -= rate * g / np.sqrt(s + 1e-7)


class RebindingAdaGrad(Optimiser):
    def update(self, name, w, g, rate):
        s = self.remembered("sum", name, w)
        s += g**2
        w = w - rate * g / np.sqrt(s + 1e-7)


class ClimbingAdaGrad(Optimiser):
    def update(self, name, w, g, rate):
        s = self.remembered("sum", name, w)
        s += g**2
        w += rate * g / np.sqrt(s + 1e-7)


class CountingAdaGrad(Optimiser):
    """Right as long as all gradients of a weight are equal."""

    def update(self, name, w, g, rate):
        steps = self.remembered("steps", name, w)
        steps += 1
        w -= rate * g / np.sqrt(steps * g**2 + 1e-7)


class AveragingAdaGrad(Optimiser):
    def update(self, name, w, g, rate):
        s, steps = self.remembered("sum", name, w), self.remembered("steps", name, w)
        s += g**2
        steps += 1
        w -= rate * g / np.sqrt(s / steps + 1e-7)


class RatelessAdaGrad(RightAdaGrad):
    def update(self, name, w, g, rate):
        super().update(name, w, g, 1.0)


def test_the_right_adagrad_is_accepted():
    assert check_adagrad(RightAdaGrad).accepted


@pytest.mark.parametrize(
    ("optimiser", "word"),
    [
        (RootlessAdaGrad, "take its root"),
        (ForgetfulAdaGrad, "Your sum forgets"),
        (RebindingAdaGrad, "in place"),
        (ClimbingAdaGrad, "uphill"),
        (CountingAdaGrad, "don't come out right"),
        (AveragingAdaGrad, "take the sum"),
        (RatelessAdaGrad, "don't come out right"),
        (RMSProp, "don't come out right"),
        (SGD, "don't come out right"),
        (Optimiser, "raised NotImplementedError"),
        (RightAdaGrad(0.1), "derived from Optimiser"),
    ],
)
def test_wrong_adagrads_are_rejected_with_their_reason(optimiser, word):
    verdict = check_adagrad(optimiser)
    assert not verdict.accepted
    assert word in verdict.text
