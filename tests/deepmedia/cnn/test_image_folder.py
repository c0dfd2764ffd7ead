import os
import shutil
import unicodedata

import cv2
import numpy as np
import pytest
import tensorflow as tf

from deepmedia.cnn.augmentation import Augmentation
from deepmedia.cnn.image_folder import (
    check_pictures,
    duplicates,
    list_pictures,
    picture_batches,
    split_pictures,
)


@pytest.fixture
def shop(tmp_path):
    """Three classes; each picture has one grey value, its own: 10 to 19, 20 to 29, 30 to 39."""
    for label, name in enumerate(("Coat", "Bag", "Ankle boot"), start=1):
        (tmp_path / "shop" / name).mkdir(parents=True)
        for number in range(10):
            picture = np.full((12, 12), 10 * label + number, np.uint8)
            cv2.imwrite(str(tmp_path / "shop" / name / f"{number}.png"), picture)
    return tmp_path / "shop"


def values(batches):
    """Grey value of each picture of a stream, in its order, with its label."""
    images, labels = zip(*batches.as_numpy_iterator(), strict=True)
    return np.round(np.concatenate(images)[:, 6, 6, 0] * 255).astype(int).tolist(), np.concatenate(labels).tolist()


def test_classes_are_sorted_and_pictures_follow_them(shop):
    pictures = list_pictures(shop)
    assert pictures.class_names == ("Ankle boot", "Bag", "Coat")
    assert pictures.labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert pictures.labels.dtype == np.int64
    assert [path.parent.name for path in pictures.paths[::10]] == ["Ankle boot", "Bag", "Coat"]
    assert [path.name for path in pictures.paths[:3]] == ["0.png", "1.png", "2.png"]
    assert pictures.skipped == ()


def test_hidden_entries_are_passed_over_and_the_rest_is_listed(shop):
    (shop / ".DS_Store").touch()
    (shop / ".cache").mkdir()
    (shop / "Bag" / "._0.png").touch()
    (shop / "Bag" / "prices.csv").touch()
    (shop / "Bag" / "old").mkdir()
    (shop / "logo.PNG").touch()
    (shop / "Bag" / "0.png").rename(shop / "Bag" / "0.PNG")
    pictures = list_pictures(shop)
    assert len(pictures) == 30
    assert [str(path.relative_to(shop)) for path in pictures.skipped] == ["logo.PNG", "Bag/old", "Bag/prices.csv"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist; the current folder is"):
        list_pictures(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_named(shop):
    with pytest.raises(NotADirectoryError, match=r"0\.png is a file"):
        list_pictures(shop / "Bag" / "0.png")


def test_a_folder_without_classes_is_refused(shop):
    with pytest.raises(ValueError, match=r"Bag must hold at least two subfolders.*holds 0, and 10 pictures directly"):
        list_pictures(shop / "Bag")


def test_a_single_class_is_refused(shop):
    shutil.rmtree(shop / "Bag")
    shutil.rmtree(shop / "Coat")
    with pytest.raises(ValueError, match=r"holds 1, and 0 pictures directly.*move each picture"):
        list_pictures(shop)


def test_a_class_without_pictures_is_refused(shop):
    (shop / "Dress").mkdir()
    (shop / "Dress" / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"Dress has no picture .*1 other entry; put pictures into it$"):
        list_pictures(shop)  # to remove it would shift the labels of what comes behind
    names = ("Ankle boot", "Bag", "Coat", "Dress")
    with pytest.raises(ValueError, match=r"put pictures into it, or remove it: labels follow class_names"):
        list_pictures(shop, class_names=names)


def test_a_folder_that_lacks_a_class_keeps_the_labels_of_the_class_names(shop):
    shutil.rmtree(shop / "Bag")
    names = ("Ankle boot", "Bag", "Coat", "Dress")
    pictures = list_pictures(shop, class_names=names)
    assert pictures.class_names == names
    assert pictures.labels.tolist() == [0] * 10 + [2] * 10
    assert [names[label] for label in pictures.labels] == [path.parent.name for path in pictures.paths]
    backwards = list_pictures(shop, class_names=names[::-1])
    assert backwards.labels.tolist() == [1] * 10 + [3] * 10
    assert [path.parent.name for path in backwards.paths[::10]] == ["Coat", "Ankle boot"]
    shutil.rmtree(shop / "Coat")
    assert list_pictures(shop, class_names=names).labels.tolist() == [0] * 10
    shutil.rmtree(shop / "Ankle boot")
    with pytest.raises(ValueError, match="must hold at least one subfolder, one a class; it holds 0"):
        list_pictures(shop, class_names=names)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "Coats",
            r"Coats is none of class_names \(Ankle boot, Bag, Coat\); rename it, perhaps to 'Coat', or give the right",
        ),
        ("coat", "rename it, perhaps to 'Coat'"),
        ("Umbrella", r"Umbrella is none of class_names \(.*\); move it out of the way, or give"),
    ],
)
def test_a_class_that_is_not_among_the_names_is_refused(shop, name, words):
    names = list_pictures(shop).class_names
    (shop / "Coat").rename(shop / name)
    with pytest.raises(ValueError, match=words):
        list_pictures(shop, class_names=names)


