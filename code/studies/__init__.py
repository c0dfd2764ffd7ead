"""Long runs whose results are committed under code/deepmedia/studies."""
