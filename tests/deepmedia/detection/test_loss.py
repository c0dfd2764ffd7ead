import numpy as np
import pytest
import tensorflow as tf

from deepmedia.detection.loss import best_overlap, predicted_boxes, yolo_loss, yolo_loss_terms
from deepmedia.detection.records import Truth
from deepmedia.detection.targets import yolo_targets

SIZE = (96, 128)  # height, width
ANCHORS = [[[50, 40], [20, 60], [90, 90]], [[10, 12], [24, 20]]]
GRIDS = [(3, 4), (6, 8)]
CLASSES = 4


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def box_iou(a, b):
    """Of two boxes given by centre and sides, as box.c computes it."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = a, b
    w = min(ax + aw / 2, bx + bw / 2) - max(ax - aw / 2, bx - bw / 2)
    h = min(ay + ah / 2, by + bh / 2) - max(ay - ah / 2, by - bh / 2)
    return 0 if w <= 0 or h <= 0 else w * h / (aw * ah + bw * bh - w * h)


def darknet_deltas(outputs, truths):
    """Loops over cells, anchors and boxes in the order of forward_yolo_layer in yolo_layer.c; truths are relative."""
    height, width = SIZE
    finest_first = [np.array(anchor) for table in reversed(ANCHORS) for anchor in table]  # Darknet's numbering
    deltas = []
    for head, (output, table) in enumerate(zip(outputs, ANCHORS, strict=True)):
        first = sum(len(later) for later in ANCHORS[head + 1 :])
        mask = list(range(first, first + len(table)))
        count, lh, lw, _, _ = output.shape
        out = output.copy()
        out[..., :2], out[..., 4:] = sigmoid(output[..., :2]), sigmoid(output[..., 4:])
        delta = np.zeros_like(output)
        for b in range(count):
            for j, i, n in np.ndindex(lh, lw, len(table)):
                x, y, w, h = out[b, j, i, n, :4]
                aw, ah = table[n]
                pred = ((i + x) / lw, (j + y) / lh, np.exp(w) * aw / width, np.exp(h) * ah / height)
                best = max([0, *(box_iou(pred, truth[:4]) for truth in truths[b])])
                delta[b, j, i, n, 4] = 0 if best > 0.7 else 0 - out[b, j, i, n, 4]
            for tx, ty, tw, th, class_id in truths[b]:
                i, j = int(tx * lw), int(ty * lh)
                best, best_n = 0, 0
                for n, (aw, ah) in enumerate(finest_first):
                    overlap = box_iou((0, 0, aw / width, ah / height), (0, 0, tw, th))
                    if overlap > best:
                        best, best_n = overlap, n
                if best_n not in mask:
                    continue
                place = (b, j, i, mask.index(best_n))
                x, y, w, h = out[place][:4]
                aw, ah = finest_first[best_n]
                scale = 2 - tw * th
                delta[(*place, slice(4))] = scale * np.array(
                    [tx * lw - i - x, ty * lh - j - y, np.log(tw * width / aw) - w, np.log(th * height / ah) - h]
                )
                delta[(*place, 4)] = 1 - out[(*place, 4)]
                if delta[(*place, 5 + class_id)] != 0:  # an earlier box set the classes of this place
                    delta[(*place, 5 + class_id)] = 1 - out[(*place, 5 + class_id)]
                else:
                    for k in range(CLASSES):
                        delta[(*place, 5 + k)] = (k == class_id) - out[(*place, 5 + k)]
        deltas.append(delta)
    return deltas


def random_case(seed, *, boxes=12, images=2):
    """Raw numbers of two heads, their targets, and the truth as Darknet reads it: x, y, w, h in 0..1, class."""
    random = np.random.default_rng(seed)
    truths, relative = [], []
    for _ in range(images):
        centres = random.uniform(0.02, 0.98, (boxes, 2))
        sides = np.exp(random.uniform(np.log(0.05), np.log(0.9), (boxes, 2)))
        ids = random.integers(0, CLASSES, boxes)
        corners = np.concatenate([centres - sides / 2, centres + sides / 2], 1) * [128, 96, 128, 96]
        truths.append(Truth(corners, ids))
        kept = truths[-1].boxes.astype(float)  # rounded to float32
        mid, span = (kept[:, :2] + kept[:, 2:]) / 2 / (128, 96), (kept[:, 2:] - kept[:, :2]) / (128, 96)
        relative.append([(*m, *s, int(k)) for m, s, k in zip(mid, span, ids, strict=True)])
    outputs = [random.normal(0, 1, (images, *grid, len(a), 9)) for grid, a in zip(GRIDS, ANCHORS, strict=True)]
    return outputs, yolo_targets(truths, ANCHORS, GRIDS, SIZE, CLASSES), relative


def gradients(outputs, targets, name=None):
    heads = [tf.Variable(output) for output in outputs]
    with tf.GradientTape() as tape:
        value = yolo_loss(targets, heads, ANCHORS, SIZE)
        if name:
            value = yolo_loss_terms(targets, heads, ANCHORS, SIZE)[name]
    return [gradient.numpy() for gradient in tape.gradient(value, heads, unconnected_gradients="zero")]


def with_good_predictions(outputs, targets):
    """The same, where some anchors say exactly what is there, and another anchor of their cell says so, too."""
    for output, head, table in zip(outputs, targets.heads, ANCHORS, strict=True):
        for b, j, i, n in np.argwhere(head.objectness)[::2]:
            position = np.clip(head.position[b, j, i, n], 0.01, 0.99)
            output[b, j, i, n, :4] = [*np.log(position / (1 - position)), *head.size[b, j, i, n]]
            other = (n + 1) % len(table)
            if not head.objectness[b, j, i, other]:
                change = np.log(np.array(table[n]) / table[other])
                output[b, j, i, other, :4] = [*output[b, j, i, n, :2], *head.size[b, j, i, n] + change]
    return outputs


@pytest.mark.parametrize("seed", range(6))
def test_the_gradient_is_darknets_delta_with_the_sign_changed(seed):
    outputs, targets, relative = random_case(seed)
    outputs = with_good_predictions(outputs, targets)
    deltas = darknet_deltas(outputs, relative)
    for gradient, delta in zip(gradients(outputs, targets), deltas, strict=True):
        np.testing.assert_allclose(gradient, -delta, atol=1e-5)
    places = sum(int(head.objectness.sum()) for head in targets.heads)
    assert places < 24, "some boxes must share a place"
    assert sum(int((delta[..., 4] == 0).sum()) for delta in deltas) > 3, "some predictions must be ignored"


# which of the columns tx, ty, tw, th, objectness, classes a term is about, and whether where objects are
TERMS = [
    ("position", slice(0, 2), True),
    ("size", slice(2, 4), True),
    ("object", slice(4, 5), True),
    ("background", slice(4, 5), False),
    ("classes", slice(5, None), True),
]


@pytest.mark.parametrize(("name", "columns", "on_objects"), TERMS)
def test_each_term_has_its_part_of_the_deltas(name, columns, on_objects):
    outputs, targets, relative = random_case(7)
    for gradient, delta, head in zip(
        gradients(outputs, targets, name), darknet_deltas(outputs, relative), targets.heads, strict=True
    ):
        expected = np.zeros_like(delta)
        where = head.objectness == (1 if on_objects else 0)
        expected[where, columns] = -delta[where, columns]
        assert np.abs(expected).max() > 0
        np.testing.assert_allclose(gradient, expected, atol=1e-5)


def test_the_terms_add_up_to_the_loss_and_to_the_formulas_by_numpy():
    outputs, targets, _ = random_case(3)
    terms = {name: float(value) for name, value in yolo_loss_terms(targets, outputs_of(outputs), ANCHORS, SIZE).items()}
    expected = dict.fromkeys(terms, 0.0)
    for output, head, table in zip(outputs, targets.heads, ANCHORS, strict=True):
        p, scale, there = sigmoid(output), head.scale[..., None], head.objectness

        def entropy(target, p):
            return -target * np.log(p) - (1 - target) * np.log(1 - p)

        ignored = best_overlap(predicted_boxes(tf.constant(output), table, SIZE), targets.boxes).numpy() > 0.7
        expected["position"] += np.sum(scale * entropy(head.position, p[..., :2]))
        expected["size"] += np.sum(scale * (output[..., 2:4] - head.size) ** 2 / 2)
        expected["object"] += np.sum(there * entropy(1, p[..., 4]))
        expected["background"] += np.sum((1 - there) * ~ignored * entropy(0, p[..., 4]))
        expected["classes"] += np.sum(there[..., None] * entropy(head.classes, p[..., 5:]))
    assert terms == pytest.approx(expected, rel=1e-6)
    assert float(yolo_loss(targets, outputs_of(outputs), ANCHORS, SIZE)) == pytest.approx(sum(terms.values()))


def outputs_of(arrays):
    return [tf.constant(array) for array in arrays]


def test_a_traced_function_gives_the_same_for_batches_of_any_number_of_boxes():
    traced = tf.function(lambda t, o: yolo_loss(t, o, ANCHORS, SIZE), reduce_retracing=True)
    for boxes in (0, 3, 8):
        outputs, targets, _ = random_case(boxes, boxes=boxes)
        outputs = [output.astype("float32") for output in outputs]
        eager = float(yolo_loss(targets, outputs_of(outputs), ANCHORS, SIZE))
        assert float(traced(targets, outputs_of(outputs))) == pytest.approx(eager, rel=1e-5)


def test_a_prediction_that_covers_a_box_above_the_threshold_is_not_blamed():
    # One cell, two anchors; the second has the box, the first predicts 40 x 40 on it: IoU 1600 / 2500 = 0.64.
    anchors, truths = [[[40, 40], [50, 50]]], [Truth([[7, 7, 57, 57]], [0])]
    targets = yolo_targets(truths, anchors, [(1, 1)], 64, 1)
    output = tf.zeros((1, 1, 1, 2, 6))
    blamed, excused = (
        yolo_loss_terms(targets, output, anchors, 64, ignore_above=limit)["background"] for limit in (0.65, 0.63)
    )
    assert float(blamed) == pytest.approx(np.log(2))
    assert float(excused) == 0


def test_numbers_far_out_give_a_finite_loss_and_gradient():
    outputs, targets, _ = random_case(1)
    for far in (-300.0, 300.0):
        heads = [tf.Variable(np.full(output.shape, far, "float32")) for output in outputs]
        with tf.GradientTape() as tape:
            value = yolo_loss(targets, heads, ANCHORS, SIZE)
        assert np.isfinite(float(value))
        assert all(np.isfinite(gradient).all() for gradient in tape.gradient(value, heads))


def test_raw_numbers_become_the_boxes_counted_by_hand():
    # 3 x 4 cells of 32 pixels. Column 2, row 1, anchor 20 x 60: σ(0) = 0.5 of a cell, e^log 2 = 2 anchors wide.
    output = np.zeros((1, 3, 4, 3, 9), "float32")
    output[0, 1, 2, 1, :4] = [0, np.log(3), np.log(2), 0]  # σ(log 3) = 0.75
    box = predicted_boxes(tf.constant(output), ANCHORS[0], SIZE)[0, 1, 2, 1]
    np.testing.assert_allclose(box, [80 - 20, 56 - 30, 80 + 20, 56 + 30], rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda o, a: (o[:1], a), "must be of the same heads, got 2, 1 and 2"),
        (
            lambda o, a: (o[::-1], a),
            r"outputs\[0\] must have shape \(2, 3, 4, 3, 9\), .* the heads stand coarsest first",
        ),
        (lambda o, a: ([o[0], o[1][..., :8]], a), r"outputs\[1\] must have shape \(2, 6, 8, 2, 9\)"),
        (lambda o, a: (o, a[::-1]), r"anchors\[0\] must be 3 rows, as its head has, got \(2, 2\)"),
    ],
)
def test_outputs_that_do_not_fit_are_refused(change, words):
    outputs, targets, _ = random_case(0)
    heads, anchors = change(outputs_of(outputs), ANCHORS)
    with pytest.raises(ValueError, match=words):
        yolo_loss(targets, heads, anchors, SIZE)


def test_a_threshold_outside_of_0_to_1_is_refused():
    outputs, targets, _ = random_case(0)
    with pytest.raises(ValueError, match=r"ignore_above must be in 0\.\.1, got 1\.5"):
        yolo_loss(targets, outputs_of(outputs), ANCHORS, SIZE, ignore_above=1.5)
