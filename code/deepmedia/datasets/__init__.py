"""Data for the book: what ships in the package, and what is downloaded once.

Loaders return plain NumPy arrays, neither scaled nor shuffled. `data_tier`
says whether real data can be had; `fetch` gets a file of the `REGISTRY`.
``python -m deepmedia.datasets`` lists what is here and downloads what is not.
"""

from deepmedia.datasets.blood_cells import BLOOD_CELLS, blood_cell_pictures, unpack_blood_cells
from deepmedia.datasets.digits import digits
from deepmedia.datasets.faces import olivetti
from deepmedia.datasets.fashion import FASHION_CLASSES, fashion_mnist
from deepmedia.datasets.fetching import DataUnavailable, fetch, fetched
from deepmedia.datasets.idx import read_idx
from deepmedia.datasets.patches import lfw_patches
from deepmedia.datasets.photos import PHOTOS, photo
from deepmedia.datasets.registry import REGISTRY, RemoteFile
from deepmedia.datasets.shipped import big_buck_bunny, darknet_file
from deepmedia.datasets.tiers import data_tier
from deepmedia.datasets.voc import ImageLabels, read_voc, write_voc
from deepmedia.datasets.youtube8m import Topic, youtube8m_sample, youtube8m_vocabulary

__all__ = [
    "BLOOD_CELLS",
    "FASHION_CLASSES",
    "PHOTOS",
    "REGISTRY",
    "DataUnavailable",
    "ImageLabels",
    "RemoteFile",
    "Topic",
    "big_buck_bunny",
    "blood_cell_pictures",
    "darknet_file",
    "data_tier",
    "digits",
    "fashion_mnist",
    "fetch",
    "fetched",
    "lfw_patches",
    "olivetti",
    "photo",
    "read_idx",
    "read_voc",
    "unpack_blood_cells",
    "write_voc",
    "youtube8m_sample",
    "youtube8m_vocabulary",
]
