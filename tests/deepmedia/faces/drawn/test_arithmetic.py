"""Drawing uses only arithmetic whose last bit every processor agrees on."""

import ast
from pathlib import Path

import pytest

import deepmedia.faces.drawn

# IEEE 754 says what these give to the last bit, or they only move, choose or count numbers
EXACT = {
    "abs", "arange", "array", "ascontiguousarray", "ceil", "clip", "cumsum", "divmod", "dtype", "empty",
    "flatnonzero", "float32", "floor", "full", "int64", "maximum", "minimum", "ndarray", "rint", "roll", "sign", "sqrt",
    "stack", "uint32", "uint64", "uint8", "void", "where", "zeros", "bool_",
}  # fmt: skip
SOURCES = sorted(Path(deepmedia.faces.drawn.__file__).parent.glob("*.py"))


def inexact(source):
    """What a source uses beyond exact arithmetic."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            found |= {node.attr} - EXACT
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow | ast.MatMult):
            is_constant = isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant)  # 2**64: whole numbers
            found |= set() if is_constant else {type(node.op).__name__}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [str(node.module)] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found |= {name for name in names if name.split(".")[0] in {"math", "scipy", "cv2"}}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_drawing_is_exact(path):
    assert inexact(path.read_text("utf-8")) == set()


@pytest.mark.parametrize("source", ["np.exp(x)", "a @ b", "x **= 2", "np.sum(x)", "import math", "from scipy import x"])
def test_what_a_processor_may_round_is_found(source):
    assert inexact(source)


def test_all_of_the_drawing_is_looked_at():
    assert {"canvas", "eyes", "hair", "head", "painting", "parameters", "scene", "worn"} <= {p.stem for p in SOURCES}
