"""Darknet's description of a network: the .cfg file, read into sections.

A description is text. The first section, [net], gives the size of the input; each further one is a layer, numbered
from 0, which takes the output of the layer before it unless it says otherwise:

    [net]                  # a comment; blanks don't count
    width=416
    height=416
    channels=3

    [convolutional]        # layer 0
    batch_normalize=1
    filters=16
    size=3
    stride=1
    pad=1
    activation=leaky

Read is what YOLOv3 and YOLOv3-tiny consist of: convolutional, maxpool, shortcut, route, upsample and yolo. Everything
else is refused, because a network with a part left out computes something, but not what it should.

Source: src/parser.c of https://github.com/pjreddie/darknet (commit f6afaab), whose defaults and abbreviations hold.
"""

import re
from pathlib import Path

from deepmedia.detection.darknet_sections import (
    CfgSection,
    ConvolutionalSection,
    DarknetCfg,
    MaxPoolSection,
    NetSection,
    RouteSection,
    ShortcutSection,
    UpsampleSection,
    YoloSection,
)

MOST_BYTES = 1_000_000  # of a description; YOLOv3's has 8,342


def read_cfg(path: str | Path) -> DarknetCfg:
    """Read a description from its file.

    Args:
        path: The .cfg file.

    Returns:
        The network's sections, checked.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no description, or not of a network of YOLOv3's kinds of layers.

    >>> from deepmedia.datasets import darknet_file
    >>> tiny = read_cfg(darknet_file("yolov3-tiny.cfg"))
    >>> len(tiny.layers), tiny.shapes[15]
    (24, (13, 13, 255))
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file; darknet_file('yolov3-tiny.cfg') gives the path of a description")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        size = path.stat().st_size
        raise ValueError(
            f"{path.name}: a description has at most {MOST_BYTES} bytes, this is {size}; is it the weights?"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name}: a description is text, this begins with {content[:12]!r}") from None
    return parse_cfg(text, name=path.name)


def parse_cfg(text: str, *, name: str = "cfg") -> DarknetCfg:
    r"""Read a description from its text.

    Args:
        text: Lines ``[section]``, ``key=value``, and comments, which begin with # or ;.
        name: What messages call it.

    Returns:
        The network's sections, checked.

    Raises:
        ValueError: If it is no description, or not of a network of YOLOv3's kinds of layers.

    >>> parse_cfg("[net]\nwidth=8\nheight=4\nchannels=3\n[maxpool]\nsize=2\nstride=2").shapes
    ((2, 4, 3),)
    """
    fields = _split(text, name)
    if not fields or fields[0].kind != "net":
        raise ValueError(f"{name}: a description must begin with [net]{_seen(fields)}")
    sections: list[CfgSection] = []
    for index, part in enumerate(fields):
        if index and part.kind == "net":
            raise part.complaint("a description has one [net], this is another")
        sections.append(_READERS[part.kind](part, index - 1))
        part.check_rest()
    net = sections[0]
    assert isinstance(net, NetSection)
    return DarknetCfg(name, net, tuple(sections[1:]))


ABBREVIATIONS = {"conv": "convolutional", "max": "maxpool", "network": "net"}  # as Darknet takes them
# Keys that change training, speed or nothing.
IGNORED = {
    "convolutional": {"stopbackward", "dontload", "learning_rate"},
    "yolo": {"jitter", "ignore_thresh", "truth_thresh", "random", "max"},
}


class _Fields:
    """The keys of one section, taken out one by one."""

    def __init__(self, name: str, kind: str, line: int) -> None:
        self.name, self.kind, self.line = name, kind, line
        self.values: dict[str, tuple[str, int]] = {}  # key -> value and its line

    def complaint(self, problem: str, line: int | None = None) -> ValueError:
        return ValueError(f"{self.name}, line {line or self.line}, [{self.kind}]: {problem}")

    def text(self, key: str, default: str | None = None) -> tuple[str, int]:
        """A value and its line; a missing one without default is an error."""
        found = self.values.pop(key, (default, self.line))
        if found[0] is None:
            raise self.complaint(f"{key} is missing; add a line {key}=…")
        return found[0], found[1]

    def whole(self, key: str, default: int | None = None, *, low: int, high: int) -> int:
        """A whole number within bounds."""
        value, line = self.text(key, None if default is None else str(default))
        if not re.fullmatch(r"-?[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise self.complaint(f"{key} must be a whole number {low} to {high}, got {value[:40]!r}", line)
        return int(value)

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """A word."""
        value, line = self.text(key, default)
        if value not in allowed:
            raise self.complaint(f"{key} must be {' or '.join(allowed)} in YOLOv3, got {value[:40]!r}", line)
        return value

    def wholes(self, key: str, default: str | None = None) -> tuple[list[int], int]:
        """Whole numbers between commas, and their line."""
        value, line = self.text(key, default)
        if not re.fullmatch(r"-?[0-9]{1,9}(,-?[0-9]{1,9}){0,999}", value):
            raise self.complaint(f"{key} must be whole numbers with commas between, got {value[:40]!r}", line)
        return [int(part) for part in value.split(",")], line

    def pairs(self, key: str) -> tuple[tuple[float, float], ...]:
        """Numbers above 0 between commas, two by two."""
        value, line = self.text(key)
        parts = value.split(",")
        plain = [re.fullmatch(r"[0-9]{0,9}(\.[0-9]{0,9})?", part) and part.strip(".") for part in parts]
        numbers = [float(part) for part in parts] if all(plain) else []
        if not numbers or len(numbers) % 2 or not all(0 < number <= 10_000 for number in numbers):
            rule = "must be pairs width,height above 0 with commas between"
            raise self.complaint(f"{key} {rule}, got {len(parts)} numbers {value[:40]!r}", line)
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))

    def check_rest(self) -> None:
        """Complain about keys that nobody took: they might change what the layer computes."""
        for key, (_, line) in self.values.items():
            if self.kind != "net" and key not in IGNORED.get(self.kind, set()):
                raise self.complaint(
                    f"YOLOv3's layers have no key {key[:40]!r}; is it misspelt, or of a later YOLO?", line
                )


def _split(text: str, name: str) -> list[_Fields]:
    """The sections of a text with their keys."""
    sections: list[_Fields] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = "".join(raw.split())  # Darknet drops all blanks, too
        key, sign, value = line.partition("=")
        if not line or line[0] in "#;":
            continue
        if line[0] == "[" and line[-1] == "]":
            kind = ABBREVIATIONS.get(line[1:-1], line[1:-1])
            if kind not in _READERS:
                known = ", ".join(_READERS)
                raise ValueError(f"{name}, line {number}: [{kind[:40]}] is no section of YOLOv3, which has {known}")
            sections.append(_Fields(name, kind, number))
        elif not (key and sign and value) or line[0] == "[":
            raise ValueError(
                f"{name}, line {number}: must be [section], key=value or # comment, got {raw.strip()[:60]!r}"
            )
        elif not sections:
            raise ValueError(f"{name}, line {number}: {key[:40]} stands before the first section; begin with [net]")
        elif key in sections[-1].values:
            raise sections[-1].complaint(f"{key[:40]} is there twice; delete one", number)
        else:
            sections[-1].values[key] = value, number
    return sections


def _seen(fields: list[_Fields]) -> str:
    return f", this begins with [{fields[0].kind}] in line {fields[0].line}" if fields else ", this has no section"


def _net(fields: _Fields, index: int) -> NetSection:
    height, width = (fields.whole(key, low=1, high=4096) for key in ("height", "width"))
    return NetSection(fields.line, height, width, fields.whole("channels", low=1, high=4))


def _convolutional(fields: _Fields, index: int) -> ConvolutionalSection:
    size = fields.whole("size", low=1, high=31)
    padding = fields.whole("padding", 0, low=0, high=31)
    for key in ("groups", "binary", "xnor", "flipped"):  # others are not YOLOv3's
        fields.one_of(key, ("1",) if key == "groups" else ("0",), "1" if key == "groups" else "0")
    return ConvolutionalSection(
        fields.line,
        filters=fields.whole("filters", low=1, high=8192),
        size=size,
        stride=fields.whole("stride", 1, low=1, high=8),
        padding=size // 2 if fields.whole("pad", 0, low=0, high=1) else padding,
        activation=fields.one_of("activation", ("leaky", "linear")),
        batch_normalize=fields.whole("batch_normalize", 0, low=0, high=1) == 1,
    )


def _maxpool(fields: _Fields, index: int) -> MaxPoolSection:
    stride = fields.whole("stride", 1, low=1, high=2)
    size = fields.whole("size", stride, low=1, high=31)
    fields.one_of("padding", (str(size - 1),), str(size - 1))
    if stride == 2 and size != 2:
        raise fields.complaint(f"with stride 2 size must be 2 in YOLOv3, got {size}")
    return MaxPoolSection(fields.line, size, stride)


def _shortcut(fields: _Fields, index: int) -> ShortcutSection:
    fields.one_of("activation", ("linear",), "linear")
    sources, line = fields.wholes("from")
    if len(sources) != 1:
        raise fields.complaint(f"from must be one layer, got {len(sources)}", line)
    return ShortcutSection(fields.line, _counted_from_start(sources[0], index))


def _route(fields: _Fields, index: int) -> RouteSection:
    return RouteSection(fields.line, tuple(_counted_from_start(i, index) for i in fields.wholes("layers")[0]))


def _counted_from_start(source: int, index: int) -> int:
    """A layer's number; below 0 it counts back from the layer that names it."""
    return source + index if source < 0 else source


def _upsample(fields: _Fields, index: int) -> UpsampleSection:
    fields.one_of("scale", ("1",), "1")
    return UpsampleSection(fields.line, fields.whole("stride", 2, low=1, high=8))


def _yolo(fields: _Fields, index: int) -> YoloSection:
    anchors = fields.pairs("anchors")
    if fields.whole("num", low=1, high=999) != len(anchors):
        raise fields.complaint(f"num must be the number of pairs in anchors, {len(anchors)}")
    mask, line = fields.wholes("mask", ",".join(map(str, range(len(anchors)))))
    if not all(0 <= number < len(anchors) for number in mask):
        raise fields.complaint(f"mask must hold numbers of anchors, 0 to {len(anchors) - 1}, got {mask}", line)
    classes = fields.whole("classes", low=1, high=10_000)
    return YoloSection(fields.line, tuple(anchors[number] for number in mask), classes)


_READERS = {
    "net": _net,
    "convolutional": _convolutional,
    "maxpool": _maxpool,
    "shortcut": _shortcut,
    "route": _route,
    "upsample": _upsample,
    "yolo": _yolo,
}
