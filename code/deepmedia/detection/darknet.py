"""Networks that Darknet describes, as Keras models: built from the .cfg, with the .weights loaded and written.

Source: https://github.com/pjreddie/darknet (commit f6afaab), src/parser.c, src/convolutional_layer.c,
src/maxpool_layer.c, src/activations.h.
"""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers as keras_layers

from deepmedia.cnn.weight_copying import copy_weights
from deepmedia.detection.darknet_cfg import read_cfg
from deepmedia.detection.darknet_sections import (
    CfgSection,
    ConvolutionalSection,
    DarknetCfg,
    MaxPoolSection,
    RouteSection,
    ShortcutSection,
    UpsampleSection,
    YoloSection,
)
from deepmedia.detection.darknet_weights import (
    DarknetConvolution,
    DarknetWeights,
    read_darknet_weights,
    write_darknet_weights,
)
from deepmedia.detection.heads import YOLOHead, anchors_of
from deepmedia.detection.normalisation import DarknetNormalisation

LEAK = 0.1  # slope of the activation below 0


def load_darknet(
    cfg: str | Path | DarknetCfg,
    weights: str | Path,
    *,
    size: int | tuple[int, int] | None = None,
    layers: int | None = None,
) -> keras.Model:
    """A network of Darknet's with its trained weights.

    Args:
        cfg: The path of the .cfg file, or what `read_cfg` made of it.
        weights: The path of the .weights file. Its length is checked before the network is built.
        size: Side of the images in pixels, or (height, width), a multiple of 32 for YOLOv3; without it the
            description's own.
        layers: Load only so many layers, from the first one on: 75 of YOLOv3 are Darknet-53's body. The file may
            then hold more than that.

    Returns:
        The model of `darknet_network`, with these weights.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If the description is none, of other kinds of layers, or does not fit the size; if the weights are
            none, cut off, of another network, or hold numbers that are not finite.
    """
    cfg = _at_size(cfg, size)
    read = read_darknet_weights(weights, cfg, layers=layers)
    model = _network(cfg, layers, initialiser="zeros")
    for numbers in read.convolutions:
        if numbers.gamma is None:
            model.get_layer(f"conv_{numbers.layer}").set_weights([numbers.kernel, numbers.bias])
        else:
            model.get_layer(f"conv_{numbers.layer}").set_weights([numbers.kernel])
            statistics = [numbers.gamma, numbers.bias, numbers.mean, numbers.variance]
            model.get_layer(f"bn_{numbers.layer}").set_weights(statistics)
    return model


def darknet_network(
    cfg: str | Path | DarknetCfg, *, size: int | tuple[int, int] | None = None, layers: int | None = None
) -> keras.Model:
    """A network as Darknet's description says, with random weights.

    Args:
        cfg: The path of the .cfg file, or what `read_cfg` made of it.
        size: As in `load_darknet`.
        layers: As in `load_darknet`.

    Returns:
        The model, from RGB images in 0..1, float32 (n, height, width, 3), to a list of raw heads in the description's
        order, in YOLOv3 the coarsest grid first: each (n, rows, columns, anchors, 5 + classes) from a `YOLOHead`.
        Where there is one head the output is its tensor; where ``layers`` leaves none, the last layer's feature maps.
        Layer 12 is called conv_12 with bn_12 and leaky_12, or maxpool_12, shortcut_12, route_12, upsample_12, yolo_12.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As in `load_darknet`.
    """
    return _network(_at_size(cfg, size), layers)


def save_darknet(
    model: keras.Model,
    cfg: str | Path | DarknetCfg,
    path: str | Path,
    *,
    layers: int | None = None,
    seen: int = 0,
) -> None:
    """Write a model's weights as a .weights file, which Darknet and OpenCV read.

    Args:
        model: A network connected as the description says, whatever its layers are called: of `load_darknet`,
            `yolo_v3` or `yolo_v3_tiny`.
        cfg: Its description.
        path: The file; one that is there is replaced once the new one is whole.
        layers: Where the model has only so many layers of the description.
        seen: Images that were shown in training, for the header.

    Raises:
        FileNotFoundError: If a file or folder is not there.
        ValueError: If model and description differ, or a weight is not finite; nothing is written then.
    """
    cfg = _at_size(cfg, None)
    twin = _network(cfg, layers, initialiser="zeros")
    try:
        copy_weights(model, twin)
    except ValueError as error:
        raise ValueError(f"model {model.name} is not what {cfg.name} describes: {error}") from None
    if any(isinstance(section, YoloSection) for section in cfg.first(layers)):
        _check_anchors(model, twin, cfg)
    convolutions = [
        _numbers(twin, index, section)
        for index, section in enumerate(cfg.first(layers))
        if isinstance(section, ConvolutionalSection)
    ]
    write_darknet_weights(path, DarknetWeights(convolutions, seen), cfg, layers=layers)


