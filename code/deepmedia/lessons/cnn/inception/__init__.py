"""What serves the page "Inception" alone."""
