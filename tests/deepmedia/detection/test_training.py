import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.detection.heads import YOLOHead
from deepmedia.detection.loss import predicted_boxes, yolo_loss_terms
from deepmedia.detection.moving_boxes import augment_boxes
from deepmedia.detection.overlap import iou
from deepmedia.detection.records import Truth
from deepmedia.detection.targets import yolo_targets
from deepmedia.detection.training import detector_batches, fit_detector

COLOURS = [(220, 40, 40), (40, 60, 220), (230, 210, 40)]
ANCHORS = [[[24, 24]], [[10, 10], [16, 10]]]
GRIDS = [(4, 4), (8, 8)]


def network():
    """Five convolutions and two heads, on cells of 16 and 8 pixels."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((64, 64, 3))
    maps = []
    for number, filters in enumerate((16, 32, 48, 64)):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"bn{number}")(x)
        x = layers.LeakyReLU(0.1)(x)
        maps.append(x)
    heads = [
        YOLOHead(anchors, name=f"head{number}")(layers.Conv2D(len(anchors) * 8, 1)(x))
        for number, (anchors, x) in enumerate(zip(ANCHORS, maps[:1:-1], strict=True))
    ]
    return keras.Model(inputs, heads, name="tiny")


def rectangles(count, seed=0):
    """Images with one to three coloured rectangles on noise, and their boxes; the class is the colour."""
    random = np.random.default_rng(seed)
    images = random.integers(90, 130, (count, 64, 64, 3)).astype(np.uint8)
    truths = []
    for image in images:
        boxes, ids = [], []
        for corner in random.permutation([(2, 2), (34, 2), (2, 34), (34, 34)])[: random.integers(1, 4)]:
            x, y = corner + random.integers(0, 5, 2)
            w, h = random.integers(8, 25, 2)
            boxes.append([x, y, x + w, y + h])
            ids.append(random.integers(3))
            image[y : y + h, x : x + w] = COLOURS[ids[-1]]
        truths.append(Truth(boxes, ids))
    return images, truths


EPOCHS = 200
IMAGES, TRUTHS = rectangles(8)


@pytest.fixture(scope="module")
def overfitted():
    model, told = network(), []
    log = fit_detector(
        model,
        IMAGES,
        TRUTHS,
        epochs=EPOCHS,
        batch_size=8,
        peak=1e-2,
        after_epoch=lambda epoch, log: told.append((epoch, len(log["rate"]))),
    )
    return model, log, told


def test_eight_images_are_learned_by_heart(overfitted):
    model, log, _ = overfitted
    assert log["loss"][-1] < log["loss"][0] / 10
    outputs = model(IMAGES / np.float32(255), training=False)
    targets = yolo_targets(TRUTHS, ANCHORS, GRIDS, 64, 3)
    terms = {name: float(value) / 8 for name, value in yolo_loss_terms(targets, outputs, ANCHORS, 64).items()}
    least = sum(entropy(head) for head in targets.heads) / 8  # of the position: its cross-entropy with itself
    assert terms["position"] - least < 0.1
    assert max(terms[name] for name in ("size", "object", "classes")) < 0.1
    assert terms["background"] < 0.6  # of 144 anchors: the fine head sees 15 pixels, less than the largest rectangles


def entropy(head):
    p = np.clip(head.position, 1e-7, 1 - 1e-7)
    return float(np.sum(head.scale[..., None] * (-p * np.log(p) - (1 - p) * np.log(1 - p))))


def test_the_boxes_of_images_learned_by_heart_are_found_and_no_others(overfitted):
    model, _, _ = overfitted
    outputs = [head.numpy() for head in model(IMAGES / np.float32(255), training=False)]
    for number, truth in enumerate(TRUTHS):
        boxes, ids = [], []
        for output, anchors in zip(outputs, ANCHORS, strict=True):
            sure = output[number, ..., 4] > 0  # objectness above a half
            boxes.append(predicted_boxes(output, anchors, (64, 64)).numpy()[number][sure])
            ids.append(output[number, ..., 5:].argmax(axis=-1)[sure])
        overlaps = iou(truth.boxes, np.concatenate(boxes))
        assert overlaps.max(axis=1).min() > 0.8
        assert overlaps.max(axis=0).min() > 0.6
        assert np.concatenate(ids)[overlaps.argmax(axis=1)].tolist() == truth.class_ids.tolist()


def test_the_log_has_all_terms_and_they_add_up(overfitted):
    log = overfitted[1]
    names = ["position", "size", "object", "background", "classes"]
    assert set(log) == {"loss", "rate", *names}
    np.testing.assert_allclose(np.sum([log[name] for name in names], axis=0), log["loss"], rtol=1e-4)
    assert {len(values) for values in log.values()} == {EPOCHS}


def test_the_rate_rises_to_its_peak_and_falls_to_nothing(overfitted):
    rates = overfitted[1]["rate"]
    assert max(rates) == pytest.approx(1e-2, rel=0.01)
    assert rates.index(max(rates)) == pytest.approx(0.2 * EPOCHS, abs=2)
    assert rates[-1] < 1e-5


def test_the_same_seed_gives_the_same_training_and_another_another():
    logs = [
        fit_detector(network(), IMAGES, TRUTHS, epochs=2, batch_size=3, augment=augment_boxes, seed=seed)["loss"]
        for seed in (0, 0, 1)
    ]
    assert logs[0] == pytest.approx(logs[1], rel=1e-4)
    assert logs[0] != pytest.approx(logs[2], rel=1e-3)


def test_frozen_layers_keep_weights_and_statistics_and_can_be_trained_again():
    model = network()
    before = [weight.numpy() for weight in model.weights]
    names = {"conv0", "bn0", "conv1", "bn1"}
    fit_detector(model, IMAGES, TRUTHS, epochs=2, frozen=names)
    changed = {
        weight.path.split("/")[0]
        for weight, old in zip(model.weights, before, strict=True)
        if not np.array_equal(weight.numpy(), old)
    }
    assert {"conv2", "bn2", "conv3", "bn3"} <= changed
    assert not names & changed
    assert all(layer.trainable for layer in model.layers)


def test_after_each_epoch_its_number_and_the_log_so_far_are_told(overfitted):
    assert overfitted[2] == [(epoch, epoch + 1) for epoch in range(EPOCHS)]


def batches(**settings):
    model = network()
    return list(detector_batches(model, IMAGES, TRUTHS, **{"epochs": 2, "batch_size": 3, **settings}))


def test_an_epoch_shows_each_image_and_fills_the_last_batch():
    made = batches()
    assert [batch.images.shape for batch in made] == [(3, 64, 64, 3)] * 6
    orders = []
    for batch_of_three in (made[:3], made[3:]):
        images = np.concatenate([batch.images for batch in batch_of_three])
        rows = [int(np.flatnonzero((image == IMAGES).all(axis=(1, 2, 3)))[0]) for image in images]
        assert sorted(rows[:8]) == list(range(8))
        assert rows[8] == rows[0]
        orders.append(rows)
    assert orders[0] != orders[1]


def test_the_targets_of_a_batch_are_those_of_its_changed_images():
    seen = {}

    def change(image, truth, seed):
        after = augment_boxes(image, truth, seed)
        seen[after[0].tobytes()] = (after[1], seed)
        return after

    for batch in batches(augment=change, seed=7):
        truths, seeds = zip(*(seen[image.tobytes()] for image in batch.images), strict=True)
        expected = yolo_targets(truths, ANCHORS, GRIDS, 64, 3)
        filled = np.zeros((3, max(map(len, TRUTHS)), 4))  # all batches have one shape
        filled[:, : expected.boxes.shape[1]] = expected.boxes
        np.testing.assert_array_equal(batch.targets.boxes, filled)
        for head, other in zip(batch.targets.heads, expected.heads, strict=True):
            for part, other_part in zip(head, other, strict=True):
                np.testing.assert_array_equal(part, other_part)
        assert all(seed[0] == 7 for seed in seeds)


def test_what_goes_wrong_in_the_thread_is_raised_in_the_training():
    def change(image, truth, seed):
        raise RuntimeError("no change for today")

    with pytest.raises(RuntimeError, match="no change for today"):
        batches(augment=change)


def test_training_may_begin_at_feature_maps_which_are_not_divided_by_255():
    def log(images, **settings):
        model = network()
        model.get_layer("conv1").trainable = model.get_layer("conv0").trainable = False
        return fit_detector(model, images, TRUTHS, epochs=1, batch_size=4, **settings)["loss"]

    whole = (IMAGES // 4 * 4).astype(np.uint8)
    in_one = (whole / 255).astype(np.float16)  # as good as the same numbers
    np.testing.assert_allclose(log(in_one, size=(64, 64)), log(whole), rtol=0.02)


def test_a_loss_that_is_not_finite_stops_the_training():
    model = network()
    model.get_layer("conv1").set_weights([np.full((3, 3, 16, 32), np.nan)])
    with pytest.raises(FloatingPointError, match=r"became nan in epoch 0, step 0; .* a lower peak"):
        fit_detector(model, IMAGES, TRUTHS, epochs=1)


@pytest.mark.parametrize(
    ("images", "truths", "settings", "error", "words"),
    [
        (IMAGES / 255, TRUTHS, {}, TypeError, "images must be an array of uint8"),
        (IMAGES, TRUTHS, {"size": (64, 64)}, TypeError, "images must be an array of float16, feature maps"),
        (IMAGES[:, :32], TRUTHS, {}, ValueError, r"images must be \(n, 64, 64, 3\), .* got \(8, 32, 64, 3\)"),
        (IMAGES[:0], [], {}, ValueError, r"images must be \(n, 64, 64, 3\)"),
        (IMAGES, TRUTHS[:3], {}, ValueError, "truths must be one for each of 8 images, got 3"),
        (IMAGES, TRUTHS, {"epochs": 0}, ValueError, "epochs must be at least 1, got 0"),
        (IMAGES, TRUTHS, {"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        (IMAGES, TRUTHS, {"frozen": ["conv9"]}, ValueError, "frozen must name layers of tiny, got 'conv9'"),
        (IMAGES, TRUTHS, {"peak": 0}, ValueError, "peak must be positive, got 0"),
        (IMAGES, [Truth([[1, 1, 9, 9]], [3])] * 8, {}, ValueError, r"class_ids must lie in 0\.\.2"),
    ],
)
def test_what_does_not_fit_is_refused(images, truths, settings, error, words):
    with pytest.raises(error, match=words):
        fit_detector(network(), images, truths, **settings)
