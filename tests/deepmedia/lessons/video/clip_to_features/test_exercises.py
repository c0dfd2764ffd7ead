import numpy as np
import pytest

from deepmedia.lessons.video.clip_to_features.exercises import check_frames, check_level, check_sampler


@pytest.mark.parametrize("answer", [[0, 13, 25, 38], (0, 13, 25, 38), np.array([0, 13, 25, 38])])
def test_the_frames_at_or_after_whole_seconds_are_accepted(answer):
    # 13 / 12.5 = 1.04, 25 / 12.5 = 2, 38 / 12.5 = 3.04; the frames before them are seen at 0.96, 1.92 and 2.96.
    assert check_frames(answer).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((0, 12, 25, 37), "too early"),
        ((0, 12, 25, 38), "0.96"),
        ((0, 12, 24, 36), "shorter than a second"),
        ((0, 13, 26, 39), "longer than a second"),
        ((1, 14, 26, 39), "from 1"),
        ((0, 1, 2, 3), "n / 12.5"),
        ((0, 13, 25), "four numbers"),
        ((0, 13, 25, 38, 50), "four numbers"),
    ],
)
def test_other_frames_get_a_sentence_that_helps(answer, words):
    verdict = check_frames(answer)
    assert not verdict.accepted
    assert words in verdict.text


def test_the_level_computed_by_hand_is_accepted():
    # (3 * 0.6 + 4 * 0.8) / 4 = 5 / 4; (1.25 + 2 - 1 / 128) * 255 / 4 = 206.69; 207 * 4 / 255 + 1 / 128 - 2 = 1.25487.
    assert check_level((1.25, 207, 1.25487)).accepted


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((5, 255, 2.0078125), "Divide by the spread"),
        ((5 / 16, 147, 147 * 4 / 255 + 1 / 128 - 2), "not by the variance"),
        ((1.25, 207, 207 * 4 / 255 - 2), "half step"),
        ((2.15, 255, 2.0078125), "mean away first"),  # (5 * 0.6 + 7 * 0.8) / 4
        ((1.25, 206, 206 * 4 / 255 + 1 / 128 - 2), "mean away, then"),
        ((1.25, 207, 1.27), "mean away, then"),
        ((1.25, 207, 1.25), "rounded too far"),  # right for the wrong reason: the number before it was rounded
        (1.25, "three numbers"),
    ],
)
def test_other_levels_get_a_sentence_that_helps(answer, words):
    verdict = check_level(answer)
    assert not verdict.accepted
    assert words in verdict.text


def choose(times, fps):
    taken, due = [], 0.0
    for number, time in enumerate(times):
        if time >= due:
            taken.append(number)
            due = (int(time * fps) + 1) / fps
    return taken


def by_search(times, fps):
    """Another right way."""
    dues = np.arange(0, times[-1] + 1 / fps, 1 / fps)
    found = np.searchsorted(times, dues)
    return np.unique(found[found < len(times)])


def drifting(times, fps):
    """Counts from the frame taken last."""
    taken, last = [], -1e9
    for number, time in enumerate(times):
        if time >= last + 1 / fps:
            taken.append(number)
            last = time
    return taken


def in_place(times, fps):
    times -= times[0]
    return choose(times, fps)


@pytest.mark.parametrize("answer", [choose, by_search, lambda times, fps: np.array(choose(times, fps))])
def test_frames_by_the_clock_are_accepted(answer):
    verdict = check_sampler(answer)
    assert verdict.accepted, verdict


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda times, fps: list(range(0, len(times), 10 // fps)),
            "frames should be",
        ),  # by number: right at 10 a second
        (drifting, "frames should be"),
        (lambda times, fps: np.searchsorted(times, np.arange(0, times[-1] + 1e-9, 1 / fps)), "comes twice"),
        (lambda times, fps: times[choose(times, fps)], "frames should be"),
        (lambda times, fps: [choose(times, fps)], "list of numbers"),
        (lambda times, fps: choose(times, 1), "frames should be"),
        (in_place, "changes the times"),
        (lambda times, fps: [0.5, float("nan")], "frames should be"),
    ],
)
def test_other_samplers_get_a_sentence_that_helps(answer, words):
    verdict = check_sampler(answer)
    assert not verdict.accepted
    assert words in verdict.text
