import numpy as np
import pytest

from deepmedia.lessons.video.youtube_8m.exercises import check_mixture_size, check_perr, check_shards


@pytest.mark.parametrize("answer", [10_372_000, 10372000.0, np.int64(10_372_000)])
def test_the_size_of_the_mixture_is_accepted(answer):
    # 5 x 1,152 x 1,000 gates and 4 x 1,153 x 1,000 experts: 5,760,000 + 4,612,000.
    assert check_mixture_size(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (9_220_000, "the dummy expert has one, too"),
        (10_377_000, "gates have no biases"),
        (10_368_000, "one for each expert and topic"),
        (11_525_000, "always says no"),
        (5_760_000, "now the experts"),
        (4_612_000, "now the gates"),
        (1_153_000, "logistic regression"),
        (10_372, "there are 1,000"),
        (1, "For each topic 5 gates"),
        ("many", "Give one number"),
    ],
)
def test_other_sizes_get_a_sentence_that_helps(answer, words):
    verdict = check_mixture_size(answer)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def perr(scores, labels, count=None, of=None):
    count = len(labels) if count is None else count
    top = np.argsort(scores)[::-1][:count]
    return np.isin(top, labels).sum() / (count if of is None else of)


@pytest.mark.parametrize("kind", [float, np.float32, lambda value: np.array([value])])
def test_perr_is_accepted_in_any_form(kind):
    assert check_perr(lambda scores, labels: kind(perr(scores, labels))).accepted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda s, y: perr(s, y, 1), "That is Hit@1"),
        (lambda s, y: perr(s, y, of=1), "Divide by the number of labels"),
        (lambda s, y: perr(-s, y), "the lowest scores"),
        (lambda s, y: perr(s, y, 3), "not always at 3"),
        (lambda s, y: 100 * perr(s, y), "of the 2 highest scores"),
        (lambda s, y: 1.0, "That is Hit@1"),  # right for the first case alone
        (lambda s, y: None, "Return one number"),
        (lambda s, y: s.sort(), "changes its arguments"),
        (perr(np.array([1, 2]), [0]), "Give the function itself"),
    ],
)
def test_other_perrs_get_a_sentence_that_helps(wrong, words):
    verdict = check_perr(wrong)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())


def in_blocks(files, worker, workers):
    return [str(name) for name in np.array_split(files, workers)[worker]]


@pytest.mark.parametrize("share", [lambda f, w, n: f[w::n], in_blocks, lambda f, w, n: set(f[w::n])])
def test_any_even_division_is_accepted(share):
    assert check_shards(share).accepted


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda f, w, n: f, "read by two workers"),
        (lambda f, w, n: f[w : w + 1], "nobody reads"),
        (lambda f, w, n: f[w : len(f) // n * n : n], "nobody reads"),
        (
            lambda f, w, n: f[w * (len(f) // n) : (w + 1) * (len(f) // n) if w < n - 1 else None],
            "share them out evenly",
        ),
        (lambda f, w, n: f if w == 0 else [], "share them out evenly"),
        (lambda f, w, n: [f"{w}.tfrecord"], "was not among the files"),
        (lambda f, w, n: f[w], "return a list of files"),
        (lambda f, w, n: range(w, len(f), n), "return a list of files"),
        (lambda f, w, n: [w], "return names of files"),
        (lambda f, w, n: f[99], "IndexError"),
    ],
)
def test_other_divisions_get_a_sentence_that_helps(wrong, words):
    verdict = check_shards(wrong)
    assert not verdict.accepted
    assert words in " ".join(verdict.text.split())
