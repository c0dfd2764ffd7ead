import numpy as np
import pytest

from deepmedia.faces.pairs import Pair, draw_pairs, read_pairs, write_pairs

LINES = [
    "2\t2",
    "Ann_Lee\t1\t4",
    "Bo\t2\t1",
    "Ann_Lee\t2\tBo\t1",
    "Bo\t3\tCy\t12",
    "Dé\t1\t2",
    "Dé\t1\t3",
    "Dé\t1\tEve\t1",
    "Eve\t1\tDé\t2",
]


def file_of(tmp_path, lines, end="\n"):
    path = tmp_path / "pairs.txt"
    path.write_bytes((end.join(lines) + end).encode())
    return path


def test_a_file_of_two_folds_is_read(tmp_path):
    folds = read_pairs(file_of(tmp_path, LINES))
    assert [[pair.is_same for pair in fold] for fold in folds] == [[True, True, False, False]] * 2
    assert folds[0][0] == Pair("Ann_Lee", 1, "Ann_Lee", 4)
    assert folds[0][3].files == ("Bo/Bo_0003.jpg", "Cy/Cy_0012.jpg")
    assert folds[1][3] == Pair("Eve", 1, "Dé", 2)


def test_what_is_written_is_the_file_that_was_read(tmp_path):
    path = file_of(tmp_path, LINES)
    before, folds = path.read_bytes(), read_pairs(path)
    write_pairs(path, folds)
    assert path.read_bytes() == before


def test_blanks_line_ends_of_windows_empty_lines_at_the_end_and_a_single_number_are_read(tmp_path):
    folds = read_pairs(file_of(tmp_path, LINES))
    assert read_pairs(file_of(tmp_path, [line.replace("\t", "   ") for line in LINES] + ["", ""], "\r\n")) == folds
    assert read_pairs(file_of(tmp_path, ["2", *LINES[1:5]])) == folds[:1]
    path = tmp_path / "mark.txt"
    path.write_text("\n".join(LINES), encoding="utf-8-sig")
    assert read_pairs(path) == folds


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "ten 300", "line 1: must be folds and matched pairs in each, such as \"10 300\", got 'ten 300'"),
        (1, "0 2", "line 1: must be"),
        (1, "2 3", r"line 9: is the last, but line 1 promises 2 x 2 x 3 pairs, so 13 lines; is the file cut off\?"),
        (1, "999999999 999999999", "line 9: is the last"),
        (3, "Bo\t2", 'line 3: must be a matched pair, "name n1 n2", got'),
        (3, "Bo\t2\tCy\t1", "line 3: must be a matched pair"),
        (3, "", "line 3: must be a matched pair"),
        (3, "Bo\t2\t1_0", "line 3: must be a matched pair"),
        (3, "Bo\t2\t٣", "line 3: must be a matched pair"),
        (3, "Bo\t0\t1", "line 3: must be a matched pair"),
        (3, "Bo\t2\t2", "line 3: a pair must be two images, got Bo 2 twice"),
        (3, "../Bo\t2\t1", "line 3: a name must be one word without blanks and slashes, got '../Bo'"),
        (4, "Ann_Lee\t2\t1", 'line 4: must be a mismatched pair, "name1 n1 name2 n2"'),
        (4, "Bo\t2\tBo\t1", "line 4: must be a mismatched pair, of two names"),
        (9, "Eve\t1\t..\t2", "line 9: a name must be"),
        (9, "Eve\tone\tDé\t2", "line 9: must be a mismatched pair"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, text, message):
    lines = [*LINES[: line - 1], text, *LINES[line:]]
    with pytest.raises(ValueError, match=r"pairs\.txt, " + message):
        read_pairs(file_of(tmp_path, lines))


def test_a_file_cut_off_an_empty_one_and_bytes_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(ValueError, match="line 8: is the last"):
        read_pairs(file_of(tmp_path, LINES[:-1]))
    with pytest.raises(ValueError, match="line 1: must be folds"):
        read_pairs(file_of(tmp_path, []))
    path = tmp_path / "pairs.txt"
    path.write_bytes(b"2\t2\nAnn\t1\t2\nB\xff\t1\t2\n")
    with pytest.raises(ValueError, match="line 3: is no text in UTF-8"):
        read_pairs(path)
    with pytest.raises(FileNotFoundError):
        read_pairs(tmp_path / "none.txt")


def test_folds_that_differ_are_not_written(tmp_path):
    same, other = Pair("A", 1, "A", 2), Pair("A", 1, "B", 1)
    for folds in ([[other, same]], [[same, other], [same]], [[same, other], []], [[]]):
        with pytest.raises(ValueError, match="each fold must have as many matched pairs, then"):
            write_pairs(tmp_path / "pairs.txt", folds)
    with pytest.raises(ValueError, match="at least one fold, got none"):
        write_pairs(tmp_path / "pairs.txt", [])
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_a_blank_and_an_image_numbered_0_are_no_pair():
    with pytest.raises(ValueError, match="one word without blanks and slashes, got 'Ann Lee'; join it with _"):
        Pair("Ann Lee", 1, "Bo", 1)
    with pytest.raises(ValueError, match="numbered from 1, got 0"):
        Pair("Ann", 1, "Bo", 0)


def test_drawn_pairs_keep_people_apart_are_all_different_and_say_whether_they_match():
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(100, 130), 5))
    rows, same = draw_pairs(labels, folds=5, pairs=40, seed=3)
    assert rows.shape == (400, 2)
    assert same.tolist() == ([True] * 40 + [False] * 40) * 5
    np.testing.assert_array_equal(labels[rows[:, 0]] == labels[rows[:, 1]], same)
    assert len({frozenset(pair) for pair in rows.tolist()}) == 400
    people = [set(labels[rows[fold : fold + 80].ravel()]) for fold in range(0, 400, 80)]
    assert sum(len(each) for each in people) == len(set.union(*people))
    assert sum(len(each) for each in people) > 25


def test_the_draw_depends_on_its_seed_alone():
    labels = np.repeat(np.arange(8), 6)
    first, again, other = (draw_pairs(labels, folds=2, pairs=10, seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert set(labels[first[:20]].ravel()) != set(labels[other[:20]].ravel())  # other people in the first fold


def test_all_pairs_of_a_fold_can_be_drawn_and_not_one_more():
    labels = np.repeat(np.arange(4), 3)  # two people a fold: 2 * 3 matched pairs, 9 mismatched
    rows, same = draw_pairs(labels, folds=2, pairs=6)
    assert len({frozenset(pair) for pair in rows[same].tolist()}) == 12
    with pytest.raises(ValueError, match="at least pairs=7 pairs of one person, got 6 in fold 0 with 2 people"):
        draw_pairs(labels, folds=2, pairs=7)
    with pytest.raises(ValueError, match="pairs of two people, got 0 in fold 0 with 1 people"):
        draw_pairs(labels, folds=4, pairs=3)


def test_settings_and_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="folds must be at least 1, got 0"):
        draw_pairs([0, 0, 1, 1], folds=0)
    with pytest.raises(TypeError, match="pairs must be a whole number"):
        draw_pairs([0, 0, 1, 1], pairs=1.5)
    with pytest.raises(TypeError, match="labels must be integers, got <U1"):
        draw_pairs(["a", "b"])
    with pytest.raises(ValueError, match=r"shape \(n,\), got shape \(1, 2\)"):
        draw_pairs([[0, 1]])
