"""Which deep stacks of inception-residual blocks learn, by the scale of their residuals."""

import keras

from deepmedia.datasets import fashion_mnist
from deepmedia.lessons.cnn.inception_resnet.experiment import mean_squares, stacked_blocks, train_stacked_blocks
from deepmedia.memory import free_memory
from deepmedia.splits import train_validation_split
from deepmedia.training import to_input
from deepmedia.training.examples import LabelledImages

QUESTION = (
    "Do 24 inception-residual blocks learn 4,000 photos of the Fashion-MNIST sample, by the scale of the residuals "
    "and the learning rate, over three seeds?"
)
SEEDS = (0, 1, 2)
SCALES = (1.0, 0.1)
LEARNING_RATES = (0.1, 0.01, 0.001)
PHOTOS = 4000
# A repeated run on another processor rounds otherwise, and may differ as another seed does.
TOLERANCES = {"scale": 0.0, "learning_rate": 0.0, "growth": 0.05, "accuracy": 0.2}


def run() -> list[dict]:
    """Train each setting once a seed; the seed draws photos, weights and order."""
    images, labels = fashion_mnist("train")
    rows = []
    for seed in SEEDS:
        _, part = train_validation_split(labels, validation=PHOTOS, seed=seed)
        train = to_input(images[part]), labels[part]
        for scale in SCALES:
            for rate in LEARNING_RATES:
                rows.append(_row(scale, rate, seed, train))
                print(rows[-1], flush=True)
    return rows


def _row(scale: float, learning_rate: float, seed: int, train: LabelledImages) -> dict:
    free_memory()  # the last row's network is gone
    keras.utils.set_random_seed(seed)
    model = stacked_blocks(scale)
    squares = mean_squares(model, train[0][:128])
    result = train_stacked_blocks(model, train, learning_rate=learning_rate)
    return {
        "scale": scale,
        "learning_rate": learning_rate,
        "seed": seed,
        "growth": float(f"{(squares[-1] / squares[0]) ** (1 / (len(squares) - 1)):.4g}"),  # of the mean square, a block
        "accuracy": round(result.accuracies[-1], 4),  # share of the training photos, a mean over the last epoch
        "learned": result.learned,
    }
