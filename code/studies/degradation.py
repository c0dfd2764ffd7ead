"""How depth changes what plain and residual networks learn of their own training photographs."""

from deepmedia.datasets import fashion_mnist
from deepmedia.lessons.cnn.resnet.experiment import DEEP, SHALLOW, train_stacked_network
from deepmedia.memory import free_memory
from deepmedia.splits import train_validation_split
from deepmedia.training import to_input
from deepmedia.training.examples import LabelledImages

QUESTION = (
    "Does a deep plain network learn the 18,000 training photos of the Fashion-MNIST sample worse than a shallow one, "
    "and a residual one of the same depth and parameters not, at three learning rates and over three seeds?"
)
SEEDS = (0, 1, 2)
EPOCHS = 3
RATES = (1e-3, 5e-3, 2e-2)
NETWORKS = ((SHALLOW, False), (DEEP, False), (DEEP, True))  # blocks, with shortcuts
# Another processor's rounding changes a training as another seed does, and the deep plain ones scatter most.
TOLERANCES = {"learning_rate": 0.0, "losses": 0.4, "accuracies": 0.2}


def run() -> list[dict]:
    """Train each network at each learning rate once a seed; the seed sets split, weights and order."""
    images, labels = fashion_mnist("train")
    rows = []
    for seed in SEEDS:
        part, _ = train_validation_split(labels, validation=2000, seed=seed)
        train = to_input(images[part]), labels[part]
        for rate in RATES:
            for blocks, shortcut in NETWORKS:
                rows.append(_row(blocks, shortcut, rate, seed, train))
                print(rows[-1], flush=True)
    return rows


def _row(blocks: int, shortcut: bool, rate: float, seed: int, train: LabelledImages) -> dict:
    free_memory()  # the last row's network is gone
    model, history = train_stacked_network(
        blocks, train, shortcut=shortcut, epochs=EPOCHS, learning_rate=rate, seed=seed
    )
    return {
        "network": "residual" if shortcut else "plain",
        "layers": 2 * blocks + 2,
        "parameters": model.count_params(),
        "learning_rate": rate,
        "seed": seed,
        "losses": [round(value, 4) for value in history["loss"]],  # means over each epoch, while the weights change
        "accuracies": [round(value, 4) for value in history["accuracy"]],
    }
