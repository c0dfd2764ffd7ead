"""What serves the page "Neurons, activations, losses" alone."""
