"""Starts workers as processes of this machine, watches them, and starts all again when one has died."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

WORKER = "deepmedia.lessons.video.youtube_8m.worker"
SECONDS = 240.0  # after which all are stopped
GRACE = 2.0  # seconds that the others have when one has died


@dataclass(frozen=True)
class WorkersRun:
    """How the workers of one start ended."""

    codes: tuple[int, ...]  # exit status of each; below 0 is the signal that ended it
    losses: tuple[float, ...]  # of each step, as the first worker saw them; none if it did not come to the end
    saved: int  # steps in the last checkpoint
    seconds: float


def run_workers(
    shards: Sequence[Path],
    folder: Path,
    *,
    workers: int,
    steps: int,
    die_at: int | None = None,
    seconds: float = SECONDS,
) -> WorkersRun:
    """Train with some workers, each a process; where one dies, the others are stopped.

    Args:
        shards: TFRecord files at video level.
        folder: For the checkpoints; where there are some, the training goes on from the last.
        workers: 1 or 2.
        steps: In all.
        die_at: The step before which the last worker is killed.
        seconds: How long they may take.

    Returns:
        How they ended.

    Raises:
        TimeoutError: If they were not done in time; all are stopped then.
    """
    folder.mkdir(exist_ok=True)
    result = folder / "losses-0.json"
    result.unlink(missing_ok=True)
    started = time.monotonic()
    with ExitStack() as stack:
        running = []
        for number, environment in enumerate(_environments(workers)):
            command = [sys.executable, "-m", WORKER, "--shards", *map(str, shards), "--folder", str(folder)]
            command += ["--steps", str(steps)]
            if die_at is not None and number == workers - 1:
                command += ["--die-at", str(die_at)]
            log = stack.enter_context((folder / f"worker-{number}.log").open("w"))
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            stack.callback(_stop, process)
            running.append(process)
        while any(process.poll() is None for process in running):
            if any(process.poll() not in (None, 0) for process in running):
                time.sleep(GRACE)
                break
            if time.monotonic() - started > seconds:
                raise TimeoutError(f"{workers} workers were not done in {seconds:g} s; see the logs in {folder}")
            time.sleep(0.1)
    losses = tuple(json.loads(result.read_text("utf-8"))) if result.exists() else ()
    codes = tuple(process.returncode for process in running)
    return WorkersRun(codes, losses, _saved(folder), time.monotonic() - started)


def _environments(workers: int) -> list[dict[str, str]]:
    """What each worker is told: one thread each, and where the others are."""
    common = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", PYTHONWARNINGS="ignore")
    common.pop("TF_CONFIG", None)
    if workers == 1:
        return [common]
    cluster = {"worker": [f"localhost:{port}" for port in _free_ports(workers)]}
    tasks = [{"type": "worker", "index": index} for index in range(workers)]
    return [dict(common, TF_CONFIG=json.dumps({"cluster": cluster, "task": task})) for task in tasks]


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("localhost", 0))
        return [each.getsockname()[1] for each in sockets]


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


def _saved(folder: Path) -> int:
    """Steps in the last checkpoint of a folder."""
    return max((int(path.stem.split("-")[1]) for path in folder.glob("ckpt-*.index")), default=0)
