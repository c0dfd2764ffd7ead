"""YouTube-8M: text files written by hand, the sample, and the course's files."""

import csv
import gzip
import hashlib

import numpy as np
import pytest

from deepmedia.datasets import DataUnavailable, fetch, fetched, youtube8m_sample, youtube8m_vocabulary
from deepmedia.datasets.packaged import FILES
from deepmedia.datasets.youtube8m import dequantise, quantise, read_youtube8m_csv
from studies.make_youtube8m_sample import sample, vocabulary

TRAIN = [f"youtube8m/train_{number}.csv" for number in range(40)]
VALIDATION = [f"youtube8m/val_{number}.csv" for number in range(10)]


def line(topics, features):
    """A line as in the course's files."""
    labels = ["1" if topic in topics else "0" for topic in range(3862)]
    return ",".join(labels + [str(value) for value in features]) + ",\n"


def written(folder, text):
    path = folder / "part.csv"
    path.write_text(text)
    return path


def test_reads_lines_written_by_hand(tmp_path):
    first, second = [0.5] * 1152, [index / 1000 for index in range(1152)]
    features, labels = read_youtube8m_csv(written(tmp_path, line({0, 21, 3861}, first) + line(set(), second)))
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, [first, second], rtol=1e-6)
    assert [row.tolist() for row in labels] == [[0, 21, 3861], []]
    assert [row.dtype for row in labels] == [np.int64, np.int64]


def test_the_last_comma_and_line_feed_may_be_missing(tmp_path):
    text = line({7}, [1.0] * 1152)
    expected = read_youtube8m_csv(written(tmp_path, text))
    for ending in ("", ",", "\n", ",\r\n"):
        features, labels = read_youtube8m_csv(written(tmp_path, text.rstrip(",\n") + ending))
        np.testing.assert_array_equal(features, expected[0])
        np.testing.assert_array_equal(labels[0], [7])


def test_an_empty_file_has_no_videos(tmp_path):
    features, labels = read_youtube8m_csv(written(tmp_path, ""))
    assert (features.shape, labels) == ((0, 1152), [])


GOOD = line({1}, [0.25] * 1152)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (GOOD.replace("0.25,", "", 1), r"part\.csv, line 2: expected 5,014 columns, found 5,013"),
        ("0," + GOOD, "expected 5,014 columns, found 5,015"),
        ("\n", "expected 5,014 columns, found 1"),
        ("<!DOCTYPE html>\n", "expected 5,014 columns, found 1"),
        (GOOD.replace("0,1,", "0,2,", 1), "line 2: the first 3,862 columns must be 0 or 1"),
        (GOOD.replace("0,1,", "0;1,", 1), "the first 3,862 columns must be 0 or 1"),
        (GOOD.replace("0.25", "0.2.5", 1), "line 2: a feature is not a number"),
        (GOOD.replace("0.25", "", 1), "a feature is not a number"),
        (GOOD.replace("0.25", "nan", 1), "line 2: a feature is not finite"),
        (GOOD.replace("0.25", "1e60", 1), "line 2: a feature is not finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_says_which_line_is_wrong(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        read_youtube8m_csv(written(tmp_path, GOOD + wrong + GOOD))


def test_levels_stand_for_the_values_of_the_original():
    # Dequantize of the YouTube-8M code: level * 4 / 255 + 4 / 512 - 2, in fractions: -4/130560 for 127.
    levels = np.array([0, 1, 127, 128, 255], np.uint8)
    expected = [-255 / 128, -255 / 128 + 4 / 255, -4 / 130_560, -4 / 130_560 + 4 / 255, 257 / 128]
    np.testing.assert_allclose(dequantise(levels), expected, rtol=1e-6)
    assert dequantise(levels).dtype == np.float32


def test_every_level_comes_back():
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(quantise(dequantise(levels)), levels)


def test_the_error_is_at_most_half_a_step():
    values = np.random.default_rng(0).uniform(-1.9921875, 2.0078125, 100_000).astype(np.float32)
    error = np.abs(dequantise(quantise(values)) - values)
    assert 0.99 * 2 / 255 < error.max() <= 2 / 255 + 1e-6


def test_values_outside_the_range_go_to_its_ends():
    np.testing.assert_array_equal(quantise(np.array([-9, 9], np.float32)), [0, 255])


@pytest.mark.parametrize(("split", "count"), [("train", 2000), ("validation", 500)])
def test_the_sample_has_its_documented_form(split, count):
    features, labels = youtube8m_sample(split)
    assert features.shape == (count, 1152)
    assert features.dtype == np.float32
    assert features.min() == -1.9921875
    assert features.max() == 2.0078125
    assert len(labels) == count
    assert {row.dtype for row in labels} == {np.dtype(np.int64)}
    for row in labels:
        assert row.size >= 1
        assert 0 <= row[0] <= row[-1] < 3862
        assert (np.diff(row) > 0).all()
    assert fetched() == ()


def test_the_default_is_training_data():
    np.testing.assert_array_equal(youtube8m_sample()[0], youtube8m_sample("train")[0])


def test_the_validation_split_is_frozen():
    features, labels = youtube8m_sample("validation")
    digest = hashlib.sha256(features.astype("<f4").tobytes())
    for row in labels:
        digest.update(row.astype("<i8").tobytes() + b"\n")
    assert digest.hexdigest() == "361070a1e8027d69303bac8e89cccf51e57b9e6b59da12090f66683ebd144f9a"


def test_no_video_is_twice_in_the_sample():
    features = np.concatenate([youtube8m_sample(split)[0] for split in ("train", "validation")])
    assert len(np.unique(features, axis=0)) == 2500


def test_labels_are_the_vocabularys_indices():
    # Frequent topics of the whole data set must be frequent in the sample: with shuffled names they would not be.
    counts = np.bincount(np.concatenate(youtube8m_sample("train")[1]), minlength=3862)
    videos = [topic.train_videos for topic in youtube8m_vocabulary()]
    assert np.corrcoef(counts, videos)[0, 1] > 0.99


def test_the_vocabulary_is_in_the_order_of_labels():
    topics = youtube8m_vocabulary()
    assert [topic.index for topic in topics] == list(range(3862))
    first = topics[0]
    assert (first.name, first.vertical, first.knowledge_graph_id) == ("Game", "Games", "/m/03bt1gh")
    assert first.train_videos == 788_288
    assert topics[3812].name == "Cylinder"  # the last row of the data set's own file


def test_a_topic_without_a_name_shows_its_identifier():
    unnamed = [topic for topic in youtube8m_vocabulary() if not topic.name]
    assert len(unnamed) == 56
    assert str(unnamed[0]) == unnamed[0].knowledge_graph_id == "/m/0dxrf"
    assert str(youtube8m_vocabulary()[0]) == "Game"


@pytest.mark.parametrize("split", ["val", "test", "", None])
def test_another_split_is_refused(split):
    with pytest.raises(ValueError, match="split must be 'train' or 'validation', got"):
        youtube8m_sample(split)


def test_the_whole_data_is_an_error_where_it_cannot_be_had(monkeypatch):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match=r"youtube8m/val_0\.csv is not part of the built-in data"):
        youtube8m_sample("validation", full=True)


