import importlib.util
import json
import os
import subprocess
import sys

import keras
import pytest

from deepmedia.tensorflow_check import require_tensorflow

DOORS = ("deepmedia.cnn", "deepmedia.video", "deepmedia.training", "deepmedia.memory", "deepmedia.keras_internals")


def error_of_import(door, **settings):
    """The last line of what Python says when a door of the package is imported in a fresh process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KERAS_")}
    command = [sys.executable, "-c", f"import {door}"]
    done = subprocess.run(command, env=environment | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stderr.strip().splitlines()[-1]


def home_with(folder, **settings):
    (folder / "keras.json").write_text(json.dumps(settings))
    return str(folder)


@pytest.mark.parametrize("back_end", ["jax", "torch", "numpy"])
def test_another_back_end_of_the_environment_is_named(back_end):
    assert error_of_import("deepmedia.cnn", KERAS_BACKEND=back_end) == (
        f"ImportError: this part of deepmedia needs Keras's TensorFlow back end, but KERAS_BACKEND={back_end} "
        f"chooses {back_end!r}: set KERAS_BACKEND=tensorflow in the environment and start Python anew"
    )


@pytest.mark.parametrize("door", DOORS)
def test_another_back_end_of_the_file_is_named_at_each_door(tmp_path, door):
    error = error_of_import(door, KERAS_HOME=home_with(tmp_path, backend="jax"))
    assert error.startswith("ImportError: this part of deepmedia needs Keras's TensorFlow back end")
    assert f"{tmp_path}/keras.json chooses 'jax'" in error


@pytest.mark.parametrize("settings", [{}, {"KERAS_BACKEND": "tensorflow"}])
def test_channels_first_is_refused_with_the_file_that_says_so(tmp_path, settings):
    home = home_with(tmp_path, backend="tensorflow", image_data_format="channels_first")
    error = error_of_import("deepmedia.cnn", KERAS_HOME=home, **settings)
    assert error == (
        f"ImportError: deepmedia's images are (height, width, channels), but {tmp_path}/keras.json says "
        '\'channels_first\': write "image_data_format": "channels_last" there and start Python anew'
    )


def test_the_file_in_the_home_folder_counts_without_keras_home(tmp_path):
    (tmp_path / ".keras").mkdir()
    home_with(tmp_path / ".keras", backend="torch")
    assert f"{tmp_path}/.keras/keras.json chooses 'torch'" in error_of_import("deepmedia.cnn", HOME=str(tmp_path))


def test_the_environment_wins_over_the_file_and_a_broken_file_is_no_error(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setenv("KERAS_HOME", home_with(tmp_path, backend="jax"))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    require_tensorflow()
    monkeypatch.delenv("KERAS_BACKEND")
    (tmp_path / "keras.json").write_text("{")
    require_tensorflow()
    monkeypatch.setenv("KERAS_HOME", "~nosuchuser")
    require_tensorflow()


def test_settings_of_a_keras_that_is_already_imported_count(monkeypatch):
    require_tensorflow()
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(ImportError, match="the Keras that is already imported chooses 'jax'"):
        require_tensorflow()
    monkeypatch.undo()
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    with pytest.raises(ImportError, match="the Keras that is already imported says 'channels_first'"):
        require_tensorflow()


def test_a_missing_tensorflow_is_told_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'deepmedia\[tensorflow\]'"):
        require_tensorflow()
