"""The page "Classify clips": its training, its made folder of clips, figures, and the checkers of its exercises."""
