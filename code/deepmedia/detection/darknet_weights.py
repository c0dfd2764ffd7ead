"""Darknet's .weights files, read and written.

All numbers are little-endian. First a header:

    ======  ======  =====================================================
    offset  type    value
    ======  ======  =====================================================
    0       int32   major version
    4       int32   minor version
    8       int32   revision
    12      uint64  images seen in training, from version 0.2 on;
            uint32  before that
    ======  ======  =====================================================

Then, for each convolution in the order of the description, float32 numbers: the biases, or with batch normalisation
beta, gamma, mean and variance, each one number a filter; and the kernel as (filters, channels, height, width). No name
and no shape stands in the file, so only a description tells what a number is, and only the length can be checked.

Source: src/parser.c, load_weights_upto and save_weights_upto, of https://github.com/pjreddie/darknet (commit f6afaab).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from deepmedia.detection.darknet_sections import ConvolutionalSection, DarknetCfg
from deepmedia.whole_files import written_whole

VERSION = (0, 2, 0)  # that we write, as Darknet does
_Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DarknetConvolution:
    """The numbers of one convolution, float32.

    Attributes:
        layer: Its number in the description.
        kernel: (height, width, channels, filters), as Keras wants it.
        bias: (filters,); beta where it is normalised.
        gamma, mean, variance: (filters,); None where it is not normalised.
    """

    layer: int
    kernel: _Floats
    bias: _Floats
    gamma: _Floats | None = None
    mean: _Floats | None = None
    variance: _Floats | None = None


@dataclass(frozen=True, eq=False)
class DarknetWeights:
    """What a .weights file holds.

    Attributes:
        convolutions: In the order of the description.
        seen: Images that were shown in training, which Darknet counts.
        version: Major, minor, revision.
    """

    convolutions: Sequence[DarknetConvolution]
    seen: int = 0
    version: tuple[int, int, int] = VERSION


def numbers_of(cfg: DarknetCfg, layers: int | None = None) -> int:
    """How many floats the first layers of a network have in a .weights file; all of them without ``layers``.

    >>> from deepmedia.datasets import darknet_file
    >>> from deepmedia.detection.darknet_cfg import read_cfg
    >>> numbers_of(read_cfg(darknet_file("yolov3.cfg")))
    62001757
    """
    return sum(section.numbers(channels) for _, section, channels in _convolutions(cfg, layers))


def read_darknet_weights(path: str | Path, cfg: DarknetCfg, *, layers: int | None = None) -> DarknetWeights:
    """Read a .weights file.

    The length is compared with the description before anything is read.

    Args:
        path: The file.
        cfg: The network's description.
        layers: Read only so many layers of the description, from the first one on. The file may then hold more, for
            example another head.

    Returns:
        The numbers, in new arrays.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, holds more or fewer numbers than the description asks for, a number that is
            not finite, or a variance below 0.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file; fetch('darknet/yolov3-tiny.weights') gets the official tiny ones")
    with path.open("rb") as file:
        version, seen, header = _read_header(file, path)
        _check_length(file, path, cfg, layers, header)
        read = [
            _read_convolution(file, path, index, section, channels)
            for index, section, channels in _convolutions(cfg, layers)
        ]
    return DarknetWeights(read, seen, version)


def write_darknet_weights(
    path: str | Path, weights: DarknetWeights, cfg: DarknetCfg, *, layers: int | None = None
) -> None:
    """Write a .weights file of version 0.2, under a temporary name until it is whole.

    Args:
        path: The file; one that is there is replaced.
        weights: The numbers, one entry for each convolution.
        cfg: The network's description.
        layers: Write only so many layers of the description.

    Raises:
        FileNotFoundError: If the folder does not exist.
        ValueError: If the numbers don't fit the description, or one is not finite; nothing is written then.
    """
    wanted = _convolutions(cfg, layers)
    if [each.layer for each in weights.convolutions] != [index for index, _, _ in wanted]:
        given = [each.layer for each in weights.convolutions]
        raise ValueError(f"{cfg.name} has convolutions {[index for index, _, _ in wanted]}, weights are of {given}")
    for numbers, (_, section, channels) in zip(weights.convolutions, wanted, strict=True):
        _check_convolution(numbers, section, channels)
    if not 0 <= weights.seen < 2**64:
        raise ValueError(f"seen must be a count of images, 0 to 2**64 - 1, got {weights.seen}")
    with written_whole(path) as file:
        file.write(struct.pack("<iiiQ", *VERSION, weights.seen))
        for numbers in weights.convolutions:
            for array in (numbers.bias, numbers.gamma, numbers.mean, numbers.variance):
                if array is not None:
                    file.write(array.astype("<f4").tobytes())
            file.write(numbers.kernel.transpose(3, 2, 0, 1).astype("<f4").tobytes())  # HWIO -> OIHW


