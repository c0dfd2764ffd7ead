"""A small network with every kind of YOLOv3's layers, weights for any description, what OpenCV makes of them."""

import struct

import cv2
import numpy as np
import pytest

from deepmedia.datasets.settings import is_offline, kept, requires_data

# Heads at layers 12 and 17. Padding without pad=1, a bias with a leak, odd and even windows, a kernel without padding.
EVERY_KIND = """
[net]
# Testing
width=48
height = 32
channels=3

[convolutional]
batch_normalize=1
filters=4
size=3
stride=1
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
padding=1
activation=leaky

[convolutional]
filters=6
size=1
stride=1
activation=leaky

[convolutional]
batch_normalize=1
filters=8
size=3
stride=1
pad=1
activation=leaky

[shortcut]
from=-3
activation=linear

[maxpool]
size=2
stride=1

[maxpool]
size=3
stride=1

[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=linear

[upsample]
stride=2

[route]
layers=-1,5

[convolutional]
size=1
stride=1
pad=1
filters=14
activation=linear

[yolo]
mask=2,1
anchors=4,6, 10,14, 20.5,30
classes=2
num=3
jitter=.3
random=1

[route]
layers=-4

[convolutional]
batch_normalize=1
filters=5
size=5
pad=1
activation=leaky

[route]
layers=-6,-1

[convolutional]
filters=7
size=1
activation=linear

[yolo]
mask=0
anchors=4,6, 10,14, 20.5,30
classes=2
num=3
"""

# (filters, kernel's side, input channels, normalised) of its convolutions, layers 0, 2, 3, 4, 8, 11, 14 and 16.
CONVOLUTIONS = [
    (4, 3, 3, True),
    (8, 3, 4, True),
    (6, 1, 8, False),
    (8, 3, 6, True),
    (8, 3, 8, True),
    (14, 1, 16, False),
    (5, 5, 8, True),
    (7, 1, 13, False),
]


def random_numbers(convolutions, seed=0):
    """What a trained network might have, float32, in the order of a .weights file: one array a convolution."""
    rng = np.random.default_rng(seed)
    parts = []
    for filters, size, channels, normalised in convolutions:
        if normalised:
            beta, mean = rng.normal(0, 0.3, (2, filters))
            gamma, variance = rng.uniform(0.5, 1.5, (2, filters))
            vectors = [beta, gamma, mean, variance]
        else:
            vectors = [rng.normal(0, 0.3, filters)]
        deviation = np.sqrt(1.5 / (channels * size**2))
        kernel = rng.standard_normal(filters * channels * size**2, np.float32) * deviation
        parts.append(np.concatenate([*vectors, kernel]).astype("<f4"))
    return parts


def weights_bytes(parts, version=(0, 2, 0), seen=77):
    """A .weights file, from the table in Darknet's parser.c."""
    return struct.pack("<iii", *version) + struct.pack("<Q", seen) + b"".join(part.tobytes() for part in parts)


def official(name):
    """The path of one of Darknet's large files, or the test is skipped; with DEEPMEDIA_REQUIRE_DATA=1 it fails."""
    path = kept(f"darknet/{name}")
    if path is None or is_offline():
        (pytest.fail if requires_data() else pytest.skip)(
            f"needs real data: python -m deepmedia.datasets darknet/{name}"
        )
    return path


def heads_of_opencv(cfg, weights, images, layers):
    """What OpenCV's own reader of Darknet computes at those convolutions, as (n, rows, columns, channels)."""
    network = cv2.dnn.readNetFromDarknet(str(cfg), str(weights))
    network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    network.setInput(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    return [output.transpose(0, 2, 3, 1) for output in network.forward([f"conv_{layer}" for layer in layers])]