@pytest.mark.parametrize("names", ["Coat", ("Coat",), ("Bag", "Coat", "Bag"), ()])
def test_class_names_that_are_not_two_different_ones_are_refused(shop, names):
    with pytest.raises(ValueError, match="class_names must be at least two different names, got"):
        list_pictures(shop, class_names=names)


@pytest.mark.parametrize("training", ["train", "Training"])
def test_a_training_folder_beside_it_says_what_the_labels_mean(shop, monkeypatch, training):
    shutil.copytree(shop, shop.parent / training)
    shutil.rmtree(shop / "Bag")
    monkeypatch.chdir(shop)
    for folder in (shop, "."):
        pictures = list_pictures(folder)
        assert pictures.class_names == ("Ankle boot", "Bag", "Coat")
        assert pictures.labels.tolist() == [0] * 10 + [2] * 10
    (shop / "Coat").rename(shop / "Coats")
    words = (
        r"Coats is none of the class folders of .*[tT]rain.* \(Ankle boot, Bag, Coat\); "
        r"rename it, perhaps to 'Coat', or give the right class_names"
    )
    with pytest.raises(ValueError, match=words):
        list_pictures(shop)
    names = ("Coats", "Ankle boot")
    assert list_pictures(shop, class_names=names).labels.tolist() == [0] * 10 + [1] * 10
    (shop / "Bag").mkdir()
    (shop / "Coats").rename(shop / "Coat")
    with pytest.raises(ValueError, match=r"Bag has no picture .* or remove it: labels follow the class folders of"):
        list_pictures(shop)


def test_a_training_folder_follows_itself_and_one_without_classes_says_nothing(shop):
    (shop.parent / "training").mkdir()
    shutil.copytree(shop / "Bag", shop.parent / "training" / "loose")
    assert list_pictures(shop).class_names == ("Ankle boot", "Bag", "Coat")
    shop.rename(shop.parent / "train")
    shutil.copytree(shop.parent / "train" / "Coat", shop.parent / "training" / "Dress")
    assert list_pictures(shop.parent / "train").class_names == ("Ankle boot", "Bag", "Coat")


def in_form(folder, form):
    return folder / unicodedata.normalize(form, "Blüte")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_with_accents_is_the_same_class_in_both_spellings(shop, form):
    (shop / "Coat").rename(in_form(shop, form))
    composed = "Bl\N{LATIN SMALL LETTER U WITH DIAERESIS}te"
    pictures = list_pictures(shop)
    assert pictures.class_names == ("Ankle boot", "Bag", composed)
    assert pictures.paths[20].is_file()
    for names in (pictures.class_names, ("Ankle boot", "Bag", unicodedata.normalize("NFD", composed))):
        again = list_pictures(shop, class_names=names)
        assert again.class_names == pictures.class_names
        np.testing.assert_array_equal(again.labels, pictures.labels)


