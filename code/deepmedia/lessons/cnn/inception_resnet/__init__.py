"""What serves the page "Inception-ResNet" alone."""
