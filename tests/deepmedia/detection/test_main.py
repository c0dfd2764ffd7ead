import json

import cv2
import numpy as np
import pytest
from tests.deepmedia.detection.test_detector import NAMES, colour_detector_network, photograph

from deepmedia.clips import ClipReader
from deepmedia.detection.__main__ import main
from deepmedia.detection.detector import Detector

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword"
)  # Keras's writer


@pytest.fixture(scope="module")
def colours(tmp_path_factory):
    """A saved detector that finds red, green and blue."""
    path = tmp_path_factory.mktemp("detector") / "colours.zip"
    Detector(colour_detector_network(), NAMES, nms_threshold=0.3).save(path)
    return path


@pytest.fixture
def run(colours, tmp_path, monkeypatch):
    """Runs the command in a folder of its own, as a reader would; gives the exit status."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: main([*map(str, arguments), "--detector", str(colours)])


def write_photograph(path):
    cv2.imwrite(str(path), photograph()[..., ::-1])


def write_clip(path, frames=10):
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 12.5, (96, 64))
    for _ in range(frames):
        video.write(np.ascontiguousarray(photograph()[..., ::-1]))
    video.release()


def boxes(folder):
    return json.loads((folder / "boxes.json").read_text())


def test_a_photograph_is_annotated_and_its_boxes_are_written(run, tmp_path, capsys):
    write_photograph(tmp_path / "street.png")
    before = (tmp_path / "street.png").read_bytes()
    assert run("street.png") == 0
    (record,) = boxes(tmp_path / "detections")["files"]
    assert [(each["class"], each["score"]) for each in record["objects"]] == [("red", 0.9933), ("blue", 0.9933)]
    assert record["objects"][0]["box"] == [38, 14, 50, 26]
    drawn = cv2.imread(str(tmp_path / record["annotated"]))
    assert drawn.shape == (64, 96, 3)
    assert (drawn != cv2.imread(str(tmp_path / "street.png"))).any()
    assert (tmp_path / "street.png").read_bytes() == before
    assert "street.png: red 0.99, blue 0.99 -> detections/street-boxes.png" in capsys.readouterr().out


def test_a_clip_is_annotated_frame_by_frame(run, tmp_path):
    write_clip(tmp_path / "ride.avi")
    assert run("ride.avi", "--output", "out") == 0
    (record,) = boxes(tmp_path / "out")["files"]
    assert (record["fps"], record["width"], len(record["frames"])) == (12.5, 96, 10)
    assert record["frames"][5]["second"] == 0.4
    assert all(len(frame["objects"]) == 2 for frame in record["frames"])
    with ClipReader(tmp_path / "out" / "ride-boxes.mp4") as reader:
        assert sum(1 for _ in reader) == 10
        assert reader.fps == 12.5


def test_broken_files_are_named_and_the_rest_is_done(run, tmp_path, capfd):
    write_photograph(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:-30])
    (tmp_path / "cut.mp4").write_bytes(b"no clip at all")
    (tmp_path / "words.txt").write_text("dog")
    assert run("cut.png", "cut.mp4", "words.txt", "none.jpg", "whole.png") == 1
    result = boxes(tmp_path / "detections")
    assert [record["file"] for record in result["files"]] == ["whole.png"]
    assert list(result["left_out"]) == ["cut.png", "cut.mp4", "words.txt", "none.jpg"]
    assert "4 of 5 files could not be used" in capfd.readouterr().err
    assert sorted(path.name for path in (tmp_path / "detections").iterdir()) == ["boxes.json", "whole-boxes.png"]


def test_nothing_is_overwritten_without_being_asked(run, tmp_path, capsys):
    write_photograph(tmp_path / "street.png")
    assert run("street.png") == 0
    (tmp_path / "detections" / "boxes.json").write_text("mine")
    assert run("street.png") == 2
    assert "boxes.json exist already; give another --output, or --overwrite" in capsys.readouterr().err
    assert (tmp_path / "detections" / "boxes.json").read_text() == "mine"
    assert run("street.png", "--overwrite") == 0
    assert len(boxes(tmp_path / "detections")["files"]) == 1


def test_files_of_one_name_get_copies_of_two(run, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_photograph(tmp_path / folder / "street.png")
    assert run("a/street.png", "b/street.png") == 0
    assert len({record["annotated"] for record in boxes(tmp_path / "detections")["files"]}) == 2


def test_the_threshold_counts(run, tmp_path):
    write_photograph(tmp_path / "street.png")
    assert run("street.png", "--threshold", 0.999) == 0
    assert boxes(tmp_path / "detections")["files"][0]["objects"] == []


def test_wrong_settings_are_refused_before_anything_is_written(run, tmp_path, capsys):
    write_photograph(tmp_path / "street.png")
    assert run("street.png", "--threshold", 2) == 2
    assert main(["street.png", "--detector", "none.zip"]) == 2
    assert "threshold must be in 0..1, got 2.0" in (errors := capsys.readouterr().err)
    assert "Detector.save writes one" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["street.png"]


def test_without_a_detector_the_package_s_own_is_taken(tmp_path, monkeypatch):
    from deepmedia.datasets import darknet_file

    monkeypatch.chdir(tmp_path)
    assert main([str(darknet_file("dog.jpg"))]) == 0
    (record,) = boxes(tmp_path / "detections")["files"]
    assert {"dog", "bicycle"} <= {each["class"] for each in record["objects"]}
