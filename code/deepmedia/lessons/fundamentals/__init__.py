"""Lessons of part 1, a folder a page."""
