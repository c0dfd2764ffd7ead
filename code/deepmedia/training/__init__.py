"""Training in Keras, by the same means in every part: examples, one training, the book's recipe."""

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

from deepmedia.training.examples import Examples, to_input  # noqa: E402
from deepmedia.training.fitting import fit  # noqa: E402
from deepmedia.training.recipe import fit_schedule, schedule  # noqa: E402
from deepmedia.training.tracing import trace_once  # noqa: E402

__all__ = ["Examples", "fit", "fit_schedule", "schedule", "to_input", "trace_once"]
