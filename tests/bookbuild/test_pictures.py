import numpy as np
import pytest
from PIL import Image

from bookbuild import pictures
from bookbuild.pictures import as_webp, lighten

RANDOM = np.random.default_rng(0)


def photograph():
    """Smooth colours with a little noise, uint8 (200, 300, 3)."""
    rows, columns = np.mgrid[0:200, 0:300]
    smooth = np.stack([rows + 20, columns * 0.8, (rows + columns) * 0.4 + 30], axis=-1)
    return np.clip(smooth + RANDOM.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)


def drawing():
    """A few lines on white, uint8 (200, 300, 3)."""
    image = np.full((200, 300, 3), 255, np.uint8)
    image[::20], image[:, 30:34] = (0, 90, 200), (213, 94, 0)
    return image


def written(path, image):
    Image.fromarray(image).save(path)
    return path


def read(path):
    return np.asarray(Image.open(path).convert("RGB"), int)


def test_a_drawing_stays_exact(tmp_path):
    png = written(tmp_path / "a.png", drawing())
    (tmp_path / "a.webp").write_bytes(as_webp(png))
    np.testing.assert_array_equal(read(tmp_path / "a.webp"), drawing())


def test_a_photograph_becomes_much_lighter_and_looks_the_same(tmp_path):
    png = written(tmp_path / "a.png", image := photograph())
    smaller = as_webp(png)
    (tmp_path / "a.webp").write_bytes(smaller)
    assert len(smaller) < png.stat().st_size / 3
    assert np.abs(read(tmp_path / "a.webp") - image).mean() < 8


def test_transparent_places_stay_so(tmp_path):
    image = np.dstack([drawing(), np.full((200, 300), 255, np.uint8)])
    image[:50, :, 3] = 0
    (tmp_path / "a.webp").write_bytes(as_webp(written(tmp_path / "a.png", image)))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.webp")), image)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "_images").mkdir()
    (tmp_path / "part").mkdir()
    written(tmp_path / "_images/photo.png", photograph())
    links = '<img src="{0}_images/photo.png"><a href="{0}_images/photo.png">photo.png</a>'
    (tmp_path / "index.html").write_text(links.format(""))
    (tmp_path / "part/page.html").write_text(links.format("../"))
    return tmp_path


def state(site):
    return {path: path.read_bytes() for path in site.rglob("*.*")}


def test_pages_load_the_lighter_picture_and_the_heavier_one_is_gone(site):
    lighten(site)
    assert [path.name for path in (site / "_images").iterdir()] == ["photo.webp"]
    expected = '<img src="../_images/photo.webp"><a href="../_images/photo.webp">photo.png</a>'
    assert (site / "part/page.html").read_text() == expected
    assert (site / "index.html").read_text() == expected.replace("../", "")


def test_a_picture_that_gets_hardly_lighter_stays(site, monkeypatch):
    size = (site / "_images/photo.png").stat().st_size
    monkeypatch.setattr(pictures, "as_webp", lambda path: bytes(int(0.95 * size)))
    before = state(site)
    lighten(site)
    assert state(site) == before


def test_doing_it_twice_changes_nothing(site):
    lighten(site)
    once = state(site)
    lighten(site)
    assert state(site) == once
