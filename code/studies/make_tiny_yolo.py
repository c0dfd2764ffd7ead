"""Make the weights of YOLOv3-tiny that ship in the package: python -m studies.make_tiny_yolo.

It takes the official weights (35 MB, `fetch` gets them), rounds the kernels to 8 bits with one scale a filter, and
needs a few seconds.
"""

import keras

from deepmedia.cnn.weight_copying import copy_weights
from deepmedia.datasets import darknet_file, fetch
from deepmedia.datasets.packaged import FILES
from deepmedia.detection.darknet import load_darknet
from deepmedia.detection.packed_weights import packed_weights
from deepmedia.detection.trained import FILE
from deepmedia.detection.yolo import yolo_v3_tiny
from studies.packaged_files import npz_bytes, write


def exact_yolo_tiny() -> keras.Model:
    """YOLOv3-tiny with the official weights as they are."""
    model = yolo_v3_tiny()
    copy_weights(load_darknet(darknet_file("yolov3-tiny.cfg"), fetch("darknet/yolov3-tiny.weights")), model)
    return model


def main() -> None:
    """Write the weights into the package."""
    write({FILE.relative_to(FILES).as_posix(): npz_bytes(packed_weights(exact_yolo_tiny()))})


if __name__ == "__main__":
    main()
