"""What a drawn face has: identity, and in each image pose, light, expression, occlusion and camera.

Each number comes from a hash of seed, split, identity, image and the parameter's place in these tables. So identity
7 is the same in a draw of 10 identities as in one of 1,000, on every processor and with every version of NumPy.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")

HAIR_STYLES = (
    "bald", "receding", "buzz cut", "short", "swept", "fringe", "curly", "bob", "curtains", "long", "wavy", "bun",
)  # fmt: skip
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
OCCLUSIONS = ("none", "glasses", "sunglasses", "hat", "scarf")
BACKGROUNDS = ("plain", "blobs", "stripes", "horizon")


@dataclass(frozen=True)
class Range:
    """A number anywhere between two ends, all equally likely."""

    low: float
    high: float


@dataclass(frozen=True)
class Choice:
    """One of several kinds, by its number; with weights that add up to 1."""

    weights: tuple[float, ...]


Table = dict[str, Range | Choice]

# Lengths are in half heights of the head: eyes lie at 0, the chin at 1, the top of the skull at -1.
# Angles of the pose are tangents of half the angle, so that sine and cosine need no more than a division.
IDENTITY: Table = {
    "skin_tone": Range(0, 1),  # light to deep
    "undertone": Range(-1, 1),  # cool to warm
    "head_width": Range(0.68, 0.84),
    "jaw_width": Range(-0.30, 0.02),  # how much wider or narrower than an ellipse the head is at its chin
    "chin_squareness": Range(0.0, 0.75),
    "ear_size": Range(0.14, 0.23),
    "ear_out": Range(0.0, 0.07),
    "eye_colour": Range(0, 1),
    "eye_spacing": Range(0.275, 0.375),
    "eye_level": Range(-0.05, 0.05),
    "eye_width": Range(0.125, 0.185),
    "eye_height": Range(0.055, 0.105),
    "eye_tilt": Range(-0.18, 0.30),
    "lid_crease": Range(0, 1),
    "brow_gap": Range(0.16, 0.27),
    "brow_thickness": Range(0.018, 0.055),
    "brow_arch": Range(0.0, 0.09),
    "brow_tilt": Range(-0.26, 0.14),
    "brow_length": Range(0.15, 0.23),
    "nose_width": Range(0.095, 0.20),
    "nose_level": Range(0.27, 0.42),
    "nose_bridge": Range(0.3, 0.7),
    "mouth_width": Range(0.18, 0.32),
    "mouth_gap": Range(0.20, 0.28),  # from nose to mouth
    "upper_lip": Range(0.025, 0.075),
    "lower_lip": Range(0.04, 0.10),
    "lip_redness": Range(0, 1),
    "lines": Range(0, 1),  # beside nose and mouth
    "blush": Range(0, 1),
    "mole_side": Range(-1, 1),  # where it is; half of all have none
    "mole_level": Range(0.1, 0.8),
    "mole": Choice((0.5, 0.5)),
    "hair_style": Choice((0.05, 0.06, 0.08, 0.13, 0.12, 0.09, 0.10, 0.08, 0.08, 0.08, 0.08, 0.05)),
    "hair_colour": Range(0, 1),  # dark to light, see `hair_colours`
    "hair_shade": Range(-1, 1),
    "hair_volume": Range(0, 1),
    "hair_part": Range(-1, 1),
    "hairline": Range(-0.08, 0.08),
    "beard": Choice((0.6, 0.1, 0.1, 0.1, 0.1)),
}
POSE: Table = {"yaw": Range(-0.19, 0.19), "pitch": Range(-0.07, 0.07), "roll": Range(-0.05, 0.05)}
LIGHT: Table = {
    "light_side": Range(-1, 1),
    "light_height": Range(-0.2, 1),
    "light_contrast": Range(0.35, 0.85),
    "exposure": Range(0.76, 1.14),
    "warmth": Range(-0.10, 0.10),
    "tint": Range(-0.05, 0.05),
}
EXPRESSION: Table = {
    "smile": Range(-0.3, 1),
    "mouth_open": Range(-0.8, 0.8),  # closed up to 0
    "brow_raise": Range(-1, 1),
    "eyes_open": Range(0.65, 1.15),
    "gaze_side": Range(-1, 1),
    "gaze_height": Range(-1, 1),
}
OCCLUSION: Table = {
    "occlusion": Choice((0.78, 0.12, 0.03, 0.04, 0.03)),
    "worn_hue": Range(0, 1),
    "worn_light": Range(0, 1),
    "frame_shape": Range(0, 1),
}
CAMERA: Table = {
    "shift_x": Range(-0.06, 0.06),
    "shift_y": Range(-0.08, 0.04),
    "zoom": Range(0.70, 0.80),  # half heights of the head in half an image
    "blur": Range(-0.4, 0.4),  # none up to 0
    "noise": Range(0.0, 0.025),
    "contrast": Range(0.85, 1.15),
    "background": Choice((0.25, 0.3, 0.2, 0.25)),
    "background_hue": Range(0, 1),
    "background_light": Range(0.1, 0.95),
    "background_other": Range(0, 1),
    "background_place": Range(-1, 1),
    "clothes_hue": Range(0, 1),
    "clothes_light": Range(0.05, 0.95),
    "neckline": Range(0, 1),
}
GROUPS: dict[str, Table] = {
    "identity": IDENTITY,
    "pose": POSE,
    "light": LIGHT,
    "expression": EXPRESSION,
    "occlusion": OCCLUSION,
    "camera": CAMERA,
}
NAMES = [(group, name, kind) for group, table in GROUPS.items() for name, kind in table.items()]
ATTRIBUTES = np.dtype(
    [("identity", np.int64), ("image", np.int64), ("key", np.uint64)]
    + [(name, np.float32 if isinstance(kind, Range) else np.int64) for _, name, kind in NAMES]
)
WHO = np.uint64(2**63)  # marks the numbers that belong to an identity, whatever the image

GOLDEN, FIRST, SECOND = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit numbers, each to another one.

    Source: the output function of SplitMix64, Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
    """
    values = values + GOLDEN
    values = (values ^ (values >> np.uint64(30))) * FIRST
    values = (values ^ (values >> np.uint64(27))) * SECOND
    return values ^ (values >> np.uint64(31))


