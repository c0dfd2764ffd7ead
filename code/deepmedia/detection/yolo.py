"""YOLOv3 and YOLOv3-tiny, written out.

A network is a body that shrinks the image while it finds more and more kinds of patterns, and for each of its last
scales a neck, which mixes what the scales know, and a head, which says for each cell and anchor what is there.
`darknet_network` builds the same networks from Darknet's own descriptions.

Sources: Redmon and Farhadi (2018), "YOLOv3: An Incremental Improvement", arXiv:1804.02767v1, Sec. 2.1 to 2.4 and
Table 1; cfg/yolov3.cfg and cfg/yolov3-tiny.cfg of https://github.com/pjreddie/darknet, where the paper is silent
(necks, paddings, the slope 0.1, all of the tiny network).
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike, NDArray

from deepmedia.cnn.blocks import Shape, check_input_shape
from deepmedia.detection.heads import BOX_NUMBERS, YOLOHead
from deepmedia.detection.normalisation import DarknetNormalisation

STEP = 32  # pixels of the image for one cell of the coarsest grid
LEAKY_SLOPE = 0.1
STAGES = ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))  # filters and residual blocks, Table 1
TINY_FILTERS = (16, 32, 64, 128, 256)
# Width and height in pixels of the input, from the smallest area to the largest.
ANCHORS = ((10, 13), (16, 30), (33, 23), (30, 61), (62, 45), (59, 119), (116, 90), (156, 198), (373, 326))
TINY_ANCHORS = ((10, 14), (23, 27), (37, 58), (81, 82), (135, 169), (344, 319))


def leaky_convolution(
    x: keras.KerasTensor, filters: int, kernel_size: int, *, strides: int = 1, name: str
) -> keras.KerasTensor:
    """Convolution, Darknet's normalisation, leaky ReLU: the block of which YOLOv3 consists.

    Args:
        x: Features, float (batch, height, width, channels).
        filters: Channels of the output.
        kernel_size: Side of the kernel, odd.
        strides: Step of the convolution; 2 halves height and width.
        name: Prefix of the layers' names.

    Returns:
        Features, float (batch, height / strides, width / strides, filters).
    """
    if strides > 1:  # one pixel on all four sides; "same" would add none at the top and left
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    padding = "valid" if strides > 1 else "same"
    x = layers.Conv2D(filters, kernel_size, strides=strides, padding=padding, use_bias=False, name=f"{name}_conv")(x)
    x = DarknetNormalisation(name=f"{name}_bn")(x)
    return layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_leaky")(x)


def darknet_residual_block(x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    """Half the channels, a 3 × 3 convolution back to all of them, and the sum with what came in."""
    y = leaky_convolution(x, filters // 2, 1, name=f"{name}_squeeze")
    y = leaky_convolution(y, filters, 3, name=f"{name}_expand")
    return layers.Add(name=f"{name}_add")([y, x])


def darknet53(image: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """The body of YOLOv3: 52 convolutions, which with the classifier's last layer made 53.

    Args:
        image: Float (batch, height, width, 3).

    Returns:
        Features at 1/8, 1/16 and 1/32 of the image's height and width, with 256, 512 and 1,024 channels.
    """
    x = leaky_convolution(image, 32, 3, name="stem")
    scales = []
    for stage, (filters, blocks) in enumerate(STAGES, 1):
        x = leaky_convolution(x, filters, 3, strides=2, name=f"stage{stage}_down")
        for block in range(blocks):
            x = darknet_residual_block(x, filters, name=f"stage{stage}_block{block}")
        scales.append(x)
    return scales[2], scales[3], scales[4]


def tiny_body(image: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The body of YOLOv3-tiny: seven convolutions, between them the maxima of 2 × 2 pixels.

    Args:
        image: Float (batch, height, width, 3).

    Returns:
        Features at 1/16 and 1/32 of the image's height and width, with 256 and 1,024 channels.
    """
    x = fine = image
    for stage, filters in enumerate(TINY_FILTERS, 1):
        x = fine = leaky_convolution(x, filters, 3, name=f"stage{stage}")
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    x = leaky_convolution(x, 512, 3, name="stage6")
    x = layers.MaxPooling2D(2, strides=1, padding="same", name="stage6_pool")(x)
    return fine, leaky_convolution(x, 1024, 3, name="stage7")


