import os
import stat
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepmedia.faces.gallery import Gallery, Match


def at(*degrees):
    """Faces on a circle, (n, 2): 60 degrees apart is a squared distance of 1, 90 degrees 2."""
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.fixture
def gallery():
    known = Gallery(threshold=0.5)
    known.enrol("Ann", at(0, 20))
    known.enrol("Zoë", at(180)[0])
    return known


def contents(gallery):
    return gallery.threshold, [(name, gallery.templates(name).tolist()) for name in gallery.names]


def test_a_face_is_whose_nearest_template_is_within_the_threshold(gallery):
    match = gallery.identify(at(50)[0])  # 30 degrees from Ann's second: 2 - 2 cos 30
    assert match == Match("Ann", pytest.approx(2 - np.sqrt(3)), "Ann")
    assert gallery.identify(at(200)[0]).name == "Zoë"
    assert gallery.identify(at(180)[0]).distance == pytest.approx(0, abs=1e-12)


def test_a_face_like_nobodys_is_unknown_and_the_nearest_is_told(gallery):
    match = gallery.identify(at(95)[0])
    assert match == Match("unknown", pytest.approx(2 - 2 * np.cos(np.deg2rad(75)), abs=1e-6), "Ann")


def test_a_distance_of_just_the_threshold_is_within_and_equally_near_people_answer_in_order():
    known = Gallery(threshold=2.0)
    known.enrol("Bo", [0.0, 1.0])
    known.enrol("Ann", [0.0, -1.0])
    assert known.identify([1.0, 0.0]) == Match("Bo", 2.0, "Bo")
    known.threshold = float(np.nextafter(2, 0))
    assert known.identify([1.0, 0.0]) == Match("unknown", 2.0, "Bo")


def test_who_is_removed_is_forgotten_and_so_is_the_file_saved_after(gallery, tmp_path):
    path = tmp_path / "people.npz"
    gallery.save(path)
    secret = gallery.templates("Zoë").tobytes()
    assert secret in path.read_bytes()
    gallery.remove("Zoë")
    assert gallery.names == ("Ann",)
    assert "Zoë" not in gallery
    assert gallery.identify(at(180)[0]).nearest == "Ann"
    gallery.save(path)
    assert secret not in path.read_bytes()
    assert "Zoë".encode("utf-32-le") not in path.read_bytes()
    assert os.listdir(tmp_path) == ["people.npz"]
    with pytest.raises(ValueError, match="must be of somebody in the gallery, got 'Zoë'; names lists them"):
        gallery.remove("Zoë")


def test_an_empty_gallery_can_be_filled_anew_and_saved_but_not_asked(gallery, tmp_path):
    gallery.remove("Ann")
    gallery.remove("Zoë")
    assert len(gallery) == 0
    with pytest.raises(ValueError, match="must know somebody to compare with, but is empty; enrol people first"):
        gallery.identify(at(0)[0])
    gallery.save(tmp_path / "empty.npz")
    assert contents(Gallery.load(tmp_path / "empty.npz")) == (0.5, [])
    gallery.enrol("Dan", np.eye(3)[0])  # of another size
    assert gallery.identify(np.eye(3)[0]).name == "Dan"


def test_a_name_is_of_one_person(gallery):
    with pytest.raises(ValueError, match="'Ann' must be a name that nobody has yet; for another person take"):
        gallery.enrol("Ann", at(90)[0])
    with pytest.raises(ValueError, match="'Zoë' must be a name that nobody has yet"):
        gallery.enrol("Zoe\u0308", at(90)[0])  # the same, decomposed
    assert "Zoe\u0308" in gallery
    assert len(gallery.templates("Ann")) == 2


@pytest.mark.parametrize("name", ["", " Ann", "Ann\n", "unknown", "A\0nn", "\ud800"])
def test_names_that_would_mislead_are_refused(gallery, name):
    with pytest.raises(ValueError, match='name must be printable, without blanks at its ends, and not "unknown"'):
        gallery.enrol(name, at(90)[0])
    with pytest.raises(TypeError, match="name must be text, got 3"):
        gallery.enrol(3, at(90)[0])


def test_more_templates_join_those_of_the_person(gallery):
    gallery.enrol("Ann", at(40), more=True)
    np.testing.assert_allclose(gallery.templates("Ann"), at(0, 20, 40), atol=1e-7)
    with pytest.raises(ValueError, match="must be of somebody in the gallery, got 'Bo'"):
        gallery.enrol("Bo", at(90), more=True)


