"""Convolutional networks for images."""

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

from deepmedia.cnn.first_network import fit, linear_classifier, small_cnn, to_input  # noqa: E402

__all__ = ["fit", "linear_classifier", "small_cnn", "to_input"]
