import itertools
import json
import re
import zipfile
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from deepmedia.cnn.classifier import Classifier
from deepmedia.cnn.picture_files import BadPicture
from deepmedia.lessons.cnn.convolution.experiment import one_layer_network

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
NAMES = ("coat", "dress", "shirt")


def network(channels=1):
    inputs = keras.Input((12, 10, channels))
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(stddev=5))(x))


@pytest.fixture(scope="module")
def classifier():
    keras.utils.set_random_seed(0)
    model = network()
    model.layers[2].set_weights([np.random.default_rng(n).uniform(0.5, 2, 4) for n in range(4)])
    return Classifier(model, NAMES, temperature=1.7, background=30)


@pytest.fixture
def photos(tmp_path):
    generator = np.random.default_rng(0)
    paths = [tmp_path / f"{n}.png" for n in range(3)]
    for path, brightest in zip(paths, (40, 120, 256), strict=True):
        cv2.imwrite(str(path), generator.integers(0, brightest, (24, 30, 3), np.uint8))
    return paths


def test_a_path_is_answered_as_the_steps_by_hand_say(classifier, photos):
    grey = cv2.cvtColor(cv2.imread(str(photos[0])), cv2.COLOR_BGR2GRAY)  # 24 × 30 becomes 8 × 10
    image = np.full((12, 10), 30, np.uint8)
    image[2:10] = cv2.resize(grey, (10, 8), interpolation=cv2.INTER_AREA)
    logits = classifier.model(image[None, ..., None].astype("float32") / 255).numpy()[0].astype(float) / 1.7
    expected = np.exp(logits) / np.exp(logits).sum()
    answer = classifier.answer(photos[0], top=2)
    order = np.argsort(-expected)[:2]
    assert [name for name, _ in answer] == [NAMES[n] for n in order]
    np.testing.assert_allclose([value for _, value in answer], expected[order], atol=1e-6)


def test_what_is_transparent_shows_the_background(classifier, tmp_path):
    cv2.imwrite(str(tmp_path / "clear.png"), np.full((12, 10, 4), (200, 200, 200, 0), np.uint8))
    np.testing.assert_allclose(classifier.prepare(tmp_path / "clear.png"), 30 / 255, atol=1e-6)


def test_several_pictures_get_a_row_each_and_none_get_none(classifier, photos):
    rows = classifier.probabilities(photos)
    for row, path in zip(rows, photos, strict=True):
        np.testing.assert_allclose(row, classifier.probabilities([path])[0], atol=1e-6)
    assert np.ptp(rows, axis=0).max() > 0.01
    assert classifier.probabilities([]).shape == (0, 3)


def test_one_path_in_place_of_a_list_is_refused(classifier, photos):
    for path in (photos[0], str(photos[0])):
        with pytest.raises(TypeError, match=r"must be a list, got the one path '.*0\.png'; use answer, or \[path\]"):
            classifier.probabilities(path)


def test_a_picture_is_answered_however_small(classifier, tmp_path):
    cv2.imwrite(str(tmp_path / "dot.png"), np.full((1, 1), 70, np.uint8))
    seen = classifier.prepare(tmp_path / "dot.png")[..., 0]
    np.testing.assert_allclose(seen[1:11], 70 / 255, atol=1e-6)  # 1 × 1 becomes 10 × 10


def test_a_saved_classifier_answers_as_before(classifier, photos, tmp_path):
    path = classifier.save(tmp_path / "new" / "shop.classifier")
    loaded = Classifier.load(path)
    assert (loaded.class_names, loaded.temperature, loaded.background) == (NAMES, 1.7, 30)
    np.testing.assert_array_equal(loaded.probabilities(photos), classifier.probabilities(photos))
    assert [entry.name for entry in path.parent.iterdir()] == ["shop.classifier"]


def test_a_saved_classifier_keeps_settings_that_numpy_computed(classifier, tmp_path):
    computed = Classifier(classifier.model, NAMES, temperature=np.float32(1.5), background=np.uint8(9))
    loaded = Classifier.load(computed.save(tmp_path / "shop.classifier"))
    assert (loaded.temperature, loaded.background) == (1.5, 9)


def test_saving_onto_a_folder_is_refused(classifier, tmp_path):
    with pytest.raises(IsADirectoryError, match=rf"path must be a file, {tmp_path} is a folder; add a name to it"):
        classifier.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_saving_replaces_an_older_file_and_a_failure_leaves_it(classifier, tmp_path, monkeypatch):
    path = tmp_path / "shop.classifier"
    path.write_bytes(b"old")

    def broken(self, *arguments, **options):
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "writestr", broken)
        with pytest.raises(OSError, match="no space"):
            classifier.save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    classifier.save(path)
    assert Classifier.load(path).class_names == NAMES


