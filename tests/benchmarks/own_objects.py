"""Train a detector on a folder of labelled pictures and test it on pictures held out: what a reader may expect.

    python tests/benchmarks/own_objects.py --folder FOLDER --labels voc

prints one line of JSON: AP and AP50 on the pictures held out, AP50 by class (null for a class that none of them
shows), the counts, and the seconds. What is wrong with the labels goes to standard error.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence

from deepmedia.detection import coco_metrics, read_any_picture, read_labelled_folder, split_folder, train_own_objects

ALL_BOXES = 0.01  # score threshold for AP, which asks for the unsure boxes, too


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit status is 2 where the folder can't be used."""
    parser = argparse.ArgumentParser(description="Train the book's detector on a folder, test on a part held out.")
    parser.add_argument("--folder", required=True, help="pictures and labels, at any depth")
    parser.add_argument("--labels", default="voc", choices=("voc", "yolo", "coco"))
    parser.add_argument("--classes", default="", help="names with commas between; boxes of others are left out")
    parser.add_argument("--share", type=float, default=0.25, help="of the pictures held out for the test")
    parser.add_argument("--side", type=int, default=416, help="longer side of the network's input")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        names = tuple(name.strip() for name in chosen.classes.split(",") if name.strip())
        folder = read_labelled_folder(chosen.folder, labels=chosen.labels, class_names=names)
        print(folder.report, file=sys.stderr)
        train, test = split_folder(folder, share=chosen.share, seed=chosen.seed)
        started = time.monotonic()
        own = train_own_objects(
            [folder.paths[row] for row in train],
            [folder.truths[row] for row in train],
            folder.class_names,
            side=chosen.side,
            epochs=chosen.epochs,
            seed=chosen.seed,
        )
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    seconds = time.monotonic() - started
    detector = own.detector.with_thresholds(threshold=ALL_BOXES)
    found = [detector.detect(read_any_picture(folder.paths[row])) for row in test]
    metrics = coco_metrics([folder.truths[row] for row in test], found)
    by_class = {name: metrics.ap50_by_class.get(number, math.nan) for number, name in enumerate(folder.class_names)}
    result = {
        "ap": _rounded(metrics.ap),
        "ap50": _rounded(metrics.ap50),
        "ap50_by_class": {name: _rounded(value) for name, value in by_class.items()},
        "pictures": {"train": len(train), "test": len(test)},
        "boxes": dict(folder.report.class_counts),
        "faults": len(folder.report.faults),
        "epochs": sum(own.epochs),
        "input": list(own.detector.size),
        "seconds": round(seconds, 1),
    }
    print(json.dumps(result))
    return 0


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


if __name__ == "__main__":
    sys.exit(main())
