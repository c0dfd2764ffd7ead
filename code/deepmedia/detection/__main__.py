"""Find objects on photographs and in clips: ``python -m deepmedia.detection PHOTO_OR_CLIP ...``."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deepmedia.clips import BadClip, ClipReader, ClipWriter
from deepmedia.cnn.picture_files import SUFFIXES, BadPicture, read_picture
from deepmedia.detection.annotating import annotated
from deepmedia.detection.detector import TOGETHER, Detector
from deepmedia.detection.records import Detections
from deepmedia.whole_files import written_whole

CLIPS = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm")  # suffixes of files that count as clips
JPEG = (".jpeg", ".jpg")
BOXES = "boxes.json"  # the file of all boxes


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if all went well, 1 if a file could not be used, 2 if nothing was begun."""
    options = _options(arguments)
    targets = _targets(options.file, options.output)
    there = [path for path in [*targets, options.output / BOXES] if path.exists()]
    if there and not options.overwrite:
        names = ", ".join(map(str, there))
        return _refuse(f"{names} exist already; give another --output, or --overwrite to replace them")
    try:
        detector = _detector(options.detector, options.threshold)
        options.output.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        return _refuse(str(error))
    done, broken = [], {}
    for source, target in zip(options.file, targets, strict=True):
        try:
            record = _clip(source, target, detector) if _is_clip(source) else _photograph(source, target, detector)
        except (BadPicture, BadClip, OSError, MemoryError) as error:
            broken[str(source)] = str(error) or type(error).__name__
            print(f"{source}: left out, {broken[str(source)]}", file=sys.stderr)
        else:
            done.append(record)
            print(f"{source}: {record['summary']} -> {target}")
    result = {"threshold": detector.threshold, "classes": detector.class_names, "files": done, "left_out": broken}
    with written_whole(options.output / BOXES) as file:
        file.write(json.dumps(result, indent=1, ensure_ascii=False).encode())
    if broken:
        print(f"{len(broken)} of {len(targets)} files could not be used", file=sys.stderr)
    return 1 if broken else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deepmedia.detection",
        description="Find objects on photographs (PNG, JPEG, BMP, WebP) and in clips (MP4, AVI and others), with the "
        "tiny YOLOv3 of this package and its 80 classes, or with a detector of your own. Writes a copy of each with "
        f"the objects framed, and {BOXES} with all boxes (x_min, y_min, x_max, y_max) in pixels.",
    )
    parser.add_argument("file", nargs="+", type=Path, help="photographs and clips")
    parser.add_argument("--output", type=Path, default=Path("detections"), help="folder for the copies (%(default)s)")
    parser.add_argument("--threshold", type=float, help="score in 0..1 that a box must exceed (0.5, or the detector's)")
    parser.add_argument("--detector", type=Path, help="a file that Detector.save wrote")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in the folder under these names")
    return parser.parse_args(arguments)


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 2


def _detector(path: Path | None, threshold: float | None) -> Detector:
    """The reader's own detector, or the one of the package."""
    if path is not None:
        return Detector.load(path).with_thresholds(threshold=threshold)
    from deepmedia.detection import COCO_CLASSES, trained_yolo_tiny

    return Detector(trained_yolo_tiny(), COCO_CLASSES).with_thresholds(threshold=threshold)


def _is_clip(source: Path) -> bool:
    return source.suffix.lower() in CLIPS


def _targets(sources: Sequence[Path], folder: Path) -> list[Path]:
    """The annotated copy of each file; of files with one name the second gets a number."""
    taken: list[Path] = []
    for source in sources:
        suffix = ".mp4" if _is_clip(source) else ".jpg" if source.suffix.lower() in JPEG else ".png"
        names = (f"{source.stem}-boxes{f'-{n}' if n > 1 else ''}{suffix}" for n in range(1, len(sources) + 1))
        taken.append(next(folder / name for name in names if folder / name not in taken))
    return taken


def _photograph(source: Path, target: Path, detector: Detector) -> dict[str, Any]:
    """Write the annotated copy; what to say of the photograph."""
    if source.suffix.lower() not in SUFFIXES:
        raise BadPicture(f"its suffix is none of {', '.join((*SUFFIXES, *CLIPS))}; convert it")
    image = read_picture(source, smallest=1)
    found = detector.detect(image)
    drawn = annotated(image, found, detector.class_names)
    options = [cv2.IMWRITE_JPEG_QUALITY, 95] if target.suffix == ".jpg" else []
    _, coded = cv2.imencode(target.suffix, cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR), options)
    with written_whole(target) as file:
        file.write(coded.tobytes())
    words = ", ".join(f"{each['class']} {each['score']:.2f}" for each in _objects(found, detector))
    return {
        "file": str(source),
        "annotated": str(target),
        "summary": words or "nothing found",
        "height": image.shape[0],
        "width": image.shape[1],
        "objects": _objects(found, detector),
    }


def _clip(source: Path, target: Path, detector: Detector) -> dict[str, Any]:
    """Write the annotated clip, without sound; what to say of it, frame by frame."""
    frames: list[dict[str, Any]] = []
    height = width = 0
    with ClipReader(source) as reader, ClipWriter(target, fps=reader.fps) as writer:
        for part in _parts(iter(reader)):
            height, width = part[0].shape[:2]
            for frame, found in zip(part, detector.detect_batch(part), strict=True):
                writer.write(annotated(frame, found, detector.class_names))
                second = round(len(frames) / reader.fps, 3)
                frames.append({"frame": len(frames), "second": second, "objects": _objects(found, detector)})
        fps = reader.fps
    count = sum(len(frame["objects"]) for frame in frames)
    return {
        "file": str(source),
        "annotated": str(target),
        "summary": f"{count} boxes in {len(frames)} frames",
        "height": height,
        "width": width,
        "fps": fps,
        "frames": frames,
    }


def _parts(frames: Iterator[NDArray[np.uint8]]) -> Iterator[list[NDArray[np.uint8]]]:
    """As many frames together as go through the network at once."""
    while part := list(islice(frames, TOGETHER)):
        yield part


def _objects(found: Detections, detector: Detector) -> list[dict[str, Any]]:
    """The detections as JSON can hold them."""
    return [
        {"class": detector.class_names[class_id], "score": round(score, 4), "box": [round(side, 2) for side in box]}
        for box, score, class_id in zip(
            found.boxes.tolist(), found.scores.tolist(), found.class_ids.tolist(), strict=True
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
