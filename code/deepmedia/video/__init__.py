"""Video: frames of clips, clips with labels, recurrent networks, YouTube-8M's files, and how good labels are."""

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

from deepmedia.video.compressing import FeatureCompression, fit_compression  # noqa: E402
from deepmedia.video.features import frame_features  # noqa: E402
from deepmedia.video.frames import ClipFrames, read_frames  # noqa: E402
from deepmedia.video.kernel_ridge import KernelRidge, fit_kernel_ridge  # noqa: E402
from deepmedia.video.metrics import (  # noqa: E402
    global_average_precision,
    hit_at_one,
    mean_average_precision,
    multi_hot,
    precision_at_equal_recall_rate,
)
from deepmedia.video.models import video_logistic, video_moe, video_network  # noqa: E402
from deepmedia.video.moving_garments import CLIP_LABELS, MOTIONS, garment_clips  # noqa: E402
from deepmedia.video.own_clips import ClipClassifier, LabelledClips, read_clip_folder, train_on_clips  # noqa: E402
from deepmedia.video.recurrent import (  # noqa: E402
    RecurrentGradients,
    gru,
    gru_gradients,
    lstm,
    lstm_gradients,
    rnn,
    rnn_gradients,
)
from deepmedia.video.taggers import (  # noqa: E402
    average_tagger,
    bag_of_frames_tagger,
    gru_tagger,
    lstm_tagger,
    pad_clips,
)
from deepmedia.video.tfrecord import BadRecord  # noqa: E402
from deepmedia.video.training import (  # noqa: E402
    VideoClassifier,
    fit_videos,
    train_video_classifier,
    video_scores,
)
from deepmedia.video.youtube8m import VideoRecord, YouTube8MReader, read_youtube8m, video_record, write_youtube8m  # noqa: E402

__all__ = [
    "CLIP_LABELS",
    "MOTIONS",
    "BadRecord",
    "ClipClassifier",
    "ClipFrames",
    "FeatureCompression",
    "KernelRidge",
    "LabelledClips",
    "RecurrentGradients",
    "VideoClassifier",
    "VideoRecord",
    "YouTube8MReader",
    "average_tagger",
    "bag_of_frames_tagger",
    "fit_compression",
    "fit_kernel_ridge",
    "fit_videos",
    "frame_features",
    "garment_clips",
    "global_average_precision",
    "gru",
    "gru_gradients",
    "gru_tagger",
    "hit_at_one",
    "lstm",
    "lstm_gradients",
    "lstm_tagger",
    "mean_average_precision",
    "multi_hot",
    "pad_clips",
    "precision_at_equal_recall_rate",
    "read_clip_folder",
    "read_frames",
    "read_youtube8m",
    "rnn",
    "rnn_gradients",
    "train_on_clips",
    "train_video_classifier",
    "video_logistic",
    "video_moe",
    "video_network",
    "video_record",
    "video_scores",
    "write_youtube8m",
]
