"""Two processes that train together: the same as one, also where one of them is killed; and none hangs."""

import numpy as np
import pytest

from deepmedia.datasets import youtube8m_sample
from deepmedia.lessons.video.youtube_8m.experiment import write_shards
from deepmedia.lessons.video.youtube_8m.worker import PARTS, part_batches, train_as_worker
from deepmedia.lessons.video.youtube_8m.workers import run_workers
from deepmedia.video import video_record

STEPS = 6


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    features, labels = youtube8m_sample("validation")
    videos = (video_record(str(n), row, x) for n, (x, row) in enumerate(zip(features[:160], labels, strict=False)))
    return write_shards(tmp_path_factory.mktemp("shards"), videos, 4)


@pytest.fixture(scope="module")
def alone(shards, tmp_path_factory):
    return train_as_worker(shards, tmp_path_factory.mktemp("alone"), steps=STEPS)


def test_each_part_reads_files_of_its_own_and_begins_again(shards):
    batches = [part_batches(shards, part) for part in range(PARTS)]
    rounds = [np.concatenate([next(each)[0] for _ in range(5)]) for each in batches]  # 160 of 80 videos: twice
    features, _ = youtube8m_sample("validation")
    for part, found in enumerate(rounds):
        expected = np.concatenate([features[:160][n::4] for n in range(4)[part::2]])
        np.testing.assert_array_equal(found, np.concatenate([expected, expected]))


def test_a_worker_alone_learns_and_goes_on_from_its_checkpoint(shards, alone, tmp_path):
    assert len(alone) == STEPS
    first = train_as_worker(shards, tmp_path, steps=4)
    assert (tmp_path / "ckpt-4.index").exists()
    then = train_as_worker(shards, tmp_path, steps=STEPS)
    np.testing.assert_allclose(first + then, alone, atol=1e-4)


def test_two_workers_come_to_the_losses_of_one(shards, alone, tmp_path):
    run = run_workers(shards, tmp_path / "two", workers=2, steps=STEPS)
    assert run.codes == (0, 0), (tmp_path / "two" / "worker-0.log").read_text()
    np.testing.assert_allclose(run.losses, alone, atol=1e-4)


@pytest.mark.slow
def test_a_killed_worker_and_the_other_go_on_from_the_checkpoint(shards, alone, tmp_path):
    died = run_workers(shards, tmp_path, workers=2, steps=STEPS, die_at=5)
    assert died.codes[1] < 0
    assert died.losses == ()
    assert died.saved == 4
    again = run_workers(shards, tmp_path, workers=2, steps=STEPS)
    assert again.codes == (0, 0)
    np.testing.assert_allclose(again.losses, alone[4:], atol=1e-4)


def test_workers_that_take_too_long_are_stopped(shards, tmp_path):
    with pytest.raises(TimeoutError, match=r"2 workers were not done in 0\.5 s"):
        run_workers(shards, tmp_path, workers=2, steps=STEPS, seconds=0.5)
