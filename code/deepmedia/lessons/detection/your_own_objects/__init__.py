"""The page "Your own objects": its figures and the checkers of its exercises."""
