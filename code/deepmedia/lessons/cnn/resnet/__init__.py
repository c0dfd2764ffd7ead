"""What serves the page "ResNet" alone."""