def test_the_whole_data_comes_in_the_order_of_the_files_numbers(real):
    real(*VALIDATION)
    features, labels = youtube8m_sample("validation", full=True)
    assert (features.shape, len(labels)) == ((2010, 1152), 2010)
    assert features.dtype == np.float32
    assert fetched() == tuple(sorted(VALIDATION))
    with fetch("youtube8m/val_9.csv").open(newline="") as file:  # by another reader
        rows = [[float(value) for value in row[:-1]] for row in csv.reader(file)]
    np.testing.assert_allclose(features[9 * 201 :], np.array(rows)[:, 3862:], rtol=1e-6)
    np.testing.assert_array_equal(labels[-1], np.flatnonzero(np.array(rows[-1][:3862])))


def test_the_whole_training_data_has_40_files(real):
    real(*TRAIN)
    features, labels = youtube8m_sample("train", full=True)
    assert (features.shape, len(labels)) == ((8040, 1152), 8040)
    np.testing.assert_allclose(youtube8m_sample("train")[0], features[:2000], atol=2 / 255 + 1e-6)


def test_the_sample_is_the_first_videos_within_half_a_step(real):
    real(*VALIDATION)
    features, labels = youtube8m_sample("validation", full=True)
    sample_features, sample_labels = youtube8m_sample("validation")
    error = np.abs(sample_features - features[:500])
    assert 0.0035 < error.mean() < 0.0045  # a quarter of a step of 4/255: rounding is fair
    assert error.max() <= 2 / 255 + 1e-6
    for ours, theirs in zip(sample_labels, labels[:500], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_script_makes_the_files_of_the_package(real):
    real(*TRAIN[:10], *VALIDATION[:3], "youtube8m/yt8m_voc.csv")
    for split in ("train", "validation"):
        made = sample(split)
        with np.load(FILES / "youtube8m" / f"{split}.npz", allow_pickle=False) as shipped:
            assert set(shipped.files) == set(made)
            for name in made:
                np.testing.assert_array_equal(shipped[name], made[name])
                assert shipped[name].dtype == made[name].dtype
    packed = (FILES / "youtube8m" / "vocabulary.csv.gz").read_bytes()
    assert gzip.decompress(packed).decode() == vocabulary()
