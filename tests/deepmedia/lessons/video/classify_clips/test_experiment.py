"""What the page "Classify clips" trains and measures, against loops and clips played backwards."""

import numpy as np
import pytest

from deepmedia.clips import BadClip
from deepmedia.lessons.video.classify_clips import experiment as lab
from deepmedia.video import average_tagger, frame_features, garment_clips, mean_average_precision, read_frames
from deepmedia.video.drawn_clips.composing import draw_plan, drawn
from deepmedia.video.moving_garments import CLIP_LABELS, MOTIONS

rng = np.random.default_rng(2)
LABELS = rng.integers(0, 2, (40, 18)).astype(np.uint8)
LOGITS = rng.normal(size=(40, 18))


def test_labels_backwards_are_those_of_the_clip_drawn_backwards():
    plan = draw_plan("train", 3, 0)
    rows = np.zeros((2, len(CLIP_LABELS)), np.uint8)
    for row, each in zip(rows, (plan, plan.backwards()), strict=True):
        clip = drawn(each, frames=2, size=48)
        row[list(clip.class_ids)] = 1
        row[[10 + MOTIONS.index(name) for name in clip.motions]] = 1
    assert not (rows[0, 10:] * rows[1, 10:]).any()
    np.testing.assert_array_equal(lab.reversed_labels(rows[:1]), rows[1:])


def test_precisions_are_of_their_own_columns():
    perfect = np.where(LABELS == 1, 1.0, -1.0)
    motions_right = np.concatenate([-perfect[:, :10], perfect[:, 10:]], axis=1)
    assert lab.motion_precision(motions_right, LABELS) == 1
    assert lab.garment_precision_of(motions_right, LABELS) < 0.8
    one_pair = np.concatenate([-perfect[:, :12], perfect[:, 12:14], -perfect[:, 14:]], axis=1)
    assert [value == 1 for value in lab.precision_by_pair(one_pair, LABELS)] == [False, True, False, False]


def test_the_quick_precision_is_the_packages():
    assert lab.quick_precision(LOGITS, LABELS) == pytest.approx(mean_average_precision(LOGITS, LABELS, top=18))
    without = LABELS * (np.arange(18) != 3)  # a label that nobody has is left out
    assert lab.quick_precision(LOGITS, without) == pytest.approx(mean_average_precision(LOGITS, without, top=18))


def test_the_interval_lies_around_the_gain():
    better = [LOGITS + 2 * LABELS, LOGITS + 3 * LABELS]
    worse = [LOGITS, LOGITS + 0.1 * LABELS]
    gain = np.mean(
        [lab.motion_precision(a, LABELS) - lab.motion_precision(b, LABELS) for a, b in zip(better, worse, strict=True)]
    )
    low, high = lab.gain_interval(better, worse, LABELS, resamples=100)
    assert 0 < low < gain < high
    assert lab.gain_interval(better, better, LABELS, resamples=20) == (0, 0)


def test_shuffling_keeps_the_frames_of_each_clip():
    clips = np.arange(4 * 6 * 2, dtype=np.float32).reshape(4, 6, 2)
    shuffled = lab.shuffled_frames(clips)
    assert (shuffled != clips).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), clips)
    assert len({tuple(row) for row in (shuffled[:, :, 0] % 12).tolist()}) > 1  # each clip its own order


def test_features_without_place_are_those_of_one_cell():
    clips = garment_clips("train", 2, frames=2)[0]
    np.testing.assert_allclose(lab.without_place(frame_features(clips)), frame_features(clips, grid=1), atol=1e-4)


def test_a_tagger_learns_what_its_frames_show():
    clips = rng.normal(size=(640, 3, 4)).astype(np.float32)
    labels = np.stack([clips[..., 0].mean(axis=1) > 0, clips[..., 1].mean(axis=1) > 0], axis=1).astype(np.uint8)
    model = lab.fit_tagger(average_tagger, clips, labels, epochs=20, units=16)
    assert ((lab.clip_logits(model, clips) > 0) == labels).mean() > 0.9


def test_the_made_folder_holds_clips_of_four_sizes_and_one_that_is_cut(tmp_path):
    lab.write_own_clips(tmp_path / "mine", each=4)
    names = sorted(path.relative_to(tmp_path / "mine").as_posix() for path in (tmp_path / "mine").rglob("*.*"))
    assert names == sorted(
        [f"{name}/{n}.{'avi' if n == 1 else 'mp4'}" for name in ("left", "right", "still") for n in range(4)]
        + ["left/cut.mp4", "right/notes.txt"]
    )
    frames = read_frames(tmp_path / "mine" / "right" / "3.mp4", fps=5).images.astype(float)
    assert frames.shape == (8, 240, 320, 3)
    change = np.abs(frames - frames.min(axis=0)).sum(axis=(1, 3))  # of each column, where the garment is
    middles = change @ np.arange(320) / change.sum(axis=1)
    assert (np.diff(middles) > 5).all()
    with pytest.raises(BadClip):
        read_frames(tmp_path / "mine" / "left" / "cut.mp4")
