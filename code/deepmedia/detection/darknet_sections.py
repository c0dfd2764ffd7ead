"""The sections of a Darknet description, and what must hold for them to make a network.

Source: src/parser.c and src/*_layer.c of https://github.com/pjreddie/darknet (commit f6afaab).
"""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from deepmedia.cnn.blocks import Shape

MOST_LAYERS = 1_000
MOST_NUMBERS = 2**28  # of one feature map, and of all weights together: 1 GiB as float32


@dataclass(frozen=True)
class CfgSection:
    """What all sections have.

    Attributes:
        line: Where it begins in the file, from 1.
    """

    line: int
    kind: ClassVar[str] = ""


@dataclass(frozen=True)
class NetSection(CfgSection):
    """The input: height and width in pixels, channels."""

    height: int
    width: int
    channels: int
    kind: ClassVar[str] = "net"


@dataclass(frozen=True)
class ConvolutionalSection(CfgSection):
    """A convolution, padded on all four sides; with ``batch_normalize`` the normalisation takes the bias's place."""

    filters: int
    size: int
    stride: int
    padding: int
    activation: str
    batch_normalize: bool
    kind: ClassVar[str] = "convolutional"

    def numbers(self, channels: int) -> int:
        """How many floats it has in a .weights file, for that many input channels."""
        return (4 if self.batch_normalize else 1) * self.filters + channels * self.size**2 * self.filters


@dataclass(frozen=True)
class MaxPoolSection(CfgSection):
    """Maxima of windows; size - 1 pixels are added, half of them, rounded down, at the top and left."""

    size: int
    stride: int
    kind: ClassVar[str] = "maxpool"


@dataclass(frozen=True)
class ShortcutSection(CfgSection):
    """The sum of the layer before and another one, whose number is ``source``."""

    source: int
    kind: ClassVar[str] = "shortcut"


@dataclass(frozen=True)
class RouteSection(CfgSection):
    """The channels of one or several earlier layers, whose numbers are ``sources``, behind one another."""

    sources: tuple[int, ...]
    kind: ClassVar[str] = "route"


@dataclass(frozen=True)
class UpsampleSection(CfgSection):
    """Each pixel repeated ``stride`` times in both directions."""

    stride: int
    kind: ClassVar[str] = "upsample"


@dataclass(frozen=True)
class YoloSection(CfgSection):
    """A head: its anchors, rows (width, height) in pixels of the input, and the number of classes."""

    anchors: tuple[tuple[float, float], ...]
    classes: int
    kind: ClassVar[str] = "yolo"


@dataclass(frozen=True)
class DarknetCfg:
    """A checked description of a network.

    Attributes:
        name: Of the file, for messages.
        net: The input.
        layers: The layers in order; their numbers begin at 0.

    Raises:
        ValueError: If layers don't fit together, or are too large.
    """

    name: str
    net: NetSection
    layers: tuple[CfgSection, ...]

    def __post_init__(self) -> None:
        """Compute all shapes once, which finds what does not fit."""
        if not self.layers:
            raise ValueError(f"{self.name}: a description must have at least one layer after [net], it has none")
        if len(self.layers) > MOST_LAYERS:
            raise ValueError(f"{self.name}: a description may have {MOST_LAYERS} layers, it has {len(self.layers)}")
        _ = self.shapes

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Height, width and channels of each layer's output."""
        found: list[Shape] = []
        numbers = 0
        for index, section in enumerate(self.layers):
            shape = _shape_after(self, index, section, found)
            if math.prod(shape) > MOST_NUMBERS:
                raise self.complaint(
                    section, index, f"a feature map may hold {MOST_NUMBERS} numbers, {shape} holds more"
                )
            if isinstance(section, ConvolutionalSection):
                numbers += section.numbers(self.shape_before(index, found)[2])
            if numbers > MOST_NUMBERS:
                raise self.complaint(section, index, f"all weights together may be {MOST_NUMBERS}, here are {numbers}")
            found.append(shape)
        return tuple(found)

    def shape_before(self, index: int, shapes: tuple[Shape, ...] | list[Shape]) -> Shape:
        """What a layer takes: the output of the one before, or the image."""
        return shapes[index - 1] if index else (self.net.height, self.net.width, self.net.channels)

    def first(self, count: int | None) -> tuple[CfgSection, ...]:
        """So many layers from the first one on; all without a count."""
        if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
            raise TypeError(f"layers must be a whole number, got {count!r}")
        if count is not None and not 1 <= count <= len(self.layers):
            raise ValueError(f"layers must be 1 to {len(self.layers)} for {self.name}, got {count}")
        return self.layers[:count]

    def at(self, height: int, width: int) -> "DarknetCfg":
        """The same network for images of another size.

        Raises:
            ValueError: If the size is none, or feature maps that are joined would then differ.
        """
        for name, side in (("height", height), ("width", width)):
            if isinstance(side, bool) or not isinstance(side, int | np.integer) or not 1 <= side <= 4096:
                raise ValueError(f"{name} must be a whole number 1 to 4096, in pixels, got {side!r}")
        return replace(self, net=replace(self.net, height=int(height), width=int(width)))

    def complaint(self, section: CfgSection, index: int | None, problem: str) -> ValueError:
        """The error that says where something is wrong."""
        layer = "" if index is None else f" (layer {index})"
        return ValueError(f"{self.name}, line {section.line}, [{section.kind}]{layer}: {problem}")