def test_an_exported_model_gives_the_same_probabilities_without_keras(classifier, photos, tmp_path, capfd):
    folder = classifier.export(tmp_path / "exported")
    assert not re.search("exported|written|artifact", "".join(capfd.readouterr()), re.IGNORECASE)
    images = np.stack([classifier.prepare(path) for path in photos])
    exported = tf.saved_model.load(folder)
    np.testing.assert_allclose(exported.serve(images), classifier.probabilities(photos), atol=1e-6)
    contents = [path.read_bytes() for path in photos]  # reduced from 24 × 30: rounded in another way
    np.testing.assert_allclose(exported.serve_files(contents), classifier.probabilities(photos), atol=0.02)
    assert json.loads((folder / "classifier.json").read_text())["class_names"] == list(NAMES)
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.suffix != ".png") == ["exported"]


def test_exporting_onto_something_is_refused_and_a_failure_leaves_nothing(classifier, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(FileExistsError, match="there exists already; remove it or export to another name"):
        classifier.export(tmp_path / "there")

    def broken(self, folder, **options):
        Path(folder).mkdir()
        raise OSError("no space left on device")

    monkeypatch.setattr(type(keras.export.ExportArchive()), "write_out", broken)
    with pytest.raises(OSError, match="no space"):
        classifier.export(tmp_path / "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["there"]


def test_files_that_are_no_classifier_are_refused(classifier, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*nothing"):
        Classifier.load(tmp_path / "nothing")
    path = classifier.save(tmp_path / "shop.classifier")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"not a whole classifier .*save it again"):
        Classifier.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("classifier.json", "{}")
    with pytest.raises(ValueError, match="not a whole classifier"):
        Classifier.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("classifier.json", '{"format": 2}')
        archive.writestr("model.keras", "")
    with pytest.raises(
        ValueError, match=r"has format 2, this deepmedia reads 1; load it with the deepmedia that saved"
    ):
        Classifier.load(path)


def test_bad_pictures_are_refused_with_their_name(classifier, tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(BadPicture, match=r"empty\.jpg is empty"):
        classifier.answer(tmp_path / "empty.jpg")


@pytest.mark.parametrize(
    "picture", [np.zeros((20, 20, 1)), np.zeros((20, 20), np.uint8), np.zeros((20, 20, 3), np.uint8)]
)
def test_arrays_of_another_kind_are_refused(classifier, picture):
    with pytest.raises(ValueError, match=r"picture must be uint8 \(height, width, 1\), got"):
        classifier.answer(picture)


def test_colour_networks_see_colour(photos):
    colour = Classifier(network(channels=3), NAMES)
    assert colour.prepare(photos[0]).shape == (12, 10, 3)


@pytest.mark.parametrize(
    ("names", "temperature", "words"),
    [
        (("a", "b"), 1.0, "class_names must be 3 different names"),
        (("a", "b", "b"), 1.0, "class_names must be 3 different names"),
        (NAMES, 0.0, "temperature must be above 0"),
    ],
)
def test_names_and_temperature_must_fit_the_network(classifier, names, temperature, words):
    with pytest.raises(ValueError, match=words):
        Classifier(classifier.model, names, temperature=temperature)


@pytest.mark.parametrize("background", [-1, 256])
def test_a_background_must_be_a_grey_value(classifier, background):
    with pytest.raises(ValueError, match=f"background must be .*got {background}"):
        Classifier(classifier.model, NAMES, background=background)


def ending(last, *, shape=(4, 4, 1)):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), last], name="net")


@pytest.mark.parametrize(
    ("model", "names", "words"),
    [
        (
            ending(layers.Dense(3, activation="softmax")),
            NAMES,
            "must put out logits, net ends in softmax; build the same",
        ),
        (ending(layers.Dense(1)), ("cat",), r"at least two classes, net gives 1, .*; end it in Dense\(2\)"),
        (ending(layers.Dense(3)), "abc", "class_names must be 3 different names, one a logit, got abc"),
        (
            ending(layers.Dense(3), shape=(4, 4, 2)),
            NAMES,
            r"must take images of one size, .*net takes \(None, 4, 4, 2\)",
        ),
        (ending(layers.Dense(3), shape=(4, 4)), NAMES, r"must take images of one size, .*net takes \(None, 4, 4\)"),
        (ending(layers.Dense(3), shape=(16,)), NAMES, "must take images of one size"),
        (
            keras.Sequential([layers.Flatten(), layers.Dense(3)]),
            NAMES,
            r"sequential with keras\.Input as its beginning",
        ),
    ],
)
def test_models_that_name_no_pictures_are_refused_at_once(model, names, words):
    with pytest.raises(ValueError, match=words):
        Classifier(model, names)


