"""The weights in the package."""

import numpy as np
import pytest

from deepmedia.faces import trained
from deepmedia.faces.trained import trained_small_facenet
from studies.make_small_facenet import packed, validation_accuracy
from studies.packaged_files import npz_bytes


@pytest.fixture
def other_file(monkeypatch, tmp_path):
    """Another file in the place of the package's, with its arrays changed; gives the function that writes it."""

    def write(change):
        with np.load(trained.FILE) as archive:
            arrays = dict(archive)
        change(arrays)
        path = tmp_path / "weights.npz"
        np.savez(path, **arrays)
        monkeypatch.setattr(trained, "FILE", path)
        return path

    return write


def test_it_tells_people_apart_whom_it_never_saw():
    assert validation_accuracy(trained_small_facenet()) >= 0.97


def test_the_file_is_small_and_holds_half_precision():
    assert trained.FILE.stat().st_size <= 1_000_000
    with np.load(trained.FILE, allow_pickle=False) as archive:
        assert {array.dtype.name for array in archive.values()} == {"float16"}


def test_weights_are_those_of_the_file():
    with np.load(trained.FILE, allow_pickle=False) as archive:
        kernel = archive["Bottleneck/kernel"]
    np.testing.assert_array_equal(trained_small_facenet().get_layer("Bottleneck").get_weights()[0], kernel)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("Bottleneck/kernel"), "Bottleneck/kernel"),
        (lambda arrays: arrays.update(more=np.zeros(3)), "more"),
        (lambda arrays: arrays.update({"Bottleneck/kernel": np.zeros((64, 2048))}), r"Bottleneck/kernel \(64, 2048\)"),
        (lambda arrays: arrays["Bottleneck/kernel"].fill(np.nan), "Bottleneck/kernel"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(other_file, change, message):
    other_file(change)
    with pytest.raises(ValueError, match=f"does not fit small_facenet: .*{message}"):
        trained_small_facenet()


def test_a_file_that_is_cut_off_is_refused(other_file):
    path = other_file(lambda arrays: None)
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(ValueError, match="cut off or damaged"):
        trained_small_facenet()


def test_a_missing_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(trained, "FILE", tmp_path / "gone.npz")
    with pytest.raises(FileNotFoundError, match=r"gone\.npz"):
        trained_small_facenet()


def test_weights_written_by_the_maker_are_read_back(monkeypatch, tmp_path):
    model = trained_small_facenet()
    model.get_layer("Bottleneck").set_weights([np.full((2048, 64), 0.25)])
    path = tmp_path / "weights.npz"
    path.write_bytes(npz_bytes(packed(model)))
    monkeypatch.setattr(trained, "FILE", path)
    for ours, read in zip(model.get_weights(), trained_small_facenet().get_weights(), strict=True):
        np.testing.assert_array_equal(read, ours)
