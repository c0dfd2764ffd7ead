"""Drawn faces: the same everywhere, split by identity, and every parameter shows."""

import hashlib

import numpy as np
import pytest

from deepmedia.faces import DRAWN_EYE_POSITIONS, draw_faces, find_faces, synthetic_attributes, synthetic_faces
from deepmedia.faces.drawn.parameters import GROUPS, HAIR_STYLES, OCCLUSIONS, SPLITS, Range
from deepmedia.faces.drawn.surface import DEPTH

PLAIN = {  # what a photographer would set: the face straight ahead, even light, nothing before it
    "yaw": 0, "pitch": 0, "roll": 0, "light_side": 0, "exposure": 1, "warmth": 0, "tint": 0, "occlusion": 0,
    "gaze_side": 0, "shift_x": 0, "shift_y": 0, "blur": 0, "noise": 0, "contrast": 1, "background": 0,
}  # fmt: skip


def plain(split="train", identities=1, **changed):
    """One image of each identity, as the same camera would take them all."""
    rows = synthetic_attributes(split, identities, 1)
    for table in GROUPS.values():
        for name in table if table is not GROUPS["identity"] else ():
            rows[name] = rows[name][0]  # all as the first image has it
    for name, value in (PLAIN | changed).items():
        rows[name] = value
    return rows


def grey(images):
    return images.mean(axis=-1)


def test_the_test_split_is_frozen():
    # A change here would silently change every result on drawn faces.
    images, identity = synthetic_faces("test", 60, 4)
    pixels = np.rint(images * 255).astype(np.uint8)
    assert hashlib.sha256(pixels.tobytes() + identity.astype("<i8").tobytes()).hexdigest() == (
        "f41d8bee4921ff874ffde6a6cd095df9a868096fbac1725e712032cbf57854ef"
    )


def test_images_and_identities_have_their_documented_form():
    images, identity = synthetic_faces("validation", 3, 2, size=40)
    assert images.shape == (6, 40, 40, 3)
    assert (str(images.dtype), str(identity.dtype)) == ("float32", "int64")
    assert identity.tolist() == [0, 0, 1, 1, 2, 2]
    np.testing.assert_array_equal(images, np.rint(images * 255).astype(np.float32) / np.float32(255))
    assert images.min() >= 0
    assert images.max() <= 1
    assert images.std() > 0.1


def test_a_larger_draw_holds_the_smaller_one():
    few, _ = synthetic_faces("train", 3, 2)
    many, identity = synthetic_faces("train", 40, 3)  # more than one batch
    chosen = [row for row in range(9) if row % 3 < 2]
    np.testing.assert_array_equal(many[chosen], few)
    assert identity[chosen].tolist() == [0, 0, 1, 1, 2, 2]


def test_no_identity_is_in_two_splits_or_seeds():
    names = list(GROUPS["identity"])
    draws = [synthetic_attributes(split, 200, 1, seed=seed) for seed in (0, 1) for split in SPLITS]
    people = [tuple(row[name].item() for name in names) for rows in draws for row in rows]
    assert len(set(people)) == len(people) == 1200


def test_an_identity_stays_the_same_and_all_else_changes():
    rows = synthetic_attributes("train", 5, 40)
    for group, table in GROUPS.items():
        for name in table:
            of_each = [np.unique(rows[name][rows["identity"] == person]) for person in range(5)]
            if group == "identity":
                assert [len(values) for values in of_each] == [1] * 5, name
            else:
                assert min(len(values) for values in of_each) > 1, name


def test_500_identities_are_500_different_faces():
    images = draw_faces(plain(identities=500), size=32).reshape(500, -1)
    squares = (images**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * images @ images.T, 0) / images.shape[1])
    noise = images + np.random.default_rng(0).normal(0, 0.01, images.shape)
    assert np.min(distances + np.eye(500)) > 2 * np.sqrt(np.mean((noise - images) ** 2))


