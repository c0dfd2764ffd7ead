"""Scenes and clips are drawn with arithmetic whose last bit every processor agrees on."""

import ast
from pathlib import Path

import pytest

import deepmedia.drawing

# IEEE 754 says what these give to the last bit, or they only move, choose or count numbers, or add whole ones
EXACT = {
    "abs", "arange", "array", "asarray", "bincount", "bool_", "broadcast_to", "clip", "concatenate", "empty",
    "flatnonzero", "float64", "floor", "full", "int64", "int8", "maximum", "minimum", "ones", "pad", "rint", "sqrt",
    "uint16", "uint64", "uint8", "where", "zeros", "zeros_like",
}  # fmt: skip
LIBRARIES = {
    "collections",
    "dataclasses",
    "deepmedia",
    "functools",
    "numpy",
    "scipy.ndimage",
    "skimage",
    "sklearn",
    "typing",
}
# Matrix products of whole numbers below 2^53 are exact in any order.
OF_WHOLE_NUMBERS = {("stencils", "MatMult")}
PACKAGE = Path(deepmedia.drawing.__file__).parents[1]
ROOMS = ("drawing", "detection/drawn_scenes", "video/drawn_clips")
SOURCES = sorted(path for room in ROOMS for path in (PACKAGE / room).glob("*.py"))


def inexact(source):
    """What a source uses beyond exact arithmetic."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            found |= {node.attr} - EXACT - {"ndarray"}
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            found.add("MatMult")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            exponent = node.right  # t**3 of a whole number is a product, 2**level exact
            found |= set() if isinstance(exponent, ast.Constant) or isinstance(node.left, ast.Constant) else {"Pow"}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= {node.func.id} & {"sum", "pow"}  # Python 3.12 adds floats otherwise than 3.11
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names} | {
                str(node.module),
                str(node.module).split(".")[0],
            }
            found |= set() if names & LIBRARIES else {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} - LIBRARIES
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_drawing_is_exact(path):
    allowed = {name for stem, name in OF_WHOLE_NUMBERS if stem == path.stem}
    assert inexact(path.read_text("utf-8")) - allowed == set()


@pytest.mark.parametrize(
    "source",
    ["np.exp(x)", "np.mean(x)", "a @ b", "x ** y", "sum(x)", "import math", "from scipy import special", "import cv2"],
)
def test_what_a_processor_may_round_is_found(source):
    assert inexact(source)


def test_all_of_the_drawing_is_looked_at():
    shared = {"backgrounds", "colours", "draws", "garments", "lanes", "stencils"}
    found = {(path.parent.name, path.stem) for path in SOURCES}
    assert {("drawing", name) for name in shared} <= found
    assert {("drawn_scenes", "clutter"), ("drawn_scenes", "composing")} <= found
    assert {("drawn_clips", "composing"), ("drawn_clips", "paths")} <= found
