"""A classifier from a folder of few pictures, on folders made here: some classes, sizes, formats and counts."""

import cv2
import keras
import numpy as np
import pytest
from keras import layers
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from deepmedia.cnn.classifier import Classifier
from deepmedia.cnn.image_folder import list_pictures
from deepmedia.cnn.own_folder import PENALTIES, learn_folder, linear_layer, photo_features, picture_vectors
from deepmedia.cnn.photo_layers import photo_layers
from deepmedia.datasets import photo

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
SOURCES = {"brick": ".png", "grass": ".jpg", "gravel": ".jpg"}  # grey photographs of surfaces


def write_folder(root, counts, *, seed=0):
    """Patches of the three photographs, of odd sizes: a class each."""
    generator = np.random.default_rng(seed)
    for (name, suffix), count in zip(SOURCES.items(), counts, strict=True):
        (root / name).mkdir(parents=True)
        whole = photo(name)
        for number in range(count):
            height, width = generator.integers(60, 200, 2)
            top, left = (generator.integers(0, 512 - side) for side in (height, width))
            cv2.imwrite(str(root / name / f"{number:02}{suffix}"), whole[top : top + height, left : left + width])
    return root


@pytest.fixture(scope="module")
def tiny_features():
    """A quick network in the place of the shipped one: means of its first two stages."""
    body = photo_layers(64, stages=3)
    means = [layers.GlobalAveragePooling2D()(body.get_layer(f"stage{n}_leaky").output) for n in (2, 3)]
    return keras.Model(body.input, layers.Concatenate()(means))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("own") / "surfaces", (24, 12, 8))


@pytest.fixture(scope="module")
def result(folder, tiny_features):
    return learn_folder(folder, features=tiny_features)


def test_surfaces_of_a_few_pictures_are_told_apart(tmp_path):
    result = learn_folder(write_folder(tmp_path / "few", (12, 8, 8)))
    others = list_pictures(write_folder(tmp_path / "others", (20, 20, 20), seed=1))
    answers = result.classifier.probabilities(others.paths).argmax(axis=1)
    assert np.mean(answers == others.labels) > 0.9


def test_a_quarter_of_each_class_is_held_out(result, folder):
    assert np.bincount(result.held_out.labels).tolist() == [6, 3, 2]
    assert np.bincount(result.training.labels).tolist() == [18, 9, 6]
    assert not {*result.training.paths} & {*result.held_out.paths}
    assert len(learn_folder(list_pictures(folder), held_out=0.5, features=result.classifier.model).held_out) == 22


def test_the_classifier_answers_from_files_as_the_result_says(result, tmp_path):
    loaded = Classifier.load(result.classifier.save(tmp_path / "surfaces.classifier"))
    assert loaded.class_names == tuple(SOURCES)
    np.testing.assert_allclose(loaded.probabilities(result.held_out.paths), result.probabilities, atol=1e-5)


def test_accuracy_table_and_mistakes_agree_with_a_count_by_hand(result):
    given = ["brick", "grass", "grass", "gravel", "gravel"]
    labels = np.array([0, 0, 1, 1, 2])
    made = np.full((5, 3), 0.1)
    made[np.arange(5), [list(SOURCES).index(name) for name in given]] = 0.8
    made[3] = (0.05, 0.05, 0.9)  # the surest mistake
    held_out = result.held_out.part([0, 1, 6, 7, 9])
    assert held_out.labels.tolist() == labels.tolist()
    counted = type(result)(result.classifier, result.training, held_out, made)
    assert counted.accuracy == pytest.approx(3 / 5)
    head, brick, grass, gravel = counted.table().splitlines()
    assert head.split() == ["class", "learned", "held", "out", "precision", "recall", "(95%)"]
    assert brick.split() == ["brick", "18", "2", "100%", "50%", "(9%", "to", "91%)"]
    assert grass.split()[:5] == ["grass", "9", "2", "50%", "50%"]
    assert gravel.split()[:5] == ["gravel", "6", "1", "50%", "100%"]
    wrong = counted.mistakes()
    assert [each[:2] for each in wrong] == [(held_out.paths[3], "gravel"), (held_out.paths[1], "grass")]
    assert [each[2] for each in wrong] == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize("classes", [2, 3])
def test_the_layer_is_scikit_learns_regression_on_scaled_numbers(classes):
    generator = np.random.default_rng(classes)
    labels = generator.permutation(np.repeat(np.arange(classes), (40, 25, 10)[:classes]))
    vectors = (3 + labels[:, None] * (0.5, -1, 0) + generator.normal(size=(len(labels), 3))).astype(np.float32)
    kernel, bias = linear_layer(vectors, labels)
    logits = vectors @ kernel + bias
    found = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    scaled = StandardScaler().fit_transform(vectors)
    expected = [
        LogisticRegression(C=c, class_weight="balanced", max_iter=5000).fit(scaled, labels).predict_proba(scaled)
        for c in PENALTIES
    ]
    assert min(np.abs(found - each).max() for each in expected) < 1e-3  # one of the four


def test_with_one_picture_of_a_class_to_learn_from_nothing_is_cross_validated():
    vectors = np.array([[0.0, 1.0], [0.1, 1.0], [2.0, 1.0]], np.float32)
    kernel, bias = linear_layer(vectors, np.array([0, 0, 1]))
    assert (vectors @ kernel + bias).argmax(axis=1).tolist() == [0, 0, 1]


def test_pictures_go_through_the_network_as_the_classifier_shows_them(result, tiny_features):
    paths = result.training.paths[:17]  # more than a batch
    images = np.stack([result.classifier.prepare(path) for path in paths])
    np.testing.assert_allclose(
        picture_vectors(tiny_features, paths), tiny_features.predict(images, verbose=0), rtol=1e-4, atol=1e-5
    )
    assert picture_vectors(tiny_features, []).shape == (0, 96)


def test_the_features_are_the_means_of_two_maps():
    image = photo("coffee")[None, :160, :160].astype(np.float32) / 255
    body = photo_layers(160, stages=6)
    expected = [
        np.asarray(keras.Model(body.input, body.get_layer(f"stage{n}_leaky").output)(image)).mean(axis=(1, 2))
        for n in (5, 6)
    ]
    np.testing.assert_allclose(photo_features()(image), np.concatenate(expected, axis=1), rtol=1e-3, atol=1e-4)


def test_a_bad_picture_is_named(tmp_path, tiny_features):
    folder = write_folder(tmp_path / "bad", (4, 4, 4))
    (folder / "grass" / "02.jpg").write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"1 of 12 pictures can't be used:\n.*02\.jpg is not a PNG"):
        learn_folder(folder, features=tiny_features)


def test_a_class_of_one_picture_is_refused_by_name(tmp_path, tiny_features):
    folder = write_folder(tmp_path / "one", (4, 4, 1))
    with pytest.raises(ValueError, match="the training part would have no picture of gravel"):
        learn_folder(folder, features=tiny_features)


def test_features_of_another_kind_are_refused(folder):
    maps = photo_layers(32, stages=2)
    with pytest.raises(ValueError, match=r"give vectors .*takes .*gives .*; end it in GlobalAveragePooling2D"):
        learn_folder(folder, features=maps)
    grey = keras.Sequential([keras.Input((32, 32, 1)), layers.Flatten()])
    with pytest.raises(ValueError, match=r"features must take images of one size, \(n, height, width, 3\)"):
        learn_folder(folder, features=grey)
