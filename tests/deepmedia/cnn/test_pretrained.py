import hashlib

import keras
import numpy as np
import pytest
from keras.src.applications import mobilenet_v3
from keras.src.legacy.saving import legacy_h5_format

from deepmedia.cnn.pretrained import SIDE, WEIGHTS, pretrained_features
from deepmedia.datasets import REGISTRY, DataUnavailable, RemoteFile, fetching, registry

h5py = pytest.importorskip("h5py")  # Keras brings it
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    for name in ("DEEPMEDIA_OFFLINE", "DEEPMEDIA_REQUIRE_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEEPMEDIA_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(fetching, "_used", set())
    return tmp_path / "data"


def network_in_kerass_own_file(path):
    """A network of random weights that lie at the path, in the format of the published file."""
    network = keras.applications.MobileNetV3Large(
        (SIDE, SIDE, 3), include_top=False, pooling="avg", weights=None, include_preprocessing=False
    )
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, network)
    return network


def test_weights_are_those_of_the_file_in_the_registry(data, monkeypatch):
    network = network_in_kerass_own_file(data / WEIGHTS)
    content = (data / WEIGHTS).read_bytes()
    row = RemoteFile(WEIGHTS, ("https://example.org",), hashlib.sha256(content).hexdigest(), len(content), "", "")
    monkeypatch.setattr(registry, "REGISTRY", {WEIGHTS: row})
    loaded = pretrained_features()
    image = np.random.default_rng(0).random((1, SIDE, SIDE, 3), np.float32)
    np.testing.assert_allclose(loaded(image), network(2 * image - 1), atol=1e-5)
    assert loaded.output_shape == (None, 960)
    assert fetching.fetched() == (WEIGHTS,)


def test_another_file_is_refused(data):
    network_in_kerass_own_file(data / WEIGHTS)  # right in kind, but not the one whose checksum we know
    with pytest.raises(DataUnavailable, match=r"no_top_v2\.h5 holds .* instead of .* Delete it, and the next call"):
        pretrained_features()


@pytest.mark.parametrize("setting", ["DEEPMEDIA_OFFLINE", "DEEPMEDIA_REQUIRE_DATA"])
def test_weights_that_can_not_be_had_are_an_error_under_all_settings(data, monkeypatch, setting):
    data.touch()  # a file in the folder's place
    monkeypatch.setenv(setting, "1")
    with pytest.raises(DataUnavailable, match=WEIGHTS):
        pretrained_features()


def test_the_registry_has_the_file_that_keras_would_download(monkeypatch):
    asked = []

    def get_file(*arguments, **options):
        asked.append((arguments[1], options["file_hash"]))
        raise InterruptedError

    monkeypatch.setattr(mobilenet_v3.file_utils, "get_file", get_file)
    with pytest.raises(InterruptedError):
        keras.applications.MobileNetV3Large((224, 224, 3), include_top=False)
    assert asked == [(REGISTRY[WEIGHTS].urls[0], "07fb09a5933dd0c8eaafa16978110389")]  # the MD5 beside our SHA-256
