"""A folder of clips of any size, rate and length, broken ones among them, to a classifier."""

import numpy as np
import pytest

from deepmedia.clips import BadClip, ClipWriter
from deepmedia.video import frame_features, read_clip_folder, read_frames, train_on_clips

SIZES = ((64, 64), (96, 128), (80, 60), (200, 120))  # height, width
RATES = (10, 25, 30, 12.5)


def write_clip(path, *, moving, number, seconds=1.6):
    """A red square on grey that goes to the right or down, or stays."""
    (height, width), fps = SIZES[number % 4], RATES[number % 4]
    count = int(seconds * fps)
    side = min(height, width) // 4
    with ClipWriter(path, fps=fps) as clip:
        for frame in range(count):
            part = frame / (count - 1)
            image = np.full((height, width, 3), 100 + 5 * number, np.uint8)
            x, y = {"right": (part, 0.4), "down": (0.4, part), "still": (0.4, 0.4)}[moving]
            top, left = int(y * (height - side)), int(x * (width - side))
            image[top : top + side, left : left + side] = (220, 30, 30)
            clip.write(image)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("clips")
    for name in ("down", "right", "still"):
        (root / name).mkdir()
        for number in range(4):
            write_clip(root / name / f"{number}.{'avi' if number == 1 else 'mp4'}", moving=name, number=number)
    half = (root / "down" / "0.mp4").read_bytes()
    (root / "down" / "cut.mp4").write_bytes(half[: len(half) // 2])
    (root / "right" / "empty.mp4").touch()
    (root / "right" / "notes.txt").write_text("not a clip")
    (root / "still" / ".hidden").touch()
    return root


@pytest.fixture(scope="module")
def clips(folder):
    return read_clip_folder(folder, progress=lambda _: None)


def test_clips_are_read_class_by_class_and_the_rest_is_named(clips, folder):
    assert clips.class_names == ("down", "right", "still")
    assert clips.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert clips.paths[5] == folder / "right" / "1.avi"
    assert [fault.split()[0] for fault in clips.faults] == [
        str(folder / "down" / "cut.mp4"),
        str(folder / "right" / "empty.mp4"),
        str(folder / "right" / "notes.txt"),
    ]
    assert clips.report.splitlines()[:2] == ["12 clips: 4 down, 4 right, 4 still; 8 to 8 frames each", "left out: 3"]
    assert str(folder / "down" / "cut.mp4") in clips.report


def test_features_are_those_of_five_frames_a_second(clips, folder):
    frames = read_frames(folder / "right" / "2.mp4", fps=5).images
    np.testing.assert_allclose(clips.features[6], frame_features(frames), atol=1e-5)


def test_the_classifier_learns_what_it_was_shown_and_meets_new_files(clips, folder, tmp_path):
    classifier = train_on_clips(clips, epochs=40)
    assert (classifier.probabilities(clips.features).argmax(axis=1) == clips.labels).all()
    write_clip(tmp_path / "new.mp4", moving="down", number=2, seconds=2.4)  # longer than those it learned from
    found = classifier.classify(tmp_path / "new.mp4")
    assert max(found, key=found.get) == "down"
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)
    with pytest.raises(BadClip, match=r"cut\.mp4"):
        classifier.classify(folder / "down" / "cut.mp4")


def test_two_clips_of_few_frames_are_enough_to_run(clips):
    classifier = train_on_clips(clips, rows=[0, 4, 8], epochs=1)
    assert classifier.model.input_shape == (None, None, len(classifier.compression.axes))
    assert classifier.probabilities(clips.features).shape == (12, 3)


def test_rows_without_a_class_are_refused(clips):
    with pytest.raises(ValueError, match="a clip of each class, got none of right, still"):
        train_on_clips(clips, rows=[0, 1])


def test_frames_that_are_all_alike_are_refused(clips):
    alike = tuple(np.ones((2, 2048), np.float32) for _ in clips.features)
    with pytest.raises(ValueError, match="all of their frames are alike"):
        train_on_clips(type(clips)(clips.class_names, clips.paths, clips.labels, alike, (), 5.0, 10.0))


def test_folders_that_hold_no_classes_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist; give the folder that holds one subfolder a class"):
        read_clip_folder(tmp_path / "none")
    (tmp_path / "one").mkdir()
    with pytest.raises(ValueError, match="at least two subfolders, one a class, got 1"):
        read_clip_folder(tmp_path)
    (tmp_path / "two").mkdir()
    with pytest.raises(ValueError, match=r"class folder .*one holds no usable clip: it is empty"):
        read_clip_folder(tmp_path)
    (tmp_path / "one" / "bad.mp4").touch()
    with pytest.raises(ValueError, match=r"class folder .*one holds no usable clip: .*bad\.mp4"):
        read_clip_folder(tmp_path)
    with pytest.raises(ValueError, match="fps must be finite and above 0"):
        read_clip_folder(tmp_path, fps=0)
