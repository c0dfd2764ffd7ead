"""The command that lists and downloads."""

import subprocess
import sys

import pytest

from deepmedia.datasets.__main__ import main

CONTENT = b"content of the file"


def test_lists_each_file_with_its_state(data, server, register, capsys):
    register(CONTENT, server.serve("/file.bin", CONTENT), name="set/here.bin")
    register(CONTENT, server.serve("/file.bin", CONTENT), name="set/missing.bin")
    register(CONTENT, server.serve("/file.bin", CONTENT), name="set/wrong.bin")
    register(b"x", "https://example.org/dog.jpg", name="darknet/dog.jpg")
    (data / "set").mkdir(parents=True)
    (data / "set/here.bin").write_bytes(CONTENT)
    (data / "set/wrong.bin").write_bytes(CONTENT[::-1])
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Data folder: {data}"
    assert [line.split("  ")[0].strip() for line in lines[1:-1]] == ["present", "missing", "wrong", "in package"]
    assert lines[-1] == "4 files: 1 present, 1 missing, 1 wrong, 1 in package; 0.0 MB to download"
    assert server.requests == []


@pytest.mark.parametrize("names", [["set/a.bin", "set/b.bin"], ["set"], ["all"]])
def test_downloads_what_is_named(data, server, register, capsys, names):
    for name in ("a", "b"):
        register(CONTENT, server.serve("/file.bin", CONTENT), name=f"set/{name}.bin")
    assert main(names) == 0
    assert capsys.readouterr().out.splitlines() == [str(data / "set/a.bin"), str(data / "set/b.bin")]
    assert (data / "set/b.bin").read_bytes() == CONTENT


def test_a_failure_does_not_stop_the_others(data, server, register, refused, capsys):
    register(CONTENT, refused, name="set/lost.bin")
    register(CONTENT, server.serve("/file.bin", CONTENT))
    assert main(["set"]) == 1
    output = capsys.readouterr()
    assert output.out == f"{data / 'set/file.bin'}\n"
    assert "set/lost.bin (0.0 MB) could not be downloaded" in output.err
    assert output.err.endswith("1 of 2 files could not be had\n")


def test_a_wrong_name_is_an_error_of_usage(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["fashion_mnist"])
    assert "got 'fashion_mnist'" in capsys.readouterr().err


def test_contradicting_variables_are_an_error_of_usage(monkeypatch, capsys):
    monkeypatch.setenv("DEEPMEDIA_OFFLINE", "1")
    monkeypatch.setenv("DEEPMEDIA_REQUIRE_DATA", "1")
    with pytest.raises(SystemExit, match="2"):
        main(["darknet/dog.jpg"])
    assert "contradict each other" in capsys.readouterr().err


@pytest.mark.parametrize("names", [[], ["darknet/yolov3.weights"]])
def test_a_data_folder_that_is_none_is_said_in_a_sentence(monkeypatch, capsys, names):
    monkeypatch.setenv("DEEPMEDIA_DATA", "~nosuchuser")
    assert main(names) == 1
    assert "DEEPMEDIA_DATA=~nosuchuser names no folder" in capsys.readouterr().err


def test_runs_as_a_command_and_imports_no_heavy_library(data):
    # `-X importtime` names every module that was imported.
    command = [sys.executable, "-X", "importtime", "-m", "deepmedia.datasets"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "65 files: 59 missing, 6 in package; 540.6 MB to download"
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    assert "pooch" in imported
    assert not imported & {"tensorflow", "keras", "sklearn", "skimage", "cv2", "matplotlib", "scipy", "requests"}