def draw_parameters(split: str, identities: int, images_per_identity: int, *, seed: int) -> NDArray[np.void]:
    """The parameters of all images of a draw, those of an identity one after another.

    Args:
        split: One of `SPLITS`.
        identities: How many.
        images_per_identity: How many of each.
        seed: A whole number.

    Returns:
        A structured array (identities * images_per_identity,) of type `ATTRIBUTES`: number of the identity and of the
        image, the image's key (what its noise is drawn from), and each parameter of `GROUPS` by its name.
    """
    found = np.zeros(identities * images_per_identity, ATTRIBUTES)
    found["identity"], found["image"] = np.divmod(np.arange(len(found)), images_per_identity)
    start = mix(np.array([seed % 2**64], np.uint64))
    start = mix(start ^ np.uint64(SPLITS.index(split)))
    who = mix(start ^ found["identity"].astype(np.uint64))
    found["key"] = mix(who ^ found["image"].astype(np.uint64))
    person = mix(who ^ WHO)
    for place, (group, name, kind) in enumerate(NAMES):
        keys = person if group == "identity" else found["key"]
        uniform = (mix(keys + np.uint64(place)) >> np.uint64(40)).astype(np.float32) / np.float32(2**24)
        if isinstance(kind, Range):
            found[name] = np.float32(kind.low) + uniform * np.float32(kind.high - kind.low)
        else:
            limits = np.cumsum(kind.weights[:-1]).astype(np.float32)
            found[name] = (uniform[:, None] >= limits).sum(axis=1)
    return found
