"""Video: what a video is about, and how good an answer is."""

from deepmedia.video.metrics import (
    global_average_precision,
    hit_at_one,
    mean_average_precision,
    multi_hot,
    precision_at_equal_recall_rate,
)

__all__ = [
    "global_average_precision",
    "hit_at_one",
    "mean_average_precision",
    "multi_hot",
    "precision_at_equal_recall_rate",
]
