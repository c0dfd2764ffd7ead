"""Sphinx extension: pictures of the site as WebP where that is lighter than PNG.

Notebooks keep PNG. Drawings stay exact to the pixel; figures that show photographs lose what nobody sees.
"""

import io
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

COLOURS = 4096  # a drawing has fewer, with the greys at the edges of its letters; a photograph has more
QUALITY = 85  # of photographs, 0..100
WORTH = 0.9  # a picture that is not at least a tenth lighter stays as it is


def as_webp(path: Path) -> bytes:
    """The picture of a PNG file as WebP: exact for a drawing, at quality 85 for what shows a photograph."""
    with Image.open(path) as image:
        picture = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    file = io.BytesIO()
    if picture.getcolors(COLOURS) is None:
        picture.save(file, "WEBP", quality=QUALITY, method=4)
    else:
        picture.save(file, "WEBP", lossless=True, exact=True, method=4)
    return file.getvalue()


def lighten(site: Path) -> None:
    """Replace the PNG pictures of a built site that are lighter as WebP, in its files and its pages."""
    lighter = {}
    for path in sorted(site.glob("_images/*.png")):
        smaller = as_webp(path)
        if len(smaller) < WORTH * path.stat().st_size:
            path.with_suffix(".webp").write_bytes(smaller)
            lighter[f"_images/{path.name}"] = f"_images/{path.stem}.webp"
    for page in sorted(site.rglob("*.html")):
        text = original = page.read_text("utf-8")
        for png, webp in lighter.items():
            text = text.replace(png, webp)
        if text != original:
            page.write_text(text, "utf-8")
    for png in lighter:
        (site / png).unlink()


def lighten_site(app: Sphinx, exception: Exception | None) -> None:
    """Do so when the site is written."""
    if not exception and app.builder.name == "html":
        lighten(Path(app.outdir))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("build-finished", lighten_site)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
