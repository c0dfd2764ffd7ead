"""How a scene of garments comes about: a photograph behind, garments and clutter on it, and who hides whom.

All of it keeps to the exact arithmetic of `deepmedia.drawing`, so every processor draws the same pixels.
"""
