"""The page "From clip to features": its files, experiments, figures and the checkers of its exercises."""
