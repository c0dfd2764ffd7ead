import pytest

from deepmedia.lessons.faces.facenet.comparison import accuracies_by, paired_differences


def row(varied, margin, size, seed, accuracy, test=None):
    return {
        "varied": varied,
        "margin": margin,
        "embedding_size": size,
        "seed": seed,
        "validation_accuracy": accuracy,
        "test_accuracy": test,
    }


ROWS = [
    row("margin", 0.8, 64, 1, 0.5),
    row("default", 0.2, 64, 0, 0.9, 0.85),
    row("default", 0.2, 64, 1, 0.8, 0.75),
    row("margin", 0.05, 64, 0, 0.7),
    row("margin", 0.05, 64, 1, 0.6),
    row("margin", 0.8, 64, 0, 0.4),
    row("embedding_size", 0.2, 8, 0, 0.3),
]


def test_values_rise_and_seeds_keep_their_order():
    found = accuracies_by(ROWS, "margin")
    assert list(found) == [0.05, 0.2, 0.8]
    assert found == {0.05: [0.7, 0.6], 0.2: [0.9, 0.8], 0.8: [0.4, 0.5]}


def test_the_other_accuracy_can_be_asked_for():
    rows = [row("default", 0.2, 64, 0, 0.9, 0.85), row("margin", 0.8, 64, 0, 0.4, 0.35)]
    assert accuracies_by(rows, "margin", accuracy="test_accuracy") == {0.2: [0.85], 0.8: [0.35]}


def test_a_missing_seed_is_named():
    with pytest.raises(ValueError, match=r"embedding_size=8 must have the seeds \[0, 1\], got \[0\]"):
        accuracies_by(ROWS, "embedding_size")


def test_what_was_not_varied_is_refused():
    with pytest.raises(ValueError, match=r"what a row varied \(default, embedding_size, margin\), got 'rate'"):
        accuracies_by(ROWS, "rate")


def test_differences_are_taken_seed_by_seed():
    differences = paired_differences(accuracies_by(ROWS, "margin"), 0.05, 0.2)
    assert differences == pytest.approx([0.7 - 0.9, 0.6 - 0.8])
    assert paired_differences({1: [0.5, 0.1], 2: [0.1, 0.5]}, 1, 2) == pytest.approx([0.4, -0.4])