def test_a_model_with_two_inputs_is_refused_at_once():
    inputs = [keras.Input((4, 4, 1)), keras.Input((16,))]
    joined = layers.Concatenate()([layers.Flatten()(inputs[0]), inputs[1]])
    with pytest.raises(ValueError, match="must take images of one size"):
        Classifier(keras.Model(inputs, layers.Dense(3)(joined)), NAMES)


def test_a_model_of_any_size_is_refused_and_the_way_out_works(photos):
    free = [keras.Input((None, None, 1)), layers.Conv2D(2, 3), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    model = keras.Sequential(free, name="free")
    words = r"one size, .*free takes \(None, None, None, 1\); .* keras\.Sequential\(\[keras\.Input\(\(height, width"
    with pytest.raises(ValueError, match=words):
        Classifier(model, NAMES)
    sized = Classifier(keras.Sequential([keras.Input((12, 10, 1)), model]), NAMES)
    assert sized.probabilities(photos).shape == (3, 3)


class Unknown(layers.Layer):
    def call(self, x):
        return 2 * x


@keras.saving.register_keras_serializable("tests")
class Forgetful(layers.Layer):
    """Known to Keras, but it does not say its settings."""

    def __init__(self, factor, **settings):
        super().__init__(**settings)
        self.factor = factor

    def call(self, x):
        return self.factor * x

    def get_config(self):
        return {"name": self.name}


@keras.saving.register_keras_serializable("tests")
class Drawn(layers.Layer):
    """Known to Keras, but what it draws, another factor each time, is not among its weights."""

    factors = itertools.count(1)

    def __init__(self, **settings):
        super().__init__(**settings)
        self.factor = next(self.factors)

    def call(self, x):
        return self.factor * x


def doubled(x):
    return 2 * x


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (Unknown(), r"model net can't be loaded again: Keras does not know its Unknown; give a class or function of"),
        (layers.Lambda(lambda x: 2 * x), r"can't be loaded again \(.*put such a layer in the place of a Lambda"),
        (layers.Lambda(doubled), r"can't be loaded again"),
        (Forgetful(2), r"can't be loaded again"),
        (layers.Activation(doubled), r"can't be loaded again"),
        (Drawn(), r"model net gives other logits when it is loaded again; keep what a layer of your own draws"),
    ],
)
def test_a_model_that_keras_could_not_load_again_is_not_saved(last, words, tmp_path):
    dense = layers.Dense(3, bias_initializer="normal")
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), dense, last], name="net")
    path = tmp_path / "shop.classifier"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match=words):
        Classifier(model, NAMES).save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_our_own_layers_are_saved_and_loaded(photos, tmp_path):
    model = one_layer_network("local", (12, 10, 1), filters=2, kernel_size=3, classes=3)
    before = Classifier(model, NAMES)
    loaded = Classifier.load(before.save(tmp_path / "shop.classifier"))
    np.testing.assert_array_equal(loaded.probabilities(photos), before.probabilities(photos))


def test_exporting_again_replaces_the_earlier_export(classifier, photos, tmp_path):
    folder = classifier.export(tmp_path / "exported")
    warmer = Classifier(classifier.model, NAMES, temperature=5.0, background=30)
    assert warmer.export(folder) == folder
    images = np.stack([warmer.prepare(path) for path in photos])
    exported = tf.saved_model.load(folder)
    np.testing.assert_allclose(exported.serve(images), warmer.probabilities(photos), atol=1e-6)
    assert json.loads((folder / "classifier.json").read_text())["temperature"] == 5
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_dir()] == ["exported"]
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="exported exists already; remove it or export to another name"):
        warmer.export(folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_failed_export_leaves_the_earlier_one(classifier, tmp_path, monkeypatch):
    folder = classifier.export(tmp_path / "exported")

    def broken(self, folder, **options):
        raise OSError("no space left on device")

    monkeypatch.setattr(type(keras.export.ExportArchive()), "write_out", broken)
    with pytest.raises(OSError, match="no space"):
        classifier.export(folder)
    assert (folder / "saved_model.pb").is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == ["exported"]
