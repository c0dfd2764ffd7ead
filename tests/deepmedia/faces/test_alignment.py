import numpy as np
import pytest
from scipy.optimize import least_squares
from skimage.transform import AffineTransform, SimilarityTransform
from skimage.transform import warp as warp_of_scikit_image

from deepmedia.datasets import photo
from deepmedia.faces.alignment import EYE_POSITIONS, align, crop, similarity_transform, warp
from deepmedia.faces.finding import find_faces

EYES = np.array([[201.5, 100.5], [247.2, 103.3]])  # of the astronaut


@pytest.fixture(scope="module")
def astronaut():
    return photo("astronaut")


def random_points(seed, count):
    return np.random.default_rng(seed).normal(scale=50, size=(count, 2))


def applied(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


def to_centres(matrix):
    """The same for points that count a pixel's centre as whole numbers, as scikit-image does."""
    whole = np.vstack([matrix, [0, 0, 1]])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.linalg.inv(half) @ whole @ half


def expected(image, matrix, size):
    inverse = AffineTransform(to_centres(matrix)).inverse
    return warp_of_scikit_image(image, inverse, output_shape=size, order=1, mode="edge")


def of_scikit_image(source, target):
    if hasattr(SimilarityTransform, "from_estimate"):
        return SimilarityTransform.from_estimate(source, target).params[:2]
    transform = SimilarityTransform()  # before 0.26
    transform.estimate(source, target)
    return transform.params[:2]


# The transform


def test_two_points_give_the_turn_and_scale_drawn_on_paper():
    # from (1, 1) and (3, 1) to (0, 0) and (0, 6): three times as large, a quarter turn from x to y
    matrix = similarity_transform([[1, 1], [3, 1]], [[0, 0], [0, 6]])
    np.testing.assert_allclose(matrix, [[0, -3, 3], [3, 0, -3]], atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_two_points_are_met_exactly(seed):
    source, target = random_points(seed, 2), random_points(seed + 100, 2)
    np.testing.assert_allclose(applied(similarity_transform(source, target), source), target, atol=1e-9)


@pytest.mark.parametrize("count", [2, 3, 7, 50])
def test_the_transform_is_that_of_scikit_image(count):
    source, target = random_points(count, count), random_points(count + 1, count)
    other = of_scikit_image(source, target)
    np.testing.assert_allclose(similarity_transform(source, target), other, atol=1e-9)


def test_mirrored_points_are_not_mirrored_back():
    source = random_points(3, 6)
    matrix = similarity_transform(source, source * (-1, 1))
    assert np.linalg.det(matrix[:, :2]) > 0
    np.testing.assert_allclose(matrix, of_scikit_image(source, source * (-1, 1)), atol=1e-9)


def test_no_other_four_numbers_have_a_smaller_error():
    source, target = random_points(5, 9), random_points(6, 9)

    def errors(numbers):
        a, b, c, d = numbers
        return (applied(np.array([[a, -b, c], [b, a, d]]), source) - target).ravel()

    a, b, c, d = least_squares(errors, [1, 0, 0, 0], xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    np.testing.assert_allclose(similarity_transform(source, target), [[a, -b, c], [b, a, d]], atol=1e-5)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_a_known_transform_comes_back_from_noisy_points(shift):
    true = np.array([[0.6, -0.8, 5.0], [0.8, 0.6, -2.0]])
    source = random_points(1, 4000) + shift
    target = applied(true, source) + np.random.default_rng(2).normal(scale=1, size=(4000, 2))
    np.testing.assert_allclose(similarity_transform(source, target)[:, :2], true[:, :2], atol=2e-3)


@pytest.mark.parametrize(
    ("source", "target", "error", "match"),
    [
        ([[1, 2]], [[1, 2]], ValueError, r"source must be at least two points.*got shape \(1, 2\)"),
        ([[1, 2, 3], [4, 5, 6]], [[1, 2], [3, 4]], ValueError, r"source .*shape \(2, 3\)"),
        ([[1, 2], [3, 4]], [1, 2], ValueError, r"target .*shape \(2,\)"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4], [5, 6]], ValueError, "as many points, got 2 and 3"),
        ([[1, 2], [3, np.nan]], [[1, 2], [3, 4]], ValueError, r"source must be finite, got nan at \[1, 1\]"),
        ([[1, 2], [3, 4]], [[np.inf, 2], [3, 4]], ValueError, r"target must be finite, got inf"),
        ([[0.1, 2]] * 3, [[1, 2], [3, 4], [5, 6]], ValueError, r"two different points, got \[0\.1, 2\.0\] throughout"),
        ([["a", "b"]] * 2, [[1, 2], [3, 4]], TypeError, "source must hold real numbers"),
    ],
)
def test_wrong_points_are_refused(source, target, error, match):
    with pytest.raises(error, match=match):
        similarity_transform(source, target)


# Warping


@pytest.mark.parametrize("degrees", [0, 17, -100, 180])
@pytest.mark.parametrize("scale", [0.6, 1.0, 2.3])
def test_pixels_are_those_of_scikit_image(astronaut, degrees, scale):
    image = astronaut[40:200, 150:300] / 255
    angle = np.deg2rad(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.column_stack([turn, (40.3, 30.8) - turn @ (70, 60)])
    np.testing.assert_allclose(warp(image, matrix, (90, 110)), expected(image, matrix, (90, 110)), atol=1e-9)


def test_the_identity_changes_no_pixel(astronaut):
    identity = np.eye(2, 3)
    np.testing.assert_array_equal(warp(astronaut, identity, (512, 512)), astronaut)


def test_twice_the_size_puts_each_pixel_in_the_middle_of_four():
    image = np.array([[0.0, 4.0]])  # centres at 0.5 and 1.5, so at 1 and 3; asked for 0.5, 1.5, 2.5, 3.5
    np.testing.assert_allclose(warp(image, 2 * np.eye(2, 3), (2, 4)), [[0, 1, 3, 4]] * 2)


def test_outside_lies_the_nearest_edge_pixel():
    image = np.arange(6.0).reshape(2, 3)
    shifted = warp(image, np.array([[1.0, 0, 2], [0, 1, 1]]), (4, 6))
    np.testing.assert_allclose(
        shifted, [[0, 0, 0, 1, 2, 2], [0, 0, 0, 1, 2, 2], [3, 3, 3, 4, 5, 5], [3, 3, 3, 4, 5, 5]]
    )


def test_a_single_pixel_fills_everything():
    np.testing.assert_array_equal(
        warp(np.full((1, 1, 3), 9, np.uint8), 7 * np.eye(2, 3), (4, 5)), np.full((4, 5, 3), 9)
    )


@pytest.mark.parametrize("period", [2, 3, 4])
def test_reducing_averages_what_is_finer_than_the_result(period):
    stripes = np.tile(np.arange(300) % period == 0, (300, 1)).astype(float)
    reduced = warp(stripes, np.eye(2, 3) / 10.3, (29, 29))
    assert np.abs(reduced[2:-2, 2:-2] - 1 / period).max() < 0.08  # bilinear alone gives 0 and 1


def test_reducing_moves_nothing():
    ramp = np.tile(np.arange(503.0) + 0.5, (499, 1))  # each pixel's value is where its centre lies
    for scale in (0.9, 0.45, 0.21, 0.07):
        reduced = warp(ramp, scale * np.eye(2, 3), (30, 30))
        inner = slice(3, -3) if scale * 503 > 36 else slice(3, 28)
        np.testing.assert_allclose(reduced[5, inner], ((np.arange(30) + 0.5) / scale)[inner], atol=0.51)


# Eyes at fixed places


def dots(eyes, shape=(300, 400), width=6.0):
    """An image that is bright around two points."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    return sum(np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2)) for x, y in eyes)


def brightest(image, columns):
    """Centre of what is bright, (x, y)."""
    part = np.where(image[:, columns] > 0.05, image[:, columns], 0)
    rows, places = np.mgrid[: image.shape[0], columns.start : columns.stop] + 0.5
    return np.array([(part * places).sum(), (part * rows).sum()]) / part.sum()


@pytest.mark.parametrize("eyes", [[(120, 100), (200, 100)], [(100, 180), (260, 90)], [(180, 60), (215, 95)]])
@pytest.mark.parametrize("size", [160, (120, 90), (64, 64)])
def test_the_eyes_land_at_their_places(eyes, size):
    height, width = (size, size) if isinstance(size, int) else size
    face = align(dots(eyes), eyes, size=size)
    assert face.shape == (height, width)
    for half, place in zip((slice(0, width // 2), slice(width // 2, width)), EYE_POSITIONS, strict=True):
        np.testing.assert_allclose(brightest(face, half), np.array(place) * (width, height), atol=0.4)


def test_eye_positions_can_be_chosen():
    eyes = [(120, 100), (200, 110)]
    face = align(dots(eyes), eyes, size=100, eye_positions=[(0.2, 0.5), (0.8, 0.6)])
    np.testing.assert_allclose(brightest(face, slice(0, 50)), (20, 50), atol=0.4)
    np.testing.assert_allclose(brightest(face, slice(50, 100)), (80, 60), atol=0.4)


def test_a_turned_and_enlarged_photograph_gives_the_same_face(astronaut):
    straight = align(astronaut / 255, EYES, size=96)
    angle = np.deg2rad(25)
    turn = 1.7 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.column_stack([turn, (400, 300) - turn @ EYES.mean(axis=0)])
    turned = warp(astronaut / 255, matrix, (700, 900))
    assert np.abs(align(turned, applied(matrix, EYES), size=96) - straight).mean() < 0.01
    assert np.abs(align(turned, EYES, size=96) - straight).mean() > 0.1


def test_found_eyes_lead_to_an_upright_face(astronaut):
    (face,) = find_faces(astronaut)
    aligned = align(astronaut, face.eyes)
    assert aligned.shape == (160, 160, 3)
    (again,) = find_faces(aligned)
    np.testing.assert_allclose(again.eyes / 160, EYE_POSITIONS, atol=0.025)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_dtype_channels_and_range_are_kept(astronaut, dtype, channels):
    image = astronaut if channels == (3,) else astronaut[..., 0].reshape(512, 512, *channels)
    image = image if dtype == np.uint8 else (image / 255).astype(dtype)
    before = image.copy()
    for face in (align(image, EYES, size=(50, 40)), crop(image, (150, 50, 400, 460), size=(50, 40))):
        assert face.dtype == dtype
        assert face.shape == (50, 40, *channels)
        assert image.min() <= face.min() < face.max() <= image.max()
    np.testing.assert_array_equal(image, before)


def test_whole_numbers_are_rounded_not_cut(astronaut):
    whole, exact = align(astronaut, EYES), align(astronaut.astype(float), EYES)
    assert np.abs(whole - exact).max() <= 0.5


def test_views_give_what_copies_give(astronaut):
    view = astronaut[::-1, ::2].transpose(1, 0, 2)
    np.testing.assert_array_equal(align(view, EYES), align(view.copy(), EYES))
    np.testing.assert_array_equal(crop(view, (0, 0, 512, 256), size=20), crop(view.copy(), (0, 0, 512, 256), size=20))


@pytest.mark.parametrize(
    ("eyes", "error", "match"),
    [
        (None, TypeError, r"got None; where no eyes were found: crop\(image, face\.box\)"),
        ([(100, 100), (100, 100)], ValueError, r"two points, got \[100\.0, 100\.0\] twice"),
        ([(100, 100), (100.5, 100)], ValueError, "at least 1 pixel apart"),
        ([(200, 100), (100, 100)], ValueError, r"left, got x 200 before 100; give eyes\[::-1\], or turn the image"),
        ([(100, 100), (100, 150)], ValueError, "left, got x 100 before 100"),
        ([(100, 100), (513, 100)], ValueError, r"x 0 to 512 and y 0 to 300, got \[513\.0, 100\.0\]; are x and y swap"),
        ([(100, 301), (200, 100)], ValueError, r"got \[100\.0, 301\.0\]"),
        ([(-1, 100), (200, 100)], ValueError, r"got \[-1\.0, 100\.0\]"),
        ([(100, np.nan), (200, 100)], ValueError, r"eyes must be finite, got nan at \[0, 1\]"),
        ([(100, 100)], ValueError, r"got shape \(1, 2\)"),
        ([(1, 1), (20, 1), (30, 1)], ValueError, r"two points, shape \(2, 2\), got shape \(3, 2\)"),
        ([100, 100, 200, 100], ValueError, r"got shape \(4,\)"),
    ],
)
def test_wrong_eyes_are_refused(astronaut, eyes, error, match):
    with pytest.raises(error, match=match):
        align(astronaut[:300], eyes)


@pytest.mark.parametrize(
    ("positions", "match"),
    [
        ([(0.7, 0.4), (0.3, 0.4)], "eye_positions must begin with the eye on the image's left"),
        ([(50, 40), (110, 40)], "eye_positions must be .* shares of width and height"),
        ([(0.5, 0.5), (0.5, 0.5)], "eye_positions must be two points"),
    ],
)
def test_wrong_eye_positions_are_refused(astronaut, positions, match):
    with pytest.raises(ValueError, match=match):
        align(astronaut, EYES, eye_positions=positions)


@pytest.mark.parametrize(("take", "place"), [(align, EYES), (crop, (9, 9, 90, 90))])
@pytest.mark.parametrize(
    ("image", "size", "error", "match"),
    [
        ([[1]], 9, TypeError, "uint8, float32 or float64, got list"),
        (np.zeros((300, 300), np.int64), 9, TypeError, "got int64"),
        (np.zeros((300, 300), np.float16), 9, TypeError, "got float16"),
        (np.zeros((300, 300, 4), np.uint8), 9, ValueError, r"got shape \(300, 300, 4\)"),
        (np.zeros((2, 300, 300, 3), np.uint8), 9, ValueError, "of several images give one"),
        (np.zeros((0, 300), np.uint8), 9, ValueError, r"got shape \(0, 300\)"),
        (np.zeros((300, 300)), 0, ValueError, "size must be at least 1, got 0"),
        (np.zeros((300, 300)), (9, 9.5), TypeError, "size must be a whole number, got 9.5"),
        (np.zeros((300, 300)), (9, 9, 3), ValueError, r"one side or \(height, width\), got \(9, 9, 3\)"),
    ],
)
def test_wrong_images_and_sizes_are_refused(take, place, image, size, error, match):
    with pytest.raises(error, match=match):
        take(image, place, size=size)


# Crops


def test_a_crop_without_margin_in_its_own_size_is_a_slice(astronaut):
    face = crop(astronaut, (170, 60, 290, 140), margin=0, size=(80, 120))
    np.testing.assert_array_equal(face, astronaut[60:140, 170:290])


def test_a_margin_is_a_share_of_each_side(astronaut):
    face = crop(astronaut, (200, 100, 300, 140), margin=0.1, size=(48, 120))
    np.testing.assert_array_equal(face, astronaut[96:144, 190:310])


def test_a_negative_margin_is_the_centre_crop(astronaut):
    face = crop(astronaut, (0, 0, 512, 512), margin=-0.25, size=256)
    np.testing.assert_array_equal(face, astronaut[128:384, 128:384])


@pytest.mark.parametrize(
    ("box", "rows"), [((200, 100, 240, 200), slice(100, 200)), ((170, 130, 270, 170), slice(100, 200))]
)
def test_a_box_of_other_proportions_shows_more_around_it(astronaut, box, rows):
    np.testing.assert_array_equal(crop(astronaut, box, margin=0, size=100), astronaut[rows, 170:270])


def test_a_box_may_reach_beyond_the_image(astronaut):
    face = crop(astronaut, (-20, -10, 30, 40), margin=0, size=50)
    np.testing.assert_array_equal(face, np.pad(astronaut, ((10, 0), (20, 0), (0, 0)), mode="edge")[:50, :50])


@pytest.mark.parametrize(
    ("box", "error", "match"),
    [
        ((1, 2, 3), ValueError, r"got shape \(3,\)"),
        ((10, 10, 10, 40), ValueError, "x_min < x_max"),
        ((10, 40, 20, 30), ValueError, "y_min < y_max"),
        ((10, 10, np.nan, 40), ValueError, "box must be finite"),
        ((512, 10, 600, 40), ValueError, r"overlap the image of 512 × 400 \(x, y\) pixels"),
        ((10, 400, 60, 500), ValueError, "overlap the image"),
        ((-50, 10, 0, 40), ValueError, "overlap the image"),
        ("face", TypeError, "box must hold real numbers"),
    ],
)
def test_wrong_boxes_are_refused(astronaut, box, error, match):
    with pytest.raises(error, match=match):
        crop(astronaut[:400], box)


@pytest.mark.parametrize(
    ("margin", "error"), [(-0.5, ValueError), (np.nan, ValueError), (np.inf, ValueError), ("0", TypeError)]
)
def test_wrong_margins_are_refused(astronaut, margin, error):
    with pytest.raises(error, match="margin must be"):
        crop(astronaut, (0, 0, 50, 50), margin=margin)
