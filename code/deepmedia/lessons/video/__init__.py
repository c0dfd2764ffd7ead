"""What serves a page of the part on video alone, a folder a page."""
