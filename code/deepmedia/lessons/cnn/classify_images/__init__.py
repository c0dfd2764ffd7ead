"""What serves the page "Project: classify images" alone."""
