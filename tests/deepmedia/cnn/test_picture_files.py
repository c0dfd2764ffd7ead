import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from deepmedia.cnn.picture_files import BadPicture, read_picture, resize_and_pad

COLOURS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8).repeat(8, 0).repeat(8, 1)


def encoded(suffix, picture, *options):
    return cv2.imencode(suffix, picture, list(options))[1].tobytes()


def noise(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.fixture
def write(tmp_path):
    def written(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".webp"])
def test_colours_come_as_red_green_blue(write, suffix):
    data = encoded(suffix, COLOURS[..., ::-1], *([cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == ".webp" else []))
    np.testing.assert_array_equal(read_picture(write(f"a{suffix}", data)), COLOURS)


def test_colours_of_a_jpeg_come_as_red_green_blue(write):
    read = read_picture(write("a.jpg", encoded(".jpg", COLOURS[..., ::-1], cv2.IMWRITE_JPEG_QUALITY, 100)))
    centres = read[4::8, 4::8].astype(int)  # away from the edges, which a JPEG blurs
    np.testing.assert_allclose(centres, COLOURS[4::8, 4::8], atol=8)


def test_grey_weighs_green_most_and_blue_least(write):
    path = write("a.png", encoded(".png", COLOURS[..., ::-1]))
    grey = read_picture(path, channels=1)
    assert grey.shape == (16, 16, 1)
    np.testing.assert_allclose(
        grey[[0, 0, 8, 8], [0, 8, 0, 8], 0], [0.299 * 255, 0.587 * 255, 0.114 * 255, 255], atol=1
    )


def test_a_grey_file_has_three_equal_channels_in_colour(write):
    picture = noise(12, 9)
    path = write("a.png", encoded(".png", picture))
    np.testing.assert_array_equal(read_picture(path, channels=1)[..., 0], picture)
    np.testing.assert_array_equal(read_picture(path), np.stack([picture] * 3, -1))


@pytest.mark.parametrize(("background", "seen"), [(255, (255, 127, 127)), (0, (127, 0, 0)), (100, (177, 50, 50))])
def test_transparent_pixels_lie_on_the_background(write, background, seen):
    half_red = np.full((8, 8, 4), (0, 0, 255, 127), np.uint8)  # blue, green, red, opacity 127/255
    half_red[0, 0, 3] = 0
    read = read_picture(write("a.png", encoded(".png", half_red)), background=background)
    assert tuple(read[0, 0]) == (background,) * 3
    np.testing.assert_allclose(read[5, 5].astype(int), seen, atol=1)


def bmp(pixel, *, opacity_mask):
    """8 × 8 equal pixels of 32 bits with a header of 56 bytes, which says which bits are red, green, blue, opacity."""
    header = struct.pack("<IiiHHIIiiII", 56, 8, 8, 1, 32, 3, 0, 0, 0, 0, 0)
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, opacity_mask)
    return b"BM" + struct.pack("<IHHI", 70 + 256, 0, 0, 70) + header + masks + bytes(pixel) * 64


@pytest.mark.parametrize(
    ("opacity", "mask", "seen"),
    [
        (127, 0xFF000000, (177, 50, 50)),  # red, half on grey 100
        (255, 0xFF000000, (255, 0, 0)),
        (127, 0, (255, 0, 0)),  # the header knows no opacity
    ],
)
def test_transparent_pixels_of_a_bmp_lie_on_the_background(write, opacity, mask, seen):
    read = read_picture(write("a.bmp", bmp((0, 0, 255, opacity), opacity_mask=mask)), background=100)
    np.testing.assert_allclose(read.astype(int), np.broadcast_to(seen, (8, 8, 3)), atol=1)


def test_a_bmp_whose_opacity_was_never_filled_in_shows_its_colours(write):
    read = read_picture(write("a.bmp", bmp((0, 0, 255, 0), opacity_mask=0xFF000000)))
    np.testing.assert_array_equal(read, np.broadcast_to((255, 0, 0), (8, 8, 3)))


