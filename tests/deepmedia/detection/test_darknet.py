import keras
import numpy as np
import pytest
from tests.deepmedia.detection.darknet_cases import (
    CONVOLUTIONS,
    EVERY_KIND,
    heads_of_opencv,
    official,
    random_numbers,
    weights_bytes,
)

from deepmedia.datasets import darknet_file, photo
from deepmedia.detection.darknet import darknet_network, load_darknet, save_darknet
from deepmedia.detection.darknet_cfg import parse_cfg
from deepmedia.detection.heads import anchors_of

TINY = darknet_file("yolov3-tiny.cfg")


@pytest.fixture
def small(tmp_path):
    """A small network of every kind of layer: paths of its description and its weights."""
    (tmp_path / "small.cfg").write_text(EVERY_KIND)
    (tmp_path / "small.weights").write_bytes(weights_bytes(random_numbers(CONVOLUTIONS)))
    return tmp_path / "small.cfg", tmp_path / "small.weights"


def images(*shape):
    return np.random.default_rng(1).uniform(size=shape).astype("float32")


def largest_difference(heads, expected):
    """Between raw heads and OpenCV's channels; and how far the latter range."""
    assert len(heads) == len(expected) > 0
    differences = [
        np.abs(ours.numpy().reshape(theirs.shape) - theirs).max() for ours, theirs in zip(heads, expected, strict=True)
    ]
    return max(differences), max(np.ptp(theirs) for theirs in expected)


def test_every_kind_of_layer_computes_what_opencv_computes(small):
    x = images(2, 32, 48, 3)
    model = load_darknet(*small)
    assert [head.shape for head in model.outputs] == [(None, 8, 12, 2, 7), (None, 8, 12, 1, 7)]
    difference, extent = largest_difference(model(x), heads_of_opencv(small[0], small[1], x, (11, 16)))
    assert difference < 1e-5 * extent
    assert extent > 5


def test_layers_inside_have_the_numbers_of_the_description(small):
    model = load_darknet(*small)
    kinds = ["conv_0", "bn_0", "leaky_0", "maxpool_1", "pad_2", "conv_2", "bn_2", "leaky_2", "conv_3", "leaky_3"]
    names = [layer.name for layer in model.layers]
    assert set(kinds) | {"shortcut_5", "upsample_9", "route_10", "conv_11", "yolo_12", "yolo_17"} <= set(names)
    assert {"bn_3", "leaky_8", "leaky_11"}.isdisjoint(names)
    np.testing.assert_array_equal(anchors_of(model)[0], [[20.5, 30], [10, 14]])


def test_what_is_saved_is_the_same_bytes(small, tmp_path):
    save_darknet(load_darknet(*small), small[0], tmp_path / "b.weights", seen=77)
    assert (tmp_path / "b.weights").read_bytes() == small[1].read_bytes()


def test_opencv_reads_what_was_saved(small, tmp_path):
    x = images(1, 32, 48, 3)
    model = load_darknet(*small)
    for variable in model.weights:
        variable.assign(0.9 * variable)
    save_darknet(model, small[0], tmp_path / "b.weights")
    difference, extent = largest_difference(model(x), heads_of_opencv(small[0], tmp_path / "b.weights", x, (11, 16)))
    assert difference < 1e-5 * extent


def test_images_of_another_size_give_larger_grids(small):
    model = load_darknet(*small, size=(64, 96))
    assert model.input.shape == (None, 64, 96, 3)
    assert model.output[0].shape == (None, 16, 24, 2, 7)
    assert load_darknet(*small, size=64).input.shape == (None, 64, 64, 3)
    assert load_darknet(*small, size=np.int64(64)).input.shape == (None, 64, 64, 3)
    with pytest.raises(ValueError, match=r"small\.cfg, line \d+, \[route\] .* multiples of"):
        load_darknet(*small, size=36)
    for size, message in (((64, 64, 3), r"size must be a side .* got \(64, 64, 3\)"), (64.5, r"height .* got 64\.5")):
        with pytest.raises(ValueError, match=message):
            load_darknet(*small, size=size)


def test_layers_have_the_shapes_that_the_description_says():
    text = EVERY_KIND.replace("width=48", "width=46").replace("height = 32", "height = 29")
    described = parse_cfg(
        text.replace("stride=2\npad=1", "stride=1\npad=1").replace("[upsample]\nstride=2", "[upsample]\nstride=1")
    )
    model = darknet_network(described)
    for index, (section, shape) in enumerate(zip(described.layers, described.shapes, strict=True)):
        if section.kind in {"maxpool", "shortcut", "upsample"}:
            assert model.get_layer(f"{section.kind}_{index}").output.shape[1:] == shape
        if section.kind == "convolutional":
            assert model.get_layer(f"conv_{index}").output.shape[1:] == shape


