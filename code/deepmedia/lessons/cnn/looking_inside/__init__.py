"""What serves the page "Looking inside" alone."""
