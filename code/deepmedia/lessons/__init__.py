"""What serves one page alone: its experiment, its figures, the checkers of its exercises.

A folder a page, under its part. A lesson imports the library, never the other way round, and no lesson another.
"""
