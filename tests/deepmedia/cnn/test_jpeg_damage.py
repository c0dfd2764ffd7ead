import os
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from deepmedia.cnn import jpeg_damage
from deepmedia.cnn.jpeg_damage import decode_jpeg
from deepmedia.cnn.picture_files import BadPicture, read_picture
from deepmedia.datasets import photo

END = b"\xff\xd9"


def jpeg(*options):
    picture = cv2.resize(photo("coffee"), (240, 160), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", picture, list(options))[1].tobytes()


def flipped(data, bits=20):
    """Some bits of the lower half changed, none in a byte that begins a mark or would become one."""
    changed, places = bytearray(data), np.random.default_rng(0).permutation(np.arange(len(data) // 2, len(data) - 2))
    taken = [place for place in places if not {0xFF, 0xFE} & set(data[place - 1 : place + 2])][:bits]
    for place in taken:
        changed[place] ^= 1
    return bytes(changed)


PLAIN, SLOW, MARKED = jpeg(), jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, 1), jpeg(cv2.IMWRITE_JPEG_RST_INTERVAL, 4)
DAMAGED = {
    "half missing, with an end mark": PLAIN[: len(PLAIN) // 2] + END,
    "half zeroed": PLAIN[: len(PLAIN) // 2] + bytes(len(PLAIN) // 2 - 2) + END,
    "middle missing": PLAIN[: len(PLAIN) // 2] + PLAIN[-len(PLAIN) // 4 :],
    "half of a progressive one": SLOW[: len(SLOW) // 2] + END,
    "middle of one with restarts missing": MARKED[: len(MARKED) // 2] + MARKED[-len(MARKED) // 4 :],
    "resumed at a wrong place": PLAIN[: len(PLAIN) * 2 // 3] + PLAIN[len(PLAIN) // 2 :],
    "twenty bits changed": flipped(PLAIN),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_jpeg_damaged_inside_is_refused(tmp_path, capfd, what):
    path = tmp_path / "a.jpg"
    path.write_bytes(DAMAGED[what])
    with pytest.raises(BadPicture, match=r"a\.jpg is a JPEG with damage inside \(.+\); copy or download it again"):
        read_picture(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("data", [PLAIN, SLOW, MARKED])
def test_a_whole_jpeg_is_read(tmp_path, data):
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert read_picture(path).shape == (160, 240, 3)


def test_a_few_bytes_too_many_are_harmless(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(PLAIN[:-2] + bytes(20) + END)  # as some cameras write
    assert read_picture(path).shape == (160, 240, 3)
    monkeypatch.setattr(jpeg_damage, "MOST_EXTRA", 5)
    with pytest.raises(BadPicture, match=r"damage inside \(\d+ extraneous bytes"):
        read_picture(path)


def test_what_others_write_appears_and_damage_is_told(capfd):
    def decode():
        os.write(2, b"before\nCorrupt JPEG data: bad Huffman code\nCorrupt JPEG data: 9 extraneous bytes before\nlast")
        return 7

    assert decode_jpeg(decode) == (7, "bad Huffman code")
    assert capfd.readouterr().err == "before\nlast"


def test_an_error_leaves_standard_error_as_it_was(capfd):
    with pytest.raises(ZeroDivisionError):
        decode_jpeg(lambda: 1 // 0)
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_without_standard_error_nothing_is_heard(monkeypatch):
    def none(number):
        raise OSError("bad file descriptor")

    monkeypatch.setattr(os, "dup", none)
    assert decode_jpeg(lambda: 7) == (7, "")


def test_each_thread_hears_of_its_own_file(tmp_path):
    paths = []
    for n in range(60):
        paths.append(tmp_path / f"{n}.jpg")
        paths[-1].write_bytes(DAMAGED["middle missing"] if n % 3 == 0 else PLAIN)

    def is_bad(path):
        try:
            read_picture(path)
        except BadPicture:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(is_bad, paths)) == [n % 3 == 0 for n in range(60)]
