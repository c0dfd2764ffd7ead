import tracemalloc

import cv2
import keras
import numpy as np
import pytest
from keras import layers

from deepmedia.cnn import attribution
from deepmedia.cnn.attribution import (
    feature_maps,
    grad_cam,
    layer_kernels,
    mass_inside,
    occlusion_map,
    peak_inside,
    resize_maps,
)
from deepmedia.lessons.cnn.looking_inside.network import LAST_MAPS, localising_network


def random_weights(model, *, seed=0):
    """Uneven weights everywhere, biases and batch statistics, too; kernels small enough for outputs of about 1.

    Else a deep network's outputs reach 100,000, where neighbouring float32 numbers lie 0.008 apart and a batch may
    differ from its images one by one by more than any tolerance of these tests.
    """
    random = np.random.default_rng(seed)
    model.set_weights(
        [
            random.uniform(-0.4, 0.5, w.shape) * 4 / np.sqrt(np.prod(w.shape[:-1]))
            if w.ndim > 1
            else random.uniform(0.1, 1, w.shape)
            for w in model.get_weights()
        ]
    )
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).uniform(size=(3, 20, 24, 2)).astype("float32")


@pytest.fixture(scope="module")
def averaging():
    """Ends in an average and a linear layer, as class activation mapping needs it."""
    return random_weights(localising_network((20, 24, 2), classes=5))


@pytest.fixture(scope="module")
def dense():
    """Ends in two dense layers with a ReLU between, so that the gradient changes from place to place."""
    inputs = keras.Input((20, 24, 2), name="images")
    x = layers.Conv2D(3, 3, strides=4, padding="same", activation="relu", name="maps")(inputs)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(4, activation="relu", name="hidden")(x)
    return random_weights(keras.Model(inputs, layers.Dense(5, name="logits")(x), name="dense"))


def test_grad_cam_of_a_two_pixel_network_matches_the_sum_done_by_hand():
    # One row of two pixels; map 0 is the pixel, map 1 is 1 - 2 * pixel. The logit of class 1 has the
    # weights 1, 2 (left place, maps 0 and 1) and 3, -6 (right place).
    inputs = keras.Input((1, 2, 1))
    maps = layers.Conv2D(2, 1, name="maps")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="logits")(layers.Flatten()(maps)))
    model.get_layer("maps").set_weights([np.array([[[[1.0, -2.0]]]]), np.array([0.0, 1.0])])
    model.get_layer("logits").set_weights([np.array([[9.0, 1], [9, 2], [9, 3], [9, -6]]), np.zeros(2)])
    image = np.array([[[[0.5], [2.0]]]], dtype="float32")
    # alpha = (mean(1, 3), mean(2, -6)) = (2, -2); A = (0.5, 0) on the left, (2, -3) on the right.
    signed = [[[2 * 0.5 - 2 * 0.0, 2 * 2.0 - 2 * -3.0]]]
    np.testing.assert_allclose(grad_cam(model, image, 1, layer="maps", rectify=False), signed)
    # Class 0 has the weight 9 everywhere: alpha = (9, 9), the map 4.5 and -9, which ReLU cuts to 0.
    np.testing.assert_allclose(grad_cam(model, image, 0, layer="maps"), [[[4.5, 0]]])


def test_grad_cam_agrees_with_gradients_by_differences(dense, images):
    classes, step = [3, 0, 4], 1e-2
    maps = feature_maps(dense, images, "maps").astype(float)
    (hidden, b1), (weights, b2) = (dense.get_layer(name).get_weights() for name in ("hidden", "logits"))

    def score(features, wanted):
        return (np.maximum(features.reshape(-1) @ hidden + b1, 0) @ weights + b2)[wanted]

    for features, wanted, found in zip(maps, classes, grad_cam(dense, images, classes, layer="maps"), strict=True):
        gradient = np.empty_like(features)
        for place in np.ndindex(features.shape):
            up, down = features.copy(), features.copy()
            up[place] += step
            down[place] -= step
            gradient[place] = (score(up, wanted) - score(down, wanted)) / (2 * step)
        alpha = gradient.mean(axis=(0, 1))
        np.testing.assert_allclose(found, np.maximum((features * alpha).sum(axis=2), 0), atol=1e-4)
        assert gradient.std(axis=(0, 1)).min() > 0  # else a mean could be a maximum unnoticed


