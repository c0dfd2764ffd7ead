import os
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager

from deepmedia.cnn.picture_files import read_picture
from deepmedia.faces import sheets
from deepmedia.faces.sheets import contact_sheet, is_sheet, shown


def colours(count):
    """Faces of one colour each, never a grey as letters have."""
    values = np.arange(count)
    rgb = np.stack([values % 12, values // 12 % 12, values // 144], axis=-1) * 16 + [30, 33, 37]
    return np.broadcast_to(rgb[:, None, None], (count, 10, 10, 3)).astype(np.uint8)


def names(count):
    return [f"IMG_{number:04}.jpg" for number in range(count)]


def places(path, faces, thumb=96):
    """Top and left of each face on a sheet, by its colour."""
    sheet = read_picture(path)
    found = []
    for face in faces:
        rows, columns = np.nonzero((sheet == face[0, 0]).all(axis=2))
        assert (np.ptp(rows), np.ptp(columns), len(rows)) == (thumb - 1, thumb - 1, thumb**2)
        found.append((int(rows.min()), int(columns.min())))
    return found


def written(monkeypatch):
    """The texts that will be written on sheets."""
    texts = []
    original = sheets.Figure.text

    def text(self, x, y, content, **settings):
        texts.append(content)
        return original(self, x, y, content, **settings)

    monkeypatch.setattr(sheets.Figure, "text", text)
    return texts


def test_every_face_is_on_the_sheet_from_left_to_right(tmp_path):
    faces = colours(5)
    path = contact_sheet(tmp_path / "sheet.png", faces, names(5), columns=3)
    assert path == tmp_path / "sheet.png"
    assert places(path, faces) == [(32, 6), (32, 108), (32, 210), (150, 6), (150, 108)]
    assert read_picture(path).shape == (6 + 26 + 2 * 118, 6 + 3 * 102, 3)
    assert os.listdir(tmp_path) == ["sheet.png"]


def test_groups_follow_each_other_the_largest_first_and_the_lonely_last(tmp_path, monkeypatch):
    texts = written(monkeypatch)
    faces = colours(9)
    groups = [7, -1, 3, 3, 5, 3, -1, 8, 8]
    path = contact_sheet(tmp_path / "sheet.png", faces, names(9), groups=groups)
    tops, lefts = zip(*places(path, faces), strict=True)
    row = 26 + 118
    assert tops == tuple(32 + row * number for number in (2, 2, 0, 0, 2, 0, 2, 1, 1))
    assert lefts == (6, 108, 6, 108, 210, 210, 312, 6, 108)
    titles = [text for text in texts if "face" in text]
    assert titles == ["group 1: 3 faces", "group 2: 2 faces", "on their own: 4 faces"]


def test_groups_can_have_names_and_a_named_one_is_never_lonely(tmp_path, monkeypatch):
    texts = written(monkeypatch)
    contact_sheet(tmp_path / "a.png", colours(4), names(4), groups=np.array([2, 2, 9, 4]), titles={2: "Ada", 9: "Eve"})
    assert [text for text in texts if "face" in text] == ["Ada: 2 faces", "Eve: 1 face", "on their own: 1 face"]


def test_each_name_stands_under_its_face(tmp_path, monkeypatch):
    texts = written(monkeypatch)
    faces = colours(3)
    path = contact_sheet(tmp_path / "a.png", faces, ["ada.jpg", "b.jpg", "holiday/2026/IMG_0123.jpg"], thumb=96)
    assert texts == ["3 faces", "ada.jpg", "b.jpg", "…26/IMG_0123.jpg"]
    sheet = read_picture(path, channels=1)[..., 0]
    for top, left in places(path, faces):
        label = sheet[top + 96 : top + 96 + 16, left : left + 96]
        assert label.min() < 100
        assert label[:, :40].min() < 100
    assert sheet[:6].min() == 255


def test_a_name_is_not_wider_than_its_face(tmp_path):
    path = contact_sheet(tmp_path / "a.png", colours(2), ["m" * 80, "x"], columns=2)
    sheet = read_picture(path, channels=1)[..., 0]
    middle = sheet[32 + 96 : 32 + 112, 6 + 96 + 4 : 108]
    assert middle.min() == 255


@pytest.mark.parametrize("shape", [(4, 10, 10), (4, 10, 10, 1), (4, 10, 10, 3), (4, 30, 10, 3), (4, 200, 300)])
def test_grey_small_large_and_oblong_faces_are_shown(tmp_path, shape):
    faces = np.random.default_rng(0).integers(0, 200, shape, np.uint8)
    sheet = read_picture(contact_sheet(tmp_path / "a.png", faces, names(4), thumb=60))
    assert sheet.shape[:2] == (6 + 26 + 82, 6 + 4 * 66)
    assert (sheet[32:92, 6:66] < 210).mean() > 0.3


@pytest.mark.parametrize("count", [1, 2, 7, 29, 58, 113])
@pytest.mark.parametrize("thumb", [24, 41])
def test_the_sheet_is_as_large_as_drawn_to_the_pixel(tmp_path, count, thumb):
    path = contact_sheet(tmp_path / "a.png", colours(count), names(count), thumb=thumb, columns=13)
    rows = -(-count // 13)
    width = max(6 + min(count, 13) * (thumb + 6), 240)
    assert read_picture(path).shape[:2] == (32 + rows * (thumb + 22), width)
    assert places(path, colours(count), thumb)[0] == (32, 6)


def test_letters_of_all_alphabets_and_signs_are_written_without_warning(tmp_path, monkeypatch):
    texts = written(monkeypatch)
    odd = [
        "Zoë.jpg",
        "Zoe\u0308.jpg",
        "姓名.jpg",
        "a$b_{c}$.jpg",
        "\\alpha",
        "😀.jpg",
        "x\ny",
        os.fsdecode(b"a\xff.jpg"),
    ]
    contact_sheet(tmp_path / "a.png", colours(8), odd, thumb=120)
    assert texts[1:] == [
        "Zoë.jpg", "Zoë.jpg", "□□.jpg", "a$b_{c}$.jpg", "\\alpha", font_has("😀") + ".jpg", "x\\ny", "a\\udcff.jpg"
    ]  # fmt: skip


def font_has(letter):
    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return letter if font.get_char_index(ord(letter)) else "□"


def test_a_readers_settings_of_matplotlib_change_nothing(tmp_path):
    faces = colours(3)
    first = contact_sheet(tmp_path / "a.png", faces, names(3)).read_bytes()
    with mpl.rc_context({"savefig.dpi": 30, "figure.dpi": 40, "savefig.bbox": "tight", "image.origin": "lower",
                         "figure.constrained_layout.use": True, "figure.facecolor": "black"}):  # fmt: skip
        second = contact_sheet(tmp_path / "b.png", faces, names(3)).read_bytes()
    assert first == second


def test_a_sheet_is_replaced_by_the_next_one(tmp_path):
    path = tmp_path / "sheet.png"
    contact_sheet(path, colours(1), names(1))
    assert is_sheet(path)
    contact_sheet(path, colours(4), names(4))
    assert len(places(path, colours(4))) == 4


@pytest.mark.parametrize(
    "make",
    [
        lambda path: cv2.imwrite(str(path), np.zeros((9, 9, 3), np.uint8)),
        lambda path: path.write_text("x"),
        lambda path: path.symlink_to("nowhere"),
        Path.mkdir,
    ],
)
def test_no_other_file_is_ever_replaced(tmp_path, make):
    path = tmp_path / "photo.png"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(FileExistsError, match=r"photo\.png exists and is no contact sheet; give another name"):
        contact_sheet(path, colours(1), names(1))
    assert os.listdir(tmp_path) == ["photo.png"]
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("is_there", [True, False])
def test_a_broken_attempt_leaves_what_was_there(tmp_path, monkeypatch, is_there):
    path = tmp_path / "sheet.png"
    if is_there:
        contact_sheet(path, colours(1), names(1))
    before = path.read_bytes() if is_there else None

    def half(self, file, **settings):
        file.write(b"half a sheet")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sheets.FigureCanvasAgg, "print_png", half)
    with pytest.raises(OSError, match="No space left"):
        contact_sheet(path, colours(2), names(2))
    assert os.listdir(tmp_path) == (["sheet.png"] if is_there else [])
    assert before is None or path.read_bytes() == before


def test_the_longest_name_that_a_file_can_have_is_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".png")
    assert contact_sheet(path, colours(1), names(1)).is_file()


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"path": "sheet.jpg"}, ValueError, r"path must end in \.png, got .*sheet\.jpg"),
        ({"path": "nowhere/sheet.png"}, FileNotFoundError, "folder .*nowhere does not exist; make it first"),
        ({"images": colours(0)}, ValueError, r"images must be at least one.*got shape \(0, 10, 10, 3\)"),
        ({"images": colours(1)[0, 0]}, ValueError, r"got shape \(10, 3\)"),
        ({"images": np.zeros((3, 9, 9, 4), np.uint8)}, ValueError, r"got shape \(3, 9, 9, 4\)"),
        ({"images": np.zeros((3, 9, 9))}, TypeError, "images must be uint8, 0 to 255, got float64"),
        ({"names": ["a", "b"]}, ValueError, "names must be one for each of the 3 images, got 2"),
        ({"names": "abc"}, ValueError, "names must be one for each"),
        ({"groups": [0, 1]}, ValueError, r"groups must be one for each of the 3 images, got shape \(2,\)"),
        ({"groups": [0.0, 1.0, 1.0]}, TypeError, "groups must be whole numbers, got float64"),
        ({"thumb": 23}, ValueError, "thumb must be at least 24 pixels, got 23"),
        ({"thumb": 30.5}, TypeError, "thumb must be a whole number"),
        ({"columns": 0}, ValueError, "columns must be at least 1, got 0"),
        ({"thumb": 30_000, "columns": 1}, ValueError, "90098 pixels high and 30012 wide, more than 60000; give fewer"),
    ],
)
def test_wrong_arguments_are_refused_and_nothing_is_written(tmp_path, changes, error, match):
    arguments = {"path": "sheet.png", "images": colours(3), "names": names(3)} | changes
    arguments["path"] = tmp_path / arguments["path"]
    with pytest.raises(error, match=match):
        contact_sheet(**arguments)
    assert os.listdir(tmp_path) == []


def test_names_are_shown_on_one_line_in_letters_that_every_console_has_a_form_for():
    assert shown("Zoë 姓.jpg") == "Zoë 姓.jpg"
    assert shown("a\nb\x1b[2J") == "a\\nb\\x1b[2J"
    assert shown("a\udcff\ud800") == "a\\udcff\\ud800"