def test_two_spellings_of_one_name_are_refused(shop):
    (shop / "Coat").rename(in_form(shop, "NFC"))
    try:
        (shop / "Bag").rename(in_form(shop, "NFD"))
    except OSError:
        pytest.skip("this disk takes both names for one")
    with pytest.raises(ValueError, match=r"differ in Unicode's spelling of accents only, .*rename one, or move"):
        list_pictures(shop)


@pytest.mark.parametrize("name", ["Coat ", " Coat", "Coat\N{NO-BREAK SPACE}"])
def test_a_class_that_begins_or_ends_with_a_space_is_refused(shop, name):
    names = list_pictures(shop).class_names
    try:
        (shop / "Coat").rename(shop / name)
    except OSError:
        pytest.skip("this disk allows no such name")
    for known in (None, names):
        with pytest.raises(ValueError, match=r"class folder '.*' must not begin or end with a space; rename it"):
            list_pictures(shop, class_names=known)


def test_a_part_is_chosen_by_places_or_by_a_mask(shop):
    pictures = list_pictures(shop)
    mask = pictures.labels == 1
    for chosen in (mask, np.flatnonzero(mask), mask.tolist(), range(10, 20)):
        part = pictures.part(chosen)
        assert part.paths == pictures.paths[10:20]
        assert part.labels.tolist() == [1] * 10
    assert len(pictures.part([])) == len(pictures.part(np.zeros(30, bool))) == 0
    assert pictures.part([-1]).paths == pictures.paths[-1:]


@pytest.mark.parametrize(
    ("indices", "words"),
    [
        (np.ones(29, bool), r"a mask, bool \(30,\), got bool \(29,\)"),
        ([0.5, 1.0], r"integers \(k,\) below 30, the number of pictures, .*got float64 \(2,\)"),
        (3, r"got int64 \(\)"),
        ([3, 30], r"got int64 \(2,\) up to 30"),
        (["Bag"], "got <U3"),
    ],
)
def test_a_part_that_does_not_exist_is_refused(shop, indices, words):
    with pytest.raises(ValueError, match=words):
        list_pictures(shop).part(indices)


def test_classes_that_differ_in_capitals_only_are_refused(shop):
    try:
        (shop / "coat").mkdir()
    except FileExistsError:
        pytest.skip("this disk takes both names for one")
    (shop / "Coat" / "0.png").rename(shop / "coat" / "0.png")
    with pytest.raises(
        ValueError, match=r"class folders .*Coat and .*coat differ in capitals only.*rename one, or move"
    ):
        list_pictures(shop)


def test_capitals_come_before_small_letters(shop):
    (shop / "Bag").rename(shop / "a bag")
    assert list_pictures(shop).class_names == ("Ankle boot", "Coat", "a bag")


def test_checking_names_all_bad_files_at_once(shop):
    pictures = list_pictures(shop)
    check_pictures(pictures, channels=1)
    (shop / "Bag" / "3.png").write_bytes(b"")
    (shop / "Coat" / "5.png").write_bytes(b"no picture")
    (shop / "Coat" / "7.png").unlink()
    with pytest.raises(ValueError, match=r"3 of 30 pictures can't be used:") as caught:
        check_pictures(pictures)
    for words in ("3.png is empty", "5.png is not a PNG", "No such file"):
        assert words in str(caught.value)
    assert "more" not in str(caught.value)


def test_checking_lists_ten_faults_and_counts_the_rest(shop):
    pictures = list_pictures(shop)
    for path in pictures.paths[:12]:
        path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"(?s)12 of 30.*\.\.\. and 2 more") as caught:
        check_pictures(pictures)
    assert str(caught.value).count("is empty") == 10


