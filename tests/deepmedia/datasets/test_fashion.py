"""Fashion-MNIST: the sample in the package, and the whole files."""

import gzip
import hashlib

import numpy as np
import pytest

from deepmedia.datasets import FASHION_CLASSES, DataUnavailable, fashion_mnist, fetched
from deepmedia.datasets.packaged import FILES
from studies.make_fashion_sample import first_of_each, idx_bytes, sample

WHOLE = [
    f"fashion-mnist/{prefix}-{kind}-ubyte.gz" for prefix in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
]


@pytest.mark.parametrize(("split", "each"), [("train", 2000), ("test", 200)])
def test_the_sample_has_the_same_number_of_each_class(split, each):
    images, labels = fashion_mnist(split)
    assert (images.shape, labels.shape) == ((10 * each, 28, 28), (10 * each,))
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(labels), [each] * 10)
    assert (images.min(), images.max()) == (0, 255)


def test_the_sample_is_the_default_and_needs_no_download(monkeypatch):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    np.testing.assert_array_equal(fashion_mnist()[1], fashion_mnist("train", full=False)[1])
    assert fetched() == ()


def test_the_test_split_is_frozen():
    images, labels = fashion_mnist("test")
    digest = hashlib.sha256(images.tobytes() + labels.astype("<i8").tobytes()).hexdigest()
    assert digest == "788913f16e63dd2807d7a60f72996ed9cdc8fc22d87d149006ad2cfc58281d8c"


def test_no_photograph_is_in_both_splits():
    train, test = ({image.tobytes() for image in fashion_mnist(split)[0]} for split in ("train", "test"))
    assert len(test) == 2000
    assert not train & test


def test_classes_are_in_label_order():
    images, labels = fashion_mnist("test")
    mean = {name: images[labels == label].mean(axis=0) for label, name in enumerate(FASHION_CLASSES)}

    def lowest(value, count=1):
        return set(sorted(mean, key=lambda name: value(mean[name]))[:count])

    # Two legs make the narrowest picture; shoes and bags leave the top empty.
    assert lowest(lambda picture: (picture.mean(axis=0) > 30).sum()) == {"Trouser"}
    assert lowest(lambda picture: picture[:4].mean(), 4) == {"Sandal", "Sneaker", "Ankle boot", "Bag"}
    # All shoes point to the left, where there is less of them.
    assert lowest(lambda picture: picture[:, :14].mean() / picture[:, 14:].mean(), 3) == {
        "Sandal",
        "Sneaker",
        "Ankle boot",
    }
    assert lowest(lambda picture: picture.mean(), 2) == {"Sandal", "Sneaker"}  # a boot is larger than a shoe
    # Sleeves hang where trousers, dresses and T-shirts have nothing.
    sleeves = {name: picture[10:24, 2:6].mean() for name, picture in mean.items()}
    assert max(sleeves[name] for name in ("Trouser", "Dress", "T-shirt/top")) < 20
    assert min(sleeves[name] for name in ("Pullover", "Coat", "Shirt")) > 40
    assert max(mean, key=lambda name: mean[name].mean()) == "Coat"  # the largest garment


@pytest.mark.parametrize("split", ["validation", "t10k", "", None])
def test_another_split_is_refused(split):
    with pytest.raises(ValueError, match="split must be 'train' or 'test', got"):
        fashion_mnist(split)


def test_the_whole_data_is_an_error_where_it_cannot_be_had(monkeypatch):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match=r"fashion-mnist/train-images-idx3-ubyte\.gz is not part of the built-in"):
        fashion_mnist("train", full=True)


def test_the_whole_data_comes_from_the_registry(real):
    real(*WHOLE)
    for split, each in (("train", 6000), ("test", 1000)):
        images, labels = fashion_mnist(split, full=True)
        assert images.shape == (10 * each, 28, 28)
        np.testing.assert_array_equal(np.bincount(labels), [each] * 10)
    assert fetched() == tuple(sorted(WHOLE))


def test_the_sample_is_the_first_of_each_class_in_file_order(real):
    real(*WHOLE)
    for split, each in (("train", 2000), ("test", 200)):
        seen = [0] * 10
        chosen = []
        images, labels = fashion_mnist(split, full=True)
        for index, label in enumerate(labels):  # counted one by one
            seen[label] += 1
            if seen[label] <= each:
                chosen.append(index)
        sample_images, sample_labels = fashion_mnist(split)
        np.testing.assert_array_equal(sample_images, images[chosen])
        np.testing.assert_array_equal(sample_labels, labels[chosen])


def test_the_script_makes_the_files_of_the_package(real):
    real(*WHOLE)
    made = sample()
    shipped = {path.name: gzip.decompress(path.read_bytes()) for path in (FILES / "fashion-mnist").glob("*.gz")}
    assert shipped.keys() == made.keys()
    assert [name for name in made if made[name] != shipped[name]] == []


def test_first_of_each_class_by_hand():
    labels = np.array([2, 0, 2, 2, 0, 1, 0], np.uint8)
    np.testing.assert_array_equal(first_of_each(labels, 2), [0, 1, 2, 4, 5])


def test_bytes_of_an_array_written_by_hand():
    assert idx_bytes(np.array([[1, 2, 3], [4, 5, 255]], np.uint8)) == bytes.fromhex(
        "00000802 00000002 00000003 010203 0405ff"
    )