# what must be so for a parameter to be seen
SEEN_WITH = {
    "mole": {"mole_side": 0.5, "mole_level": 0.5},
    "mole_side": {"mole": 1},
    "mole_level": {"mole": 1},
    "worn_hue": {"occlusion": OCCLUSIONS.index("glasses")},
    "worn_light": {"occlusion": OCCLUSIONS.index("hat")},
    "frame_shape": {"occlusion": OCCLUSIONS.index("glasses")},
    "background_place": {"background": 1},
    "hair_part": {"hair_style": HAIR_STYLES.index("swept")},
}


@pytest.mark.parametrize(("name", "kind"), [(n, kind) for table in GROUPS.values() for n, kind in table.items()])
def test_every_parameter_shows(name, kind):
    # not to the end: hues 0 and 1 are the same
    values = (kind.low, 0.25 * kind.low + 0.75 * kind.high) if isinstance(kind, Range) else (0, 1)
    rows = np.repeat(plain(**{"hair_style": HAIR_STYLES.index("short"), "beard": 0} | SEEN_WITH.get(name, {})), 2)
    rows[name] = values
    one, other = draw_faces(rows)
    assert np.abs(one - other).max() > 0.015


@pytest.mark.parametrize("name", ["hair_style", "beard", "occlusion", "background"])
def test_all_kinds_look_different(name):
    kinds = len({table[name] for table in GROUPS.values() if name in table}.pop().weights)
    rows = np.repeat(plain(mole=0), kinds)
    rows[name] = np.arange(kinds)
    images = draw_faces(rows)
    differences = np.abs(images[:, None] - images).mean(axis=(2, 3, 4))
    assert np.min(differences + np.eye(kinds)) > 0.0005


def test_noise_differs_from_image_to_image():
    rows = np.repeat(plain(noise=0.02), 2)
    rows["key"] = 1, 2
    one, other = draw_faces(rows)
    assert 0.004 < np.std(one - other) < 0.04


def test_eyes_are_halfway_down_the_head_and_as_far_apart_as_the_identity_says():
    rows = np.repeat(plain(eye_level=0, eye_spacing=0.33, zoom=0.75, eye_colour=0, gaze_height=0), 2)
    rows["eye_colour"] = 0, 1
    one, other = draw_faces(rows, size=128)
    changed = np.abs(one - other).sum(axis=-1)
    y, x = (np.indices((128, 128)) + 0.5) / 64 - 1  # -1..1
    for side in (x < 0, x > 0):
        weight = changed * side
        assert np.sum(weight * y) / weight.sum() == pytest.approx(0, abs=0.03)
        assert abs(np.sum(weight * x) / weight.sum()) == pytest.approx(0.33 * 0.75, abs=0.02)


@pytest.mark.parametrize(("name", "axis"), [("yaw", 1), ("pitch", 0)])
def test_a_turned_head_shows_its_face_where_it_turns_to(name, axis):
    # the eyes lie at about 0.9 of the head's depth; turned by t they move by 0.9 depth sin t
    rows = np.repeat(plain(eye_level=0, zoom=0.75), 4)
    rows["eye_colour"], rows[name] = [0, 1, 0, 1], [0, 0, 0.1, 0.1]
    images = draw_faces(rows, size=128)
    places = []
    for one, other in (images[:2], images[2:]):
        changed = np.abs(one - other).sum(axis=-1)
        place = np.indices((128, 128)) / 64
        middle = np.sum(changed * place[1]) / changed.sum()
        eyes = [changed * (place[1] < middle), changed * (place[1] >= middle)]
        places.append(np.mean([np.sum(eye * place[axis]) / eye.sum() for eye in eyes]))
    depth = rows["head_width"][0] if name == "yaw" else DEPTH
    sine = 2 * 0.1 / (1 + 0.1**2)  # the parameter is the tangent of half the angle
    assert places[1] - places[0] == pytest.approx(0.9 * depth * sine * 0.75, rel=0.15)


