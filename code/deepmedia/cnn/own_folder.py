"""A classifier from a folder of a few pictures a class: what a trained network sees in them, and a linear layer on it.

A network that learned from many photographs has found edges, textures and parts of things, which serve for other
pictures, too. So its layers are kept as they are, and only one layer is learned, which takes few pictures.

Source: Yosinski et al. (2014), "How transferable are features in deep neural networks?", arXiv:1411.1792, for layers
that serve other tasks.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.cnn.classifier import Classifier
from deepmedia.cnn.image_folder import Pictures, check_pictures, list_pictures, split_pictures
from deepmedia.cnn.photo_layers import photo_layers
from deepmedia.cnn.picture_files import network_input
from deepmedia.statistics import wilson_interval

SIDE = 160  # pixels of the network's input
BACKGROUND = 128  # grey around pictures that aren't square, as where the network learned
STAGES = 6  # of `photo_layers`; the last two, with 256 and 512 channels, are the features
PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)  # scikit-learn's C, of which cross-validation chooses one
FOLDS = 5
BATCH = 16  # pictures that go through the network at once


@dataclass(frozen=True, eq=False)
class FolderResult:
    """A classifier, and what it says of pictures that it did not learn from."""

    classifier: Classifier
    training: Pictures
    held_out: Pictures
    probabilities: NDArray[np.float64]  # (held out, classes)

    @property
    def accuracy(self) -> float:
        """Share of the held-out pictures that are named rightly."""
        return float(np.mean(self.probabilities.argmax(axis=1) == self.held_out.labels))

    def table(self) -> str:
        """Precision and recall of each class on the held-out pictures, with a 95% interval of the recall."""
        given, labels = self.probabilities.argmax(axis=1), self.held_out.labels
        width = max(len("class"), *(len(name) for name in self.classifier.class_names))
        lines = [f"{'class':<{width}}  learned  held out  precision  recall (95%)"]
        for label, name in enumerate(self.classifier.class_names):
            answered, present = given == label, labels == label
            hits = int(np.sum(answered & present))
            low, high = wilson_interval(hits, int(present.sum()))
            precision = f"{hits / answered.sum():.0%}" if answered.any() else "-"
            lines.append(
                f"{name:<{width}}{np.sum(self.training.labels == label):>9}{present.sum():>10}{precision:>11}"
                f"{hits / present.sum():>8.0%} ({low:.0%} to {high:.0%})"
            )
        return "\n".join(lines)

    def mistakes(self) -> list[tuple[Path, str, float]]:
        """The held-out pictures that are named wrongly: file, answer and its probability, the surest first.

        A wrong answer that is sure often shows a wrong label.
        """
        given, sure = self.probabilities.argmax(axis=1), self.probabilities.max(axis=1)
        wrong = np.flatnonzero(given != self.held_out.labels)
        names = self.classifier.class_names
        return [(self.held_out.paths[n], names[given[n]], float(sure[n])) for n in wrong[np.argsort(-sure[wrong])]]


def learn_folder(
    folder: str | Path | Pictures,
    *,
    held_out: float = 0.25,
    features: keras.Model | None = None,
    background: int = BACKGROUND,
    seed: int = 0,
) -> FolderResult:
    """From a folder with one subfolder a class to a classifier and a test of it.

    The learned layer is a logistic regression in which each class counts the same, however many pictures it has; how
    strongly it is held back, cross-validation on the training pictures decides.

    Args:
        folder: As for `list_pictures`, pictures of any sizes; or what that has found.
        held_out: Share of each class that is not learned from and gives the test, between 0 and 1. Copies of a file
            stay together; other pictures of the same thing don't, so put such things into a folder of their own.
        features: From images, float32 (n, height, width, 3) in 0..1, of one size, to vectors (n, features); None:
            `photo_features`.
        background: Grey value around pictures of other proportions, and behind transparent ones.
        seed: Of the draw, and of the cross-validation.

    Returns:
        The classifier, the two parts, and its answers for the held-out part.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If the folder holds no two classes, a picture can't be used (the text lists the first ten), a part
            would lack a class, or features has other inputs or outputs.
    """
    network = photo_features() if features is None else _checked(features)
    pictures = folder if isinstance(folder, Pictures) else list_pictures(folder)
    check_pictures(pictures, smallest=1)
    training, rest = split_pictures(pictures, validation=held_out, seed=seed)
    vectors = picture_vectors(network, training.paths, background=background)
    kernel, bias = linear_layer(vectors, training.labels, seed=seed)
    x = network(images := keras.Input(network.input_shape[1:], name="images"))
    model = keras.Model(images, layers.Dense(len(bias), name="logits")(x), name="own_folder")
    model.get_layer("logits").set_weights([kernel, bias])
    logits = picture_vectors(network, rest.paths, background=background) @ kernel + bias
    classifier = Classifier(model, pictures.class_names, background=background)
    return FolderResult(classifier, training, rest, np.asarray(keras.ops.softmax(logits), np.float64))


def photo_features(side: int = SIDE) -> keras.Model:
    """What YOLOv3-tiny's fifth and sixth convolution see in a picture, averaged over all places.

    The weights, trained on the photographs of COCO, ship in the package (`deepmedia.cnn.photo_layers`).

    Args:
        side: Height and width of the pictures in pixels, a multiple of 32.

    Returns:
        A model from RGB images, float32 (n, side, side, 3) in 0..1, to vectors, float32 (n, 768).

    Raises:
        TypeError: If side is not whole.
        ValueError: If side is no multiple of 32.
        FileNotFoundError: If the package lacks the weights.

    >>> photo_features().output.shape
    (None, 768)
    """
    body = photo_layers(side, stages=STAGES)
    last = [body.get_layer(f"stage{stage}_leaky").output for stage in (STAGES - 1, STAGES)]
    means = [layers.GlobalAveragePooling2D()(maps) for maps in last]
    model = keras.Model(body.input, layers.Concatenate(name="features")(means), name="photo_features")
    model.trainable = False
    return model


def picture_vectors(
    network: keras.Model, paths: Sequence[str | Path], *, background: int = BACKGROUND
) -> NDArray[np.float32]:
    """A network's features of picture files, read a few at a time.

    Args:
        network: From images, float32 (n, height, width, 3) in 0..1, of one size, to vectors (n, features).
        paths: The files.
        background: Grey value around and behind pictures.

    Returns:
        float32 (files, features).

    Raises:
        BadPicture: If a file is no usable picture.
    """
    rows = [np.zeros((0, network.output_shape[-1]), np.float32)]
    for start in range(0, len(paths), BATCH):
        some = paths[start : start + BATCH]
        images = np.stack([network_input(path, network.input_shape[1:], background=background) for path in some])
        rows.append(np.asarray(network(images, training=False), np.float32))
    return np.concatenate(rows)


def linear_layer(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], *, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias of the logistic regression that tells the classes apart.

    Args:
        vectors: (n, features).
        labels: Integers (n,), each from 0 to the highest at least once.
        seed: Of the folds.

    Returns:
        float32 (features, classes) and (classes,): logits are ``vectors @ kernel + bias``.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaler, regression = StandardScaler(), LogisticRegression(C=PENALTIES[1], class_weight="balanced", max_iter=5000)
    fitted = make_pipeline(scaler, regression)
    folds = min(FOLDS, int(np.bincount(labels).min()))
    if folds >= 2:
        choice = {"logisticregression__C": PENALTIES}
        search = GridSearchCV(
            fitted, choice, scoring="neg_log_loss", cv=StratifiedKFold(folds, shuffle=True, random_state=seed)
        )
        fitted = search.fit(vectors, labels).best_estimator_
    else:
        fitted.fit(vectors, labels)
    scaler, regression = (step for _, step in fitted.steps)
    kernel, bias = regression.coef_.T / scaler.scale_[:, None], regression.intercept_
    if len(bias) == 1:  # of two classes scikit-learn keeps the second's score only
        kernel, bias = np.hstack([np.zeros_like(kernel), kernel]), np.append(0, bias)
    return kernel.astype(np.float32), (bias - scaler.mean_ @ kernel).astype(np.float32)


def _checked(features: keras.Model) -> keras.Model:
    shapes = features.input_shape, features.output_shape
    with contextlib.suppress(TypeError, ValueError):  # models with several inputs or outputs
        (_, height, width, channels), (_, width_out) = shapes
        if height and width and channels == 3 and width_out:
            return features
    raise ValueError(
        f"features must take images of one size, (n, height, width, 3), and give vectors (n, features), "
        f"{features.name} takes {shapes[0]} and gives {shapes[1]}; end it in GlobalAveragePooling2D"
    )
