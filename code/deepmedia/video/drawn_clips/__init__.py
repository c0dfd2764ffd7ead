"""How a clip of moving garments comes about, as exactly as `deepmedia.drawing` does all of its arithmetic."""
