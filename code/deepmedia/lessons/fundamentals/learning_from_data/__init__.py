"""What serves the page "Learning from data" alone."""
