"""What serves a page of the part on objects alone, a folder a page."""
