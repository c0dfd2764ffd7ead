"""A neural network in NumPy, small enough to read: layers, losses, optimisers, and the loop that trains them.

Read in this order: ``graph`` (the chain rule on single numbers), ``layers`` and ``activations`` (the same on arrays),
``losses``, ``optimisers``, ``network``; ``gradients`` checks that they are right.
"""

from deepmedia.fundamentals.activations import (
    ELU,
    GELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    log_softmax,
    sigmoid,
    softmax,
    softplus,
)
from deepmedia.fundamentals.early_stopping import EarlyStopping
from deepmedia.fundamentals.gradients import gradient_check, numerical_gradient
from deepmedia.fundamentals.graph import Value
from deepmedia.fundamentals.graph_drawing import draw_graph
from deepmedia.fundamentals.initialisation import (
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    normal,
    zeros,
)
from deepmedia.fundamentals.layers import BatchNormalisation, Dense, Dropout, Flatten, Layer
from deepmedia.fundamentals.learning_rate import CosineDecay, StepDecay, WarmUp, learning_rate_range_test
from deepmedia.fundamentals.losses import BinaryCrossEntropy, CategoricalCrossEntropy, Loss, SquaredError
from deepmedia.fundamentals.margin_losses import ContrastiveLoss, HingeLoss, MultiClassHingeLoss, TripletLoss
from deepmedia.fundamentals.network import Network, TrainingDiverged, minibatches
from deepmedia.fundamentals.optimisers import SGD, Adam, AdamW, Momentum, Optimiser, RMSProp
from deepmedia.fundamentals.weight_files import copy_from_keras, copy_to_keras, load_weights, save_weights
from deepmedia.metrics import ClassScores, accuracy, class_scores, confusion_matrix

__all__ = [
    "ELU",
    "GELU",
    "SGD",
    "Adam",
    "AdamW",
    "BatchNormalisation",
    "BinaryCrossEntropy",
    "CategoricalCrossEntropy",
    "ClassScores",
    "ContrastiveLoss",
    "CosineDecay",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Flatten",
    "HingeLoss",
    "Layer",
    "LeakyReLU",
    "Loss",
    "Momentum",
    "MultiClassHingeLoss",
    "Network",
    "Optimiser",
    "RMSProp",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "SquaredError",
    "StepDecay",
    "Tanh",
    "TrainingDiverged",
    "TripletLoss",
    "Value",
    "WarmUp",
    "accuracy",
    "class_scores",
    "confusion_matrix",
    "copy_from_keras",
    "copy_to_keras",
    "draw_graph",
    "glorot_normal",
    "glorot_uniform",
    "gradient_check",
    "he_normal",
    "he_uniform",
    "learning_rate_range_test",
    "load_weights",
    "log_softmax",
    "minibatches",
    "normal",
    "numerical_gradient",
    "save_weights",
    "sigmoid",
    "softmax",
    "softplus",
    "zeros",
]
