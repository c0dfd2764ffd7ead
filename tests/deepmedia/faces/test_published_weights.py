import hashlib
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.saving import legacy_h5_format

from deepmedia.cnn.inception_resnet import embedding_head
from deepmedia.faces import published_weights
from deepmedia.faces.networks import facenet
from deepmedia.faces.preprocessing import fixed_scaling, whiten
from deepmedia.faces.published_weights import PUBLISHED, load_facenet_weights

h5py = pytest.importorskip("h5py")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")


def small(embedding_size=4, *, gamma=False):
    """A network of FaceNet's kinds of layers under its names."""
    inputs = keras.Input((9, 9, 3))
    x = keras.layers.Conv2D(2, 3, use_bias=False, name="Conv2d_1a_3x3")(inputs)
    x = keras.layers.BatchNormalization(scale=gamma, name="Conv2d_1a_3x3_BatchNorm")(x)
    x = keras.layers.Conv2D(5, 1, name="Block35_1_Conv2d_1x1")(x)
    return keras.Model(inputs, embedding_head(x, embedding_size=embedding_size, gamma=gamma))


def shapes_of_small() -> dict[str, dict[str, tuple[int, ...]]]:
    """By hand: float32 all of them."""
    return {
        "Conv2d_1a_3x3": {"kernel": (3, 3, 3, 2)},
        "Conv2d_1a_3x3_BatchNorm": {"beta": (2,), "moving_mean": (2,), "moving_variance": (2,)},
        "Block35_1_Conv2d_1x1": {"kernel": (1, 1, 2, 5), "bias": (5,)},
        "Bottleneck": {"kernel": (5, 4)},
        "Bottleneck_BatchNorm": {"beta": (4,), "moving_mean": (4,), "moving_variance": (4,)},
    }


def shapes_of_facenet():
    """All weights of keras-facenet's file, from its names and the table of sizes, without our network."""
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}

    def convolution(name, height, width, channels, filters):
        shapes[name] = {"kernel": (height, width, channels, filters)}
        shapes[f"{name}_BatchNorm"] = {"beta": (filters,), "moving_mean": (filters,), "moving_variance": (filters,)}

    def up(block, channels, filters):
        shapes[f"{block}_Conv2d_1x1"] = {"kernel": (1, 1, channels, filters), "bias": (filters,)}

    for name, channels, filters in (("1a", 3, 32), ("2a", 32, 32), ("2b", 32, 64), ("4a", 80, 192), ("4b", 192, 256)):
        convolution(f"Conv2d_{name}_3x3", 3, 3, channels, filters)
    convolution("Conv2d_3b_1x1", 1, 1, 64, 80)
    for block in (f"Block35_{number}" for number in range(1, 6)):
        convolution(f"{block}_Branch_0_Conv2d_1x1", 1, 1, 256, 32)
        for branch in (1, 2):
            convolution(f"{block}_Branch_{branch}_Conv2d_0a_1x1", 1, 1, 256, 32)
            convolution(f"{block}_Branch_{branch}_Conv2d_0b_3x3", 3, 3, 32, 32)
        convolution(f"{block}_Branch_2_Conv2d_0c_3x3", 3, 3, 32, 32)
        up(block, 96, 256)
    convolution("Mixed_6a_Branch_0_Conv2d_1a_3x3", 3, 3, 256, 384)
    for name, side, channels, filters in (("0a_1x1", 1, 256, 192), ("0b_3x3", 3, 192, 192), ("1a_3x3", 3, 192, 256)):
        convolution(f"Mixed_6a_Branch_1_Conv2d_{name}", side, side, channels, filters)
    for kind, last, channels, width, long in (("Block17", 10, 896, 128, 7), ("Block8", 6, 1792, 192, 3)):
        for block in (f"{kind}_{number}" for number in range(1, last + 1)):
            convolution(f"{block}_Branch_0_Conv2d_1x1", 1, 1, channels, width)
            convolution(f"{block}_Branch_1_Conv2d_0a_1x1", 1, 1, channels, width)
            convolution(f"{block}_Branch_1_Conv2d_0b_1x{long}", 1, long, width, width)
            convolution(f"{block}_Branch_1_Conv2d_0c_{long}x1", long, 1, width, width)
            up(block, 2 * width, channels)
    for branch, filters in ((0, 384), (1, 256), (2, 256)):
        convolution(f"Mixed_7a_Branch_{branch}_Conv2d_0a_1x1", 1, 1, 896, 256)
        convolution(f"Mixed_7a_Branch_{branch}_Conv2d_1a_3x3", 3, 3, 256, filters)
    convolution("Mixed_7a_Branch_2_Conv2d_0b_3x3", 3, 3, 256, 256)
    shapes["Bottleneck"] = {"kernel": (1792, 128)}
    shapes["Bottleneck_BatchNorm"] = {"beta": (128,), "moving_mean": (128,), "moving_variance": (128,)}
    return shapes


