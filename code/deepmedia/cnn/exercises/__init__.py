"""Checkers of the exercises of part 2, a module a page."""
