"""One file, one picture: read it whole and in the right colours, or say what is wrong with it.

OpenCV decodes. Here is what it leaves to its caller: half a JPEG is no picture
(OpenCV would fill the rest with grey), its colours come in the order blue,
green, red, and what is transparent has to lie on something. Damage is refused
where it can be told, see `read_picture`.
"""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.cnn.jpeg_damage import decode_jpeg

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")  # of files that count as pictures
SMALLEST = 8  # pixels; what is smaller shows no garment, but perhaps a web page's counter

# The first bytes of each kind of file, and what else a shop's folder may hold under a picture's name.
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"BM": "BMP", b"RIFF": "WebP"}
_OTHERS = {b"<": "a web page or other text with tags", b"GIF8": "a GIF, perhaps of several pictures", b"%PDF": "a PDF"}


class BadPicture(ValueError):
    """A file is no usable picture; the text names the file, the rule and the way out."""


def read_picture(
    path: str | Path, *, channels: int = 3, background: int = 255, smallest: int = SMALLEST
) -> NDArray[np.uint8]:
    """The picture in a file.

    It is turned upright as its camera noted (EXIF), unless parts of it are
    transparent. What is transparent shows the background. 16 bits a channel are
    reduced to 8. Of an animation the first picture counts. The one transparent
    value that a grey PNG may name is not seen. A BMP that says of each pixel that
    it is transparent counts as opaque: many programs leave that byte empty.

    What can be told of damage: a file of any kind that ends too early; any changed
    byte of a PNG, by its checksums; a JPEG whose compressed data end too early, go
    on too long, or hold codes that do not exist, by what its decoder writes to
    standard error. What can't: a change that leaves another readable JPEG or WebP
    (of single changed bits in a JPEG about a third are seen, of twenty all), and any
    change of a BMP's pixels. Look at your pictures.

    Args:
        path: A PNG, JPEG, BMP or WebP file; its content counts, not its suffix.
        channels: 3 for RGB, 1 for grey (0.299 red + 0.587 green + 0.114 blue).
        background: Grey value, 0 (black) to 255 (white), behind transparent pixels.
        smallest: Least height and width in pixels.

    Returns:
        uint8 (height, width, channels), 0 to 255.

    Raises:
        FileNotFoundError: If there is no such file.
        BadPicture: If the file is empty, cut off, damaged as far as can be told, no picture, or too small.
        ValueError: If channels is neither 1 nor 3, or background is no grey value.
    """
    check_channels(channels)
    check_background(background)
    data = Path(path).read_bytes()
    kind = _kind(data, path)
    if not _is_whole(data, kind):
        raise BadPicture(f"{path} is a {kind} that is cut off or damaged; copy or download it again, or remove it")
    decoded, damage = decode_jpeg(lambda: _decoded(data, kind)) if kind == "JPEG" else (_decoded(data, kind), "")
    if damage:
        raise BadPicture(f"{path} is a JPEG with damage inside ({damage}); copy or download it again, or remove it")
    if decoded is None:
        raise BadPicture(f"{path} begins like a {kind}, but can't be decoded; copy or download it again, or remove it")
    height, width = decoded.shape[:2]
    if min(height, width) < smallest:
        raise BadPicture(
            f"{path} is {height} × {width} pixels, both sides must be at least {smallest}; find a larger version, "
            "remove it, or lower smallest"
        )
    return _in_colours(decoded, channels, background)


def check_channels(channels: int) -> None:
    """Complain about a number of channels that pictures can't be read in."""
    if channels not in {1, 3}:
        raise ValueError(f"channels must be 3 (RGB) or 1 (grey), got {channels}; transparency is put on the background")


def check_background(background: int) -> None:
    """Complain about a background that is no grey value."""
    if background not in range(256):
        raise ValueError(f"background must be a whole grey value from 0 (black) to 255 (white), got {background}")


def resize_and_pad(picture: NDArray[np.uint8], size: tuple[int, int], *, background: int = 255) -> NDArray[np.uint8]:
    """A picture brought to a size without changing its proportions.

    The longer side (by the target's proportions) fills the target; the rest is
    background on both sides. Shrinking averages over areas, so that nothing
    fine turns into a coarse pattern.

    Args:
        picture: uint8 (height, width, channels).
        size: Height and width in pixels.
        background: Grey value of what is added, 0 (black) to 255 (white).

    Returns:
        uint8 (size[0], size[1], channels).

    Raises:
        TypeError: If the picture is not uint8.
        ValueError: If picture or size have no such shape or a side of 0, or background is no grey value.
    """
    check_background(background)
    if picture.ndim != 3 or 0 in picture.shape:
        raise ValueError(f"picture must be (height, width, channels), got shape {picture.shape}; grey is [..., None]")
    if picture.dtype != np.uint8:
        raise TypeError(
            f"picture must be uint8, 0 to 255, got {picture.dtype}; of floats in 0..1 make it by "
            "np.round(255 * picture).astype(np.uint8)"
        )
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size must be (height, width), both at least 1, got {size}")
    if picture.shape[:2] == tuple(size):
        return picture
    scale = min(size[0] / picture.shape[0], size[1] / picture.shape[1])
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, (width, height), interpolation=method).reshape(height, width, -1)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    canvas = np.full((*size, picture.shape[2]), background, np.uint8)
    canvas[top : top + height, left : left + width] = small
    return canvas