def random_values(shapes, seed=0):
    rng = np.random.default_rng(seed)
    return {
        layer: {weight: rng.uniform(0.01, 0.1, shape).astype("float32") for weight, shape in weights.items()}
        for layer, weights in shapes.items()
    }


def write(path, values, *, inside=False):
    """As Keras 2.1.2 wrote weights, or a whole model with them inside."""
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights") if inside else file
        group.attrs["layer_names"] = [layer.encode() for layer in ["input_1", *values, "Dropout"]]
        group.attrs["backend"], group.attrs["keras_version"] = b"tensorflow", b"2.1.2"
        for layer in ("input_1", "Dropout"):
            group.create_group(layer).attrs["weight_names"] = np.zeros(0)
        for layer, weights in values.items():
            place = group.create_group(layer)
            place.attrs["weight_names"] = [f"{layer}/{weight}:0".encode() for weight in weights]
            for weight, numbers in weights.items():
                place[f"{layer}/{weight}:0"] = numbers
        if inside:
            file.attrs["model_config"] = b"\x80 code, which must not be looked at"
            file["optimizer_weights/Adam/Bottleneck/kernel:0"] = np.zeros((3, 3), "float32")
    return path


def change(path, edit):
    """The file, edited."""
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


def state(model):
    return {variable.path: variable.numpy().copy() for variable in model.variables}


def assert_holds(model, values):
    weights = {variable.path: variable.numpy() for variable in model.weights}
    assert len(weights) == sum(map(len, values.values())) > 0
    for layer, named in values.items():
        for weight, numbers in named.items():
            np.testing.assert_array_equal(weights[f"{layer}/{weight}"], numbers)


def refused(model, path):
    """The error's text; the model must be as it was before."""
    before = state(model)
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        load_facenet_weights(model, path)
    for name, numbers in state(model).items():
        np.testing.assert_array_equal(numbers, before[name])
    return str(caught.value).removeprefix(f"{path} ")


def test_every_weight_of_facenet_comes_from_its_place_in_keras_facenets_file(tmp_path):
    values = random_values(shapes_of_facenet())
    assert sum(numbers.size for named in values.values() for numbers in named.values()) == 22_808_144
    model = facenet()
    assert load_facenet_weights(model, write(tmp_path / "facenet_keras_weights.h5", values)) is None
    assert_holds(model, values)
    write(tmp_path / "a.h5", {name: named for name, named in values.items() if name != "Block17_7_Conv2d_1x1"})
    assert refused(model, tmp_path / "a.h5") == (
        "does not fit the network. 2 missing: Block17_7_Conv2d_1x1/bias, Block17_7_Conv2d_1x1/kernel. "
        "Way out: give FaceNet's file to facenet()"
    )


@pytest.mark.parametrize("inside", [False, True])
def test_weights_alone_and_those_of_a_whole_model_are_read(tmp_path, inside):
    values, model = random_values(shapes_of_small()), small()
    load_facenet_weights(model, write(tmp_path / "a.h5", values, inside=inside))
    assert_holds(model, values)


def test_keras_reads_the_same_from_these_files(tmp_path):
    ours, keras_own = small(), small()
    path = write(tmp_path / "a.h5", random_values(shapes_of_small()))
    load_facenet_weights(ours, str(path))
    keras_own.load_weights(path)
    image = np.random.default_rng(1).normal(size=(2, 9, 9, 3)).astype("float32")
    np.testing.assert_array_equal(ours(image), keras_own(image))
    assert np.abs(ours(image)).max() > 0


def test_what_keras_writes_is_read(tmp_path):
    source, model = small(), small()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, source)
    load_facenet_weights(model, tmp_path / "a.h5")
    for name, numbers in state(source).items():
        if "seed" not in name:
            np.testing.assert_array_equal(state(model)[name], numbers)


def test_the_groups_name_counts_where_a_second_network_of_a_session_got_other_names(tmp_path):
    values, model = random_values(shapes_of_small()), small()
    path = write(tmp_path / "a.h5", values)
    change(path, lambda file: file.move("Bottleneck/Bottleneck", "Bottleneck/Bottleneck_1"))
    load_facenet_weights(model, path)
    assert_holds(model, values)


def test_a_network_around_it_may_have_no_weights_of_its_own(tmp_path):
    values, inner = random_values(shapes_of_small()), small()
    model = keras.Sequential([keras.Input((9, 9, 3)), inner, keras.layers.UnitNormalization()])
    load_facenet_weights(model, write(tmp_path / "a.h5", values))
    assert_holds(inner, values)


