import os
import struct
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from deepmedia.datasets import photo
from deepmedia.faces import album
from deepmedia.faces.album import read_album
from deepmedia.faces.alignment import align, crop
from deepmedia.faces.finding import find_faces
from deepmedia.faces.sheets import contact_sheet

PUPILS = np.array([[203.5, 100.6], [246.9, 103.4]])  # of the astronaut, read off by hand as in test_finding


@pytest.fixture(scope="module")
def astronaut():
    return photo("astronaut")


@pytest.fixture
def put(tmp_path):
    """Writes a picture into the album's folder, in the format of the name's suffix."""

    def write(name, picture):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        done, data = cv2.imencode(path.suffix.lower(), picture[..., ::-1])
        assert done
        path.write_bytes(data.tobytes())
        return path

    return write


def around_the_face(astronaut):
    return astronaut[20:260, 100:340]


def test_a_face_is_aligned_by_its_eyes(put, tmp_path, astronaut):
    put("ada.png", astronaut)
    read = read_album(tmp_path)
    (face,) = read.faces
    np.testing.assert_allclose(face.face.eyes, PUPILS, atol=3)
    np.testing.assert_array_equal(face.image, align(astronaut, face.face.eyes, size=160))
    assert (face.picture, read.folder, read.pictures) == ("ada.png", tmp_path, ("ada.png",))
    assert (dict(read.unusable), read.skipped, read.without_face, read.with_several) == ({}, (), (), ())


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.jpg", "a.JPEG", "a.bmp", "a.webp"])
def test_each_format_is_read_in_the_right_colours(put, tmp_path, astronaut, name):
    put(name, astronaut)
    (face,) = read_album(tmp_path).faces
    red, _, blue = face.image.reshape(-1, 3).mean(axis=0)
    assert red > blue + 25  # skin


@pytest.mark.parametrize("shape", [(240, 240), (300, 700), (1500, 1100), (2400, 2500)])
def test_pictures_of_all_sizes_give_faces_of_one_size(put, tmp_path, astronaut, shape):
    scale = min(shape) / 512
    small = cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((*shape, 3), 90, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    put("a.png", canvas)
    faces = read_album(tmp_path, size=(112, 96), smallest=16).faces
    assert [face.image.shape for face in faces] == [(112, 96, 3)]
    np.testing.assert_allclose(faces[0].face.eyes / scale, PUPILS, atol=5)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_picture_is_turned_upright_as_the_camera_noted(put, tmp_path, astronaut, orientation):
    turns = {3: 2, 6: 1, 8: 3}[orientation]  # quarters to the left, which the viewer has to take back
    path = put("turned.jpg", np.rot90(astronaut, turns))
    assert not any(face.eyes is not None for face in find_faces(np.ascontiguousarray(np.rot90(astronaut, turns))))
    entry = b"MM" + struct.pack(">HI", 42, 8) + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + entry
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:])
    (face,) = read_album(tmp_path).faces
    np.testing.assert_allclose(face.face.eyes, PUPILS, atol=3)


def test_without_eyes_the_box_is_cropped_and_the_report_says_so(put, tmp_path, astronaut, monkeypatch):
    put("ada.png", astronaut)
    monkeypatch.setattr("deepmedia.faces.finding._eyes", lambda *_: None)
    read = read_album(tmp_path, size=64)
    (face,) = read.faces
    assert face.face.eyes is None
    np.testing.assert_array_equal(face.image, crop(astronaut, face.face.box, size=64))
    assert "eyes not found, so neither turned nor sure to be a face (1):\n  ada.png" in read.report()


def test_eyes_are_brought_where_the_network_expects_them(put, tmp_path, astronaut):
    put("ada.png", astronaut)
    wide = ((0.4, 0.5), (0.6, 0.5))
    (face,) = read_album(tmp_path, size=(96, 80), eye_positions=wide).faces
    np.testing.assert_array_equal(face.image, align(astronaut, face.face.eyes, size=(96, 80), eye_positions=wide))


def test_without_eyes_the_margin_is_added(put, tmp_path, astronaut, monkeypatch):
    put("ada.png", astronaut)
    monkeypatch.setattr("deepmedia.faces.finding._eyes", lambda *_: None)
    (face,) = read_album(tmp_path, size=64, margin=0.4).faces
    np.testing.assert_array_equal(face.image, crop(astronaut, face.face.box, margin=0.4, size=64))


@pytest.mark.parametrize(
    ("setting", "words"),
    [({"eye_positions": ((33, 40), (67, 40))}, "shares of width"), ({"margin": -0.5}, "margin must be finite")],
)
def test_a_wrong_crop_is_refused_before_any_search(put, tmp_path, setting, words):
    put("grey.png", np.full((30, 30, 3), 9, np.uint8))  # without a face that would be cropped
    with pytest.raises(ValueError, match=words):
        read_album(tmp_path, **setting)


