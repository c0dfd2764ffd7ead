"""Drawing that scenes and clips share: garments and photographs as stencils and backgrounds, colours, random numbers.

Everything here is NumPy, and of its arithmetic only what every processor rounds alike: whole numbers, and of floats
what IEEE 754 defines to the last bit (+, -, *, /, square root, rounding, comparisons): no exp, sin or power, no sums
of fractions over an axis. So every processor draws the same pixels.
"""