def test_before_an_average_grad_cam_is_the_class_activation_map_over_the_number_of_places(averaging, images):
    weights, _ = averaging.get_layer("logits").get_weights()
    features = feature_maps(averaging, images, LAST_MAPS)
    rows, columns = features.shape[1:3]
    for wanted in range(5):
        activation = features @ weights[:, wanted]
        found = grad_cam(averaging, images, wanted, layer=LAST_MAPS, rectify=False)
        np.testing.assert_allclose(found, activation / (rows * columns), rtol=1e-4, atol=1e-6)


def test_before_an_average_the_places_and_the_bias_add_up_to_the_logit(averaging, images):
    bias = averaging.get_layer("logits").get_weights()[1]
    logits = averaging(images).numpy()
    for wanted in range(5):
        places = grad_cam(averaging, images, wanted, layer=LAST_MAPS, rectify=False)
        np.testing.assert_allclose(places.sum(axis=(1, 2)) + bias[wanted], logits[:, wanted], rtol=1e-4)


def test_grad_cam_takes_the_logit_of_each_image_own_class(averaging, images):
    together = grad_cam(averaging, images, [4, 0, 2], layer="stage3_relu")
    alone = [grad_cam(averaging, images[[n]], wanted, layer="stage3_relu")[0] for n, wanted in enumerate((4, 0, 2))]
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-7)
    assert together.shape == (3, 5, 6)
    assert together.dtype == np.float32


def test_many_images_go_through_in_parts(averaging, images, monkeypatch):
    whole = grad_cam(averaging, images, [4, 0, 2], layer="pool"), feature_maps(averaging, images, "pool")
    monkeypatch.setattr(attribution, "BATCH", 2)
    parts = grad_cam(averaging, images, [4, 0, 2], layer="pool"), feature_maps(averaging, images, "pool")
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_grad_cam_of_a_linear_model_at_its_input_is_the_image_times_mean_weights(images):
    inputs = keras.Input((20, 24, 2), name="images")
    model = random_weights(keras.Model(inputs, layers.Dense(3, name="logits")(layers.Flatten()(inputs))))
    weights = model.get_layer("logits").get_weights()[0][:, 1].reshape(20 * 24, 2)
    found = grad_cam(model, images, 1, layer="images", rectify=False)
    np.testing.assert_allclose(found, images @ weights.mean(axis=0), rtol=1e-4, atol=1e-6)


def test_feature_maps_of_a_convolution_match_opencv(dense, images):
    kernels, bias = layer_kernels(dense, "maps"), dense.get_layer("maps").get_weights()[1]
    assert kernels.shape == (3, 3, 3, 2)
    found = feature_maps(dense, images, "maps")
    for image, maps in zip(images, found, strict=True):
        for number, kernel in enumerate(kernels):
            channels = [
                cv2.filter2D(np.ascontiguousarray(image[..., c]), -1, kernel[..., c], borderType=cv2.BORDER_CONSTANT)
                for c in range(2)
            ]
            every = np.maximum(np.sum(channels, axis=0) + bias[number], 0)
            # Height 20 and width 24 in steps of 4: the first place is the second pixel (Keras pads 0 before).
            np.testing.assert_allclose(maps[..., number], every[1::4, 1::4], atol=1e-5)


def test_maps_are_enlarged_as_opencv_enlarges():
    maps = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    found = resize_maps(maps, (12, 10))
    expected = [cv2.resize(each, (10, 12), interpolation=cv2.INTER_LINEAR) for each in maps]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("fill", [0.3, [0.1, 0.9], "image"])
