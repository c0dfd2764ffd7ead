import numpy as np

from deepmedia.lessons.faces.verify_identify_cluster.album_folder import drawn_pictures, make_folder


def test_a_folder_holds_drawn_people_photographs_and_what_is_of_no_use(tmp_path):
    make_folder(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    drawn = {f"{name}-{number}.jpg" for name in ("ada", "ben", "cleo", "dev", "eva") for number in (1, 2, 3)}
    assert names == drawn | {"party.png", "astronaut.jpg", "coffee.jpg", "chelsea.jpg", "half.jpg", "notes.txt"}
    assert (tmp_path / "ada-1.jpg").read_bytes().startswith((tmp_path / "half.jpg").read_bytes())


def test_pictures_of_a_person_differ_but_nothing_hides_the_face():
    pictures = drawn_pictures()
    assert pictures.shape == (5, 4, 360, 360, 3)
    assert pictures.dtype == np.uint8
    assert not np.array_equal(pictures[0, 0], pictures[0, 1])
