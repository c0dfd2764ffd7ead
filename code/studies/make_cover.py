"""Draw the pictures of the cover into book/_static: python -m studies.make_cover.

- `garments.png`: photographs of the Fashion-MNIST sample, arranged so that similar ones lie side by side; dark on
  nothing, for a page of either mode.
- `card.png`: the same with the title, for links shared elsewhere.
- `apple-touch-icon.png`: the favicon for telephones.

Source of the photographs: Fashion-MNIST, (c) 2017 Zalando SE, MIT licence. The
files are committed; the script is for whoever wants other ones. Needs a browser (`make browser`) and some seconds.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml
from PIL import Image
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from bookbuild.browser import ARGUMENTS, find_browser
from deepmedia.datasets import fashion_mnist

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_static"
COLUMNS, ROWS, SIDE = 28, 9, 28  # garments across, garments down, pixels of one
LEVELS = 16  # grey levels that are kept: halves the file, and the eye sees no difference
CARD_SIZE = (1200, 630)  # what Open Graph asks for


def arrange(images: np.ndarray, *, columns: int = COLUMNS, rows: int = ROWS, seed: int = 0) -> np.ndarray:
    """Lay images out in a grid in which neighbours are alike.

    t-SNE puts the images on a plane; each grid cell then gets one image, with
    the least total squared distance between an image and its cell.

    Args:
        images: uint8 (columns * rows, side, side).
        columns: Images in a row.
        rows: Images in a column.
        seed: Of t-SNE.

    Returns:
        uint8 (rows * side, columns * side).
    """
    count, side, _ = images.shape
    if count != columns * rows:
        raise ValueError(f"images must be columns * rows = {columns * rows}, got {count}")
    components = PCA(30, random_state=seed).fit_transform(images.reshape(count, -1) / 255)
    plane = TSNE(2, init="pca", perplexity=20, random_state=seed).fit_transform(components)
    plane = PCA(2).fit_transform(plane)  # the longer axis goes across
    plane = (plane - plane.min(axis=0)) / np.ptp(plane, axis=0) * (columns - 1, rows - 1)
    cells = np.indices((rows, columns)).reshape(2, -1).T[:, ::-1]  # (x, y) of each cell, row by row
    distances = ((plane[:, None] - cells[None]) ** 2).sum(axis=-1)
    chosen, places = linear_sum_assignment(distances)
    grid = np.empty_like(images)
    grid[places] = images[chosen]
    return grid.reshape(rows, columns, side, side).transpose(0, 2, 1, 3).reshape(rows * side, columns * side)


def ink(picture: np.ndarray) -> Image.Image:
    """Dark ink whose density is the picture's brightness, as a palette image: uint8 (height, width) in."""
    levels = picture.astype(int) * LEVELS // 256
    image = Image.fromarray(levels.astype(np.uint8)).convert("P")
    image.putpalette([16, 32, 43] * LEVELS)
    image.info["transparency"] = bytes(round(255 * (level / (LEVELS - 1)) ** 0.8) for level in range(LEVELS))
    return image


def garments() -> np.ndarray:
    """The photographs of the cover, uint8 (COLUMNS * ROWS, SIDE, SIDE), in the order in which they were drawn."""
    images, _ = fashion_mnist("test")
    return images[np.random.default_rng(0).choice(len(images), COLUMNS * ROWS, replace=False)]


def _photograph(browser: "Browser", html: str, size: tuple[int, int], name: str) -> None:
    """Save what a page of this HTML shows."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    draft = STATIC / "draft.html"
    draft.write_text(f"<!doctype html><style>body{{margin:0}}</style>{html}", "utf-8")
    try:
        page.goto(draft.as_uri())
        page.wait_for_timeout(500)
        page.screenshot(path=STATIC / name)
    finally:
        draft.unlink()


def _card() -> str:
    title = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["title"]
    return f"""<link rel="stylesheet" href="site.css"><style>
    body {{background: #fff; color: #0b5d75; font-family: "Source Sans 3"; text-align: center}}
    h1 {{font-size: 76px; margin: 64px 0 8px}}
    p {{color: #1f2933; font-size: 34px; margin: 0 0 44px}}
    img {{width: 1120px}}
    </style><h1>{title}</h1><p>An open book and short course in TensorFlow</p><img src="garments.png">"""


def main() -> None:
    """Write the three files."""
    from playwright.sync_api import sync_playwright  # a second to import, and `make study` imports all modules here

    ink(arrange(garments())).save(STATIC / "garments.png", optimize=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        _photograph(browser, _card(), CARD_SIZE, "card.png")
        icon = '<img src="favicon.svg" style="width: 180px; display: block; background: #0b5d75">'
        _photograph(browser, icon, (180, 180), "apple-touch-icon.png")
        browser.close()
    for name in ("card.png", "apple-touch-icon.png"):
        Image.open(STATIC / name).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(
            STATIC / name, optimize=True
        )


if __name__ == "__main__":
    main()
