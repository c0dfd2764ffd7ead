"""Checkers of the exercises of the page "YouTube-8M"."""

import numpy as np

from deepmedia.lessons.judging import NotYet, call, call_for_numbers, checker, compare, read_number

WIDTH, TOPICS, EXPERTS = 1152, 1000, 4  # of the first exercise
# Of the second: scores, labels, under what each case is about.
CASES: dict[str, tuple[list[float], list[int]]] = {
    "both labels on top": ([0.9, 0.1, 0.8, 0.3], [0, 2]),
    "one of two labels on top": ([0.9, 0.1, 0.2, 0.3], [0, 1]),
    "one label, which comes second": ([0.9, 0.8, 0.2, 0.3], [1]),
    "three labels, one of them last": ([0.5, 0.4, 0.3, 0.2, 0.1], [0, 2, 4]),
}
FILES = ((5, 2), (8, 4), (3, 3), (2, 3), (1, 1))  # of the third: numbers of files and workers


@checker
def check_mixture_size(answer: object) -> str:
    """Judge how many parameters the mixture of the first exercise has."""
    weights, with_bias = WIDTH * TOPICS, (WIDTH + 1) * TOPICS
    gates, experts = (EXPERTS + 1) * weights, EXPERTS * with_bias
    slips = (
        (EXPERTS * weights + experts, "One gate is missing: the dummy expert has one, too."),
        ((EXPERTS + 1) * with_bias + experts, "The gates have no biases."),
        (gates + EXPERTS * weights, "The experts have biases, one for each expert and topic."),
        (gates + (EXPERTS + 1) * with_bias, "The dummy expert has a gate, but no weights: it always says no."),
        (gates, "These are the gates; now the experts."),
        (experts, "These are the experts; now the gates."),
        (with_bias, "That is logistic regression."),
        ((2 * EXPERTS + 1) * WIDTH + EXPERTS, "That is for one topic; there are 1,000."),
    )
    hint = "For each topic 5 gates with 1,152 weights each, and 4 experts with 1,152 weights and a bias each."
    compare(read_number(answer, "Give one number"), gates + experts, slips, hint=hint, atol=0.5)
    return "More than half of it decides whom to ask."


@checker
def check_perr(answer: object) -> str:
    """Judge a function of one video's scores and labels (class numbers) that gives its PERR."""
    for case, (scores, labels) in CASES.items():
        found = call_for_numbers(answer, np.array(scores), np.array(labels), shape=(), at=f"With {case} ",
                                 wanted="Return one number", kept="its arguments")  # fmt: skip
        order = np.argsort(scores)[::-1]
        count, top = len(labels), set(labels)
        right = len(top & set(order[:count].tolist())) / count
        slips = (
            (float(int(order[0]) in top), "That is Hit@1: PERR looks at as many scores as there are labels."),
            (len(top & set(order[:count].tolist())), "Divide by the number of labels."),
            (len(top & set(order[::-1][:count].tolist())) / count, "You took the lowest scores."),
            (
                len(top & set(order[:3].tolist())) / 3,
                "Look at as many scores as the video has labels, not always at 3.",
            ),
        )
        hint = f"With {case}: of the {count} highest scores, which part belongs to labels?"
        compare(found, right, slips, hint=hint)
    return "Precision and recall agree there, since as many are taken as there are labels."


@checker
def check_shards(answer: object) -> str:
    """Judge a function of files, a worker's number and the number of workers that gives the files of that worker."""
    for files, workers in FILES:
        names = [f"shard-{number}" for number in range(files)]
        found = []
        for worker in range(workers):
            at = f"With {files} files and worker {worker} of {workers} "
            result = call(answer, list(names), worker, workers, at=at)
            if isinstance(result, str) or not isinstance(result, list | tuple | set | np.ndarray):
                raise NotYet(f"{at}return a list of files; the result is of type {type(result).__name__}.")
            if not all(isinstance(name, str) for name in result):
                raise NotYet(f"{at}return names of files, as they were given.")
            found.append([str(name) for name in result])
        where = f"With {files} files and {workers} workers "
        together = [name for part in found for name in part]
        if foreign := sorted(set(together) - set(names)):
            raise NotYet(f"{where}{foreign[0]} was not among the files.")
        if len(together) > len(set(together)):
            raise NotYet(f"{where}some file is read by two workers, so its videos would count twice.")
        if missing := sorted(set(names) - set(together)):
            raise NotYet(f"{where}nobody reads {missing[0]}.")
        sizes = [len(part) for part in found]
        if max(sizes) - min(sizes) > 1:
            raise NotYet(f"{where}they read {sizes} files: share them out evenly, since the slowest sets the pace.")
    return "files[worker::workers] is all it takes, and each file is read once."
