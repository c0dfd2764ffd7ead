"""Objects: boxes and what is measured on them, YOLOv3 and its training, Darknet's files, detectors for use."""

from deepmedia.tensorflow_check import require_tensorflow

require_tensorflow()  # before Keras, whose own message is about its back ends

from deepmedia.datasets.voc import ImageLabels, read_voc, write_voc  # noqa: E402
from deepmedia.detection.anchors import FittedAnchors, anchors_by_k_means  # noqa: E402
from deepmedia.detection.annotating import annotated  # noqa: E402
from deepmedia.detection.coco_labels import CocoLabels, read_coco  # noqa: E402
from deepmedia.detection.coco_metrics import CocoMetrics, coco_metrics  # noqa: E402
from deepmedia.detection.darknet import darknet_network, load_darknet, save_darknet  # noqa: E402
from deepmedia.detection.darknet_cfg import parse_cfg, read_cfg  # noqa: E402
from deepmedia.detection.decoding import Decoded, decode  # noqa: E402
from deepmedia.detection.detection_errors import DetectionErrors, detection_errors  # noqa: E402
from deepmedia.detection.detector import Detector  # noqa: E402
from deepmedia.detection.folding import fold_normalisation  # noqa: E402
from deepmedia.detection.heads import YOLOHead, anchors_of  # noqa: E402
from deepmedia.detection.label_report import LabelFault, LabelReport  # noqa: E402
from deepmedia.detection.labelled_folder import LabelledFolder, read_any_picture, read_labelled_folder, split_folder  # noqa: E402
from deepmedia.detection.labels import blood_cells, truth_of, with_area  # noqa: E402
from deepmedia.detection.letterboxing import Letterbox, letterbox, resize_aligned  # noqa: E402
from deepmedia.detection.loss import yolo_loss, yolo_loss_terms  # noqa: E402
from deepmedia.detection.moving_boxes import BoxAugmentation, augment_boxes  # noqa: E402
from deepmedia.detection.overlap import distance_iou, generalised_iou, intersection_areas, iou, size_iou  # noqa: E402
from deepmedia.detection.records import Detections, Truth  # noqa: E402
from deepmedia.detection.scenes import GARMENT_GROUPS, garment_group_ids, garment_scenes, in_garment_groups  # noqa: E402
from deepmedia.detection.small_yolo import small_yolo  # noqa: E402
from deepmedia.detection.suppression import non_maximum_suppression  # noqa: E402
from deepmedia.detection.targets import yolo_targets  # noqa: E402
from deepmedia.detection.trained import COCO_CLASSES, trained_small_yolo, trained_yolo_tiny  # noqa: E402
from deepmedia.detection.training import fit_detector  # noqa: E402
from deepmedia.detection.transfer import OwnDetector, tiny_transfer, train_own_objects  # noqa: E402
from deepmedia.detection.yolo import copy_alike_layers, yolo_v3, yolo_v3_tiny  # noqa: E402
from deepmedia.detection.yolo_labels import read_yolo_labels, write_yolo_labels  # noqa: E402

__all__ = [
    "COCO_CLASSES",
    "GARMENT_GROUPS",
    "BoxAugmentation",
    "CocoLabels",
    "CocoMetrics",
    "Decoded",
    "DetectionErrors",
    "Detections",
    "Detector",
    "FittedAnchors",
    "ImageLabels",
    "LabelFault",
    "LabelReport",
    "LabelledFolder",
    "Letterbox",
    "OwnDetector",
    "Truth",
    "YOLOHead",
    "anchors_by_k_means",
    "anchors_of",
    "annotated",
    "augment_boxes",
    "blood_cells",
    "coco_metrics",
    "copy_alike_layers",
    "darknet_network",
    "decode",
    "detection_errors",
    "distance_iou",
    "fit_detector",
    "fold_normalisation",
    "garment_group_ids",
    "garment_scenes",
    "generalised_iou",
    "in_garment_groups",
    "intersection_areas",
    "iou",
    "letterbox",
    "load_darknet",
    "non_maximum_suppression",
    "parse_cfg",
    "read_any_picture",
    "read_cfg",
    "read_coco",
    "read_labelled_folder",
    "read_voc",
    "read_yolo_labels",
    "resize_aligned",
    "save_darknet",
    "size_iou",
    "small_yolo",
    "split_folder",
    "tiny_transfer",
    "train_own_objects",
    "trained_small_yolo",
    "trained_yolo_tiny",
    "truth_of",
    "with_area",
    "write_voc",
    "write_yolo_labels",
    "yolo_loss",
    "yolo_loss_terms",
    "yolo_targets",
    "yolo_v3",
    "yolo_v3_tiny",
]
