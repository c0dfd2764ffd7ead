from deepmedia.lessons.judging import Verdict, unanswered


def test_a_verdict_says_in_words_whether_the_answer_is_right():
    assert repr(Verdict(True, "Well counted.")) == "✓ Right. Well counted."
    assert repr(Verdict(False, "Count again.")) == "✗ Not yet. Count again."


def test_a_long_verdict_is_wrapped_at_spaces():
    lines = repr(Verdict(True, "word " * 40)).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 78


def test_only_the_three_dots_are_unanswered():
    verdict = unanswered(...)
    assert verdict is not None
    assert not verdict.accepted
    assert unanswered(0) is None
    assert unanswered(None) is None
