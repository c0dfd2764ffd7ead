"""The order of the tests, and the same generated input at each run."""

from pathlib import Path

import pytest
from hypothesis import settings

LONG = ("tests/notebooks/test_fresh_environment.py", "tests/site/test_pages.py")  # a minute and more each
ROOT = Path(__file__).parents[1]

# A push should not fail by an input that another push was spared; and a deadline would fail on a busy machine.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, so that no core waits for them at the end."""
    items.sort(key=lambda item: item.path.relative_to(ROOT).as_posix() not in LONG)
