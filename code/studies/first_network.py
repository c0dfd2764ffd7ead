"""How far the first network's result depends on the seed."""

import keras
import numpy as np

from deepmedia.cnn.first_network import linear_classifier, small_cnn
from deepmedia.datasets import fashion_mnist
from deepmedia.splits import train_validation_split
from deepmedia.training import fit, to_input

QUESTION = "How accurate are the first network and the linear baseline on the 2,000 test photos, over ten seeds?"
SEEDS = tuple(range(10))
TOLERANCES = {"validation_accuracy": 0.02, "test_accuracy": 0.02}  # seeds alone scatter by 0.01


def run() -> list[dict]:
    """Train both models once a seed; the seed sets split, weights and order."""
    images, labels = fashion_mnist("train")
    test_images, test_labels = fashion_mnist("test")
    rows = []
    for seed in SEEDS:
        train, held_out = train_validation_split(labels, validation=2000, seed=seed)
        parts = [(to_input(images[part]), labels[part]) for part in (train, held_out)]
        for build in (linear_classifier, small_cnn):
            keras.utils.set_random_seed(seed)
            model = build()
            history = fit(model, *parts)
            logits = model.predict(to_input(test_images), verbose=0)
            rows.append(
                {
                    "model": model.name,
                    "seed": seed,
                    "validation_accuracy": round(history["val_accuracy"][-1], 4),
                    "test_accuracy": round(float(np.mean(logits.argmax(axis=1) == test_labels)), 4),
                }
            )
            print(rows[-1], flush=True)
    return rows