def test_two_people_under_one_name_are_noticed(gallery):
    # 40 degrees are .468, 45 degrees .586: a chain may be long, but has no gap
    with pytest.raises(ValueError, match=r"templates of 'Bo' must hang together.*rows \[1, 4\] of embeddings don't"):
        gallery.enrol("Bo", at(270, 60, 300, 340, 100))
    with pytest.raises(ValueError, match=r"rows \[0\] of embeddings don't"):
        gallery.enrol("Ann", at(80, 30), more=True)
    with pytest.raises(ValueError, match=r"rows \[1, 2, 3, 4\]"):
        gallery.enrol("Ann", at(40, 90, 100, 110, 120), more=True)  # the larger group, but not Ann's
    assert contents(gallery)[1][0][1] == gallery.templates("Ann").tolist()
    assert gallery.names == ("Ann", "Zoë")
    gallery.enrol("Bo", at(60, 100, 140))


def test_a_template_may_be_there_once(gallery):
    with pytest.raises(ValueError, match=r"embeddings\[1\] must be new, but is Ann already; is an image there twice"):
        gallery.enrol("Bo", at(-20, 0))
    with pytest.raises(ValueError, match=r"embeddings\[2\] must be new, but is embeddings\[0\] already"):
        gallery.enrol("Bo", at(90, 100, 90))
    assert gallery.names == ("Ann", "Zoë")