@pytest.mark.parametrize(("size", "stride"), [(5, 3), (4, 4), (20, 1)])
def test_occlusion_matches_every_square_covered_in_loops(averaging, images, size, stride, fill):
    image, cover = images[0], images[1] if fill == "image" else np.full((20, 24, 2), fill, dtype="float32")
    before = float(averaging(image[None])[0, 2])
    falls = {(row, column): [] for row in range(20) for column in range(24)}
    for top in [*range(0, 20 - size, stride), 20 - size]:
        for left in [*range(0, 24 - size, stride), 24 - size]:
            covered = image.copy()
            covered[top : top + size, left : left + size] = cover[top : top + size, left : left + size]
            fall = before - float(averaging(covered[None])[0, 2])
            for row in range(top, top + size):
                for column in range(left, left + size):
                    falls[row, column].append(fall)
    expected = np.array([np.mean(each) for each in falls.values()]).reshape(20, 24)
    used = images[1] if fill == "image" else fill
    found = occlusion_map(averaging, image, 2, size=size, stride=stride, fill=used)
    rounding = 1e-6 * max(20.0, abs(before))  # a fall is the difference of two float32 logits
    np.testing.assert_allclose(found, expected, atol=rounding)
    assert np.ptp(found) > 1e-3 or size == 20
    assert np.array_equal(image, images[0])


def test_occlusion_of_a_linear_model_is_the_weight_times_the_pixel():
    inputs = keras.Input((3, 4, 1))
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inputs)))
    random = np.random.default_rng(0)
    weights = random.normal(size=(12, 2))
    model.layers[-1].set_weights([weights, np.zeros(2)])
    image = random.uniform(size=(3, 4, 1)).astype("float32")
    found = occlusion_map(model, image, 1, size=1, stride=1)
    np.testing.assert_allclose(found, image[..., 0] * weights[:, 1].reshape(3, 4), atol=1e-6)


def test_occlusion_holds_one_batch_of_covered_images_at_a_time():
    inputs = keras.Input((64, 64, 3))
    model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(inputs)))
    image = np.random.default_rng(0).uniform(size=(64, 64, 3)).astype("float32")
    occlusion_map(model, image, 1, size=64, stride=1)  # what is built once does not count
    tracemalloc.start()
    occlusion_map(model, image, 1, size=8, stride=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 29 · 29 = 841 squares: all images take 841 · 64 · 64 · 3 · 4 bytes = 41 MB, 64 of them 3.1 MB.
    assert peak < 15e6


def test_mass_and_peak_inside_boxes_match_pixels_counted_by_hand():
    maps = [[[0, 2, 1], [0, 4, 0]], [[9, 0, -5], [0, 3, 0]], [[0, 0, 0], [0, -1, 0]]]
    boxes = [[1, 0, 3, 1], [1, 0, 3, 2], [1, 1, 2, 2]]  # the right of the upper row; four pixels; the middle below
    np.testing.assert_allclose(mass_inside(maps, boxes), [3 / 7, 3 / 12, 0])
    np.testing.assert_array_equal(peak_inside(maps, boxes), [False, False, False])
    assert not peak_inside(maps, [[0, 0, 3, 2]] * 3)[2]  # the box holds all of a map without positive values
    np.testing.assert_array_equal(peak_inside(maps, [[1, 1, 2, 2], [0, 0, 1, 1], [1, 1, 2, 2]]), [True, True, False])


def test_a_map_that_is_the_same_everywhere_has_the_boxes_share_of_the_area():
    np.testing.assert_allclose(mass_inside(np.ones((1, 56, 56)), [[3, 28, 31, 56]]), [0.25])


@pytest.mark.parametrize("explain", [lambda model, images, name: grad_cam(model, images, 0, layer=name), feature_maps])
def test_an_unknown_layer_is_named_with_those_that_exist(averaging, images, explain):
    with pytest.raises(ValueError, match=r"layer must be one of .*stage1_conv, .*stage4_relu, got 'conv9'"):
        explain(averaging, images, "conv9")
    with pytest.raises(ValueError, match=r"that puts out maps.*got 'logits'"):
        explain(averaging, images, "logits")


def test_of_many_layers_the_last_are_listed(averaging, images, monkeypatch):
    monkeypatch.setattr(attribution, "NAMES_SHOWN", 2)
    with pytest.raises(ValueError, match=r"\(12 earlier ones\), stage4_bn, stage4_relu, got 'x'"):
        feature_maps(averaging, images, "x")


def test_kernels_of_what_is_no_convolution_are_refused(averaging):
    with pytest.raises(
        ValueError, match=r"2D convolution of localising_network: stage1_conv, .*stage4_conv, got 'pool'"
    ):
        layer_kernels(averaging, "pool")
    inputs = keras.Input((4,))
    with pytest.raises(ValueError, match="it has none"):
        layer_kernels(keras.Model(inputs, layers.Dense(2)(inputs)), "conv")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((20, 24, 2), r"must be \(n, height, width, channels\), got shape \(20, 24, 2\)"),
        ((1, 20, 24, 3), r"must be \(n, 20, 24, 2\) for localising_network, got shape \(1, 20, 24, 3\)"),
        ((1, 24, 20, 2), r"must be \(n, 20, 24, 2\)"),
        ((0, 20, 24, 2), "at least one image, got none"),
    ],
)
def test_images_that_do_not_fit_are_refused(averaging, shape, words):
    wrong = np.zeros(shape, dtype="float32")
    with pytest.raises(ValueError, match=words):
        grad_cam(averaging, wrong, 0, layer="pool")
    with pytest.raises(ValueError, match=words):
        feature_maps(averaging, wrong, "pool")
    if shape[0] == 1:
        with pytest.raises(ValueError, match=words):
            occlusion_map(averaging, wrong[0], 0, size=4, stride=4)


