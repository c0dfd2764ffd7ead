"""Faces: found, aligned, gathered, drawn; networks, their training, and how well they tell people apart."""

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

from deepmedia.faces.album import Album, AlbumFace, read_album  # noqa: E402
from deepmedia.faces.alignment import align, crop, similarity_transform  # noqa: E402
from deepmedia.faces.augmentation import FaceAugmentation, augment_faces  # noqa: E402
from deepmedia.faces.batches import balanced_batches  # noqa: E402
from deepmedia.faces.clustering import ClusterScores, b_cubed_scores, cluster_faces, pairwise_scores  # noqa: E402
from deepmedia.faces.finding import Face, find_faces, score_on_patches  # noqa: E402
from deepmedia.faces.gallery import Gallery, Match  # noqa: E402
from deepmedia.faces.grey_faces import grey_input, train_on_people, whitened_features, with_mirror_images  # noqa: E402
from deepmedia.faces.losses import ArcFace, arcface_loss, mined_triplets, semi_hard_triplet_loss  # noqa: E402
from deepmedia.faces.networks import facenet, normalise, small_facenet  # noqa: E402
from deepmedia.faces.pairs import Pair, draw_pairs, read_pairs, write_pairs  # noqa: E402
from deepmedia.faces.preprocessing import fixed_scaling, whiten  # noqa: E402
from deepmedia.faces.protocol import ROC, LFWReport, lfw_report, roc  # noqa: E402
from deepmedia.faces.published_weights import PUBLISHED, PublishedWeights, load_facenet_weights  # noqa: E402
from deepmedia.faces.sheets import contact_sheet  # noqa: E402
from deepmedia.faces.synthetic import (  # noqa: E402
    DRAWN_EYE_POSITIONS,
    draw_faces,
    synthetic_attributes,
    synthetic_faces,
)
from deepmedia.faces.trained import trained_small_facenet  # noqa: E402
from deepmedia.faces.training import embed, fit_embeddings  # noqa: E402

__all__ = [
    "DRAWN_EYE_POSITIONS",
    "PUBLISHED",
    "ROC",
    "Album",
    "AlbumFace",
    "ArcFace",
    "ClusterScores",
    "Face",
    "FaceAugmentation",
    "Gallery",
    "LFWReport",
    "Match",
    "Pair",
    "PublishedWeights",
    "align",
    "arcface_loss",
    "augment_faces",
    "b_cubed_scores",
    "balanced_batches",
    "cluster_faces",
    "contact_sheet",
    "crop",
    "draw_faces",
    "draw_pairs",
    "embed",
    "facenet",
    "find_faces",
    "fit_embeddings",
    "fixed_scaling",
    "grey_input",
    "lfw_report",
    "load_facenet_weights",
    "mined_triplets",
    "normalise",
    "pairwise_scores",
    "read_album",
    "read_pairs",
    "roc",
    "score_on_patches",
    "semi_hard_triplet_loss",
    "similarity_transform",
    "small_facenet",
    "synthetic_attributes",
    "synthetic_faces",
    "train_on_people",
    "trained_small_facenet",
    "whiten",
    "whitened_features",
    "with_mirror_images",
    "write_pairs",
]
