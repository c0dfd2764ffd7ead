"""Training in Keras, by the same means in every part."""
