"""A YOLOv3 small enough to train on two cores: the same blocks, heads and scales, fewer and narrower.

Source: Redmon and Farhadi (2018), "YOLOv3: An Incremental Improvement", arXiv:1804.02767v1: the block of Table 1, the
three scales of Sec. 2.3.
Departs from it: the first two convolutions halve the side each, so that all residual blocks work on an eighth of it
or less; 7 of these in place of 23; one convolution before each head, and one before each enlargement, in place of
six; normalisation is Keras's, whose moving averages keep 0.97 a step, since a training has some thousand steps here.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike

from deepmedia.arguments import check_count
from deepmedia.cnn.blocks import Shape, check_input_shape
from deepmedia.detection.heads import BOX_NUMBERS, YOLOHead
from deepmedia.keras_internals import place_of

# [numbers]
STEM = (12, 24)  # filters of the convolutions to a half and a quarter of the side
STAGES = ((48, 1), (96, 3), (192, 3))  # filters and residual blocks on an 8th, 16th and 32nd of the side
NECK = (48, 64, 96)  # filters in front of the heads on an 8th, 16th and 32nd; the heads' own have twice as many
# coarsest head first, width and height in pixels of a 320 x 320 input: `anchors_by_k_means` with seed 0 on the boxes of
# garment_scenes("train", 1000), rounded
SMALL_ANCHORS = (
    ((119, 79), (83, 116), (122, 134)),
    ((45, 64), (73, 43), (65, 83)),
    ((22, 32), (36, 21), (35, 42)),
)
# [/numbers]
COARSEST = 32  # pixels of a cell's side
LEAK = 0.1  # slope of the activation below 0
MOMENTUM = 0.97  # of the moving averages in the normalisation
SHARE_WITH_OBJECT = 0.01  # of the anchors: what objectness says before it has learned anything


def small_yolo(
    input_shape: Shape = (320, 320, 3), *, classes: int = 10, anchors: Sequence[ArrayLike] = SMALL_ANCHORS
) -> keras.Model:
    """YOLOv3's design with about a million weights.

    Args:
        input_shape: Height, width and channels; the sides are multiples of 32 pixels.
        classes: Their number.
        anchors: Of three heads, coarsest first, rows (width, height) in pixels of the input, such as
            `anchors_by_k_means` finds them. Each head may have another number.

    Returns:
        A model from images in 0..1, float (n, height, width, channels), to three raw heads, float (n, rows, columns,
        anchors, 5 + classes), with cells of 32, 16 and 8 pixels.

    Raises:
        ValueError: If the shape, the number of classes or the anchors are none that the network can have.
    """
    check_input_shape(input_shape, smallest=COARSEST, network="small_yolo")
    check_count("classes", classes)
    if input_shape[0] % COARSEST or input_shape[1] % COARSEST:
        raise ValueError(f"input_shape must have sides that are multiples of {COARSEST}, got {input_shape}")
    if len(anchors) != len(STAGES):
        raise ValueError(f"anchors must be rows (width, height) for each of {len(STAGES)} heads, got {len(anchors)}")
    images = keras.Input(input_shape, name="images")
    fine, middle, coarse = backbone(images)
    fine_filters, middle_filters, coarse_filters = NECK

    coarse = darknet_conv(coarse, coarse_filters, 1, name="neck32")
    middle = enlarged_beside(coarse, middle, middle_filters, name="neck16")
    fine = enlarged_beside(middle, fine, fine_filters, name="neck8")
    features = {"head32": coarse, "head16": middle, "head8": fine}
    heads = [raw_head(x, table, classes, name=name) for (name, x), table in zip(features.items(), anchors, strict=True)]
    model = keras.Model(images, heads, name="small_yolo")
    doubt_objects(model)
    return model


def backbone(x: keras.KerasTensor) -> tuple[keras.KerasTensor, ...]:
    """Feature maps on an 8th, 16th and 32nd of the images' sides."""
    for number, filters in enumerate(STEM):
        x = darknet_conv(x, filters, 3, strides=2, name=f"stem{2 ** (number + 1)}")
    maps = []
    for stage, (filters, blocks) in enumerate(STAGES):
        name = f"stage{8 * 2**stage}"
        x = darknet_conv(x, filters, 3, strides=2, name=f"{name}_down")
        for block in range(blocks):
            x = darknet_block(x, filters, name=f"{name}_block{block + 1}")
        maps.append(x)
    return tuple(maps)


def darknet_conv(
    x: keras.KerasTensor, filters: int, kernel_size: int, *, strides: int = 1, name: str
) -> keras.KerasTensor:
    """Convolution, batch normalisation, leaky ReLU, as everywhere in YOLOv3.

    Args:
        x: Features, float (n, height, width, channels).
        filters: Channels of the output.
        kernel_size: Side of the kernel.
        strides: Step; 2 halves height and width.
        name: Prefix of the layers' names.

    Returns:
        Features, float (n, height / strides, width / strides, filters).
    """
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn")(x)
    return layers.LeakyReLU(LEAK, name=f"{name}_leaky")(x)


def darknet_block(x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    """Darknet-53's residual block: half as many channels by a 1x1, back by a 3x3, and the shortcut (Table 1)."""
    y = darknet_conv(x, filters // 2, 1, name=f"{name}_1")
    y = darknet_conv(y, filters, 3, name=f"{name}_2")
    return layers.Add(name=f"{name}_add")([x, y])


def enlarged_beside(
    coarse: keras.KerasTensor, fine: keras.KerasTensor, filters: int, *, name: str
) -> keras.KerasTensor:
    """What the coarse map says, enlarged to the fine one and laid beside it (Sec. 2.3)."""
    x = darknet_conv(coarse, filters, 1, name=f"{name}_narrow")
    x = layers.UpSampling2D(2, name=f"{name}_enlarge")(x)
    x = layers.Concatenate(name=f"{name}_beside")([x, fine])
    return darknet_conv(x, filters, 1, name=name)


def raw_head(x: keras.KerasTensor, anchors: ArrayLike, classes: int, *, name: str) -> keras.KerasTensor:
    """The numbers of each cell and anchor, float (n, rows, columns, anchors, 5 + classes)."""
    x = darknet_conv(x, 2 * x.shape[-1], 3, name=f"{name}_features")
    x = layers.Conv2D(
        len(np.asarray(anchors)) * (BOX_NUMBERS + classes),
        1,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),  # as in arXiv:1708.02002, Sec. 4.1
        name=f"{name}_raw",
    )(x)
    return YOLOHead(anchors, name=name)(x)


def doubt_objects(model: keras.Model) -> None:
    """Begin with little objectness everywhere, or thousands of anchors without an object are all that is learned first.

    Args:
        model: A new network whose heads are all of `raw_head`; the biases of their last convolutions are set.

    Source: Lin et al. (2017), "Focal Loss for Dense Object Detection", arXiv:1708.02002, Sec. 3.3 and 4.1.
    """
    for head in model.outputs:
        convolution = model.get_layer(f"{place_of(head).operation.name}_raw")
        bias = np.zeros(convolution.bias.shape, np.float32).reshape(head.shape[-2], -1)
        bias[:, BOX_NUMBERS - 1] = np.log(SHARE_WITH_OBJECT / (1 - SHARE_WITH_OBJECT))
        convolution.bias.assign(bias.ravel())