@pytest.fixture
def mixed(put, tmp_path, astronaut):
    """A folder as people have them."""
    ada = around_the_face(astronaut)
    two = np.concatenate([ada, ada[:, ::-1]], axis=1)
    put("two.jpg", two)
    put("ada.png", ada)
    put("holiday/2026/Ada.JPG", ada)
    put("coffee.jpg", photo("coffee"))
    put("tiny.png", astronaut[:10, :40])
    put("Zoë 姓 [1] $x$.bmp", ada)
    whole = put("cut.jpg", ada).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "page.png").write_text("<html>not found</html>")
    (tmp_path / "notes.txt").write_text("Ada, in May")
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    put("unseen/.thumbnails/ada.png", ada)
    put(".trash/ada.png", ada)
    (tmp_path / ".hidden.jpg").write_bytes(whole)
    return tmp_path


def test_a_mixed_folder_gives_its_faces_and_names_every_file(mixed):
    read = read_album(mixed)
    assert read.names == ("Zoë 姓 [1] $x$.bmp", "ada.png", "holiday/2026/Ada.JPG", "two.jpg", "two.jpg (2)")
    assert read.pictures == ("Zoë 姓 [1] $x$.bmp", "ada.png", "coffee.jpg", "holiday/2026/Ada.JPG", "two.jpg")
    assert list(read.counts.values()) == [1, 1, 0, 1, 2]
    assert read.without_face == ("coffee.jpg",)
    assert read.with_several == ("two.jpg",)
    assert read.skipped == ("IMG_1.HEIC", "notes.txt")
    assert list(read.unusable) == ["cut.jpg", "empty.jpg", "gone.jpg", "page.png", "tiny.png"]
    assert read.images.shape == (5, 160, 160, 3)
    assert read.images.dtype == np.uint8
    assert all((image == face.image).all() for image, face in zip(read.images, read.faces, strict=True))


def test_the_report_names_what_was_found_and_what_was_not(mixed):
    assert read_album(mixed).report().splitlines() == [
        f"{mixed}: 5 faces in 4 of 5 pictures",
        "without a face (1):",
        "  coffee.jpg",
        "with several faces (1):",
        "  two.jpg: 2",
        "can't be used (5):",
        "  cut.jpg is a JPEG that is cut off or damaged; copy or download it again, or remove it",
        "  empty.jpg is empty (0 bytes); copy or download it again, or remove it",
        "  gone.jpg has gone, or is a link to a file that does not exist; remove it",
        "  page.png is not a PNG, JPEG, BMP or WebP: it is a web page or other text with tags; convert it to PNG, "
        "or remove it",
        "  tiny.png is 10 × 40 pixels, both sides must be at least 24; find a larger version, remove it, "
        "or lower smallest",
        "passed over: no PNG, JPEG, BMP or WebP, or an earlier sheet (2):",
        "  IMG_1.HEIC",
        "  notes.txt",
    ]


def test_reading_changes_nothing_and_the_same_comes_again(mixed):
    def state():
        return {path: path.lstat().st_mtime_ns for path in mixed.rglob("*")}

    before, first = state(), read_album(mixed)
    second = read_album(str(mixed))
    assert state() == before
    assert first.report() == second.report()
    np.testing.assert_array_equal(first.images, second.images)


def test_a_contact_sheet_in_the_folder_is_not_read_as_a_photograph(put, tmp_path, astronaut):
    put("ada.png", astronaut)
    read = read_album(tmp_path)
    contact_sheet(tmp_path / "sheet.png", read.images, read.names)
    again = read_album(tmp_path)
    assert (again.pictures, again.skipped) == (("ada.png",), ("sheet.png",))


def test_progress_is_told_after_each_picture_also_a_broken_one(mixed):
    told = []
    read_album(mixed, progress=lambda done, count: told.append((done, count)))
    assert told == [(number, 10) for number in range(1, 11)]


def test_names_that_are_no_text_are_shown_as_escapes(put, tmp_path, astronaut):
    picture = put("a.png", around_the_face(astronaut)).read_bytes()
    (tmp_path / "a.png").unlink()
    odd = os.fsdecode(b"un\xe9\n.png")
    try:
        (tmp_path / odd).write_bytes(picture)
        (tmp_path / "b\x1b[2J.png").touch()
    except (OSError, UnicodeError):
        pytest.skip("this file system takes no such names")
    read = read_album(tmp_path)
    assert read.names == ("un\\udce9\\n.png",)
    assert read.report().splitlines()[1:] == [
        "can't be used (1):",
        "  b\\x1b[2J.png is empty (0 bytes); copy or download it again, or remove it",
    ]


def test_pictures_without_a_face_are_an_album_without_faces(put, tmp_path):
    put("coffee.png", photo("coffee"))
    read = read_album(tmp_path, size=(50, 40))
    assert read.images.shape == (0, 50, 40, 3)
    assert (read.faces, read.names) == ((), ())
    assert read.report() == f"{tmp_path}: 0 faces in 0 of 1 picture\nwithout a face (1):\n  coffee.png"


