"""What serves the page "A first network for photographs" alone."""
