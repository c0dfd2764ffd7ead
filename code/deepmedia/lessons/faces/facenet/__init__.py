"""What serves the page "FaceNet" alone."""
