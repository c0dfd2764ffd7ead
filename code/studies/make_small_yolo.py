"""Train the small YOLOv3 whose weights ship in the package: python -m studies.make_small_yolo.

It learns on drawn scenes of garments and sees each of them once: to draw one takes 15 milliseconds, to learn from it
five times as long, so old ones need not be shown again. The study `small_yolo_scenes` trains in the same way, watches
the validation split and scores the test split; here only the weights are made, in 20 minutes of a processor's time. On
another processor other weights come of it, about as good.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.datasets import FASHION_CLASSES
from deepmedia.datasets.packaged import FILES
from deepmedia.detection.letterboxing import letterbox
from deepmedia.detection.packed_weights import packed_weights
from deepmedia.detection.records import Truth
from deepmedia.detection.scenes import garment_scenes
from deepmedia.detection.small_yolo import backbone, small_yolo
from deepmedia.detection.trained import SMALL_FILE
from deepmedia.detection.training import DETECTOR_PEAK_RATE, DETECTOR_WEIGHT_DECAY, AfterEpoch, fit_detector
from deepmedia.detection.yolo import copy_alike_layers
from deepmedia.training.recipe import fit_schedule
from studies.packaged_files import npz_bytes, write

SEED = 0
CUT_SIDE = 64  # pixels of a garment that is cut out
CUT_SCENES, CUT_VALIDATION, CUT_EPOCHS, CUT_BATCH = 3000, 200, 5, 32
CUT_SEED = 1_000_000  # other scenes than the detector's
SCENES, EPOCHS, BATCH = 1000, 9, 4


def trained_classifier() -> tuple[keras.Model, dict[str, list[float]]]:
    """A classifier of garments that are cut out along their true boxes, and the log of its training."""
    keras.utils.set_random_seed(SEED)
    images = keras.Input((CUT_SIDE, CUT_SIDE, 3))
    features = layers.GlobalAveragePooling2D()(backbone(images)[-1])
    model = keras.Model(images, layers.Dense(len(FASHION_CLASSES))(features), name="classifier")
    log = fit_schedule(
        model,
        cut_out(*garment_scenes("train", CUT_SCENES, seed=CUT_SEED)),
        cut_out(*garment_scenes("validation", CUT_VALIDATION, seed=SEED)),
        epochs=CUT_EPOCHS,
        batch_size=CUT_BATCH,
        peak=DETECTOR_PEAK_RATE,
        weight_decay=DETECTOR_WEIGHT_DECAY,
    )
    return model, log


def cut_out(images: NDArray[np.uint8], truths: Sequence[Truth]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The garments of all scenes, float32 (n, CUT_SIDE, CUT_SIDE, 3) in 0..1 on grey, and their classes."""
    garments = [
        letterbox(image[y_min:y_max, x_min:x_max], CUT_SIDE)
        for image, truth in zip(images, truths, strict=True)
        for x_min, y_min, x_max, y_max in truth.boxes.astype(int)
    ]
    return np.stack(garments), np.concatenate([truth.class_ids for truth in truths])


def with_backbone(classifier: keras.Model) -> keras.Model:
    """The small YOLOv3 before its training, whose backbone is the classifier's."""
    keras.utils.set_random_seed(SEED)
    model = small_yolo()
    copy_alike_layers(classifier, model)
    return model


def train(model: keras.Model, after_epoch: AfterEpoch | None = None) -> None:
    """Train the model in place on `EPOCHS` times `SCENES` scenes."""
    images, truths = garment_scenes("train", SCENES, seed=SEED)
    fit_detector(
        model,
        images,
        truths,
        epochs=EPOCHS,
        batch_size=BATCH,
        augment=fresh_scene,
        after_epoch=after_epoch,
        seed=SEED,
    )


def fresh_scene(image: NDArray[np.uint8], truth: Truth, seed: list[int]) -> tuple[NDArray[np.uint8], Truth]:
    """Another scene in place of the one that the first epoch showed.

    Args:
        image: The scene of the first epoch.
        truth: Its garments.
        seed: Of the training, number of the epoch, number of the scene below `SCENES`.

    Returns:
        A scene of the training split and its garments; equal seeds give equal scenes.
    """
    _, epoch, number = seed
    if epoch == 0:
        return image, truth
    images, truths = garment_scenes("train", 1, seed=SEED + epoch * SCENES + number)
    return images[0], truths[0]


def main() -> None:
    """Train, and write the weights into the package."""
    model = with_backbone(trained_classifier()[0])
    train(model, lambda epoch, log: print(f"epoch {epoch}, loss {log['loss'][-1]:.2f}", flush=True))
    write({SMALL_FILE.relative_to(FILES).as_posix(): npz_bytes(packed_weights(model))})


if __name__ == "__main__":
    main()
