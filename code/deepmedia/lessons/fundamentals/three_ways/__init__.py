"""What serves the page "The same network in TensorFlow, three ways" alone."""
