"""The first layers of a network that was trained on photographs, for what other networks shall learn from few pictures.

They are those of YOLOv3-tiny, whose weights ship in the package with 8-bit kernels (their origin:
`deepmedia.detection.trained_yolo_tiny`). Batch normalisation, fixed after training, is folded into the convolutions.
"""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.arguments import check_count
from deepmedia.datasets.packaged import FILES

WEIGHTS_FILE = FILES / "tiny-yolo" / "weights.npz"
MOST_STAGES = 6  # behind the sixth, YOLOv3-tiny pools without halving
ADDED = 1e-6  # to the standard deviation, as Darknet does


def photo_layers(side: int, *, stages: int) -> keras.Model:
    """The first convolutions of YOLOv3-tiny, trained on the photographs of COCO, with pooling between them.

    Args:
        side: Height and width of the pictures in pixels, a multiple of 2 for each pooling: of 8 for four stages.
        stages: How many convolutions, 1 to 6. The stages have 16, 32, 64, 128, 256 and 512 channels.

    Returns:
        A model from RGB pictures, float32 (n, side, side, 3) in 0..1, to the last stage's map, float32
        (n, side / 2**(stages - 1), the same, channels). Its layers are called stage1_conv, stage1_leaky, stage1_pool
        and so on.

    Raises:
        TypeError: If an argument is not whole.
        ValueError: If side is no such multiple, or there is no such stage.
        FileNotFoundError: If the package lacks the weights.

    >>> photo_layers(64, stages=4).output.shape
    (None, 8, 8, 128)
    """
    check_count("side", side)
    check_count("stages", stages)
    if stages > MOST_STAGES:
        raise ValueError(f"stages must be 1 to {MOST_STAGES}, got {stages}")
    if side % (stride := 2 ** (stages - 1)):
        raise ValueError(f"side must be a multiple of {stride}, got {side}; take {-(-side // stride) * stride}")
    if not WEIGHTS_FILE.is_file():
        raise FileNotFoundError(f"the package lacks {WEIGHTS_FILE}; install it again")
    inputs = x = keras.Input((side, side, 3), name="pictures")
    kernels = {}
    with np.load(WEIGHTS_FILE, allow_pickle=False) as arrays:
        for stage in range(1, stages + 1):
            if stage > 1:
                x = layers.MaxPooling2D(2, name=f"stage{stage - 1}_pool")(x)
            kernel, bias = _folded(arrays, f"stage{stage}")
            kernels[f"stage{stage}_conv"] = [kernel, bias]
            x = layers.Conv2D(kernel.shape[-1], 3, padding="same", name=f"stage{stage}_conv")(x)
            x = layers.LeakyReLU(negative_slope=0.1, name=f"stage{stage}_leaky")(x)
    model = keras.Model(inputs, x, name="photo_layers")
    for name, weights in kernels.items():
        model.get_layer(name).set_weights(weights)
    model.trainable = False
    return model


def _folded(arrays: np.lib.npyio.NpzFile, stage: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias of a convolution that does its normalisation's work, too."""
    kernel = arrays[f"{stage}_conv/kernel"] * arrays[f"{stage}_conv/scale"]
    gain = arrays[f"{stage}_bn/gamma"] / (np.sqrt(arrays[f"{stage}_bn/moving_variance"]) + ADDED)
    return kernel * gain, arrays[f"{stage}_bn/beta"] - gain * arrays[f"{stage}_bn/moving_mean"]
