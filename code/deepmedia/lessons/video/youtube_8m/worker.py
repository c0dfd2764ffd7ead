"""One worker of several that train the same network: `python -m deepmedia.lessons.video.youtube_8m.worker`.

`TF_CONFIG` in the environment says where all workers are, and which of them this one is.
"""

import argparse
import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from deepmedia.datasets.youtube8m import FEATURES, TOPICS
from deepmedia.video.metrics import multi_hot
from deepmedia.video.models import video_logistic
from deepmedia.video.youtube8m import read_youtube8m

VideoBatch = tuple[NDArray[np.float32], NDArray[np.float32]]  # features (n, 1152), labels (n, 3862)
PARTS = 2  # of a batch; a worker alone takes both
IN_A_PART = 32  # videos
RATE = 1.0  # learning rate
START = float(np.log(3 / TOPICS))  # the biases at first: three topics a video
SAVE_EVERY = 4  # steps


def part_batches(shards: Sequence[Path], part: int) -> Iterator[VideoBatch]:
    """Batches from every second file, in a never-ending round: each part of the workers reads files of its own."""
    features: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.int64]] = []
    while True:
        for video in read_youtube8m(shards[part::PARTS], level="video"):
            features.append(video.features)
            labels.append(video.labels)
            if len(features) == IN_A_PART:
                yield np.stack(features), multi_hot(labels, TOPICS).astype(np.float32)
                features, labels = [], []


def train_as_worker(shards: Sequence[Path], folder: Path, *, steps: int, die_at: int | None = None) -> list[float]:
    """Train with all workers that TF_CONFIG names, from the last checkpoint in the folder on.

    Args:
        shards: TFRecord files at video level.
        folder: Which all workers see: for the checkpoints.
        steps: In all, those before the checkpoint included.
        die_at: The step before which this process kills itself, as if its machine had failed.

    Returns:
        The loss of each step of this run, over the batches of all workers.
    """
    strategy = (
        tf.distribute.MultiWorkerMirroredStrategy() if "TF_CONFIG" in os.environ else tf.distribute.get_strategy()
    )
    worker, workers = place()
    with strategy.scope():
        keras.utils.set_random_seed(0)
        model = video_logistic(FEATURES, classes=TOPICS)
        optimizer = keras.optimizers.SGD(RATE)
        optimizer.build(model.trainable_variables)
        model.get_layer("logits").bias.assign(np.full(TOPICS, START))
    done = tf.Variable(0, dtype=tf.int64)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, done=done)
    manager = tf.train.CheckpointManager(checkpoint, str(folder), max_to_keep=1)
    checkpoint.restore(manager.latest_checkpoint)
    parts = [part_batches(shards, part) for part in range(PARTS) if part % workers == worker]
    for _ in range(int(done.numpy())):  # the videos of the steps that are done
        for batches in parts:
            next(batches)
    step = make_step(strategy, model, optimizer)
    losses = []
    while int(done.numpy()) < steps:
        if int(done.numpy()) == die_at:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        features, labels = (np.concatenate(each) for each in zip(*map(next, parts), strict=True))
        losses.append(float(step(tf.constant(features), tf.constant(labels))))
        done.assign_add(1)
        if int(done.numpy()) % SAVE_EVERY == 0:
            save(manager, checkpoint, worker)
    return losses


def make_step(
    strategy: tf.distribute.Strategy, model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """A step of all workers: each has a part of the batch, and all make the same change."""
    in_all = PARTS * IN_A_PART  # videos of all workers

    def on_one(features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(features, training=True)
            each = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_sum(each) / in_all  # not / len(features)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    @tf.function
    def step(features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        losses = strategy.run(on_one, args=(features, labels))
        return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)

    return step


def save(manager: tf.train.CheckpointManager, checkpoint: tf.train.Checkpoint, worker: int) -> None:
    """Write a checkpoint: all workers take part, and only the first one's stays."""
    if worker == 0:
        manager.save(checkpoint_number=int(checkpoint.done.numpy()))
    else:
        with tempfile.TemporaryDirectory() as thrown_away:
            checkpoint.write(f"{thrown_away}/checkpoint")


def place() -> tuple[int, int]:
    """Which worker this is, and how many there are."""
    if "TF_CONFIG" not in os.environ:
        return 0, 1
    config = json.loads(os.environ["TF_CONFIG"])
    return config["task"]["index"], len(config["cluster"]["worker"])


def main() -> None:
    """Train, and write the losses to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shards", nargs="+", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--die-at", type=int, default=None)
    chosen = parser.parse_args()
    losses = train_as_worker(chosen.shards, chosen.folder, steps=chosen.steps, die_at=chosen.die_at)
    (chosen.folder / f"losses-{place()[0]}.json").write_text(json.dumps(losses))


if __name__ == "__main__":
    main()