def test_sixteen_bits_become_the_upper_eight(write):
    picture = noise(8, 8, 3, dtype=np.uint16)
    read = read_picture(write("a.png", encoded(".png", picture)))
    np.testing.assert_array_equal(read, (picture // 256)[..., ::-1])


def exif(orientation):
    """One entry: the orientation (tag 0x0112)."""
    return b"MM" + struct.pack(">HI", 42, 8) + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def turned(jpeg, orientation):
    """The JPEG with an EXIF segment."""
    body = b"Exif\0\0" + exif(orientation)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_jpeg_is_turned_upright_as_the_camera_noted(write, channels):
    picture = np.zeros((16, 32, 3), np.uint8)
    picture[:, :16] = 255  # white on the left
    path = write("a.jpg", turned(encoded(".jpg", picture), 6))  # 6: turn clockwise, so that left becomes top
    read = read_picture(path, channels=channels)
    assert read.shape == (32, 16, channels)
    assert read[:12].min() > 200 > 50 > read[20:].max()


def turned_webp(picture, orientation):
    """The picture in the extended format: a head (bit 3: EXIF follows; sides less 1), the pixels, the EXIF."""
    pixels = encoded(".webp", picture, cv2.IMWRITE_WEBP_QUALITY, 101)[12:]
    height, width = ((side - 1).to_bytes(3, "little") for side in picture.shape[:2])
    head = b"VP8X" + struct.pack("<IB3x", 10, 8) + width + height
    body = b"WEBP" + head + pixels + b"EXIF" + struct.pack("<I", len(exif(orientation))) + exif(orientation)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("channels", [1, 3])
def test_a_webp_is_turned_upright_as_the_camera_noted(write, channels):
    picture = np.zeros((16, 32, 3), np.uint8)
    picture[:, :16] = 255
    read = read_picture(write("a.webp", turned_webp(picture, 6)), channels=channels)
    expected = np.repeat([255, 0], 16)[:, None, None]
    np.testing.assert_array_equal(read, np.broadcast_to(expected, (32, 16, channels)))


def test_sixteen_grey_bits_are_kept_up_to_the_reduction(write):
    picture = noise(8, 8, dtype=np.uint16)
    read = read_picture(write("a.png", encoded(".png", picture)), channels=1)
    np.testing.assert_array_equal(read[..., 0], picture // 256)


def test_a_picture_with_opacity_everywhere_shows_its_colours(write):
    opaque = np.dstack([noise(9, 9, 3), np.full((9, 9), 255, np.uint8)])
    read = read_picture(write("a.png", encoded(".png", opaque)))
    np.testing.assert_array_equal(read, opaque[..., 2::-1])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(write, suffix, share):
    data = encoded(suffix, noise(64, 64, 3))
    path = write(f"a{suffix}", data[: max(12, int(share * len(data)))])
    with pytest.raises(BadPicture, match=r"a\.(png|jpg|bmp|webp) is a (PNG|JPEG|BMP|WebP) that is cut off.*again"):
        read_picture(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
def test_a_file_that_lacks_its_last_byte_is_refused(write, suffix):
    data = encoded(suffix, noise(20, 20, 3))
    assert read_picture(write(f"whole{suffix}", data)).shape == (20, 20, 3)
    with pytest.raises(BadPicture, match="cut off"):
        read_picture(write(f"cut{suffix}", data[:-1]))


def test_a_cut_jpeg_with_a_whole_preview_in_its_header_is_refused(write):
    data, preview = (encoded(".jpg", noise(side, side, 3)) for side in (64, 8))
    body = b"Exif\0\0" + preview  # ends in an end mark
    whole = data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
    assert read_picture(write("whole.jpg", whole)).shape == (64, 64, 3)
    with pytest.raises(BadPicture, match="cut off"):
        read_picture(write("cut.jpg", whole[: len(whole) // 2]))


@pytest.mark.parametrize("options", [(cv2.IMWRITE_JPEG_PROGRESSIVE, 1), (cv2.IMWRITE_JPEG_RST_INTERVAL, 2)])
def test_progressive_jpegs_and_those_with_restarts_are_whole(write, options):
    data = encoded(".jpg", noise(64, 48, 3), *options)
    assert read_picture(write("a.jpg", data)).shape == (64, 48, 3)
    with pytest.raises(BadPicture, match="cut off"):
        read_picture(write("b.jpg", data[:-2]))


def test_the_compressed_part_of_a_jpeg_is_not_walked_byte_by_byte(write, monkeypatch):
    taken = []

    class Counted(bytes):
        def __getitem__(self, place):
            taken.append(place)
            return super().__getitem__(place)

    data = encoded(".jpg", noise(200, 300, 3))
    path = write("a.jpg", data)
    monkeypatch.setattr(Path, "read_bytes", lambda self: Counted(data))
    read_picture(path)
    assert 0 < len(taken) < len(data) / 20  # about one byte in 256 is 0xFF, and each is looked at twice


def test_bytes_behind_the_end_do_no_harm(write):
    for suffix in (".jpg", ".png"):
        assert read_picture(write(f"a{suffix}", encoded(suffix, noise(16, 16, 3)) + b"\0camera")).shape == (16, 16, 3)


def test_a_changed_byte_in_a_png_is_seen(write):
    data = bytearray(encoded(".png", noise(32, 32)))
    data[len(data) // 2] ^= 1
    with pytest.raises(BadPicture, match="cut off or damaged"):
        read_picture(write("a.png", bytes(data)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"Hello, dear customer", r"begins with b'Hello, dear '.*convert it to PNG"),
        (b"\n<!DOCTYPE html><html>", "web page"),
        (b"GIF89a\x01\x00", "a GIF"),
        (b"%PDF-1.7", "a PDF"),
    ],
)
def test_what_is_no_picture_is_named(write, data, words):
    with pytest.raises(BadPicture, match=rf"photo\.jpg is .*{words}"):
        read_picture(write("photo.jpg", data))


def test_a_picture_of_more_pixels_than_opencv_allows_is_refused(write):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    with pytest.raises(BadPicture, match=r"huge\.png begins like a PNG, but can't be decoded"):
        read_picture(write("huge.png", data))


def test_a_header_with_nonsense_behind_it_is_refused(write):
    nonsense = b"BM" + struct.pack("<I", 40) + bytes(range(1, 60))
    with pytest.raises(BadPicture, match="begins like a BMP, but can't be decoded"):
        read_picture(write("a.bmp", nonsense))


@pytest.mark.parametrize("shape", [(7, 50, 3), (50, 7, 3)])
def test_a_picture_that_is_too_small_is_refused(write, shape):
    path = write("a.png", encoded(".png", noise(*shape)))
    with pytest.raises(BadPicture, match=rf"a\.png is {shape[0]} × {shape[1]} pixels.*at least 8.*lower smallest"):
        read_picture(path)
    assert read_picture(path, smallest=7).shape == shape


@pytest.mark.parametrize("channels", [0, 2, 4])
def test_channels_other_than_one_and_three_are_refused(tmp_path, channels):
    with pytest.raises(ValueError, match=f"channels must be 3 .* got {channels}"):
        read_picture(tmp_path / "missing.png", channels=channels)


@pytest.mark.parametrize("background", [-1, 256, 127.5])
def test_backgrounds_that_are_no_grey_value_are_refused(tmp_path, background):
    words = rf"background must be a whole grey value from 0 \(black\) to 255 \(white\), got {background}"
    with pytest.raises(ValueError, match=words):
        read_picture(tmp_path / "missing.png", background=background)
    with pytest.raises(ValueError, match=words):
        resize_and_pad(noise(5, 5, 3), (5, 5), background=background)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.png"):
        read_picture(tmp_path / "missing.png")


def test_a_name_with_letters_of_other_alphabets_is_read(write):
    assert read_picture(write("платье-füß.png", encoded(".png", noise(9, 9)))).shape == (9, 9, 3)


def test_fit_keeps_proportions_and_fills_with_background():
    picture = np.full((20, 40, 1), 200, np.uint8)
    fitted = resize_and_pad(picture, (16, 16), background=7)
    # 20 × 40 becomes 8 × 16: four rows of background above and below.
    np.testing.assert_array_equal(fitted[:, :, 0], np.repeat([7, 200, 7], [4, 8, 4])[:, None].repeat(16, 1))
    tall = resize_and_pad(picture.transpose(1, 0, 2), (16, 16), background=7)
    np.testing.assert_array_equal(tall, fitted.transpose(1, 0, 2))


def test_fit_averages_areas_when_it_shrinks():
    picture = noise(24, 24, 3)
    means = picture.reshape(8, 3, 8, 3, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(resize_and_pad(picture, (8, 8)), means, atol=0.51)


def test_fit_leaves_a_picture_of_the_right_size_as_it_is():
    picture = noise(28, 28, 1)
    np.testing.assert_array_equal(resize_and_pad(picture, (28, 28)), picture)


def test_fit_enlarges_and_takes_sizes_that_are_not_square():
    fitted = resize_and_pad(np.full((5, 5, 3), 9, np.uint8), (10, 30), background=0)
    assert fitted.shape == (10, 30, 3)
    assert fitted[:, 10:20].min() == 9
    assert fitted[:, :10].max() == fitted[:, 20:].max() == 0


def test_fit_refuses_a_picture_without_channels():
    with pytest.raises(ValueError, match=r"got shape \(5, 5\)"):
        resize_and_pad(noise(5, 5), (3, 3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16, bool])
def test_fit_refuses_what_is_not_uint8_instead_of_making_it_black(dtype):
    for size in ((3, 3), (5, 5)):
        with pytest.raises(
            TypeError, match=rf"picture must be uint8, 0 to 255, got {np.dtype(dtype)}; of floats in 0..1"
        ):
            resize_and_pad(np.ones((5, 5, 1), dtype), size)


@pytest.mark.parametrize(
    ("shape", "size", "words"),
    [
        ((0, 5, 3), (3, 3), r"picture must be \(height, width, channels\), got shape \(0, 5, 3\)"),
        ((5, 5, 3), (0, 3), r"size must be \(height, width\), both at least 1, got \(0, 3\)"),
        ((5, 5, 3), (3, 3, 3), "size must be"),
    ],
)
def test_fit_refuses_sides_of_nothing(shape, size, words):
    with pytest.raises(ValueError, match=words):
        resize_and_pad(np.zeros(shape, np.uint8), size)