def test_a_mirrored_scene_gives_the_mirrored_image():
    rows = np.repeat(plain(hair_style=0, beard=0, yaw=0.12, roll=0.04, shift_x=0.05, light_side=0.7, gaze_side=0.6), 2)
    for name in ("yaw", "roll", "shift_x", "light_side", "gaze_side", "mole_side", "background_place"):
        rows[name][1] *= -1
    one, other = draw_faces(rows)
    np.testing.assert_allclose(one, other[:, ::-1], atol=1.5 / 255)


def test_light_falls_on_the_side_where_the_lamp_is():
    rows = np.repeat(plain(hair_style=0, beard=0, mole=0), 2)
    rows["light_side"] = -1, 1
    left, right = grey(draw_faces(rows))[:, 28:36]  # rows below the eyes, inside the head
    assert left[:, 18:28].mean() > left[:, 36:46].mean() + 0.1
    assert right[:, 36:46].mean() > right[:, 18:28].mean() + 0.1


def test_a_face_is_the_same_at_every_size():
    rows = plain(identities=6, light_side=0.4)
    small, large = draw_faces(rows, size=64), draw_faces(rows, size=256)
    averaged = large.reshape(6, 64, 4, 64, 4, 3).mean(axis=(2, 4))
    assert np.abs(small - averaged).mean() < 0.012


def test_edges_are_not_jagged():
    # a head that moves by a tenth of a pixel changes by about a tenth of what a whole pixel changes
    rows = np.repeat(plain(), 3)
    rows["shift_x"] = 0, 0.1 * 2 / 64, 2 / 64
    start, tenth, whole = draw_faces(rows)
    assert np.abs(tenth - start).mean() == pytest.approx(0.1 * np.abs(whole - start).mean(), rel=0.3)


def test_an_image_is_drawn_alone_as_in_a_batch():
    rows = synthetic_attributes("train", 40, 1)
    together = draw_faces(rows)
    for number in (0, 17, 39):
        np.testing.assert_array_equal(draw_faces(rows[number : number + 1])[0], together[number])


def test_none_are_drawn_of_none():
    assert draw_faces(synthetic_attributes("train", 1, 1)[:0]).shape == (0, 64, 64, 3)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"split": "val"}, ValueError, "split must be 'train', 'validation' or 'test', got 'val'"),
        ({"identities": 0}, ValueError, "identities must be at least 1, got 0"),
        ({"images_per_identity": 2.0}, TypeError, "images_per_identity must be a whole number, got 2.0"),
        ({"size": 15}, ValueError, "size must be at least 16, got 15"),
        ({"size": "64"}, TypeError, "size must be a whole number, got '64'"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"seed": True}, TypeError, "seed must be a whole number, got True"),
    ],
)
def test_wrong_arguments_are_refused(changed, error, message):
    arguments = {"split": "train", "identities": 1, "images_per_identity": 1, "size": 64, "seed": 0} | changed
    with pytest.raises(error, match=message):
        synthetic_faces(
            arguments.pop("split"), arguments.pop("identities"), arguments.pop("images_per_identity"), **arguments
        )


@pytest.mark.parametrize("wrong", [np.zeros(3), [(1, 2)], np.void(b"x"), synthetic_attributes("train", 1, 1)[0]])
def test_only_attributes_can_be_drawn(wrong):
    with pytest.raises(TypeError, match=r"attributes must be rows \(n,\) from synthetic_attributes, got "):
        draw_faces(wrong)


def test_eyes_lie_where_a_search_finds_them():
    faces, _ = synthetic_faces("train", 16, 2, size=128)
    framed = np.pad(np.rint(255 * faces).astype(np.uint8), ((0, 0), (32, 32), (32, 32), (0, 0)), mode="edge")
    found = [face.eyes for image in framed for face in find_faces(image)[:1] if face.eyes is not None]
    assert len(found) > 20
    np.testing.assert_allclose((np.mean(found, axis=0) - 32) / 128, DRAWN_EYE_POSITIONS, atol=0.015)
