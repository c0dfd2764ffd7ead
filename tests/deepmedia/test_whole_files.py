import os
import stat

import pytest

from deepmedia.whole_files import written_whole


def test_the_file_has_its_name_only_once_the_block_has_ended(tmp_path):
    path = tmp_path / "file.bin"
    with written_whole(path) as file:
        file.write(b"line\n")
        assert not path.exists()
    assert path.read_bytes() == b"line\n"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_an_error_in_the_block_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(TypeError, match="bytes-like"), written_whole(path) as file:
        print("half of the new one", file=file)  # text, where bytes are wanted
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"), written_whole(tmp_path / "nowhere" / "file"):
        pass


@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
def test_a_private_file_is_for_its_owner_alone_and_any_other_as_the_umask_says(tmp_path):
    for private in (True, False):
        with written_whole(tmp_path / str(private), private=private):
            pass
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE((tmp_path / "True").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "False").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
