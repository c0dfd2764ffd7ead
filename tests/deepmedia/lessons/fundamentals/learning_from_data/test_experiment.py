import numpy as np
import pytest
from sklearn.cross_decomposition import PLSSVD
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

from deepmedia.datasets import fashion_mnist
from deepmedia.lessons.fundamentals.learning_from_data import experiment as learning
from deepmedia.lessons.fundamentals.learning_from_data.experiment import (
    bias_and_variance,
    component_regression,
    draw_per_class,
    few_label_curve,
    file_of_returns,
    only_topic,
    photograph_again,
    run_bandit,
    shared_directions,
    split_by_group,
)


@pytest.fixture(scope="module")
def images():
    return fashion_mnist("test")[0][:600]


def test_each_garment_is_photographed_again_side_by_side(images):
    photos, garment = photograph_again(images[:3], times=2, light=0, noise=0)
    np.testing.assert_array_equal(garment, [0, 0, 1, 1, 2, 2])
    np.testing.assert_allclose(photos, np.repeat(images[:3] / 255, 2, axis=0), atol=1e-6)
    assert photos.dtype == np.float32


def test_light_and_noise_stay_within_what_was_asked_for():
    grey = np.full((200, 10, 10), 128, np.uint8)
    bright, _ = photograph_again(grey, times=1, light=0.3, noise=0)
    factors = bright[:, 0, 0] / (128 / 255)
    np.testing.assert_allclose(bright, bright[:, :1, :1] * np.ones((10, 10)), atol=1e-6)  # one factor a photograph
    assert 0.7 <= factors.min() < 0.75 < 1.25 < factors.max() <= 1.3
    noisy, _ = photograph_again(grey, times=1, light=0, noise=0.05)
    assert (noisy - 128 / 255).std() == pytest.approx(0.05, rel=0.05)


def test_a_moved_garment_is_at_most_shift_pixels_away():
    dot = np.zeros((1, 9, 9), np.uint8)
    dot[0, 4, 4] = 255
    photos, _ = photograph_again(dot, times=100, light=0, noise=0, shift=1)
    places = {tuple(np.argwhere(photo == 1)[0]) for photo in photos}
    assert places == {(row, column) for row in (3, 4, 5) for column in (3, 4, 5)}


def test_brightness_stays_in_0_to_1(images):
    photos, _ = photograph_again(images[:20], times=3, light=0.9, noise=0.3)
    assert photos.min() == 0
    assert photos.max() == 1


def test_scaled_images_are_refused(images):
    with pytest.raises(TypeError, match="as the loader gives them"):
        photograph_again(images / 255, times=2)


def test_the_file_of_returns_gives_each_garment_one_fate(images):
    photos, garment, sent_back = file_of_returns(images)
    assert photos.shape == (2500, 28, 28)
    assert sent_back.shape == garment.shape == (2500,)
    fates = sent_back.reshape(500, 5)
    np.testing.assert_array_equal(fates, fates[:, :1] * np.ones((1, 5), bool))
    assert 0.4 < fates[:, 0].mean() < 0.6
    assert not np.array_equal(file_of_returns(images, seed=1)[2], sent_back)


def test_the_file_of_returns_needs_enough_garments(images):
    with pytest.raises(ValueError, match="at least 500 garments, got 20"):
        file_of_returns(images[:20])


def test_no_group_is_on_both_sides_and_no_case_is_lost():
    groups = np.random.default_rng(0).integers(100, 130, size=400)
    train, held_out = split_by_group(groups, held_out=7, seed=3)
    assert not set(groups[train]) & set(groups[held_out])
    assert len(set(groups[held_out])) == 7
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held_out])), np.arange(400))


