"""The order of the tests."""

from pathlib import Path

import pytest

LONG = ("tests/notebooks/test_fresh_environment.py", "tests/site/test_pages.py")  # a minute and more each
ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, so that no core waits for them at the end."""
    items.sort(key=lambda item: item.path.relative_to(ROOT).as_posix() not in LONG)