def yolo_neck(x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    """Five convolutions, in turns 1 × 1 to fewer channels and 3 × 3 to twice as many."""
    for number in range(4):
        wide = number % 2
        x = leaky_convolution(x, filters * (1 + wide), 1 + 2 * wide, name=f"{name}_{number}")
    return leaky_convolution(x, filters, 1, name=f"{name}_4")


def coarse_to_fine(x: keras.KerasTensor, finer: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    """What a coarse scale knows, twice as large, beside the body's features of the finer one."""
    x = leaky_convolution(x, filters, 1, name=name)
    x = layers.UpSampling2D(2, name=f"{name}_up")(x)
    return layers.Concatenate(name=f"{name}_join")([x, finer])


def yolo_outputs(
    x: keras.KerasTensor, filters: int, anchors: ArrayLike, classes: int, *, name: str
) -> keras.KerasTensor:
    """The end of a scale: a 3 × 3 convolution, and a 1 × 1 convolution to the numbers of each anchor.

    Args:
        x: Features of the scale.
        filters: Of the 3 × 3 convolution.
        anchors: (anchors, 2), width and height in pixels of the network's input.
        classes: How many kinds of objects there are.
        name: Of the head; prefix of the other layers' names.

    Returns:
        Float (batch, rows, columns, anchors, 5 + classes), as `YOLOHead` says.
    """
    x = leaky_convolution(x, filters, 3, name=f"{name}_mix")
    x = layers.Conv2D(len(np.asarray(anchors)) * (BOX_NUMBERS + classes), 1, name=f"{name}_out")(x)
    return YOLOHead(anchors, name=name)(x)


def yolo_v3(input_shape: Shape = (416, 416, 3), *, classes: int = 80, anchors: ArrayLike = ANCHORS) -> keras.Model:
    """YOLOv3 with random weights.

    Args:
        input_shape: Height, width and channels of the images; height and width are multiples of 32.
        classes: How many kinds of objects there are; at least 1.
        anchors: (anchors, 2), width and height in pixels of the input, by area from small to large, as many for each of
            the three scales: the largest go to the coarsest grid.

    Returns:
        The model, from RGB images in 0..1, float32 (n, height, width, channels), to three raw heads, the coarsest grid
        first: float32 (n, rows, columns, anchors, 5 + classes).

    Raises:
        ValueError: If an argument is none of these.
    """
    shared = _shared_out(anchors, scales=3)
    _check(input_shape, classes)
    image = keras.Input(input_shape, name="image")
    fine, middle, coarse = darknet53(image)

    x = yolo_neck(coarse, 512, name="neck32")
    heads = [yolo_outputs(x, 1024, shared[0], classes, name="head32")]
    x = coarse_to_fine(x, middle, 256, name="from32")
    x = yolo_neck(x, 256, name="neck16")
    heads.append(yolo_outputs(x, 512, shared[1], classes, name="head16"))
    x = coarse_to_fine(x, fine, 128, name="from16")
    x = yolo_neck(x, 128, name="neck8")
    heads.append(yolo_outputs(x, 256, shared[2], classes, name="head8"))
    return keras.Model(image, heads, name="yolo_v3")


def yolo_v3_tiny(
    input_shape: Shape = (416, 416, 3), *, classes: int = 80, anchors: ArrayLike = TINY_ANCHORS
) -> keras.Model:
    """YOLOv3-tiny with random weights: a seventh of YOLOv3's parameters, a twelfth of its arithmetic.

    Args:
        input_shape: As in `yolo_v3`.
        classes: As in `yolo_v3`.
        anchors: As in `yolo_v3`, for two scales.

    Returns:
        The model, as `yolo_v3` has it, with two heads.

    Raises:
        ValueError: If an argument is none of these.
    """
    shared = _shared_out(anchors, scales=2)
    _check(input_shape, classes)
    image = keras.Input(input_shape, name="image")
    fine, coarse = tiny_body(image)

    x = leaky_convolution(coarse, 256, 1, name="neck32")
    heads = [yolo_outputs(x, 512, shared[0], classes, name="head32")]
    x = coarse_to_fine(x, fine, 128, name="from32")
    heads.append(yolo_outputs(x, 256, shared[1], classes, name="head16"))
    return keras.Model(image, heads, name="yolo_v3_tiny")


def copy_alike_layers(source: keras.Model, target: keras.Model) -> list[str]:
    """Give a network the weights of another one's layers of the same name and shapes, to start a training with.

    Between two networks of `yolo_v3_tiny` with other classes these are all layers but ``head32_out`` and
    ``head16_out``, whose number of filters depends on the classes.

    Args:
        source: A trained network; it is not changed.
        target: The network that is to be trained.

    Returns:
        The names of the layers that got weights, in the target's order.

    Raises:
        ValueError: If there is none.
    """
    donors = {layer.name: layer for layer in source.layers if layer.weights}
    copied = [
        layer
        for layer in target.layers
        if layer.weights and layer.name in donors and _shapes(layer) == _shapes(donors[layer.name])
    ]
    if not copied:
        raise ValueError(
            f"{source.name} and {target.name} have no layer of one name and shape; copy_weights goes by places instead"
        )
    for layer in copied:
        layer.set_weights(donors[layer.name].get_weights())
    return [layer.name for layer in copied]


def _shapes(layer: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


def _shared_out(anchors: ArrayLike, *, scales: int) -> Sequence[NDArray[np.float32]]:
    """As many anchors for each scale, the largest first."""
    array = np.asarray(anchors, np.float32)
    is_rows = (
        array.ndim == 2 and array.shape[1] == 2 and len(array) > 0 and np.isfinite(array).all() and array.min() > 0
    )
    if not is_rows or len(array) % scales:
        raise ValueError(
            f"anchors must be rows (width, height) above 0, as many for each of {scales} scales, got {anchors!r}"
        )
    areas = array.prod(axis=1)
    if (np.diff(areas) < 0).any():
        raise ValueError(f"anchors must come by area from small to large, got areas {areas.tolist()}; sort them")
    return np.split(array, scales)[::-1]


def _check(input_shape: Shape, classes: int) -> None:
    """Complain about what no YOLOv3 can have, before a layer is made."""
    check_input_shape(input_shape, smallest=STEP, network="YOLOv3")
    if input_shape[0] % STEP or input_shape[1] % STEP:
        raise ValueError(f"input_shape must have a height and a width that are multiples of {STEP}, got {input_shape}")
    if isinstance(classes, bool) or not isinstance(classes, int) or classes < 1:
        raise ValueError(f"classes must be a whole number of at least 1, got {classes!r}")
