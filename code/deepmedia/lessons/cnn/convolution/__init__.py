"""What serves the page "Images and convolution" alone."""