def test_whole_numbers_are_refused_as_images(averaging):
    with pytest.raises(TypeError, match=r"must be floats.*got uint8; divide them by 255"):
        grad_cam(averaging, np.zeros((1, 20, 24, 2), dtype=np.uint8), 0, layer="pool")
    with pytest.raises(TypeError, match="got uint8"):
        feature_maps(averaging, np.zeros((1, 20, 24, 2), dtype=np.uint8), "pool")
    with pytest.raises(TypeError, match="got uint8"):
        occlusion_map(averaging, np.zeros((20, 24, 2), dtype=np.uint8), 0, size=4, stride=4)


@pytest.mark.parametrize(
    ("class_ids", "words"),
    [
        (5, "must be from 0 to 4, .* got 5"),
        ([0, -1, 2], "must be from 0 to 4, .* got -1"),
        ([0, 1], "one for each of 3 images"),
        (1.0, "must be one whole number"),
    ],
)
def test_classes_that_do_not_exist_are_refused(averaging, images, class_ids, words):
    with pytest.raises(ValueError, match=words):
        grad_cam(averaging, images, class_ids, layer="pool")


def test_occlusion_refuses_a_class_that_does_not_exist(averaging, images):
    with pytest.raises(ValueError, match=r"from 0 to 4.* got 7"):
        occlusion_map(averaging, images[0], 7, size=4, stride=4)


def test_a_model_with_two_inputs_is_refused(images):
    inputs = [keras.Input((20, 24, 2)), keras.Input((3,))]
    maps = layers.Conv2D(3, 3, name="maps")(inputs[0])
    joined = layers.Concatenate()([layers.Flatten()(maps), inputs[1]])
    model = keras.Model(inputs, layers.Dense(2)(joined), name="two_doors")
    with pytest.raises(ValueError, match="must take one array of images, two_doors takes 2 inputs"):
        grad_cam(model, images, 0, layer="maps")


def test_a_model_without_logits_is_refused(images):
    inputs = keras.Input((20, 24, 2))
    model = keras.Model(inputs, layers.Conv2D(3, 3, name="maps")(inputs), name="headless")
    with pytest.raises(ValueError, match=r"must put out logits \(n, classes\) alone, headless gives"):
        grad_cam(model, images, 0, layer="maps")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 21, "stride": 1}, "size must be between 1 and the image's side of 20 pixels, got 21"),
        ({"size": 0, "stride": 1}, "size must be between 1"),
        ({"size": 4, "stride": 5}, "stride must be between 1 and size, 4, or pixels stay uncovered; got 5"),
        ({"size": 4, "stride": 0}, "stride must be between 1"),
        ({"size": 4, "stride": 4, "fill": [1, 2, 3]}, r"fill must be a number, 2 numbers or an image \(20, 24, 2\)"),
    ],
)
def test_squares_that_do_not_fit_are_refused(averaging, images, options, words):
    with pytest.raises(ValueError, match=words):
        occlusion_map(averaging, images[0], 0, **options)


