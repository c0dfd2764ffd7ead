"""What serves the page "Training well" alone."""
