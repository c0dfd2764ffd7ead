"""The page "One look": its figures and the checkers of its exercises."""
