"""How a scene of garments comes about: a photograph behind, garments and clutter on it, and who hides whom.

Everything here is NumPy, and of its arithmetic only what every processor rounds alike: whole numbers, and of floats
what IEEE 754 defines to the last bit (+, -, *, /, square root, rounding, comparisons): no exp, sin or power, no sums
of fractions over an axis. So every processor draws the same pixels.
"""
