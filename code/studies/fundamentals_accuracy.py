"""How accurate the NumPy network and its Keras twin are."""

from deepmedia.lessons.fundamentals.three_ways.twins import SETTINGS, study_rows

QUESTION = (
    "How accurate are the NumPy network and its Keras twin on the digits' 360 test images and on the 2,000 test photos "
    "of the Fashion-MNIST sample, over five seeds?"
)
SEEDS = tuple(range(5))
TOLERANCES = {"validation_accuracy": 0.02, "test_accuracy": 0.02, "differs_from_numpy": 40}  # 40 of 2,000 photos


def run() -> list[dict]:
    """Train both once a seed on each data set; the seed sets first weights, order and, of the garments, the split."""
    rows = []
    for data in SETTINGS:
        for seed in SEEDS:
            rows += study_rows(data, seed=seed)
            print(*rows[-3:], sep="\n", flush=True)
    return rows
