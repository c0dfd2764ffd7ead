"""What serves the page "Verify, identify, cluster" alone."""
