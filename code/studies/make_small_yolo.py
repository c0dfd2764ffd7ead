"""The small YOLOv3 whose weights ship in the package: python -m studies.make_small_yolo.

Its backbone first learns to tell garments that are cut out, as Darknet-53 learned the classes of ImageNet before YOLOv3
learned boxes: one costs a sixteenth of a scene. Then the whole network learns on drawn scenes, in two stages: reduced
to 192 pixels first, where a step takes a third of the time that it takes at the 320 that they are drawn with, then to
256, in which small garments are seen better. The study `small_yolo_scenes` trains in the same way, watches the
validation split, scores the test split and leaves its weights under `_build/`. Where they lie this program packs them
into the package; elsewhere it trains first, for more than three hours of one core. On another processor other weights
come of it, about as good.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.datasets import FASHION_CLASSES
from deepmedia.datasets.packaged import FILES
from deepmedia.detection.letterboxing import Letterbox, letterbox
from deepmedia.detection.moving_boxes import augment_boxes
from deepmedia.detection.packed_weights import packed_weights, set_packed_weights
from deepmedia.detection.records import Truth
from deepmedia.detection.scenes import SMALLEST_SCENE, garment_scenes
from deepmedia.detection.small_yolo import SMALL_ANCHORS, backbone, small_yolo
from deepmedia.detection.trained import SMALL_FILE, TRAINED_SIDE
from deepmedia.detection.training import DETECTOR_PEAK_RATE, DETECTOR_WEIGHT_DECAY, AfterEpoch, fit_detector
from deepmedia.detection.yolo import copy_alike_layers
from deepmedia.training.recipe import fit_schedule
from studies.packaged_files import npz_bytes, write

SEED = 0
CUT_SIDE = 48  # pixels of a garment that is cut out
CUT_SCENES, CUT_VALIDATION, CUT_EPOCHS, CUT_BATCH = 20_000, 200, 4, 32
CUT_SEED = 1_000_000  # other scenes than the detector's
SCENES, BATCH = 24_000, 8
FIRST_SCENE = 1000  # seed of the first, above those of other draws
STUDIED = Path(__file__).resolve().parents[2] / "_build" / "studies" / SMALL_FILE.name  # the study's weights


class Stage(NamedTuple):
    """A part of the training, which sees all scenes in one size."""

    side: int  # pixels of a reduced scene
    epochs: int
    peak: float  # learning rate after the warm-up

    @property
    def path(self) -> Path:
        """Where the study leaves the weights of the stage's end, packed."""
        return STUDIED.with_name(f"small-yolo-{self.side}.npz")


STAGES = (Stage(192, 7, DETECTOR_PEAK_RATE), Stage(TRAINED_SIDE, 5, 1.5e-3))


def trained_classifier() -> tuple[keras.Model, dict[str, list[float]]]:
    """A classifier of garments that are cut out along their true boxes, and the log of its training."""
    keras.utils.set_random_seed(SEED)
    images = keras.Input((CUT_SIDE, CUT_SIDE, 3))
    features = layers.GlobalAveragePooling2D()(backbone(images)[-1])
    model = keras.Model(images, layers.Dense(len(FASHION_CLASSES))(features), name="classifier")
    log = fit_schedule(
        model,
        cut_outs("train", range(CUT_SEED, CUT_SEED + CUT_SCENES)),
        cut_outs("validation", range(CUT_VALIDATION)),
        epochs=CUT_EPOCHS,
        batch_size=CUT_BATCH,
        peak=DETECTOR_PEAK_RATE,
        weight_decay=DETECTOR_WEIGHT_DECAY,
    )
    return model, log


def cut_outs(split: str, seeds: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The garments of a scene for each seed, float32 (n, CUT_SIDE, CUT_SIDE, 3) in 0..1 on grey, and their classes."""
    garments, classes = [], []
    for seed in seeds:
        (image,), (truth,) = garment_scenes(split, 1, seed=seed)
        garments += [
            letterbox(image[y_min:y_max, x_min:x_max], CUT_SIDE).astype(np.float32)
            for x_min, y_min, x_max, y_max in truth.boxes.astype(int)
        ]
        classes.append(truth.class_ids)
    return np.stack(garments), np.concatenate(classes)


def with_backbone(classifier: keras.Model) -> keras.Model:
    """The small YOLOv3 before its first stage, whose backbone is the classifier's."""
    keras.utils.set_random_seed(SEED)
    model = detector_of(STAGES[0].side)
    copy_alike_layers(classifier, model)
    return model


def detector_of(side: int) -> keras.Model:
    """The small YOLOv3 for scenes of a size, with anchors that cover the same part of them in any size."""
    return small_yolo((side, side, 3), anchors=[np.array(table) * side / SMALLEST_SCENE for table in SMALL_ANCHORS])


def with_weights(packed: dict[str, NDArray], side: int) -> keras.Model:
    """The small YOLOv3 for scenes of another size than that of the stage from which its weights are."""
    model = detector_of(side)
    set_packed_weights(model, packed)
    return model


def train(model: keras.Model, stage: Stage, after_epoch: AfterEpoch | None = None) -> None:
    """Train the model in place on `SCENES` scenes that change a little each time."""
    images, truths = reduced_scenes(range(FIRST_SCENE, FIRST_SCENE + SCENES), stage.side)
    fit_detector(
        model,
        images,
        truths,
        epochs=stage.epochs,
        batch_size=BATCH,
        augment=augment_boxes,
        peak=stage.peak,
        after_epoch=after_epoch,
        seed=SEED,
    )


def reduced_scenes(seeds: Sequence[int], side: int) -> tuple[NDArray[np.uint8], list[Truth]]:
    """A scene of the training split for each seed, as small as the network sees it, and its garments."""
    place = Letterbox((SMALLEST_SCENE, SMALLEST_SCENE), (side, side))
    images, truths = np.empty((len(seeds), side, side, 3), np.uint8), []
    for number, seed in enumerate(seeds):
        (image,), (truth,) = garment_scenes("train", 1, seed=seed)
        images[number] = np.rint(255 * letterbox(image, side))
        truths.append(Truth(place.boxes_on_canvas(truth.boxes), truth.class_ids))
    return images, truths


def main() -> None:
    """Write the weights of the study into the package, or those of a training."""
    if STUDIED.exists():
        weights = STUDIED.read_bytes()
    else:
        model = with_backbone(trained_classifier()[0])
        for number, stage in enumerate(STAGES):
            if number:
                model = with_weights(packed_weights(model), stage.side)
            train(model, stage, lambda epoch, log: print(f"epoch {epoch}, loss {log['loss'][-1]:.2f}", flush=True))
        weights = npz_bytes(packed_weights(model))
    write({SMALL_FILE.relative_to(FILES).as_posix(): weights})


if __name__ == "__main__":
    main()