def test_a_published_file_is_recognised_by_its_checksum(tmp_path, monkeypatch):
    path = write(tmp_path / "a.h5", random_values(shapes_of_small()))
    row = replace(PUBLISHED[2], sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(published_weights, "PUBLISHED", (*PUBLISHED[:2], row))
    assert load_facenet_weights(small(), path) is row


def test_the_table_names_four_files_and_what_each_wants():
    assert len({weights.sha256 for weights in PUBLISHED}) == 4
    for weights in PUBLISHED:
        is_of_2018 = weights.name.startswith("2018")
        assert weights.embedding_size == (512 if is_of_2018 else 128)
        assert weights.preprocess is (fixed_scaling if is_of_2018 else whiten)
        assert re.fullmatch("[0-9a-f]{64}", weights.sha256)
        assert weights.address.endswith(f"/v0.3.1/{weights.name}-weights.h5")


def test_the_error_names_the_network_that_the_file_is_for(tmp_path):
    path = write(tmp_path / "a.h5", random_values(shapes_of_small()))
    assert refused(small(7), path) == (
        "does not fit the network. 4 of another kind: Bottleneck/kernel float32 (5, 4), not (5, 7), "
        "Bottleneck_BatchNorm/beta float32 (4,), not (7,), Bottleneck_BatchNorm/moving_mean float32 (4,), not (7,), …. "
        "Way out: the file is for facenet(embedding_size=4)"
    )
    assert refused(small(gamma=True), path) == (
        "does not fit the network. 2 missing: Bottleneck_BatchNorm/gamma, Conv2d_1a_3x3_BatchNorm/gamma. "
        "Way out: the file is for facenet(gamma=False)"
    )
    shapes = shapes_of_small()
    shapes["Bottleneck_BatchNorm"]["gamma"] = shapes["Conv2d_1a_3x3_BatchNorm"]["gamma"] = ()
    text = refused(small(), write(tmp_path / "b.h5", random_values(shapes)))
    assert "2 unknown to the network: Bottleneck_BatchNorm/gamma, Conv2d_1a_3x3_BatchNorm/gamma. " in text
    assert text.endswith("the file is for facenet(gamma=True)")


def test_a_file_of_another_network_is_refused(tmp_path):
    path = write(tmp_path / "a.h5", random_values({f"dense_{number}": {"kernel": (2, 2)} for number in range(5)}))
    text = refused(small(), path)
    assert "10 missing: Block35_1_Conv2d_1x1/bias, Block35_1_Conv2d_1x1/kernel, Bottleneck/kernel, …. " in text
    assert "5 unknown to the network: dense_0/kernel, dense_1/kernel, dense_2/kernel, …. " in text


@pytest.mark.parametrize(
    ("numbers", "match"),
    [
        (np.zeros((5, 4)), r"1 of another kind: Bottleneck/kernel float64 \(5, 4\), not \(5, 4\)"),
        (np.zeros((4, 5), "float32"), r"Bottleneck/kernel float32 \(4, 5\), not \(5, 4\)"),
        (np.zeros((5, 4), "int8"), r"Bottleneck/kernel int8 \(5, 4\)"),
        (np.full((5, 4), np.nan, "float32"), "holds a number in Bottleneck/kernel that is not finite"),
        (np.full((5, 4), -np.inf, "float32"), "holds a number in Bottleneck/kernel that is not finite"),
        (np.float32(1), r"Bottleneck/kernel float32 \(\), not \(5, 4\)"),
        (h5py.Empty("f4"), "Bottleneck/kernel float32 None, not"),
        (np.full((5, 4), b"x"), r"Bottleneck/kernel .*S1.* \(5, 4\), not"),
    ],
)
def test_numbers_of_another_kind_are_refused(tmp_path, numbers, match):
    values = random_values(shapes_of_small())
    values["Bottleneck"]["kernel"] = numbers
    assert re.search(match, refused(small(), write(tmp_path / "a.h5", values)))


def test_a_variance_below_zero_is_refused(tmp_path):
    values = random_values(shapes_of_small())
    values["Bottleneck_BatchNorm"]["moving_variance"][2] = -1e-3
    assert "variance below 0 in Bottleneck_BatchNorm/moving_variance" in refused(
        small(), write(tmp_path / "a.h5", values)
    )
    values["Bottleneck_BatchNorm"]["moving_variance"][2] = 0
    load_facenet_weights(small(), write(tmp_path / "a.h5", values))


def test_a_weight_that_is_there_twice_is_refused(tmp_path):
    path = write(tmp_path / "a.h5", random_values(shapes_of_small()))
    change(path, lambda file: file.create_dataset("Bottleneck/other/kernel:0", data=np.ones((5, 4), "float32")))
    assert "holds Bottleneck/kernel twice" in refused(small(), path)


@pytest.mark.parametrize("link", ["soft", "external", "storage", "virtual"])
def test_numbers_that_lie_elsewhere_are_not_followed(tmp_path, link):
    values = random_values(shapes_of_small())
    write(tmp_path / "other.h5", values)
    (tmp_path / "raw").write_bytes(bytes(80))
    place = "Bottleneck/Bottleneck/kernel:0"

    def edit(file):
        del file[place]
        if link == "soft":
            file["unseen"] = h5py.SoftLink("/nowhere")
            file[place] = h5py.SoftLink("/Block35_1_Conv2d_1x1/Block35_1_Conv2d_1x1/kernel:0")
        elif link == "external":
            file[place] = h5py.ExternalLink(str(tmp_path / "other.h5"), place)
        elif link == "storage":
            file.create_dataset(place, (5, 4), "float32", external=[(str(tmp_path / "raw"), 0, 80)])
        else:
            layout = h5py.VirtualLayout((5, 4), "float32")
            layout[...] = h5py.VirtualSource(str(tmp_path / "other.h5"), place, (5, 4))
            file.create_virtual_dataset(place, layout)

    text = refused(small(), change(write(tmp_path / "a.h5", values), edit))
    if link in {"soft", "external"}:
        assert "1 missing: Bottleneck/kernel" in text
    else:
        assert "Bottleneck/kernel float32 (5, 4) kept in another file" in text


def test_a_group_that_holds_itself_ends(tmp_path):
    values, model = random_values(shapes_of_small()), small()
    path = change(write(tmp_path / "a.h5", values), lambda file: file.__setitem__("Bottleneck/again", file["/"]))
    load_facenet_weights(model, path)
    assert_holds(model, values)


def test_weights_of_keras_3_are_named(tmp_path):
    small().save_weights(tmp_path / "a.weights.h5")
    text = refused(small(), tmp_path / "a.weights.h5")
    assert text == "was written by save_weights of Keras 3; read it with model.load_weights(path)"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><html>virus scan warning", "it begins with b'<!DOCTYP'; is it a web page"),
        (b"PK\x03\x04, as of .keras and .pt files", r"it begins with b'PK\x03\x04, as'"),
        (b"\x80\x04cos\nsystem\n(S'echo'\ntR.", r"it begins with b'\x80\x04cos\nsy'"),
    ],
)
def test_what_is_no_hdf5_is_refused(tmp_path, content, found):
    (tmp_path / "a.h5").write_bytes(content)
    text = refused(small(), tmp_path / "a.h5")
    assert text.startswith(f"is no HDF5 file: {found}")
    assert text.endswith("Download it again")