def _at_size(cfg: str | Path | DarknetCfg, size: int | tuple[int, int] | None) -> DarknetCfg:
    """The description, for images of that size."""
    cfg = cfg if isinstance(cfg, DarknetCfg) else read_cfg(cfg)
    if size is None:
        return cfg
    sides = list(size) if isinstance(size, Sequence) else [size, size]
    if len(sides) != 2:
        raise ValueError(f"size must be a side in pixels, or (height, width), got {size!r}")
    return cfg.at(*sides)


def _network(cfg: DarknetCfg, layers: int | None, initialiser: str = "glorot_uniform") -> keras.Model:
    """The network; random kernels cost seconds, which one that gets its weights from elsewhere need not spend."""
    x = inputs = keras.Input((cfg.net.height, cfg.net.width, cfg.net.channels), name="image")
    sections, outputs = cfg.first(layers), list[keras.KerasTensor]()
    for index, section in enumerate(sections):
        x = _layer(section, index, x, outputs, initialiser)
        outputs.append(x)
    heads = [output for output, section in zip(outputs, sections, strict=True) if isinstance(section, YoloSection)]
    if len(heads) < 2:
        heads = heads[0] if heads else outputs[-1]
    return keras.Model(inputs, heads, name=Path(cfg.name).stem.replace(".", "_"))


def _layer(
    section: CfgSection,
    index: int,
    x: keras.KerasTensor,
    outputs: list[keras.KerasTensor],
    initialiser: str,
) -> keras.KerasTensor:
    """Add the layer of a section; ``x`` comes from the one before."""
    name = f"{section.kind}_{index}"
    if isinstance(section, ConvolutionalSection):
        return _convolutional(section, index, x, initialiser)
    if isinstance(section, MaxPoolSection):  # what Darknet adds at the edges is what "same" adds
        return keras_layers.MaxPooling2D(section.size, section.stride, padding="same", name=name)(x)
    if isinstance(section, ShortcutSection):
        return keras_layers.Add(name=name)([x, outputs[section.source]])
    if isinstance(section, RouteSection):
        parts = [outputs[source] for source in section.sources]
        return keras_layers.Concatenate(name=name)(parts) if len(parts) > 1 else parts[0]
    if isinstance(section, UpsampleSection):
        return keras_layers.UpSampling2D(section.stride, name=name)(x)
    assert isinstance(section, YoloSection)
    return YOLOHead(section.anchors, name=name)(x)


def _convolutional(
    section: ConvolutionalSection, index: int, x: keras.KerasTensor, initialiser: str
) -> keras.KerasTensor:
    """Padding, convolution, normalisation, activation.

    With stride 2 Keras's "same" would add a row below and a column at the right, where Darknet adds them on all sides.
    """
    same = section.stride == 1 and 2 * section.padding == section.size - 1
    if section.padding and not same:
        x = keras_layers.ZeroPadding2D(section.padding, name=f"pad_{index}")(x)
    x = keras_layers.Conv2D(
        section.filters,
        section.size,
        strides=section.stride,
        padding="same" if same else "valid",
        use_bias=not section.batch_normalize,
        kernel_initializer=initialiser,
        name=f"conv_{index}",
    )(x)
    if section.batch_normalize:
        x = DarknetNormalisation(name=f"bn_{index}")(x)
    return keras_layers.LeakyReLU(LEAK, name=f"leaky_{index}")(x) if section.activation == "leaky" else x


def _numbers(model: keras.Model, index: int, section: ConvolutionalSection) -> DarknetConvolution:
    """One convolution's weights, in Darknet's words."""
    kernel, *bias = model.get_layer(f"conv_{index}").get_weights()
    if not section.batch_normalize:
        return DarknetConvolution(index, kernel, *bias)
    gamma, beta, mean, variance = model.get_layer(f"bn_{index}").get_weights()
    return DarknetConvolution(index, kernel, beta, gamma, mean, variance)


def _check_anchors(model: keras.Model, twin: keras.Model, cfg: DarknetCfg) -> None:
    """Complain if the heads' anchors are not those of the description, whose boxes would then be others."""
    for number, (ours, described) in enumerate(zip(anchors_of(model), anchors_of(twin), strict=True)):
        if not np.array_equal(ours, described):
            raise ValueError(
                f"head {number} of model {model.name} has anchors {ours.tolist()}, {cfg.name} says "
                f"{described.tolist()}; write the model's into the description"
            )
