"""The page "Recurrent networks": its experiments, its figures and the checkers of its exercises."""
