"""YouTube-8M's files: the same as TensorFlow reads and writes, and whatever is wrong with one is said by name."""

import re
import tracemalloc

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from deepmedia.datasets import youtube8m_sample
from deepmedia.datasets.youtube8m import dequantise
from deepmedia.video import BadRecord, VideoRecord, read_youtube8m, video_record, wire, write_youtube8m
from deepmedia.video.tfrecord import read_tfrecords, write_tfrecords

FRAMES = (1, 2, 300, 17)


def made_videos(level):
    rng = np.random.default_rng(0)
    videos = []
    for number, frames in enumerate(FRAMES):
        labels = rng.choice(3862, number, replace=False)  # the first has none
        if level == "video":
            rgb, audio = rng.normal(size=1024).astype("float32"), rng.normal(size=128).astype("float32")
        else:
            rgb, audio = (rng.integers(0, 256, (frames, width), dtype=np.uint8) for width in (1024, 128))
        videos.append(VideoRecord(f"id{number}é", labels, rgb, audio))
    return videos


def context_of(video):
    return {
        "id": tf.train.Feature(bytes_list=tf.train.BytesList(value=[video.id.encode()])),
        "labels": tf.train.Feature(int64_list=tf.train.Int64List(value=video.labels)),
    }


def example_of(video):
    means = {
        "mean_rgb": tf.train.Feature(float_list=tf.train.FloatList(value=video.rgb)),
        "mean_audio": tf.train.Feature(float_list=tf.train.FloatList(value=video.audio)),
    }
    return tf.train.Example(features=tf.train.Features(feature=context_of(video) | means))


def sequence_example_of(video):
    def rows(table):
        return tf.train.FeatureList(
            feature=[tf.train.Feature(bytes_list=tf.train.BytesList(value=[row.tobytes()])) for row in table]
        )

    return tf.train.SequenceExample(
        context=tf.train.Features(feature=context_of(video)),
        feature_lists=tf.train.FeatureLists(feature_list={"rgb": rows(video.rgb), "audio": rows(video.audio)}),
    )


PROTOS = {"video": example_of, "frame": sequence_example_of}


