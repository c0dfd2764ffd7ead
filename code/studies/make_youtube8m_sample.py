"""Make the YouTube-8M sample that ships in the package: python -m studies.make_youtube8m_sample.

It takes the first 2,000 videos of train_0 to train_9 and the first 500 of val_0
to val_2 (a file has 201), in file order, with 8 bits a feature, and the vocabulary
without its descriptions. Needs those files (54 MB, `fetch` gets them) and a
few seconds.
"""

import csv
import gzip
import io

import numpy as np
from numpy.typing import NDArray

from deepmedia.datasets.fetching import fetch
from deepmedia.datasets.youtube8m import quantise, read_youtube8m_csv
from studies.packaged_files import npz_bytes, write

VIDEOS = {"train": ("train", 10, 2000), "validation": ("val", 3, 500)}  # split -> prefix, files, videos
COLUMNS = {  # of the package's vocabulary -> of the data set's
    "index": "Index",
    "name": "Name",
    "vertical": "Vertical1",
    "knowledge_graph_id": "KnowledgeGraphId",
    "train_videos": "TrainVideoCount",
}


def sample(split: str) -> dict[str, NDArray[np.generic]]:
    """The arrays of a split's file, by name."""
    prefix, count, videos = VIDEOS[split]
    parts = [read_youtube8m_csv(fetch(f"youtube8m/{prefix}_{number}.csv")) for number in range(count)]
    features = np.concatenate([features for features, _ in parts])[:videos]
    labels = [row for _, rows in parts for row in rows][:videos]
    return {
        "levels": quantise(features),
        "labels": np.concatenate(labels).astype(np.int16),
        "labels_per_video": np.array([len(row) for row in labels], np.int16),
    }


def vocabulary() -> str:
    """The vocabulary as text, a topic a line in the order of the labels."""
    with fetch("youtube8m/yt8m_voc.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["Index"]))  # the file's rows are in another order
    if [int(row["Index"]) for row in rows] != list(range(len(rows))):
        raise ValueError("yt8m_voc.csv: the column Index must hold each of 0, 1, 2, ... once")
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([row[column] for column in COLUMNS.values()] for row in rows)
    return text.getvalue()


def main() -> None:
    """Write the sample and the vocabulary into the package."""
    files = {f"youtube8m/{split}.npz": npz_bytes(sample(split)) for split in VIDEOS}
    write(files | {"youtube8m/vocabulary.csv.gz": gzip.compress(vocabulary().encode(), 9, mtime=0)})


if __name__ == "__main__":
    main()