def test_only_broken_pictures_are_an_album_with_their_reasons(tmp_path):
    (tmp_path / "a.jpg").touch()
    read = read_album(tmp_path)
    assert read.pictures == ()
    assert "0 faces in 0 of 0 pictures\ncan't be used (1):\n  a.jpg is empty" in read.report()


def test_a_subfolder_of_a_pictures_name_is_a_folder(put, tmp_path, astronaut):
    put("trip.jpg/ada.png", around_the_face(astronaut))
    assert read_album(tmp_path).names == ("trip.jpg/ada.png",)


def test_links_to_files_are_read_and_links_to_folders_not_followed(put, tmp_path, astronaut):
    put("ada.png", around_the_face(astronaut))
    (tmp_path / "same.png").symlink_to("ada.png")
    (tmp_path / "round").symlink_to(tmp_path)
    assert read_album(tmp_path).names == ("ada.png", "same.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_named_and_not_waited_for(put, tmp_path, astronaut):
    put("ada.png", around_the_face(astronaut))
    os.mkfifo(tmp_path / "pipe.jpg")
    result = []
    thread = threading.Thread(target=lambda: result.append(read_album(tmp_path)), daemon=True)
    thread.start()
    thread.join(60)
    assert result, "still waits for the pipe"
    assert dict(result[0].unusable) == {"pipe.jpg": "pipe.jpg is a pipe or device, no file; remove it"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), r"bad.png can't be read (Permission denied); ask its owner for"),
        (OSError("lost"), "bad.png can't be read (lost); ask its owner"),
        (MemoryError(), "bad.png is too large for this computer's memory; reduce it, or remove it"),
    ],
)
def test_a_file_that_can_not_be_read_stops_nothing(put, tmp_path, astronaut, monkeypatch, error, reason):
    put("ada.png", around_the_face(astronaut))
    put("bad.png", around_the_face(astronaut))
    original = album.read_picture

    def read(path, **settings):
        if Path(path).name == "bad.png":
            raise error
        return original(path, **settings)

    monkeypatch.setattr(album, "read_picture", read)
    result = read_album(tmp_path)
    assert result.names == ("ada.png",)
    assert result.unusable["bad.png"].startswith(reason)


def test_a_subfolder_that_can_not_be_opened_is_named(put, tmp_path, astronaut, monkeypatch):
    put("ada.png", around_the_face(astronaut))
    put("locked/eve.png", around_the_face(astronaut))
    original = os.scandir

    def scandir(place):
        if Path(place).name == "locked":
            raise PermissionError(13, "Permission denied", str(place))
        return original(place)

    monkeypatch.setattr(os, "scandir", scandir)
    result = read_album(tmp_path)
    assert result.names == ("ada.png",)
    assert dict(result.unusable) == {
        "locked": "locked can't be opened (Permission denied); ask its owner for the right to read it"
    }
    with pytest.raises(PermissionError):
        read_album(tmp_path / "locked")


def test_the_settings_of_the_search_reach_it(put, tmp_path, astronaut, monkeypatch):
    put("ada.png", astronaut)
    asked = []
    monkeypatch.setattr(album, "find_faces", lambda picture, **settings: asked.append((picture.shape, settings)) or [])
    read_album(tmp_path, smallest=30, longest=600, neighbours=5)
    assert asked == [((512, 512, 3), {"smallest": 30, "longest": 600, "neighbours": 5})]


@pytest.mark.parametrize(
    ("settings", "error", "match"),
    [
        ({"size": 0}, ValueError, "size must be at least 1, got 0"),
        ({"size": (1, 2, 3)}, ValueError, r"size must be one side or \(height, width\), got \(1, 2, 3\)"),
        ({"size": 9.5}, TypeError, "size must be a whole number"),
        ({"smallest": 7}, ValueError, "smallest must be at least 8 pixels.*got 7"),
        ({"longest": 23}, ValueError, "longest must be at least 24 pixels, got 23"),
        ({"neighbours": 0}, ValueError, "neighbours must be at least 1, got 0"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_read(tmp_path, settings, error, match):
    (tmp_path / "a.jpg").touch()
    with pytest.raises(error, match=match):
        read_album(tmp_path, **settings)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"folder .*nowhere does not exist; the current folder is /"):
        read_album(tmp_path / "nowhere")
    (tmp_path / "a.jpg").touch()
    with pytest.raises(NotADirectoryError, match=r"folder .*a\.jpg is a file; give the folder that it lies in"):
        read_album(tmp_path / "a.jpg")


@pytest.mark.parametrize(("names", "got"), [([], "0 other files"), (["a.heic", "b.txt", ".c.png"], "2 other files")])
def test_a_folder_without_pictures_is_refused(tmp_path, names, got):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=rf"must hold a PNG, JPEG, BMP or WebP, got {got}; .*convert HEIC or RAW"):
        read_album(tmp_path)
