"""The page "YouTube-8M": its two workers, its figures and the checkers of its exercises."""
