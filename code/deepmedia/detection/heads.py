"""The head of YOLOv3: the last feature map of a scale, read as numbers for each cell and anchor.

Source: Redmon and Farhadi (2018), "YOLOv3: An Incremental Improvement",
arXiv:1804.02767v1, Sec. 2.1 to 2.3.
"""

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from deepmedia.keras_internals import place_of

BOX_NUMBERS = 5  # tx, ty, tw, th and objectness; the classes follow


@keras.saving.register_keras_serializable("deepmedia")
class YOLOHead(layers.Layer):
    """Gives each cell of a grid a row of raw numbers for each anchor, and remembers the anchors.

    Input: float (n, rows, columns, anchors · (5 + classes)), the output of a 1 × 1 convolution.
    Output: float (n, rows, columns, anchors, 5 + classes): tx, ty, tw, th, objectness, one logit a class; all raw,
    as no sigmoid was applied.

    Args:
        anchors: Rows (width, height) in pixels of the network's input, at least one; above 0.
        settings: Of every Keras layer, such as ``name``.

    Raises:
        ValueError: If anchors are not such rows, or the input's channels are not a multiple of them with at least
            one class.
    """

    def __init__(self, anchors: Any, **settings: Any) -> None:
        super().__init__(**settings)
        array = np.asarray(anchors, np.float32)
        if (
            array.ndim != 2
            or array.shape[1] != 2
            or len(array) == 0
            or not np.isfinite(array).all()
            or array.min() <= 0
        ):
            raise ValueError(f"anchors must be rows (width, height) above 0 in pixels of the input, got {anchors}")
        self.anchors: NDArray[np.float32] = array

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Check that the channels can be shared among the anchors."""
        channels = shape[-1] or 0
        if channels % len(self.anchors) or channels // len(self.anchors) <= BOX_NUMBERS:
            raise ValueError(
                f"a head of {len(self.anchors)} anchors must get {len(self.anchors)} · (5 + classes) channels with at "
                f"least one class, got {channels}"
            )

    def call(self, x: Any) -> Any:
        """Split the channels."""
        rows, columns, channels = keras.ops.shape(x)[1:]
        count = len(self.anchors)
        return keras.ops.reshape(x, (-1, rows, columns, count, channels // count))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(n, rows, columns, anchors, 5 + classes)."""
        count = len(self.anchors)
        return (*shape[:-1], count, (shape[-1] or 0) // count)

    def get_config(self) -> dict[str, Any]:
        """The anchors, so that a saved model knows them."""
        return {**super().get_config(), "anchors": self.anchors.tolist()}


def anchors_of(model: keras.Model) -> list[NDArray[np.float32]]:
    """The anchors of each output of a detector, in the order of its outputs.

    Args:
        model: Whose outputs all come from a `YOLOHead`.

    Returns:
        float32 (anchors, 2) for each output: widths and heights in pixels of the network's input.

    Raises:
        ValueError: If an output comes from another layer.
    """
    heads = [place_of(output).operation for output in model.outputs]
    strange = [head.name for head in heads if not isinstance(head, YOLOHead)]
    if strange:
        raise ValueError(f"model {model.name} must end in YOLOHead layers, these outputs don't: {', '.join(strange)}")
    return [head.anchors for head in heads]