def test_embeddings_that_do_not_fit_are_refused(gallery):
    for call in (gallery.identify, lambda face: gallery.enrol("Bo", face)):
        with pytest.raises(
            ValueError, match="must have the size of those in the gallery, 2, got 3; are they of another"
        ):
            call(np.eye(3)[0])
        with pytest.raises(ValueError, match=r"must be of length one, got 2 at row 0.*pass them through normalise"):
            call([0.0, 2.0])
        with pytest.raises(ValueError, match=r"embeddings must be finite, got nan at \[1\]"):
            call([0.0, np.nan])
        with pytest.raises(TypeError, match="embeddings must hold real numbers"):
            call(["a", "b"])
        with pytest.raises(ValueError, match="embeddings must have at least one row"):
            call([])
        with pytest.raises(ValueError, match=r"must be \(size,\) or \(n, size\), got shape \(1, 1, 2\)"):
            call(at(90)[None])
    with pytest.raises(ValueError, match=r"must be of length one, got 0 at row 1"):
        gallery.enrol("Bo", [[0.0, 1.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match=r"embedding must be of one face, \(size,\), got shape \(2, 2\)"):
        gallery.identify(at(0, 90))


def test_a_threshold_out_of_range_is_refused():
    for threshold in (0, -1, np.nan, np.inf, 4.1):
        with pytest.raises(ValueError, match="threshold must be above 0 and at most 4, a squared distance, got"):
            Gallery(threshold=threshold)
    with pytest.raises(ValueError, match=r"threshold must be .* got 5"):
        Gallery(threshold=4).threshold = 5
    with pytest.raises(TypeError, match="threshold must be a number"):
        Gallery(threshold="1")


def test_it_tells_no_names_and_gives_copies_of_what_it_keeps(gallery):
    assert repr(gallery) == "Gallery(threshold=0.5) of 2 people"
    gallery.templates("Ann")[:] = 0
    np.testing.assert_allclose(gallery.templates("Ann"), at(0, 20), atol=1e-7)
    mine = at(90).astype(np.float32)
    gallery.enrol("Bo", mine)
    mine[:] = 0
    np.testing.assert_allclose(gallery.templates("Bo"), at(90), atol=1e-7)


def test_what_is_saved_is_loaded_to_the_bit_and_small(gallery, tmp_path):
    random = np.random.default_rng(0)
    faces = random.normal(size=(20, 128))
    faces /= np.linalg.norm(faces, axis=1, keepdims=True)
    known = Gallery(threshold=1.1)
    for number, face in enumerate(faces):
        known.enrol(f"person {number}", face)
    known.enrol("person 3", faces[3] + 0.01 * faces[4] / np.sqrt(1.0001), more=True)
    known.save(tmp_path / "people")
    assert contents(Gallery.load(tmp_path / "people")) == contents(known)
    assert (tmp_path / "people").stat().st_size < 21 * 128 * 4 + 4096
    gallery.threshold = 0.01  # at which Ann's two would not have been taken
    gallery.save(tmp_path / "people")
    assert contents(Gallery.load(tmp_path / "people")) == contents(gallery)


@pytest.mark.skipif(os.name != "posix", reason="rights of another kind")
def test_the_file_is_for_its_owner_alone(gallery, tmp_path):
    gallery.save(tmp_path / "people.npz")
    assert stat.S_IMODE((tmp_path / "people.npz").stat().st_mode) == 0o600


def test_a_full_disk_leaves_the_old_file(gallery, tmp_path, monkeypatch):
    path = tmp_path / "people.npz"
    gallery.save(path)
    before = path.read_bytes()
    gallery.enrol("Bo", at(90))

    def fail(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        gallery.save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["people.npz"]


def test_what_is_no_gallery_is_refused(tmp_path, gallery):
    path = tmp_path / "people.npz"
    with pytest.raises(FileNotFoundError):
        Gallery.load(path)
    for raw in (b"", b"PK", b"\x80\x04N.", b"not a file of ours"):
        path.write_bytes(raw)
        with pytest.raises(
            ValueError, match=r"people\.npz is not a whole gallery .*; save it again, or enrol the people"
        ):
            Gallery.load(path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match="is not a whole gallery"):
        Gallery.load(path)
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ValueError, match="is not a whole gallery"):
        Gallery.load(path)


FINE = {
    "kind": np.array("deepmedia gallery 1"),
    "threshold": np.array(0.5),
    "names": np.array(["Ann", "Bo"]),
    "owners": np.array([0, 0, 1]),
    "templates": at(0, 20, 180).astype(np.float32),
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": np.array("deepmedia gallery 9")}, "another kind of file"),
        ({"kind": np.array(["a", "b"])}, "another kind of file"),
        ({"threshold": np.array(-1.0)}, "threshold must be above 0 and at most 4"),
        ({"threshold": np.array([1.0, 2.0])}, "can only convert an array of size 1"),
        ({"names": np.array(["Ann", "Ann"])}, "'Ann' must be a name that nobody has yet"),
        ({"names": np.array(["Ann", "unknown"])}, "name must be printable"),
        ({"names": np.array(["Ann"])}, "templates without owners, or people without"),
        ({"names": np.array(["Ann", "Bo", "Cy"])}, "templates without owners, or people without"),
        ({"names": np.zeros(2)}, "arrays of other types, f"),
        ({"names": np.array(["Ann", None], object)}, "Object arrays cannot be loaded"),
        ({"owners": np.array([0, 1, 2])}, "templates without owners"),
        ({"owners": np.array([0, -1, 1])}, "templates without owners"),
        ({"owners": np.array([0, 1])}, r"shapes .* don't fit"),
        ({"owners": np.array([0.0, 0.0, 1.0])}, "arrays of other types"),
        ({"templates": at(0, 20, 180)}, "arrays of other types"),
        ({"templates": np.zeros(3, np.float32)}, r"shapes .* don't fit"),
        ({"templates": np.zeros((3, 0), np.float32)}, r"got shape \(2, 0\)"),
        ({"templates": np.ones((3, 2), np.float32)}, "must be of length one"),
        ({"templates": at(0, 0, 180).astype(np.float32)}, "must be new"),
    ],
)
def test_arrays_that_make_no_gallery_are_refused(tmp_path, change, message):
    path = tmp_path / "people.npz"
    np.savez(path, **FINE)
    assert Gallery.load(path).names == ("Ann", "Bo")
    np.savez(path, **(FINE | change))
    with pytest.raises(ValueError, match=rf"is not a whole gallery \(.*{message}"):
        Gallery.load(path)


def test_a_compressed_file_and_a_header_that_promises_too_much_are_refused(tmp_path):
    path = tmp_path / "people.npz"
    np.savez_compressed(path, **FINE)
    with pytest.raises(ValueError, match="compressed members"):
        Gallery.load(path)
    for name, header in (
        ("templates", "'<f4', 'fortran_order': False, 'shape': (3, 10000000000000)"),
        ("names", "'<U0', 'fortran_order': False, 'shape': (1000000000000,)"),
    ):
        np.savez(path, **FINE)
        with zipfile.ZipFile(path) as archive:
            members = {member: archive.read(member) for member in archive.namelist()}
        text = f"{{'descr': {header}, }}\n".encode()
        members[f"{name}.npy"] = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
        with zipfile.ZipFile(path, "w") as archive:
            for member, raw in members.items():
                archive.writestr(member, raw)
        with pytest.raises(ValueError, match="is not a whole gallery"):
            Gallery.load(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_harmless(tmp_path, data):
    path = tmp_path / "people.npz"
    if not path.exists():
        np.savez(path, **FINE)
    raw = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=4)):
            raw[place] = data.draw(st.integers(0, 255))
    broken = tmp_path / "broken.npz"
    broken.write_bytes(raw)
    try:
        loaded = contents(Gallery.load(broken))
    except ValueError:
        return
    assert loaded == contents(Gallery.load(path))
