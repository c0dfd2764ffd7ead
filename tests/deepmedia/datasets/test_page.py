"""The page on data sets names what the package has."""

from pathlib import Path

import pytest

from deepmedia import datasets

PAGE = (Path(__file__).parents[3] / "book/reference/datasets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", datasets.PHOTOS)
def test_every_photo_has_its_licence_stated(name):
    (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line.split("|")[1]]
    assert len(row.split("|")[3].strip()) > 3


@pytest.mark.parametrize("name", datasets.REGISTRY)
def test_every_download_is_named(name):
    folder, _, file = name.partition("/")
    if file.startswith(("train_", "val_")):
        file = file.partition("_")[0] + "_0.csv"
    if file.startswith(("train-", "t10k-")):
        file = "train-images-idx3-ubyte.gz"
    assert f"`{folder}/" in PAGE
    assert f"{file}`" in PAGE


def test_every_loader_is_shown():
    loaders = ["fashion_mnist", "digits", "olivetti", "photo", "lfw_patches", "big_buck_bunny", "youtube8m_sample"]
    for loader in [
        *loaders,
        "blood_cell_pictures",
        "unpack_blood_cells",
        "youtube8m_vocabulary",
        "darknet_file",
        "fetch",
        "data_tier",
    ]:
        assert hasattr(datasets, loader)
        assert f"`{loader}(" in PAGE


def test_sizes_are_those_of_the_registry():
    def megabytes(prefix):
        return f"{sum(file.size for name, file in datasets.REGISTRY.items() if name.startswith(prefix)) / 1e6:.1f} MB"

    for prefix in ("fashion-mnist/", "olivetti/", "darknet/yolov3.weights", "darknet/yolov3-tiny.weights", "imagenet/"):
        assert f"| {megabytes(prefix)}" in PAGE
    assert f"| {megabytes('youtube8m/yt8m_voc.csv')} |" in PAGE
    assert f"| {float(megabytes('youtube8m/')[:-3]) - 3.6:.1f} MB |" in PAGE
