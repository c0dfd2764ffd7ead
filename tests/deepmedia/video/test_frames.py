"""Frames by the clip's clock, upright, and a word for each file that is no whole clip."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmedia.clips import BadClip, ClipReader, ClipWriter, clip_frames
from deepmedia.datasets import big_buck_bunny
from deepmedia.video import read_frames


def numbered_clip(path, *, frames, fps, height=48, width=64):
    """A clip in which frame n is n times 5 bright, its left half redder."""
    with ClipWriter(path, fps=fps) as writer:
        for number in range(frames):
            frame = np.full((height, width, 3), 5 * number, np.uint8)
            frame[:, : width // 2, 0] += 60
            writer.write(frame)
    return path


def numbers_in(images):
    """Which frames these are, from their brightness."""
    return np.rint(images[..., 1].mean(axis=(1, 2)) / 5).astype(int).tolist()


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi"])
@pytest.mark.parametrize(
    ("rate", "wanted", "numbers"),
    [
        (10, 1, [0, 10, 20, 30]),
        (10, 2, [0, 5, 10, 15, 20, 25, 30]),
        (12.5, 1, [0, 13, 25]),  # 12.5 frames a second: one second is reached at frame 13
        (10, 4, [0, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25, 28, 30]),
        (10, None, list(range(33))),
        (10, 100, list(range(33))),
        (0.5, 1, list(range(33))),  # a frame each two seconds: each once
    ],
)
def test_frames_are_taken_by_the_clips_clock(tmp_path, name, rate, wanted, numbers):
    images, seconds = read_frames(numbered_clip(tmp_path / name, frames=33, fps=rate), fps=wanted)
    assert numbers_in(images) == numbers
    np.testing.assert_allclose(seconds, np.array(numbers) / rate, atol=1e-3)


def test_a_real_clip_gives_the_frames_at_whole_seconds():
    images, seconds = read_frames(big_buck_bunny(), width=320)
    np.testing.assert_array_equal(images, clip_frames(big_buck_bunny(), [0, 25, 50, 75, 100, 125], width=320))
    np.testing.assert_allclose(seconds, range(6), atol=1e-3)


def test_frames_keep_the_files_size_unless_told():
    assert read_frames(big_buck_bunny(), seconds=0.5).images.shape == (1, 720, 1280, 3)
    assert read_frames(big_buck_bunny(), width=33, seconds=1.5).images.shape == (2, 19, 33, 3)


def test_what_comes_later_is_not_read(tmp_path):
    path = numbered_clip(tmp_path / "clip.avi", frames=30, fps=10)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 17 // 20])
    assert numbers_in(read_frames(path, seconds=1.5).images) == [0, 10]
    with pytest.raises(BadClip, match=r"clip\.avi ends after \d+ of 30 frames; copy or download it again"):
        read_frames(path)


def test_times_are_the_files_own(tmp_path):
    # a clip whose first half runs at 10 frames a second and whose second half at 5, by the table of durations (stts)
    content = numbered_clip(tmp_path / "clip.mp4", frames=20, fps=10).read_bytes()
    place = content.index(b"stts") + 8
    entries, count, duration = struct.unpack(">III", content[place : place + 12])
    assert (entries, count) == (1, 20)
    with ClipReader(tmp_path / "clip.mp4") as reader:
        assert [round(time, 3) for time, _ in reader.sampled(None)][-1] == 1.9
    slower = content[: place + 4] + struct.pack(">II", count, 2 * duration) + content[place + 12 :]
    (tmp_path / "slow.mp4").write_bytes(slower.replace(b"edts", b"free"))  # nor cut off where it ended before
    images, seconds = read_frames(tmp_path / "slow.mp4")
    assert numbers_in(images) == [0, 5, 10, 15]
    np.testing.assert_allclose(seconds, range(4), atol=1e-3)


def test_clips_of_a_camera_held_upright_are_turned(tmp_path):
    # the matrix of the track's header says: show a quarter turned to the right
    content = numbered_clip(tmp_path / "clip.mp4", frames=5, fps=10).read_bytes()
    place = content.index(b"tkhd") + 44
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    (tmp_path / "turned.mp4").write_bytes(content[:place] + matrix + content[place + 36 :])
    plain, turned = (read_frames(tmp_path / name, fps=None).images for name in ("clip.mp4", "turned.mp4"))
    assert turned.shape == (5, 64, 48, 3)
    np.testing.assert_allclose(turned, np.rot90(plain, -1, axes=(1, 2)), atol=4)
    assert turned[0, :20, :, 0].mean() > turned[0, -20:, :, 0].mean() + 40  # red was left and is above


BROKEN = {
    "empty": (lambda content: b"", "can't be opened as a clip"),
    "text": (lambda content: b"no clip at all, but long enough to look at", "can't be opened as a clip"),
    "header alone": (lambda content: content[:40], "can't be opened as a clip"),
    "first half of an MP4": (lambda content: content[: len(content) // 2], "can't be opened as a clip"),
    "a code that is missing": (
        lambda content: content.replace(b"mp4v", b"zzzz").replace(b"esds", b"free"),
        "can't be opened as a clip; .* convert it to MP4 with H.264|has no frame that OpenCV can decode; convert",
    ),
    "frames in another code than the header says": (
        lambda content: content.replace(b"mp4v", b"av01").replace(b"esds", b"free"),
        "can't be opened as a clip; .* convert it to MP4 with H.264|has no frame that OpenCV can decode; convert",
    ),
}


@pytest.mark.parametrize(("broken", "message"), BROKEN.values(), ids=BROKEN)
def test_files_that_are_no_clips_are_named(tmp_path, broken, message):
    content = numbered_clip(tmp_path / "clip.mp4", frames=33, fps=10).read_bytes()
    (tmp_path / "broken.mp4").write_bytes(broken(content))
    with pytest.raises(BadClip, match=message) as caught:
        read_frames(tmp_path / "broken.mp4")
    assert str(tmp_path / "broken.mp4") in str(caught.value)


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return folder, {
        kind: numbered_clip(folder / f"whole.{kind}", frames=12, fps=10).read_bytes() for kind in ("mp4", "avi")
    }


@settings(max_examples=40)
@given(data=st.data())
def test_damaged_files_give_frames_or_a_bad_clip(contents, data):
    folder, whole = contents
    kind = data.draw(st.sampled_from(["mp4", "avi"]))
    content = bytearray(whole[kind])
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = folder / f"damaged.{kind}"
    path.write_bytes(content)
    try:
        images, seconds = read_frames(path, fps=5, width=32)
    except BadClip as error:
        assert f"damaged.{kind}" in str(error)  # noqa: PT017
    else:
        assert images.shape == (len(seconds), *images.shape[1:])
        assert images.dtype == np.uint8
        assert np.isfinite(seconds).all()
        assert (np.diff(seconds) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"fps": 0}, ValueError, "fps must be finite and above 0, got 0"),
        ({"fps": "1"}, TypeError, "fps must be a number"),
        ({"width": 0}, ValueError, "width must be at least 1, got 0"),
        ({"width": 9.5}, TypeError, "width must be a whole number, got 9.5"),
        ({"seconds": -1}, ValueError, "seconds must be finite and above 0, got -1"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        read_frames(big_buck_bunny(), **arguments)


def test_a_folder_is_no_clip(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a file"):
        read_frames(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.mp4 is not a file"):
        read_frames(tmp_path / "none.mp4")