def network_input(
    picture: str | Path | NDArray[np.uint8], shape: tuple[int, int, int], *, background: int = 0
) -> NDArray[np.float32]:
    """What a network sees of a picture.

    Args:
        picture: Path of a file, or uint8 (height, width, channels), RGB or grey as the network wants it.
        shape: Height, width and channels of the network's input.
        background: Grey value around and behind the picture.

    Returns:
        float32 of that shape, in 0..1.

    Raises:
        BadPicture: If the file is no usable picture.
        ValueError: If the array has the wrong type or channels.
    """
    *size, channels = shape
    if isinstance(picture, str | Path):
        pixels = read_picture(picture, channels=channels, background=background, smallest=1)
    else:
        pixels = picture
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != channels:
        raise ValueError(
            f"picture must be uint8 (height, width, {channels}), got {pixels.dtype} {pixels.shape}; "
            "give the file's path, or convert the array"
        )
    return resize_and_pad(pixels, (size[0], size[1]), background=background).astype(np.float32) / np.float32(255)


def _decoded(data: bytes, kind: str) -> NDArray | None:
    """What OpenCV makes of a file: grey, BGR or BGRA, in 8 or 16 bits; None if it can't decode it."""
    content = np.frombuffer(data, np.uint8)
    try:
        if kind != "JPEG":  # may be transparent: UNCHANGED keeps that, but ignores how the camera was held
            decoded = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
            if decoded is None or _is_transparent(decoded, kind):
                return decoded
        return cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error:  # more pixels than OpenCV allows
        return None


def _is_transparent(decoded: NDArray, kind: str) -> bool:
    """Whether any pixel lets the background through."""
    if decoded.ndim != 3 or decoded.shape[2] != 4:
        return False
    opacity = decoded[..., 3]
    is_empty = kind == "BMP" and not opacity.any()  # the byte is there, but nobody filled it in
    return bool(opacity.min() < np.iinfo(decoded.dtype).max) and not is_empty


def _in_colours(decoded: NDArray, channels: int, background: int) -> NDArray[np.uint8]:
    """RGB or grey of what OpenCV decoded: grey, BGR or BGRA, in 8 or 16 bits."""
    if decoded.dtype == np.uint16:
        decoded = (decoded >> 8).astype(np.uint8)
    if decoded.ndim == 3 and decoded.shape[2] == 4:
        opacity = decoded[..., 3:].astype(np.float32) / 255
        blended = decoded[..., :3] * opacity + background * (1 - opacity)
        decoded = np.round(blended).astype(np.uint8)
    if decoded.ndim == 2:
        return np.repeat(decoded[..., None], channels, axis=2)
    if channels == 1:
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2GRAY), np.uint8)[..., None]
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def _kind(data: bytes, path: str | Path) -> str:
    """PNG, JPEG, BMP or WebP, by the first bytes of a file."""
    if not data:
        raise BadPicture(f"{path} is empty (0 bytes); copy or download it again, or remove it")
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    found = next((what for start, what in _OTHERS.items() if data.lstrip().startswith(start)), None)
    raise BadPicture(
        f"{path} is not a PNG, JPEG, BMP or WebP: it is {found or f'something that begins with {data[:12]!r}'}; "
        "convert it to PNG, or remove it"
    )


def _is_whole(data: bytes, kind: str) -> bool:
    """Whether a file goes on to the end that its format prescribes."""
    try:
        if kind == "PNG":
            return _is_whole_png(data)
        if kind == "JPEG":
            return _is_whole_jpeg(data)
        start, beyond = (2, 0) if kind == "BMP" else (4, 8)  # where the length stands, and what it leaves out
        return len(data) >= struct.unpack_from("<I", data, start)[0] + beyond
    except (struct.error, IndexError, ValueError):  # the file ends within a header, or no mark follows
        return False


def _is_whole_png(data: bytes) -> bool:
    """Walk the chunks (length, type, content, checksum) up to IEND."""
    place = 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, place)
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(data[place + 4 : place + 8 + length]) != checksum:
            return False
        if kind == b"IEND":
            return True
        place += 12 + length


def _is_whole_jpeg(data: bytes) -> bool:
    """Walk the segments up to the end mark. Searching for it won't do: a preview in the header has one of its own."""
    place = 2
    while True:
        while data[place] != 0xFF or data[place + 1] in _NO_MARK:  # the compressed picture between two segments
            place = data.index(b"\xff", place + 1)
        mark = data[place + 1]
        if mark == 0xD9:
            return True
        place += 2 + struct.unpack_from(">H", data, place + 2)[0]


# Behind 0xFF: a stuffed zero, a fill byte, and marks within the compressed picture.
_NO_MARK = {0x00, 0xFF, *range(0xD0, 0xD8)}
