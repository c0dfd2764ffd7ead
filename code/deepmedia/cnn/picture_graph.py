"""Making a picture ready in TensorFlow's own operations, so that an exported model takes files and needs nothing else.

It does what `deepmedia.cnn.picture_files.network_input` does, to a level or two of 255: OpenCV and TensorFlow round,
and read JPEGs, a little differently. It checks less: whether a file is whole, and how a camera was held, it does not
see.
"""

import tensorflow as tf

GREY = (0.299, 0.587, 0.114)  # of red, green and blue, as OpenCV weighs them


def inputs_from_bytes(files: tf.Tensor, shape: tuple[int, int, int], *, background: int = 0) -> tf.Tensor:
    """What a network sees of the bytes of picture files.

    Args:
        files: Strings (n,), each the content of a PNG, JPEG or BMP.
        shape: Height, width and channels (1 or 3) of the network's input.
        background: Grey value around pictures of other proportions, and behind transparent ones.

    Returns:
        float32 (n, height, width, channels) in 0..1.
    """
    return tf.map_fn(
        lambda data: _input_from_bytes(data, shape, float(background)),
        files,
        fn_output_signature=tf.TensorSpec(shape, tf.float32),
    )


def _input_from_bytes(data: tf.Tensor, shape: tuple[int, int, int], background: float) -> tf.Tensor:
    *size, channels = shape
    pixels = _decoded(data, background)
    if channels == 1:
        pixels = tf.round(tf.reduce_sum(pixels * GREY, axis=-1, keepdims=True))
    sides = tf.cast(tf.shape(pixels)[:2], tf.float64)
    scale = tf.reduce_min(tf.constant(size, tf.float64) / sides)
    small = tf.maximum(1, tf.cast(tf.round(sides * scale), tf.int32))
    pixels = tf.cond(
        scale < 1,
        lambda: tf.image.resize(pixels, small, method="area"),
        lambda: tf.image.resize(pixels, small, method="bilinear"),
    )
    top, left = tf.unstack((tf.constant(size) - small) // 2)
    moved = tf.image.pad_to_bounding_box(tf.round(pixels) - background, top, left, *size)  # it pads with 0
    return tf.ensure_shape((moved + background) / 255, shape)


def _decoded(data: tf.Tensor, background: float) -> tf.Tensor:
    """RGB of a file, float32 (height, width, 3), 0 to 255, with the background behind it."""

    def png() -> tf.Tensor:
        pixels = tf.cast(tf.io.decode_png(data, channels=4), tf.float32)
        opacity = pixels[..., 3:] / 255
        return tf.round(pixels[..., :3] * opacity + background * (1 - opacity))

    def jpeg() -> tf.Tensor:
        return tf.cast(tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE"), tf.float32)

    def other() -> tf.Tensor:
        return tf.cast(tf.io.decode_image(data, channels=3, expand_animations=False), tf.float32)

    is_png = tf.strings.substr(data, 0, 8) == b"\x89PNG\r\n\x1a\n"
    pixels = tf.cond(is_png, png, lambda: tf.cond(tf.io.is_jpeg(data), jpeg, other))
    return tf.ensure_shape(pixels, (None, None, 3))