def test_another_seed_holds_out_other_groups():
    groups = np.repeat(np.arange(50), 2)
    first, again, other = (split_by_group(groups, held_out=10, seed=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("held_out", [0, 3, 4])
def test_an_empty_side_is_refused(held_out):
    with pytest.raises(ValueError, match="between 1 and 2 of the 3 groups"):
        split_by_group([1, 1, 2, 3], held_out=held_out)


def test_only_videos_with_exactly_one_topic_have_a_class():
    labels = [np.array(row) for row in ([5], [0, 9], [7], [0, 5], [])]
    np.testing.assert_array_equal(only_topic(labels, [5, 0]), [0, 1, -1, -1, -1])


def views(seed=0, rows=400):
    """Two descriptions that share one hidden cause, along known directions."""
    random = np.random.default_rng(seed)
    cause = random.normal(size=(rows, 1))
    first, second = random.normal(size=(rows, 6)), random.normal(size=(rows, 4))
    return first + 3 * cause * np.eye(6)[2] + 5, second - 3 * cause * np.eye(4)[1] - 7


def test_the_first_pair_of_directions_finds_the_shared_cause():
    u, w = shared_directions(*views(), count=2)
    assert abs(u[2, 0]) > 0.98
    assert abs(w[1, 0]) > 0.98
    assert u[2, 0] * w[1, 0] < 0  # the cause enters the second description with the other sign


def test_shared_directions_equal_scikit_learns():
    first, second = views()
    u, w = shared_directions(first, second, count=3)
    theirs = PLSSVD(n_components=3, scale=False).fit(first, second)
    signs = np.sign(np.sum(u * theirs.x_weights_, axis=0))
    np.testing.assert_allclose(u * signs, theirs.x_weights_, atol=1e-8)
    np.testing.assert_allclose(w * signs, theirs.y_weights_, atol=1e-8)


@pytest.mark.parametrize(
    ("first", "second", "count", "words"),
    [
        (np.ones((5, 3)), np.ones((4, 3)), 1, "same cases, got 5 and 4"),
        (np.ones((5, 3)), np.ones((5, 2)), 3, "at most 2, got 3"),
        (np.full((5, 3), np.nan), np.ones((5, 2)), 1, "first must be finite"),
    ],
)
def test_wrong_descriptions_are_refused(first, second, count, words):
    with pytest.raises(ValueError, match=words):
        shared_directions(first, second, count=count)


def test_each_draw_has_as_many_of_each_class_and_each_case_once():
    labels = np.repeat([4, 7, 9], [5, 8, 30])
    draws = list(draw_per_class(labels, per_class=3, draws=4))
    assert len(draws) == 4
    for cases in draws:
        np.testing.assert_array_equal(np.unique(labels[cases], return_counts=True), [[4, 7, 9], [3, 3, 3]])
        assert len(set(cases)) == 9
    assert not np.array_equal(draws[0], draws[1])


def test_more_labels_than_the_rarest_class_has_are_refused():
    with pytest.raises(ValueError, match="1 to 2, the cases of the rarest class, got 3"):
        list(draw_per_class([0, 0, 0, 1, 1], per_class=3, draws=1))


def test_few_labels_suffice_where_classes_lie_apart_and_not_where_they_don_t():
    random = np.random.default_rng(0)
    labels, new_labels = random.integers(2, size=100), random.integers(2, size=200)
    noise, new_noise = random.normal(size=(100, 5)), random.normal(size=(200, 5))
    apart = few_label_curve(
        noise + 20 * labels[:, None],
        labels,
        new_noise + 20 * new_labels[:, None],
        new_labels,
        per_class=(1, 4),
        draws=3,
    )
    np.testing.assert_array_equal(apart, np.ones((2, 3)))
    alike = few_label_curve(noise, labels, new_noise, new_labels, per_class=(1, 4), draws=10)
    assert alike.mean() == pytest.approx(0.5, abs=0.07)


def test_few_label_curves_do_not_depend_on_the_unit():
    first, _ = views(rows=120)
    labels = (first[:, 2] > 5).astype(int)
    curves = [few_label_curve(a * first, labels, a * first, labels, per_class=(3,), draws=4) for a in (1, 1000)]
    np.testing.assert_allclose(curves[0], curves[1])


def test_estimates_are_the_mean_of_the_clicks():
    log = run_bandit([0.2, 0.6, 0.4], 0.3, visitors=300, shops=5, seed=2)
    for shop in range(5):
        for picture in range(3):
            clicks = log.clicked[shop][log.shown[shop] == picture]
            assert log.estimates[shop, picture] == pytest.approx(clicks.mean())


def test_a_shop_that_only_explores_shows_all_pictures_alike_and_meets_their_rates():
    log = run_bandit([0.1, 0.5, 0.9], 1.0, visitors=2000, shops=20)
    np.testing.assert_allclose(np.bincount(log.shown.ravel()) / log.shown.size, 1 / 3, atol=0.01)
    np.testing.assert_allclose(log.estimates.mean(axis=0), [0.1, 0.5, 0.9], atol=0.01)


def test_a_shop_that_never_explores_shows_the_picture_of_the_highest_estimate():
    log = run_bandit([0.3, 0.5], 0.0, visitors=200, shops=30)
    for shown, clicked in zip(log.shown, log.clicked, strict=True):
        sums, times = np.zeros(2), np.zeros(2)
        for picture, click in zip(shown, clicked, strict=True):
            estimates = sums / np.maximum(times, 1)
            assert estimates[picture] == estimates.max()
            sums[picture] += click
            times[picture] += 1


def test_ties_are_decided_by_lot():
    log = run_bandit([0.0, 0.0], 0.0, visitors=100, shops=50)
    assert log.shown.mean() == pytest.approx(0.5, abs=0.05)


def test_exploration_may_change_with_the_visitor():
    first_only = (np.arange(400) < 200).astype(float)
    log = run_bandit([0.1, 0.9], first_only, visitors=400, shops=50)
    assert (log.shown[:, :200] == 1).mean() == pytest.approx(0.5, abs=0.02)
    assert (log.shown[:, 200:] == 1).mean() > 0.99


@pytest.mark.parametrize(
    ("rates", "exploration", "words"),
    [
        ([0.1, 1.2], 0.1, "click_rates must be between 0 and 1, got 1.2"),
        ([], 0.1, "click_rates must be a list"),
        ([0.1, 0.2], -0.1, "exploration must be between 0 and 1, got -0.1"),
        ([0.1, 0.2], [0.1, 0.2], "one for each of 50 visitors"),
        ([0.1, np.nan], 0.1, "click_rates must be between 0 and 1, got nan"),
    ],
)
def test_impossible_probabilities_are_refused(rates, exploration, words):
    with pytest.raises(ValueError, match=words):
        run_bandit(rates, exploration, visitors=50, shops=2)


def regression_data(seed=0):
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(40, 6)) * [6, 5, 4, 3, 2, 1] + 3
    return inputs, inputs @ random.normal(size=(6, 2)) + random.normal(size=(40, 2)), random.normal(size=(7, 6)) + 3


def test_component_regression_equals_pca_and_least_squares():
    inputs, targets, new = regression_data()
    ours = component_regression(inputs, targets, new, components=[0, 1, 3, 6])
    assert ours.shape == (4, 7, 2)
    np.testing.assert_allclose(ours[0], np.tile(targets.mean(axis=0), (7, 1)))
    for place, count in ((1, 1), (2, 3), (3, 6)):
        pca = PCA(count).fit(inputs)
        line = LinearRegression().fit(pca.transform(inputs), targets)
        np.testing.assert_allclose(ours[place], line.predict(pca.transform(new)), atol=1e-9)


def test_more_components_than_the_inputs_have_are_refused():
    inputs, targets, new = regression_data()
    inputs[:, 5] = inputs[:, 0]  # five components are left
    assert component_regression(inputs, targets, new, components=[5]).shape == (1, 7, 2)
    with pytest.raises(ValueError, match=r"0 to 5 for these inputs, got \[2, 6\]"):
        component_regression(inputs, targets, new, components=[2, 6])
    with pytest.raises(ValueError, match=r"got \[-1\]"):
        component_regression(inputs, targets, new, components=[-1])


def test_bias_and_variance_match_numbers_by_hand_and_add_up():
    # Predictions 1 and 3 for a target of 5: mean square (16 + 4) / 2 = 10, variance 2 / (2 - 1) = 2. And 4, 4 for 4: 0.
    assert bias_and_variance([[[1.0], [4.0]], [[3.0], [4.0]]], [[5.0], [4.0]]) == (4.0, 1.0)
    random = np.random.default_rng(0)
    predictions, targets = random.normal(size=(6, 5, 3)), random.normal(size=(5, 3))
    assert sum(bias_and_variance(predictions, targets)) == pytest.approx(np.mean((predictions - targets) ** 2))


def test_few_training_sets_do_not_make_bias_of_variance():
    random = np.random.default_rng(0)
    targets = random.normal(size=(5000, 2))
    predictions = targets + 0.5 + 2 * random.normal(size=(3, 5000, 2))  # bias 0.5, standard deviation 2
    np.testing.assert_allclose(bias_and_variance(predictions, targets), (0.25, 4), atol=0.1)


def test_predictions_of_other_cases_and_a_single_set_are_refused():
    with pytest.raises(ValueError, match=r"\(training sets, \*\(5, 3\)\)"):
        bias_and_variance(np.zeros((6, 4, 3)), np.zeros((5, 3)))
    with pytest.raises(ValueError, match="at least 2 sets"):
        bias_and_variance(np.zeros((1, 5, 3)), np.zeros((5, 3)))


def test_the_page_can_rely_on_its_leak():
    """Twins in both parts make the coin look predictable; a split by garment does not."""
    from sklearn.neighbors import KNeighborsClassifier

    photos, garment, sent_back = file_of_returns(fashion_mnist("train")[0])
    flat = photos.reshape(len(photos), -1)
    by_photo = np.split(np.random.default_rng(0).permutation(len(photos)), [2000])
    scores = []
    for train, held_out in (by_photo, split_by_group(garment, held_out=100)):
        nearest = KNeighborsClassifier(1).fit(flat[train], sent_back[train])
        scores.append(nearest.score(flat[held_out], sent_back[held_out]))
    assert scores[0] > 0.95
    assert scores[1] == pytest.approx(0.5, abs=0.15)
    assert len(photos) == learning.GARMENTS * learning.TIMES
