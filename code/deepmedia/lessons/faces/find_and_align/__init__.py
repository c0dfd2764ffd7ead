"""What serves the page "Find and align" alone."""