def assert_same(found, expected):
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        assert one.id == other.id
        assert one.labels.dtype == np.int64
        for name in ("labels", "rgb", "audio"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert one.rgb.dtype == other.rgb.dtype


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file of each level, and the bytes of each."""
    folder = tmp_path_factory.mktemp("youtube8m")
    paths = {level: folder / f"{level}.tfrecord" for level in PROTOS}
    for level, path in paths.items():
        assert write_youtube8m(path, made_videos(level), level=level) == len(FRAMES)
    return paths


@pytest.mark.parametrize("level", PROTOS)
def test_what_is_written_can_be_read_again(files, level):
    reader = read_youtube8m(files[level], level=level)
    assert_same(list(reader), made_videos(level))
    assert (reader.read, reader.skipped, reader.faults) == (4, 0, [])


@pytest.mark.parametrize("level", PROTOS)
def test_tensorflows_files_are_read(tmp_path, level):
    videos = made_videos(level)
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for video in videos:
            writer.write(PROTOS[level](video).SerializeToString())
    assert_same(list(read_youtube8m(tmp_path / "theirs", level=level)), videos)


@pytest.mark.parametrize("level", PROTOS)
def test_files_are_tensorflows_byte_by_byte(files, tmp_path, level):
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for video in made_videos(level):
            writer.write(PROTOS[level](video).SerializeToString(deterministic=True))
    assert files[level].read_bytes() == (tmp_path / "theirs").read_bytes()


def test_the_benchmarks_reader_reads_videos(files):
    # as readers.py of YouTube-8M does
    wanted = {
        "id": tf.io.FixedLenFeature([], tf.string),
        "labels": tf.io.VarLenFeature(tf.int64),
        "mean_rgb": tf.io.FixedLenFeature([1024], tf.float32),
        "mean_audio": tf.io.FixedLenFeature([128], tf.float32),
    }
    found = [tf.io.parse_single_example(each, wanted) for each in tf.data.TFRecordDataset(str(files["video"]))]
    for one, other in zip(found, made_videos("video"), strict=True):
        assert one["id"].numpy().decode() == other.id
        np.testing.assert_array_equal(one["labels"].values, other.labels)
        np.testing.assert_array_equal(tf.concat([one["mean_rgb"], one["mean_audio"]], 0), other.features)


def test_the_benchmarks_reader_reads_frames(files):
    context = {"id": tf.io.FixedLenFeature([], tf.string), "labels": tf.io.VarLenFeature(tf.int64)}
    lists = {name: tf.io.FixedLenSequenceFeature([], tf.string) for name in ("rgb", "audio")}
    for each, other in zip(tf.data.TFRecordDataset(str(files["frame"])), made_videos("frame"), strict=True):
        one, rows = tf.io.parse_single_sequence_example(each, context, lists)
        assert one["id"].numpy().decode() == other.id
        levels = [tf.cast(tf.io.decode_raw(rows[name], tf.uint8), tf.float32) for name in ("rgb", "audio")]
        values = tf.concat(levels, 1) * (4 / 255) + (4 / 512 - 2)  # Dequantize of its utils.py
        np.testing.assert_allclose(other.features, values, atol=1e-6)


def test_real_videos_survive_both_levels(tmp_path):
    features, labels = youtube8m_sample("validation")
    videos = [video_record(f"v{number}", *each) for number, each in enumerate(zip(labels, features, strict=True))]
    write_youtube8m(tmp_path / "video", videos, level="video")
    again = list(read_youtube8m(tmp_path / "video", level="video"))
    np.testing.assert_array_equal([video.features for video in again], features)
    assert [video.labels.tolist() for video in again] == [row.tolist() for row in labels]
    clip = video_record("clip", labels[0], features[:200])  # the sample has 8 bits itself
    write_youtube8m(tmp_path / "frame", [clip], level="frame")
    (found,) = read_youtube8m(tmp_path / "frame", level="frame")
    np.testing.assert_array_equal(found.features, features[:200])


def test_levels_stand_for_what_the_data_set_says():
    table = np.arange(256, dtype=np.uint8).repeat(5)[:1152]
    video = VideoRecord("a", np.zeros(0, np.int64), table[None, :1024], table[None, 1024:])
    assert video.features.dtype == np.float32
    np.testing.assert_array_equal(video.features[0], dequantise(table))


def test_several_files_are_read_in_their_order(files):
    reader = read_youtube8m([files["video"], str(files["video"])], level="video")
    assert [video.id for video in reader] == [video.id for video in made_videos("video")] * 2
    assert reader.read == 8


def test_memory_does_not_grow_with_the_file(tmp_path):
    (_, _, video, _) = made_videos("frame")
    peaks = []
    for count in (10, 80):
        write_youtube8m(tmp_path / "file", (video for _ in range(count)), level="frame")
        tracemalloc.start()
        assert sum(len(each.rgb) for each in read_youtube8m(tmp_path / "file", level="frame")) == 300 * count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 6e6  # bytes; the larger file has 28 million


def read_both_ways(path, level):
    """What is read up to the first error, that error, and the reader that skips."""
    found, error = [], None
    try:
        for video in read_youtube8m(path, level=level):
            found.append(video)  # noqa: PERF402
    except BadRecord as fault:
        error = str(fault)
    skipping = read_youtube8m(path, level=level, on_error="skip")
    rest = list(skipping)
    assert skipping.read == len(rest)
    assert (error is None) == (skipping.skipped == 0)
    assert error is None or skipping.faults[0] == error
    return found, error, rest, skipping


@pytest.mark.parametrize("level", PROTOS)
@given(data=st.data())
def test_files_cut_anywhere(files, level, data):
    content = files[level].read_bytes()
    path = files[level].with_name(f"cut {level}")
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    found, error, rest, skipping = read_both_ways(path, level)
    expected = made_videos(level)[: len(found)]
    if found:
        assert_same(found, expected)
        assert_same(rest, expected)
    assert error is None or re.search(r"cut \w+(, record \d is cut off| is empty)", error)
    assert skipping.skipped <= 1


@pytest.mark.parametrize("level", PROTOS)
@given(data=st.data())
def test_files_with_bytes_flipped(files, level, data):
    content = bytearray(files[level].read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = files[level].with_name(f"flipped {level}")
    path.write_bytes(content)
    found, error, rest, skipping = read_both_ways(path, level)
    videos = {video.id: video for video in made_videos(level)}
    assert len(rest) + skipping.skipped <= len(FRAMES)
    assert len(found) <= len(rest)
    if bytes(content) != files[level].read_bytes():  # two changes can undo each other
        assert re.search(r"flipped \w+, record \d", error)
    if rest:
        assert_same(rest, [videos[video.id] for video in rest])


@pytest.mark.parametrize("level", PROTOS)
@given(data=st.data())
def test_damaged_records_with_the_right_checksum(files, level, data):
    # what the checksum can't see: a record that was written wrong
    record = bytearray(next(read_tfrecords(files[level])))
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "any"]))
    place = data.draw(st.integers(0, min(len(record) - 1, 60) if data.draw(st.booleans()) else len(record) - 1))
    if kind == "flip":
        record[place] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del record[place : place + data.draw(st.integers(1, 40))]
    elif kind == "insert":
        record[place:place] = data.draw(st.binary(min_size=1, max_size=10))
    else:
        record = data.draw(st.binary(max_size=80))
    path = files[level].with_name(f"written wrong {level}")
    write_tfrecords(path, [bytes(record)])
    _, error, rest, skipping = read_both_ways(path, level)
    assert len(rest) + skipping.skipped == 1
    assert error is None or re.search(r"written wrong \w+, record 0: ", error)
    for video in rest:  # what is read is sound
        assert video.rgb.shape[-1] == 1024
        assert video.audio.shape == (*video.rgb.shape[:-1], 128)
        assert np.isfinite(video.features).all()
        assert ((video.labels >= 0) & (video.labels < 3862)).all()


def file_of(folder, message):
    write_tfrecords(folder / "wrong.tfrecord", [message.SerializeToString()])
    return folder / "wrong.tfrecord"


def changed(level, **features):
    """A record of TensorFlow's with some features replaced, or without those that are None."""
    message = PROTOS[level](made_videos(level)[1])
    for name, feature in features.items():
        lists = level == "frame" and name in ("rgb", "audio")
        place = (
            message.feature_lists.feature_list
            if lists
            else (message.context if level == "frame" else message.features).feature
        )
        if name in place:
            del place[name]
        if feature is not None:
            place[name].CopyFrom(feature)
    return message


def floats(values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def labels(values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def rows(*lengths):
    return tf.train.FeatureList(
        feature=[tf.train.Feature(bytes_list=tf.train.BytesList(value=[bytes(length)])) for length in lengths]
    )


@pytest.mark.parametrize(
    ("level", "features", "fault"),
    [
        ("video", {"mean_rgb": floats([0.5] * 1000)}, "mean_rgb must have 1,024 numbers, got 1000"),
        ("video", {"mean_audio": floats([0.5] * 1024)}, "mean_audio must have 128 numbers, got 1024"),
        ("video", {"mean_audio": floats([np.nan] * 128)}, "mean_audio holds numbers that are not finite"),
        ("video", {"mean_rgb": None}, "it has no mean_rgb; is level='frame' right?"),
        ("video", {"mean_rgb": labels([1])}, "it holds whole numbers in place of floats"),
        ("video", {"labels": labels([3, 3862])}, "its labels must lie in 0..3861, got 3 to 3862"),
        ("video", {"labels": labels([-1])}, "its labels must lie in 0..3861, got -1 to -1"),
        ("video", {"id": None}, "it has neither id nor video_id"),
        ("video", {"id": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"\xff"]))}, "its id is no text"),
        ("frame", {"rgb": None}, "it has no list rgb; is level='video' right?"),
        ("frame", {"rgb": rows(1000, 1000)}, "a frame of rgb must have 1,024 numbers, got 1000"),
        ("frame", {"rgb": rows(1024, 1023)}, "frame 1 of rgb must have 1,024 numbers, got 1023"),
        ("frame", {"rgb": rows(1024)}, "rgb and audio must be equally long, got 1 and 2 frames"),
        ("frame", {"rgb": rows(), "audio": rows()}, "it must have 1 to 300 frames, got 0"),
        ("frame", {"rgb": rows(*[1024] * 301), "audio": rows(*[128] * 301)}, "it must have 1 to 300 frames, got 301"),
        ("frame", {"labels": labels([9999])}, "its labels must lie in 0..3861, got 9999 to 9999"),
    ],
)
def test_what_is_wrong_with_a_record_is_said(tmp_path, level, features, fault):
    path = file_of(tmp_path, changed(level, **features))
    _, error, rest, skipping = read_both_ways(path, level)
    assert error == f"{path}, record 0: {fault}"
    assert (rest, skipping.skipped) == ([], 1)