def test_checking_refuses_wrong_channels_and_small_pictures(shop):
    pictures = list_pictures(shop)
    with pytest.raises(ValueError, match="channels must be 3"):
        check_pictures(pictures, channels=2)
    with pytest.raises(ValueError, match=r"30 of 30.*\n.*12 × 12 pixels, both sides must be at least 13"):
        check_pictures(pictures, smallest=13)


def test_duplicates_are_found_within_a_collection_and_between_two(shop):
    assert duplicates(list_pictures(shop)) == []
    shutil.copy(shop / "Bag" / "1.png", shop / "Bag" / "copy.png")
    shutil.copy(shop / "Bag" / "2.png", shop / "Coat" / "again.png")
    pictures = list_pictures(shop)
    names = [[path.name for path in group] for group in duplicates(pictures)]
    assert names == [["1.png", "copy.png"], ["2.png", "again.png"]]
    bags, coats = (pictures.part(np.flatnonzero(pictures.labels == label)) for label in (1, 2))
    assert [[path.name for path in group] for group in duplicates(bags, coats)] == [["2.png", "again.png"]]


@pytest.mark.parametrize("seed", range(5))
def test_a_split_takes_its_share_of_each_class_and_leaves_no_file_on_both_sides(shop, seed):
    pictures = list_pictures(shop)
    train, validation = split_pictures(pictures, validation=0.2, seed=seed)
    assert np.bincount(train.labels).tolist() == [8, 8, 8]
    assert np.bincount(validation.labels).tolist() == [2, 2, 2]
    assert sorted(train.paths + validation.paths) == sorted(pictures.paths)
    for part in (train, validation):
        assert [part.class_names[label] for label in part.labels] == [path.parent.name for path in part.paths]


def test_copies_stay_on_one_side_whatever_the_seed(shop):
    for number in range(4):  # two copies of each, in the same class and in another
        shutil.copy(shop / "Bag" / f"{number}.png", shop / "Bag" / f"copy{number}.png")
        shutil.copy(shop / "Bag" / f"{number}.png", shop / "Coat" / f"copy{number}.png")
    pictures = list_pictures(shop)
    sides = set()
    for seed in range(20):
        parts = split_pictures(pictures, validation=0.3, seed=seed)
        assert duplicates(*parts) == []
        assert len(parts[0]) + len(parts[1]) == 38
        sides.add((shop / "Bag" / "copy0.png") in parts[1].paths)
    assert sides == {True, False}  # a rule that always keeps copies for training would prove nothing


def test_a_split_depends_on_its_seed_alone(shop):
    pictures = list_pictures(shop)
    chosen = [split_pictures(pictures, seed=seed, validation=0.3)[1].paths for seed in (0, 0, 1)]
    assert chosen[0] == chosen[1] != chosen[2]


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_an_impossible_share_is_refused(shop, share):
    with pytest.raises(ValueError, match=f"between 0 and 1, got {share}"):
        split_pictures(list_pictures(shop), validation=share)


def test_a_class_of_copies_alone_can_not_be_split(shop):
    for path in (shop / "Bag").iterdir():
        shutil.copy(shop / "Coat" / "0.png", path)
    words = (
        r"with validation=0\.2 the \w+ part would have no picture of Bag; add pictures that are not copies, or choose"
    )
    with pytest.raises(ValueError, match=words):
        split_pictures(list_pictures(shop), validation=0.2)


def test_a_share_that_leaves_a_part_empty_is_named(shop):
    # 95% of 10 pictures are 9.5, rounded to all 10.
    words = r"with validation=0\.95 the training part would have no picture of Ankle boot, Bag, Coat;.*another share"
    with pytest.raises(ValueError, match=words):
        split_pictures(list_pictures(shop), validation=0.95)


