"""The page "Train it": its scenes and measurements, its figures, and the checkers of its exercises."""
