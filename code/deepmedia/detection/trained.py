"""The detectors that ship in the package, with their kernels in 8 bits."""

from pathlib import Path

import keras
import numpy as np

from deepmedia.cnn.blocks import Shape
from deepmedia.datasets.packaged import FILES
from deepmedia.datasets.shipped import darknet_file
from deepmedia.detection.packed_weights import set_packed_weights
from deepmedia.detection.scenes import SMALLEST_SCENE
from deepmedia.detection.small_yolo import SMALL_ANCHORS, small_yolo
from deepmedia.detection.yolo import yolo_v3_tiny

FILE = FILES / "tiny-yolo" / "weights.npz"
SMALL_FILE = FILES / "small-yolo" / "weights.npz"
TRAINED_SIDE = 256  # pixels of the scenes on which the small YOLOv3 learned last
TRAINED_ANCHORS = tuple(np.array(SMALL_ANCHORS) * TRAINED_SIDE / SMALLEST_SCENE)
# The 80 kinds of objects of COCO, in label order.
COCO_CLASSES = tuple(darknet_file("coco.names").read_text(encoding="utf-8").split("\n")[:80])


def trained_yolo_tiny(input_shape: Shape = (416, 416, 3)) -> keras.Model:
    """`yolo_v3_tiny` with weights that ship in the package, so that nobody has to download any.

    Joseph Redmon trained them on the photographs of COCO. Here their kernels are rounded to 8 bits with one scale a
    filter (`code/studies/make_tiny_yolo.py`), which moves a score by a few hundredths; with the exact weights of 35 MB
    `load_darknet(darknet_file("yolov3-tiny.cfg"), fetch("darknet/yolov3-tiny.weights"))` gives the same network.

    Args:
        input_shape: Height, width and 3; multiples of 32.

    Returns:
        The model, from RGB images in 0..1, float32 (n, height, width, 3), to two raw heads of the 80 `COCO_CLASSES`,
        the coarsest grid first.

    Raises:
        FileNotFoundError: If the package lacks the file.
        ValueError: If the shape can't be, or the file is damaged or does not fit the network.

    >>> [head.shape for head in trained_yolo_tiny().output]
    [(None, 13, 13, 3, 85), (None, 26, 26, 3, 85)]
    """
    model = yolo_v3_tiny(input_shape, classes=len(COCO_CLASSES))
    _set_shipped(model, FILE)
    return model


def trained_small_yolo(input_shape: Shape = (320, 320, 3)) -> keras.Model:
    """`small_yolo` with weights that ship in the package, so that nobody has to wait for a training.

    They learned on scenes of the training split of `garment_scenes`, reduced from 320 pixels to 192 and then to 256
    (`code/studies/make_small_yolo.py`), so they know the ten `FASHION_CLASSES` of `deepmedia.datasets` and nothing
    else. `Detector` reduces what it is given. How well they find garments on unseen scenes, the study
    `small_yolo_scenes` says.

    Args:
        input_shape: Height, width and 3; multiples of 32. Garments are best found in the sizes that they had in the
            training, 20 to 128 pixels.

    Returns:
        The model, from RGB images in 0..1, float32 (n, height, width, 3), to three raw heads, the coarsest grid first.

    Raises:
        FileNotFoundError: If the package lacks the file.
        ValueError: If the shape can't be, or the file is damaged or does not fit the network.

    >>> [head.shape for head in trained_small_yolo().output]
    [(None, 10, 10, 3, 15), (None, 20, 20, 3, 15), (None, 40, 40, 3, 15)]
    """
    model = small_yolo(input_shape, anchors=TRAINED_ANCHORS)
    _set_shipped(model, SMALL_FILE)
    return model


def _set_shipped(model: keras.Model, path: Path) -> None:
    """Give the model the weights of a file that ships in the package."""
    if not path.is_file():
        raise FileNotFoundError(f"the package lacks {path}; install it again")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
    except Exception as error:  # damage shows as BadZipFile, zlib.error, ValueError, EOFError and others
        raise ValueError(f"{path} is cut off or damaged ({error}); install the package again") from error
    set_packed_weights(model, arrays, source=str(path))
