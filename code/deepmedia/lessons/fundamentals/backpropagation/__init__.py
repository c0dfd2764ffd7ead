"""What serves the page "Back-propagation by hand" alone."""