def _convolutions(cfg: DarknetCfg, layers: int | None) -> list[tuple[int, ConvolutionalSection, int]]:
    """Number, section and input channels of each convolution among the first layers."""
    shapes = cfg.shapes
    return [
        (index, section, cfg.shape_before(index, shapes)[2])
        for index, section in enumerate(cfg.first(layers))
        if isinstance(section, ConvolutionalSection)
    ]


def _read_header(file: BinaryIO, path: Path) -> tuple[tuple[int, int, int], int, int]:
    """Version, images seen, and the header's length."""
    start = file.read(20)
    if len(start) < 20:
        raise ValueError(
            f"{path.name}: a weights file begins with a header of 16 or 20 bytes, this has {len(start)} in all"
        )
    major, minor, revision = struct.unpack("<3i", start[:12])
    long = 10 * major + minor >= 2 and major < 1000 and minor < 1000  # Darknet's own rule
    (seen,) = struct.unpack("<Q" if long else "<I", start[12 : 20 if long else 16])
    header = 20 if long else 16
    file.seek(header)
    return (major, minor, revision), seen, header


def _check_length(file: BinaryIO, path: Path, cfg: DarknetCfg, layers: int | None, header: int) -> None:
    """Compare the file's length with the description's, before anything is allocated."""
    held, wanted = path.stat().st_size, header + 4 * numbers_of(cfg, layers)
    if held == wanted or (layers is not None and held > wanted):
        return
    file.seek(0)
    start = file.read(40)
    file.seek(header)
    if start.lstrip()[:1] == b"<":
        raise ValueError(f"{path.name} is a web page, not weights: it begins with {start!r}; download the file again")
    whose = cfg.name if layers is None else f"the first {layers} layers of {cfg.name}"
    hint = "is the file cut off, or of another network?" if held < wanted else "is it of another network?"
    raise ValueError(
        f"{path.name} has {held} bytes, and must have {wanted} for {whose}: {header} of header and 4 for each of "
        f"{(wanted - header) // 4} numbers; {hint}"
    )


def _read_convolution(
    file: BinaryIO, path: Path, index: int, section: ConvolutionalSection, channels: int
) -> DarknetConvolution:
    """The next convolution of an open file."""
    filters, size = section.filters, section.size
    vectors = [_read_numbers(file, path, filters) for _ in range(4 if section.batch_normalize else 1)]
    kernel = _read_numbers(file, path, filters * channels * size * size).reshape(filters, channels, size, size)
    numbers = DarknetConvolution(index, np.ascontiguousarray(kernel.transpose(2, 3, 1, 0)), *vectors)  # OIHW -> HWIO
    _check_convolution(numbers, section, channels, path.name)
    return numbers


def _read_numbers(file: BinaryIO, path: Path, count: int) -> _Floats:
    content = file.read(4 * count)
    if len(content) < 4 * count:
        raise ValueError(f"{path.name} got shorter while it was read; is another program writing it?")
    return np.frombuffer(content, "<f4").astype(np.float32)


def _check_convolution(
    numbers: DarknetConvolution, section: ConvolutionalSection, channels: int, source: str = "weights"
) -> None:
    """Complain about shapes that don't fit, and about numbers that no training gives."""
    count, vector = 4 if section.batch_normalize else 1, (section.filters,)
    shapes: dict[str, tuple[int, ...]] = {"kernel": (section.size, section.size, channels, section.filters)}
    shapes |= dict.fromkeys(("bias", "gamma", "mean", "variance")[:count], vector)
    for name in ("bias", "gamma", "mean", "variance", "kernel"):
        array, place = getattr(numbers, name), f"{source}: {name} of layer {numbers.layer}"
        shape, found = shapes.get(name), None if array is None else array.shape
        if found != shape:
            raise ValueError(f"{place} must be of shape {shape}, got {found}")
        if array is not None and not np.isfinite(array).all():
            raise ValueError(f"{place} has a number that is not finite; it is damaged, or of another network")
    if numbers.variance is not None and (numbers.variance < 0).any():
        raise ValueError(f"{source}: variance of layer {numbers.layer} has a number below 0; is it of another network?")