def test_a_missing_file_is_answered_with_the_addresses(tmp_path):
    for path in (tmp_path / "nowhere.h5", tmp_path):
        with pytest.raises(FileNotFoundError, match="is no file; give the path of one of these") as caught:
            load_facenet_weights(small(), path)
        assert all(weights.address in str(caught.value) for weights in PUBLISHED)


def test_a_network_without_weights_is_refused(tmp_path):
    path = write(tmp_path / "a.h5", random_values(shapes_of_small()))
    with pytest.raises(ValueError, match="model must have weights, 'empty' has none yet"):
        load_facenet_weights(keras.Sequential(name="empty"), path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A good file's bytes, a place for bad ones, and a network."""
    folder = tmp_path_factory.mktemp("damage")
    return write(folder / "good.h5", random_values(shapes_of_small())).read_bytes(), folder / "bad.h5", small()


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(whole, share):
    content, path, model = whole
    path.write_bytes(content[: round(share * len(content))])
    assert refused(model, path).startswith("is cut off or damaged (")


@settings(max_examples=150)
@given(st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4), st.floats(0, 1))
def test_damage_is_refused_with_one_kind_of_error_or_leaves_a_network_that_could_be(whole, edits, end):
    content, path, model = whole
    damaged = bytearray(content)
    for place, piece in edits:
        start = len(published_weights.HDF5) + round(place * (len(content) - 20))
        damaged[start : start + len(piece)] = piece
    path.write_bytes(damaged[: round((0.2 + end) * len(damaged))])  # mostly all of it
    before, text = state(model), ""
    try:
        load_facenet_weights(model, path)
    except ValueError as error:
        text = str(error)
    after = state(model)
    if text:
        assert str(path) in text
        assert all((after[name] == numbers).all() for name, numbers in before.items())
    assert all(np.isfinite(numbers).all() for numbers in after.values())
