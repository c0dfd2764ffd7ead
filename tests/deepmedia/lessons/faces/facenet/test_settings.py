import keras
import numpy as np
import pytest

from deepmedia.lessons.faces.facenet import settings
from deepmedia.lessons.faces.facenet.settings import Setting, accuracy_on, prepared_faces, trained_with


@pytest.fixture
def asked(monkeypatch):
    """What the training is asked for, in place of a training."""
    found = {}
    monkeypatch.setattr(
        settings, "fit_embeddings", lambda model, *data, **options: found.update(model=model, **options)
    )
    return found


FACES, PEOPLE = np.zeros((4, 32, 32, 3), np.float32), np.array([0, 0, 1, 1])


@pytest.mark.parametrize("people", [48, 24, 12, 6])
def test_every_batch_has_96_images(asked, people):
    trained_with(Setting(people=people), FACES, PEOPLE, seed=0)
    assert asked["identities"] == people
    assert asked["identities"] * asked["images_each"] == 96


def test_the_setting_reaches_the_network_and_the_training(asked):
    trained_with(Setting(embedding_size=8, rate=0.5), FACES, PEOPLE, seed=3, steps=7)
    assert asked["model"].output.shape == (None, 8)
    assert (asked["peak"], asked["seed"], asked["steps"]) == (0.5, 3, 7)


def test_the_margin_reaches_the_triplet_loss(asked):
    # one anchor and its positive at 0.4, a negative at 0.5: 0.4 - 0.5 + margin, seen from the anchor
    trained_with(Setting(margin=0.3), FACES, PEOPLE, seed=0)
    points = np.array([[1, 0], [0.8, 0.6], [0.75, -((1 - 0.75**2) ** 0.5)]])
    assert float(asked["loss"](np.array([0, 0, 1]), points)) == pytest.approx(0.2)


def test_arcface_has_a_centre_for_each_person(asked):
    trained_with(Setting(loss="arcface", margin=0.4, scale=9, embedding_size=16), FACES, PEOPLE, seed=0)
    assert asked["loss"].centres.shape == (2, 16)
    assert (asked["loss"].margin, asked["loss"].scale) == (0.4, 9)


def test_equal_seeds_begin_with_equal_weights_and_others_with_others(asked):
    first, same, other = (trained_with(Setting(), FACES, PEOPLE, seed=seed).get_weights()[0] for seed in (1, 1, 2))
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (Setting(people=7), "people must divide the batch of 96 images, got 7"),
        (Setting(loss="softmax"), "loss must be 'triplet' or 'arcface', got 'softmax'"),
    ],
)
def test_other_settings_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        trained_with(setting, FACES, PEOPLE, seed=0)


def test_faces_are_prepared_by_the_fixed_scaling():
    faces, people = prepared_faces("validation", 2, 2, seed=1)
    assert people.tolist() == [0, 0, 1, 1]
    assert faces.shape == (4, 32, 32, 3)
    assert faces.min() >= -127.5 / 128
    assert faces.max() <= 127.5 / 128
    assert faces.min() < -0.5 < 0.5 < faces.max()


def test_a_network_that_knows_the_person_is_always_right(monkeypatch):
    monkeypatch.setattr(settings, "PAIRS", 100)
    # each image is of one grey per person, and the network passes that on as an angle
    people = np.repeat(np.arange(40), 10)
    faces = np.ones((400, 1, 1, 1), np.float32) * (people * 3.0 / 40)[:, None, None, None]
    inputs = keras.Input((1, 1, 1))
    angle = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.ops.concatenate([keras.ops.cos(angle), keras.ops.sin(angle)], axis=1))
    assert accuracy_on(model, faces, people, seed=0) == 1
