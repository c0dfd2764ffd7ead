import numpy as np
import pytest
from skimage import data

from deepmedia.datasets import lfw_patches


def test_the_patches_are_those_of_scikit_image():
    patches = np.concatenate(lfw_patches())
    assert patches.dtype == np.uint8
    assert np.abs(patches - 255 * data.lfw_subset()).max() <= 0.5 + 1e-9
    assert len(np.unique(patches, axis=0)) == 200


def test_a_pixel_varies_less_from_face_to_face_than_elsewhere():
    faces, others = (patches.std(axis=0).mean() for patches in lfw_patches())
    assert faces < 50 < 70 < others


def test_other_patches_are_refused(monkeypatch):
    monkeypatch.setattr(data, "lfw_subset", lambda: np.zeros((200, 25, 25)))
    with pytest.raises(ValueError, match=r"lfw_subset holds other patches.*install that version"):
        lfw_patches()