def test_batches_hold_the_files_pixels_in_their_order_scaled_to_one(shop):
    batches = picture_batches(list_pictures(shop), size=(12, 12), batch_size=7)
    shapes = [images.shape for images, _ in batches.as_numpy_iterator()]
    assert shapes == [(7, 12, 12, 1)] * 4 + [(2, 12, 12, 1)]
    images, labels = next(iter(batches))
    assert images.dtype == tf.float32
    assert labels.dtype == tf.int64
    assert values(batches) == ([*range(30, 40), *range(20, 30), *range(10, 20)], [0] * 10 + [1] * 10 + [2] * 10)


def test_batches_come_in_the_size_and_channels_asked_for(shop):
    images, _ = next(iter(picture_batches(list_pictures(shop), size=(6, 24), channels=3, background=255)))
    assert images.shape == (30, 6, 24, 3)
    np.testing.assert_allclose(images.numpy()[0, 3, [0, 12, 23], 0], [1, 30 / 255, 1], atol=1e-6)


def test_batches_read_files_whose_names_are_no_unicode(shop):
    try:
        os.rename(shop / "Bag" / "0.png", os.fsencode(shop / "Bag") + b"/0\xe9.png")  # é as old Windows wrote it
    except OSError:
        pytest.skip("this disk allows Unicode names alone")
    pictures = list_pictures(shop)
    check_pictures(pictures)
    assert values(picture_batches(pictures))[0][10] == 20


def test_a_shift_brings_the_background_into_batches(shop):
    for path in list_pictures(shop).paths:
        cv2.imwrite(str(path), np.full((12, 12), 255, np.uint8))
    changed = picture_batches(
        list_pictures(shop), size=(12, 12), background=255, augmentation=Augmentation(shift=3), batch_size=30
    )
    assert next(iter(changed))[0].numpy().min() == 1


def test_batches_refuse_a_background_that_is_no_grey_value(shop):
    with pytest.raises(ValueError, match=r"background must be .*got 300"):
        picture_batches(list_pictures(shop), background=300)


def test_shuffled_batches_hold_all_pictures_in_an_order_that_the_seed_fixes(shop):
    pictures = list_pictures(shop)
    first = picture_batches(pictures, shuffle=True, seed=3)
    orders = [values(first), values(first), values(picture_batches(pictures, shuffle=True, seed=3))]
    assert orders[0] == orders[2]
    assert orders[0] != orders[1]  # the second epoch has another order
    assert sorted(orders[0][0]) == sorted(orders[1][0]) == list(range(10, 40))
    assert all((value // 10, label) in {(3, 0), (2, 1), (1, 2)} for value, label in zip(*orders[0], strict=True))
    assert values(picture_batches(pictures, shuffle=True, seed=4)) != orders[0]
    assert all(len(set(labels[:15])) == 3 for _, labels in orders)  # pictures come from far, not from nearby


def test_changes_differ_from_epoch_to_epoch_and_repeat_with_the_seed(shop):
    picture = np.zeros((12, 12), np.uint8)
    picture[5, 5] = 255
    for path in list_pictures(shop).paths:
        cv2.imwrite(str(path), picture)

    def epochs(seed):
        batches = picture_batches(
            list_pictures(shop), size=(12, 12), augmentation=Augmentation(shift=3), seed=seed, batch_size=10
        )
        return [np.concatenate([images for images, _ in batches.as_numpy_iterator()]) for _ in range(2)]

    first, again, other = epochs(0), epochs(0), epochs(1)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0][:10], first[0][10:20])  # nor do batches repeat


def test_files_are_read_once_only(shop):
    batches = picture_batches(list_pictures(shop))
    before = values(batches)
    shutil.rmtree(shop)
    assert values(batches) == before


def test_a_bad_file_stops_the_stream_with_its_name_and_fault(shop):
    (shop / "Bag" / "3.png").write_bytes(b"")
    batches = picture_batches(list_pictures(shop))
    with pytest.raises(tf.errors.OpError, match=r"3\.png is empty \(0 bytes\)"):
        values(batches)
