"""The files that ship inside the package, and are there without a network.

Their sources and licences stand in `files/LICENCES.md` and in the book's page
"Data sets and their licences".
"""

from pathlib import Path

from deepmedia.datasets.packaged import FILES


def big_buck_bunny() -> Path:
    """A real clip with sound: 5.3 seconds of the film Big Buck Bunny.

    Returns:
        Path of an MP4 file (H.264 with AAC sound): 132 frames of 1280 x 720
        pixels, 25 frames/s, 1.06 MB.

    Source: made from Big Buck Bunny, (c) Blender Foundation,
        www.bigbuckbunny.org, CC BY 3.0.

    >>> big_buck_bunny().name
    'bigbuckbunny.mp4'
    """
    return FILES / "videos" / "bigbuckbunny.mp4"


def darknet_file(name: str) -> Path:
    """A small file of the Darknet project, or what Darknet finds.

    Args:
        name: ``"yolov3.cfg"`` or ``"yolov3-tiny.cfg"``, the networks'
            descriptions; ``"coco.names"``, the 80 class names, one a line in
            label order; ``"dog.jpg"``, ``"horses.jpg"`` or ``"person.jpg"``,
            photos; ``"reference.json"``, what the Darknet program itself
            detects on those photos with yolov3-tiny.weights, to four decimals.

    Returns:
        Path of the file in the package.

    Raises:
        ValueError: If the package holds no such file.

    Source: https://github.com/pjreddie/darknet, public domain; reference.json
        was made for this book.

    >>> darknet_file("coco.names").read_text().splitlines()[:3]
    ['person', 'bicycle', 'car']
    """
    known = sorted(path.name for path in (FILES / "darknet").iterdir())
    if name not in known:
        raise ValueError(f"name must be one of {', '.join(known)}, got {name!r}; fetch gets the weights")
    return FILES / "darknet" / name
