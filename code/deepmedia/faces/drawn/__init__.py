"""How a drawn face comes about: its parameters, and from these, layer by layer, its pixels.

Everything here is NumPy, and of its arithmetic only what IEEE 754 defines to the last bit (+, -, *, /, square root,
rounding, comparisons, whole numbers): no exp, sin or power, no sums over an axis, no matrix product. So every
processor draws the same pixels.
"""