def test_files_of_the_other_level_are_told(files):
    with pytest.raises(BadRecord, match=r"frame\.tfrecord, record 0: it has no mean_rgb; is level='frame' right\?"):
        next(read_youtube8m(files["frame"], level="video"))
    with pytest.raises(BadRecord, match=r"video\.tfrecord, record 0: it has no list rgb; is level='video' right\?"):
        next(read_youtube8m(files["video"], level="frame"))


def test_older_names_and_missing_labels_are_read(tmp_path):
    older = changed(
        "video", id=None, labels=None, video_id=tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"x"]))
    )
    (video,) = read_youtube8m(file_of(tmp_path, older), level="video")
    assert (video.id, video.labels.tolist()) == ("x", [])


def test_features_in_another_order_or_one_by_one_are_read(tmp_path):
    video = made_videos("video")[1]
    single = wire.message((2, b"".join(b"\x0d" + each.tobytes() for each in video.audio)))
    parts = {"mean_audio": single, "labels": wire.integer_feature([5]), "id": wire.bytes_feature(b"y")}
    entries = [(1, wire.message((1, name.encode()), (2, value))) for name, value in parts.items()]
    rgb = (1, wire.message((1, b"mean_rgb"), (2, wire.float_feature(video.rgb))))
    unknown = (7, b"from a later version")
    record = wire.message((1, wire.message(*entries)), unknown, (1, wire.message(rgb, unknown)))
    write_tfrecords(tmp_path / "file", [record])
    (found,) = read_youtube8m(tmp_path / "file", level="video")
    assert_same([found], [VideoRecord("y", np.array([5]), video.rgb, video.audio)])
    theirs = tf.train.Example.FromString(record).features.feature  # TensorFlow reads the same
    np.testing.assert_array_equal(theirs["mean_audio"].float_list.value, found.audio)


