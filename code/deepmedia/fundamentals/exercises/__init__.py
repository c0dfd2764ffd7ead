"""Checkers of the exercises of part 1, a module a page."""
