"""What is wrong in a folder of labelled pictures, file by file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

NO_LABELS = "picture without a label file"
NO_PICTURE = "labels without a picture"
BAD_LABELS = "label file that can't be read"
BAD_PICTURE = "picture that can't be read"
SAME_NAME = "name that occurs twice"
SAME_PICTURE = "picture that occurs twice"
OTHER_SIZE = "size that differs from the picture's"
UNKNOWN_CLASS = "unknown class"
OUTSIDE = "box outside the picture"
NO_AREA = "box without area"
SMALL = "very small box"
HARMLESS = frozenset({SMALL})  # to be looked at, but no fault in itself

SHOWN = 10  # faults of a kind in the text of a report


@dataclass(frozen=True)
class LabelFault:
    """One thing that is wrong, or looks so."""

    kind: str  # one of the kinds above
    file: str  # below the folder, with / between its parts
    what: str  # what is wrong, and what was done about it


@dataclass(frozen=True, eq=False)
class LabelReport:
    """What `read_labelled_folder` read, and what it found wrong; ``str`` gives it as text."""

    pictures: int  # that can be used
    boxes: int  # in them, crowds included
    class_counts: Mapping[str, int]  # boxes of each class, 0 where there is none
    faults: tuple[LabelFault, ...]

    def of_kind(self, kind: str) -> tuple[LabelFault, ...]:
        """The faults of one kind, such as `NO_AREA`."""
        return tuple(fault for fault in self.faults if fault.kind == kind)

    def __str__(self) -> str:
        """Counts, then each kind of fault with its first files."""
        counts = ", ".join(f"{name} {count}" for name, count in self.class_counts.items())
        lines = [f"{self.pictures} pictures with {self.boxes} boxes: {counts}"]
        for kind, count in Counter(fault.kind for fault in self.faults).items():
            lines.append(f"{kind}: {count}")
            lines += [f"  {fault.file}: {fault.what}" for fault in self.of_kind(kind)[:SHOWN]]
            lines += [f"  and {count - SHOWN} more"] * (count > SHOWN)
        return "\n".join(lines)
