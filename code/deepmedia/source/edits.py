"""What was set in the package, and how to set it back."""

import types
from dataclasses import dataclass
from typing import Any

MISSING = object()


@dataclass(eq=False)
class Edit:
    """One attribute that was set: of a function, a class or a module, or a name of the reader's."""

    owner: Any
    name: str
    old: Any  # before; MISSING where there was none
    new: Any  # after

    def take_back(self) -> None:
        """Set what was there before, unless somebody else has set it since."""
        if self.old is not self.new and attribute(self.owner, self.name) is self.new:
            put(self.owner, self.name, self.old)


EDITS: dict[str, dict[tuple[int, str], Edit]] = {}  # full name of what is redefined -> its edits; the newest last


class Journal:
    """The edits of one cell, which are undone together if one of its lines fails."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.before = {key: dict(edits) for key, edits in EDITS.items()}
        self.key = ""

    def begin(self, key: str) -> None:
        """Note what follows as edits of this full name."""
        self.key = key
        EDITS[key] = EDITS.pop(key, {})

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute and note what was there."""
        old = attribute(owner, name)
        put(owner, name, value)
        edit = Edit(owner, name, old, attribute(owner, name))
        self.edits.append(edit)
        place = (id(owner), name)
        first = EDITS[self.key].get(place, edit)
        EDITS[self.key][place] = Edit(owner, name, first.old, edit.new)

    def take_back(self, key: str) -> None:
        """Undo what was redefined under a full name and the names inside it."""
        for name in reversed([name for name in EDITS if f"{name}.".startswith(f"{key}.")]):
            for edit in reversed(EDITS.pop(name).values()):
                edit.take_back()
                self.edits.append(Edit(edit.owner, edit.name, edit.new, edit.old))

    def undo(self) -> None:
        """Set everything back to what it was before the cell."""
        for edit in reversed(self.edits):
            edit.take_back()
        EDITS.clear()
        EDITS.update(self.before)


def attribute(owner: Any, name: str) -> Any:
    """An attribute as it is stored, not as a class would bind it; MISSING where there is none."""
    if isinstance(owner, types.FunctionType):
        return getattr(owner, name)
    return (owner if isinstance(owner, dict) else vars(owner)).get(name, MISSING)


def put(owner: Any, name: str, value: Any) -> None:
    """Set an attribute; MISSING deletes it."""
    if isinstance(owner, dict):
        owner[name] = value
    elif value is MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)