def _shape_after(cfg: DarknetCfg, index: int, section: CfgSection, shapes: list[Shape]) -> Shape:
    """Height, width and channels of a layer's output, from those of the earlier ones."""
    if isinstance(section, RouteSection):
        parts = [_earlier(cfg, index, section, source, shapes) for source in section.sources]
        if len({part[:2] for part in parts}) > 1:
            sizes = ", ".join(f"layer {i} {shape}" for i, shape in zip(section.sources, parts, strict=True))
            raise cfg.complaint(section, index, f"what is joined must have one height and width, got {sizes}{_SIZES}")
        return (*parts[0][:2], sum(part[2] for part in parts))
    if index and isinstance(cfg.layers[index - 1], YoloSection):
        raise cfg.complaint(section, index, f"layer {index - 1} is a head, which nothing may follow but a [route]")
    before = height, width, channels = cfg.shape_before(index, shapes)
    if isinstance(section, ShortcutSection):
        other = _earlier(cfg, index, section, section.source, shapes)
        if other != before:
            raise cfg.complaint(section, index, f"both terms must have one shape, got {before} and {other}{_SIZES}")
        return before
    if isinstance(section, UpsampleSection):
        return height * section.stride, width * section.stride, channels
    if isinstance(section, YoloSection):
        expected = len(section.anchors) * (5 + section.classes)
        if channels != expected:
            raise cfg.complaint(
                section,
                index,
                f"{len(section.anchors)} anchors and {section.classes} classes need {expected} channels, "
                f"{len(section.anchors)} · (5 + classes), the layer before gives {channels}; change its filters",
            )
        return before
    if isinstance(section, MaxPoolSection):
        return (height - 1) // section.stride + 1, (width - 1) // section.stride + 1, channels
    assert isinstance(section, ConvolutionalSection)
    sides = [(side + 2 * section.padding - section.size) // section.stride + 1 for side in (height, width)]
    if min(sides) < 1:
        raise cfg.complaint(
            section, index, f"a kernel of {section.size} pixels needs a larger input than {before}; enlarge the images"
        )
    return sides[0], sides[1], section.filters


_SIZES = "; are height and width of the images multiples of the network's largest step, 32 for YOLOv3?"


def _earlier(cfg: DarknetCfg, index: int, section: CfgSection, source: int, shapes: list[Shape]) -> Shape:
    """The shape of an earlier layer that a section names."""
    if not index:
        raise cfg.complaint(section, index, f"no layer is before it, got {source}")
    if not 0 <= source < index:
        raise cfg.complaint(section, index, f"it may name layers 0 to {index - 1}, or -1 to -{index}, got {source}")
    if isinstance(cfg.layers[source], YoloSection):
        raise cfg.complaint(section, index, f"layer {source} is a head, whose output no layer may take")
    return shapes[source]
