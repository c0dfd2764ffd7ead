"""The page "Darknet's weights": its figures, its experiments and the checkers of its exercises."""