def test_of_many_faults_a_hundred_are_kept(tmp_path):
    write_tfrecords(tmp_path / "file", [b""] * 150)
    reader = read_youtube8m(tmp_path / "file", level="video", on_error="skip")
    assert list(reader) == []
    assert (reader.skipped, len(reader.faults)) == (150, 100)


@pytest.mark.parametrize(
    ("level", "video", "fault"),
    [
        ("video", {"rgb": np.zeros(1000, "float32")}, r"rgb must have 1,024 numbers, got 1000"),
        ("video", {"rgb": np.zeros((2, 1024), "float32")}, r"rgb must have 1,024 numbers, got 2 x 1024"),
        ("video", {"rgb": np.zeros(1024)}, "rgb must be finite float32 at video level, got float64"),
        ("video", {"audio": np.full(128, np.inf, "float32")}, "audio must be finite float32"),
        ("video", {"labels": np.array([3862])}, r"its labels must lie in 0\.\.3861, got 3862"),
        ("frame", {"rgb": np.zeros((2, 1024), "float32")}, r"rgb must be uint8 \(frames, 1024\) at frame level"),
        ("frame", {"rgb": np.zeros((2, 1023), "uint8")}, "a frame of rgb must have 1,024 numbers, got 1023"),
        ("frame", {"rgb": np.zeros((3, 1024), "uint8")}, "rgb and audio must be equally long, got 3 and 2 frames"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, level, video, fault):
    good = made_videos(level)[1]
    wrong = VideoRecord(**{"id": "bad", "labels": good.labels, "rgb": good.rgb, "audio": good.audio} | video)
    with pytest.raises(ValueError, match=rf"videos\[1\] \(bad\): {fault}"):
        write_youtube8m(tmp_path / "file", [good, wrong], level=level)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", [0, 301])
def test_clips_without_frames_or_with_too_many_are_not_written(tmp_path, frames):
    clip = video_record("long", [], np.zeros((frames, 1152)))
    with pytest.raises(ValueError, match=f"it must have 1 to 300 frames, got {frames}"):
        write_youtube8m(tmp_path / "file", [clip], level="frame")


def test_features_are_checked_before_they_are_rounded():
    with pytest.raises(ValueError, match=r"features must be \(1152,\) or \(frames, 1152\), got \(1024,\)"):
        video_record("a", [], np.zeros(1024))
    with pytest.raises(ValueError, match="features must be finite"):
        video_record("a", [], np.full((2, 1152), np.nan))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"level": "videos"}, ValueError, "level must be 'video' or 'frame', got 'videos'"),
        ({"on_error": "ignore"}, ValueError, "on_error must be 'raise' or 'skip', got 'ignore'"),
        ({"paths": []}, ValueError, "paths must name at least one file"),
        ({"paths": ["none.tfrecord"]}, FileNotFoundError, "none.tfrecord is not a file"),
        ({"classes": 0}, ValueError, "classes must be at least 1, got 0"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_read(files, arguments, error, message):
    wanted = {"paths": files["video"], "level": "video"} | arguments
    with pytest.raises(error, match=message):
        read_youtube8m(wanted.pop("paths"), **wanted)
