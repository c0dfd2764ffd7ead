"""Lessons of part 2, a folder a page."""
