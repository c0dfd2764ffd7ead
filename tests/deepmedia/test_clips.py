import cv2
import numpy as np
import pytest

from deepmedia.clips import BadClip, ClipReader, ClipWriter, clip_frames
from deepmedia.datasets import big_buck_bunny


def test_frames_come_in_their_order_and_proportions():
    frames = clip_frames(big_buck_bunny(), [0, 2, 60], width=160)
    assert frames.shape == (3, 90, 160, 3)
    assert frames.dtype == np.uint8
    alone = clip_frames(big_buck_bunny(), [2], width=160)
    np.testing.assert_array_equal(frames[1], alone[0])
    assert np.abs(frames[0].astype(int) - frames[1]).mean() < np.abs(frames[0].astype(int) - frames[2]).mean()


def test_frames_are_red_green_blue():
    video = cv2.VideoCapture(str(big_buck_bunny()))
    _, blue_green_red = video.read()
    video.release()
    frame = clip_frames(big_buck_bunny(), [0], width=1280)[0]
    np.testing.assert_array_equal(frame, blue_green_red[:, :, ::-1])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], "rise from 0 on"), ([3, 3], "rise from 0 on"), ([-1, 4], "rise from 0 on"), ([5, 132], "below 132")],
)
def test_frames_that_are_not_there_are_refused(numbers, words):
    with pytest.raises(ValueError, match=words):
        clip_frames(big_buck_bunny(), numbers, width=32)


def test_a_missing_clip_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.mp4 is not a file"):
        clip_frames(tmp_path / "none.mp4", [0], width=32)


def moving_square(frames=8, height=48, width=64):
    """Grey frames on which a red square moves to the right."""
    clip = np.full((frames, height, width, 3), 128, np.uint8)
    for number, frame in enumerate(clip):
        frame[16:32, 4 * number : 4 * number + 16] = [220, 20, 20]
    return clip


@pytest.mark.parametrize("name", ["clip.mp4", "clip.AVI"])
def test_what_is_written_can_be_read_again(tmp_path, name):
    clip = moving_square()
    with ClipWriter(tmp_path / name, fps=12.5) as writer:
        for frame in clip:
            writer.write(frame)
    with ClipReader(tmp_path / name) as reader:
        again = np.stack(list(reader))
        assert reader.fps == 12.5
    assert again.shape == clip.shape
    assert np.abs(again.astype(int) - clip).mean() < 12  # the codes lose a little
    assert again[3, 24, 20, 0] > again[3, 24, 20, 2] + 100  # red, not blue
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_all_frames_of_a_real_clip_are_read():
    with ClipReader(big_buck_bunny()) as reader:
        shapes = [frame.shape for frame in reader]
        assert reader.fps == 25
    assert shapes == [(720, 1280, 3)] * 132


def test_an_error_while_writing_leaves_what_was_there(tmp_path):
    (tmp_path / "clip.mp4").write_text("older")

    def break_off():
        with ClipWriter(tmp_path / "clip.mp4", fps=10) as writer:
            writer.write(moving_square()[0])
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        break_off()
    assert (tmp_path / "clip.mp4").read_text() == "older"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_clip_that_ends_early_gives_its_frames_and_then_an_error(tmp_path):
    with ClipWriter(tmp_path / "clip.avi", fps=10) as writer:
        for frame in moving_square(30):
            writer.write(frame)
    content = (tmp_path / "clip.avi").read_bytes()
    (tmp_path / "clip.avi").write_bytes(content[: len(content) // 2])
    read = []
    with ClipReader(tmp_path / "clip.avi") as reader, pytest.raises(BadClip, match=r"ends after \d+ of 30 frames"):
        read.extend(reader)
    assert reader.promised == 30


def test_what_is_no_clip_is_named(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"no clip")
    with pytest.raises(BadClip, match=r"clip\.mp4 can't be opened as a clip"):
        ClipReader(tmp_path / "clip.mp4")
    with pytest.raises(FileNotFoundError, match=r"none\.mp4 is not a file"):
        ClipReader(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("name", "fps", "words"),
    [
        ("clip.gif", 10, r"path must end in \.mp4 or \.avi, got clip\.gif"),
        ("clip.mp4", 0, "fps must be finite and above"),
    ],
)
def test_clips_that_cannot_be_written_are_refused(tmp_path, name, fps, words):
    with pytest.raises(ValueError, match=words):
        ClipWriter(tmp_path / name, fps=fps)


def test_frames_of_another_size_are_refused(tmp_path):
    with ClipWriter(tmp_path / "clip.mp4", fps=10) as writer:
        writer.write(moving_square()[0])
        with pytest.raises(ValueError, match="as large as the first"):
            writer.write(moving_square(height=50)[0])
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        ClipWriter(tmp_path / "none" / "clip.mp4", fps=10)
