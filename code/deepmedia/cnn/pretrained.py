"""A network that was trained on ImageNet, where its weights can be had.

Keras would download the weights itself, but without a limit of time. Here the
host is asked first, the transfer has a limit, and a file gets its name only
when it is whole.
"""

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import keras
import requests

from deepmedia.datasets.fetching import workshop
from deepmedia.datasets.probing import reachable
from deepmedia.datasets.settings import data_folder, is_offline

SIDE = 96  # pixels of the images that these weights were trained for
NAME = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{SIDE}_no_top.h5"
URL = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/{NAME}"
LIMIT_S = 90.0  # for the whole transfer of about 9 MB
SILENCE_S = 10.0  # without a byte


class WeightsUnavailable(OSError):
    """The weights can't be had; the text says why, in a sentence for the reader."""


def pretrained_features(*, url: str = URL) -> keras.Model:
    """MobileNetV2 without its last layer, with weights trained on ImageNet.

    Args:
        url: Where the weights are; they are kept in the book's data folder.

    Returns:
        A model from images, float32 (n, 96, 96, 3), RGB in -1..1, to features
        (n, 1280), the mean of each of its last feature maps.

    Raises:
        WeightsUnavailable: If DEEPMEDIA_OFFLINE=1 rules them out, the host does not
            answer within 3 seconds that it has them, the transfer fails, the data
            folder can't be written, or the file is no set of weights.

    Source: Sandler et al. (2018), "MobileNetV2: Inverted Residuals and Linear
        Bottlenecks"; weights of keras.applications.
    """
    if is_offline():
        raise WeightsUnavailable("DEEPMEDIA_OFFLINE=1 rules downloads out")
    path = data_folder() / "imagenet" / NAME
    if not path.exists():
        _download(url, path)
    try:
        return keras.applications.MobileNetV2((SIDE, SIDE, 3), include_top=False, pooling="avg", weights=str(path))
    except (OSError, ValueError) as error:  # h5py's and Keras's ways to say that the file is another one
        raise WeightsUnavailable(f"{path} does not hold the weights; delete it and run the cell again") from error


def _download(url: str, path: Path) -> None:
    """Put the file at its path, all at once."""
    if not reachable([url]):
        raise WeightsUnavailable(
            f"{urlsplit(url).netloc} does not give the file; is there a connection to the internet?"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with workshop(path.parent) as folder:
            _transfer(url, folder / path.name)
            os.replace(folder / path.name, path)
    except WeightsUnavailable:
        raise
    except OSError as error:  # requests' errors are OSErrors, too
        raise WeightsUnavailable(f"the transfer to {path.parent} failed ({type(error).__name__})") from error


def _transfer(url: str, path: Path) -> None:
    end = time.monotonic() + LIMIT_S
    with path.open("wb") as file, requests.get(url, stream=True, timeout=SILENCE_S) as answer:
        answer.raise_for_status()
        for block in answer.iter_content(1 << 18):
            file.write(block)
            if time.monotonic() > end:
                raise WeightsUnavailable(f"the transfer took longer than {LIMIT_S:.0f} seconds")
    if path.stat().st_size < int(answer.headers.get("content-length", 0)):
        raise WeightsUnavailable("the transfer broke off")