def test_the_first_layers_are_the_same_network_without_its_end(small):
    x = images(1, 32, 48, 3)
    body, whole = load_darknet(*small, layers=6), load_darknet(*small)
    assert body.output.shape == (None, 8, 12, 8)
    inner = keras.Model(whole.input, whole.get_layer("shortcut_5").output)
    np.testing.assert_array_equal(body(x), inner(x))
    one_head = load_darknet(*small, layers=13)
    np.testing.assert_array_equal(one_head(x), whole(x)[0])


def test_the_first_layers_are_saved_alone(small, tmp_path):
    save_darknet(load_darknet(*small, layers=6), small[0], tmp_path / "body.weights", layers=6)
    content = (tmp_path / "body.weights").read_bytes()
    assert content[20:] == small[1].read_bytes()[20 : len(content)]
    np.testing.assert_array_equal(
        load_darknet(small[0], tmp_path / "body.weights", layers=6).get_weights()[-1],
        load_darknet(*small, layers=6).get_weights()[-1],
    )


def test_a_new_network_has_random_kernels():
    first, second = (darknet_network(parse_cfg(EVERY_KIND)).get_layer("conv_4").get_weights()[0] for _ in range(2))
    assert (first != second).all()


def test_a_model_that_is_not_described_is_not_saved(small, tmp_path):
    path = tmp_path / "small.weights"
    content = path.read_bytes()
    other = parse_cfg(EVERY_KIND.replace("filters=4", "filters=3"))
    with pytest.raises(ValueError, match=r"model cfg is not what small\.cfg describes: .*conv_2"):
        save_darknet(darknet_network(other), small[0], path)
    moved = parse_cfg(EVERY_KIND.replace("20.5,30", "20,30"))
    with pytest.raises(
        ValueError, match=r"head 0 of model cfg has anchors \[\[20.0, 30.0\].* small\.cfg says \[\[20.5"
    ):
        save_darknet(darknet_network(moved), small[0], path)
    broken = load_darknet(*small)
    broken.get_layer("conv_8").kernel.assign(np.full((3, 3, 8, 8), np.nan))
    with pytest.raises(ValueError, match="kernel of layer 8 has a number that is not finite"):
        save_darknet(broken, small[0], path)
    assert path.read_bytes() == content


def test_weights_of_another_network_are_refused_before_it_is_built(small, monkeypatch):
    monkeypatch.setattr("deepmedia.detection.darknet._network", None)
    with pytest.raises(ValueError, match=r"small\.weights has \d+ bytes, and must have 35434956 for yolov3-tiny\.cfg"):
        load_darknet(TINY, small[1])


def test_the_tiny_network_has_the_published_counts_of_parameters():
    model = darknet_network(TINY)
    assert model.count_params() == 8_858_734
    assert sum(int(np.prod(each.shape)) for each in model.trainable_weights) == 8_852_366


def test_the_official_tiny_network_gives_opencvs_raw_heads():
    weights = official("yolov3-tiny.weights")
    x = photo("dog")[np.newaxis, 80:496, 100:516].astype("float32") / 255
    model = load_darknet(TINY, weights)
    assert [head.shape for head in model.outputs] == [(None, 13, 13, 3, 85), (None, 26, 26, 3, 85)]
    difference, extent = largest_difference(model(x), heads_of_opencv(TINY, weights, x, (15, 22)))
    assert difference < 1e-3
    assert extent > 20


def test_the_official_tiny_weights_are_written_as_they_were(tmp_path):
    weights = official("yolov3-tiny.weights")
    save_darknet(load_darknet(TINY, weights), TINY, tmp_path / "a.weights", seen=32_013_312)
    assert (tmp_path / "a.weights").read_bytes() == weights.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """YOLOv3 with random weights, for small images: its description, its file of 248 MB, the loaded model."""
    folder = tmp_path_factory.mktemp("whole")
    cfg, weights = folder / "yolov3.cfg", folder / "random.weights"
    cfg.write_text(darknet_file("yolov3.cfg").read_text().replace("=608", "=64"))
    described = parse_cfg(cfg.read_text())
    channels = [3, *(shape[2] for shape in described.shapes)]  # before each layer
    convolutions = [
        (section.filters, section.size, channels[index], section.batch_normalize)
        for index, section in enumerate(described.layers)
        if section.kind == "convolutional"
    ]
    weights.write_bytes(weights_bytes(random_numbers(convolutions)))
    yield cfg, weights, load_darknet(cfg, weights)
    weights.unlink()


def test_the_whole_network_has_the_published_counts(whole):
    _, weights, model = whole
    assert weights.stat().st_size == 248_007_048
    assert model.count_params() == 62_001_757
    assert sum(int(np.prod(each.shape)) for each in model.trainable_weights) == 61_949_149


def test_the_whole_network_gives_opencvs_raw_heads_with_random_weights(whole):
    cfg, weights, model = whole
    x = images(1, 64, 64, 3)
    difference, extent = largest_difference(model(x), heads_of_opencv(cfg, weights, x, (81, 93, 105)))
    assert difference < 1e-3 * extent
    assert 1 < extent < 1e4