@pytest.mark.parametrize("measure", [mass_inside, peak_inside])
@pytest.mark.parametrize(
    ("shape", "boxes", "words"),
    [
        ((1, 4, 6), [[0, 0, 6, 5]], "6 wide and 4 high; resize the maps first"),
        ((1, 4, 6), [[-1, 0, 6, 4]], "boxes must lie within the maps"),
        ((1, 4, 6), [[2, 0, 2, 4]], "x_min < x_max"),
        ((1, 4, 6), [[0, 3, 2, 1]], "y_min < y_max"),
        ((2, 4, 6), [[0, 0, 1, 1]], r"got shapes \(2, 4, 6\) and \(1, 4\)"),
        ((4, 6), [[0, 0, 1, 1]], r"maps must be \(n, height, width\)"),
    ],
)
def test_boxes_that_do_not_fit_are_refused(measure, shape, boxes, words):
    with pytest.raises(ValueError, match=words):
        measure(np.ones(shape), boxes)


def test_a_single_map_is_refused_with_a_way_out():
    with pytest.raises(ValueError, match=r"got shape \(3, 3\); one map is maps\[None\]"):
        resize_maps(np.ones((3, 3)), (6, 6))


def nested_and_flat(body):
    """The same layers twice: as a model inside a model, and in one piece. ``body`` makes maps (n, rows, columns, k)."""
    head = layers.Dense(5, name="logits")

    def whole(make):
        inputs = keras.Input((20, 24, 2), name="images")
        return keras.Model(inputs, head(layers.GlobalAveragePooling2D(name="mean")(make(inputs))))

    flat = random_weights(whole(body))
    inner_input = keras.Input((20, 24, 2), name="inner")
    backbone = keras.Model(inner_input, body(inner_input), name="backbone")
    return whole(backbone), flat


@pytest.fixture(scope="module")
def twins():
    """Two convolutions and a connection past the second, nested and flat, with the same weights."""
    first = layers.Conv2D(3, 3, strides=2, activation="relu", name="first")
    second = layers.Conv2D(3, 3, padding="same", activation="relu", name="second")

    def body(x):
        x = first(x)
        return layers.Add(name="sum")([x, second(x)])

    return nested_and_flat(body)


@pytest.mark.parametrize("name", ["first", "second", "sum"])
def test_a_network_inside_a_network_has_the_maps_of_the_flat_one(twins, images, name):
    nested, flat = twins
    np.testing.assert_array_equal(nested(images), flat(images))
    inner = f"backbone/{name}"
    np.testing.assert_array_equal(feature_maps(nested, images, inner), feature_maps(flat, images, name))
    wanted = grad_cam(flat, images, [4, 0, 2], layer=name, rectify=False)
    np.testing.assert_array_equal(grad_cam(nested, images, [4, 0, 2], layer=inner, rectify=False), wanted)
    assert np.abs(wanted).max(axis=(1, 2)).min() > 0


def test_the_inner_network_itself_stands_for_its_last_maps(twins, images):
    nested, flat = twins
    np.testing.assert_array_equal(grad_cam(nested, images, 1, layer="backbone"), grad_cam(flat, images, 1, layer="sum"))


def test_a_network_two_deep_and_a_sequential_one_are_reached(twins, images):
    nested, flat = twins
    outer = keras.Sequential([keras.Input((20, 24, 2)), nested], name="outer")
    found = grad_cam(outer, images, 1, layer=f"{nested.name}/backbone/first")
    np.testing.assert_array_equal(found, grad_cam(flat, images, 1, layer="first"))
    kernels = layer_kernels(outer, f"{nested.name}/backbone/second")
    np.testing.assert_array_equal(kernels, layer_kernels(flat, "second"))


