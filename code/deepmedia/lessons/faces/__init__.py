"""Lessons of part 3a, a folder a page."""