def test_inner_layers_are_listed_with_their_path(twins, images):
    words = r"puts out maps: images, backbone, backbone/first, backbone/second, backbone/sum, got 'first'"
    for explain in (
        lambda: grad_cam(twins[0], images, 0, layer="first"),
        lambda: feature_maps(twins[0], images, "first"),
    ):
        with pytest.raises(ValueError, match=words):
            explain()
    with pytest.raises(ValueError, match=r"2D convolution of .*: backbone/first, backbone/second, got 'first'"):
        layer_kernels(twins[0], "first")


def test_a_network_is_left_as_it_was(twins, images):
    nested, _ = twins
    calls = [layer.call for layer in nested.get_layer("backbone").layers]
    feature_maps(nested, images, "backbone/first")
    with pytest.raises(ValueError, match="layer must be one of"):
        feature_maps(nested, images, "x")
    assert [layer.call for layer in nested.get_layer("backbone").layers] == calls
    assert not any("call" in vars(layer) for layer in nested.get_layer("backbone").layers)


def test_a_layer_that_is_used_twice_is_refused(images):
    inputs, conv = keras.Input((20, 24, 2)), layers.Conv2D(2, 3, padding="same", name="twice")
    last = layers.ReLU(name="behind")(conv(conv(inputs)))
    model = random_weights(keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(last)), name="again"))
    for explain in (lambda: grad_cam(model, images, 0, layer="twice"), lambda: feature_maps(model, images, "twice")):
        with pytest.raises(
            ValueError, match="layer must be used once, again uses 'twice' 2 times; name a layer behind"
        ):
            explain()
    once = feature_maps(keras.Model(inputs, conv(inputs)), images, "twice")  # another model uses it once
    np.testing.assert_allclose(feature_maps(model, images, "behind"), np.maximum(conv(once), 0), rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "float16", "float64"])
def test_maps_are_float32_whatever_the_network_computes_in(images, policy):
    keras.utils.set_random_seed(0)
    single = localising_network((20, 24, 2), classes=5)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = localising_network((20, 24, 2), classes=5)
    finally:
        keras.config.set_dtype_policy(before)
    model.set_weights(single.get_weights())
    calculations = (
        lambda net: feature_maps(net, images, LAST_MAPS),
        lambda net: grad_cam(net, images, 2, layer=LAST_MAPS, rectify=False),
        lambda net: occlusion_map(net, images[0], 2, size=9, stride=9),
    )
    for calculate in calculations:
        found, wanted = calculate(model), calculate(single)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=0.03 * np.abs(wanted).max())
    assert layer_kernels(model, "stage1_conv").dtype == np.float32


def test_a_layer_that_the_logits_do_not_depend_on_is_refused(images):
    inputs = keras.Input((20, 24, 2))
    rounded = layers.Lambda(lambda x: keras.ops.stop_gradient(x), name="stop")(layers.Conv2D(2, 3, name="maps")(inputs))
    model = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(rounded)))
    with pytest.raises(ValueError, match="layer must be one that the logits depend on"):
        grad_cam(model, images, 0, layer="maps")


def test_a_model_that_ends_in_softmax_is_refused(images):
    inputs = keras.Input((20, 24, 2))
    maps = layers.Conv2D(2, 3, name="maps")(inputs)
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Flatten()(maps)), name="sure")
    with pytest.raises(ValueError, match="model must put out logits, sure ends in softmax; build the same network"):
        grad_cam(model, images, 0, layer="maps")
    with pytest.raises(ValueError, match="sure ends in softmax"):
        occlusion_map(model, images[0], 0, size=4, stride=4)


def test_a_model_without_a_beginning_is_refused(images):
    with pytest.raises(ValueError, match=r"model must begin with keras\.Input, loose does not, or is not built yet"):
        feature_maps(keras.Sequential([layers.Conv2D(2, 3, name="maps")], name="loose"), images, "maps")
