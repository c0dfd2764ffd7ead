"""Equations as MathML, converted by themselves and in a tiny book."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from bookbuild.equations import EquationError, aligned, characters, to_mathml

CONFIGURATION = """
extensions = ["myst_parser", "bookbuild.equations"]
myst_enable_extensions = ["dollarmath", "amsmath"]
numfig = True
math_numfig = True
"""


def shape(tex: str, *, display: bool = False) -> str:
    """The elements of an equation without attributes and without its LaTeX."""
    text = re.sub(r"<annotation.*?</annotation>", "", to_mathml(tex, display=display))
    return re.sub(r"</?semantics>|( [\w-]+=\"[^\"]*\")", "", text)


# What each means in MathML, by the standard: https://www.w3.org/TR/mathml-core/
@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\frac{a}{2}", "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>"),
        (r"x_i^2", "<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>"),
        (r"\sqrt[3]{n}", "<math><mroot><mrow><mi>n</mi><mspace></mspace></mrow><mn>3</mn></mroot></math>"),
        (r"\mathbf{w}", "<math><mi>𝐰</mi></math>"),
        (r"\text{same}", "<math><mtext>same</mtext></math>"),
    ],
)
def test_construct_has_its_element(tex: str, expected: str):
    assert shape(tex) == expected


def test_limits_of_a_sum_stand_below_and_above_only_on_a_line_of_its_own():
    assert "<munderover>" in shape(r"\sum_{i=1}^n i", display=True)
    assert "<msubsup>" in shape(r"\sum_{i=1}^n i")


def test_rows_of_aligned_equations_are_rows_of_a_table():
    text = to_mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True)
    table = BeautifulSoup(text, "html.parser").find("mtable")
    rows = [[cell.get_text() for cell in row.find_all("mtd")] for row in table.find_all("mtr")]
    assert rows == [["a", "=b"], ["c", "=d"]]
    assert [cell["class"] for cell in table.find("mtr").find_all("mtd")] == [["tml-right"], ["tml-left"]]


def test_latex_goes_along_for_those_who_copy():
    tex = r"a < \frac{1}{2} & b".replace(" & b", "")
    annotation = BeautifulSoup(to_mathml(tex), "html.parser").find("annotation")
    assert annotation["encoding"] == "application/x-tex"
    assert annotation.get_text() == tex


@pytest.mark.parametrize("tex", [r"\fraction{a}{b}", r"\frac{a}", r"\begin{aligned} a", "a_b_c", r"\left( a"])
def test_what_is_no_equation_is_an_error_that_quotes_it(tex: str):
    with pytest.raises(EquationError, match="is no equation that Temml reads") as told:
        to_mathml(tex)
    assert repr(tex) in str(told.value)


def test_rows_inside_an_environment_need_no_second_one():
    matrix = r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"
    assert aligned(matrix) == matrix
    assert aligned(matrix + r"\\ a") == r"\begin{aligned}" + matrix + r"\\ a\end{aligned}"


def test_two_equations_with_an_empty_line_between_become_two_rows():
    assert len(re.findall("<mtr>", to_mathml(aligned("a = b\n\nc = d"), display=True))) == 2


def test_characters_are_those_that_a_browser_draws():
    assert set(characters(to_mathml(r"h = \sin \theta"))) == {"ℎ", "=", "s", "i", "n", "𝜃", "\u2061"}


def build(folder: Path, text: str) -> tuple[BeautifulSoup, str]:
    """A book of one page, built; its HTML and Sphinx's warnings."""
    (folder / "conf.py").write_text(CONFIGURATION, "utf-8")
    (folder / "index.md").write_text(text, "utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", folder, folder / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return BeautifulSoup((folder / "out/index.html").read_text("utf-8"), "html.parser"), done.stderr


def test_page_shows_equations_with_numbers_and_links_and_loads_no_program(tmp_path: Path):
    text = "# Page\n\nSo $a^2$ and {eq}`two`:\n\n$$ a = b $$ (one)\n\n$$ c = d \\\\ e = f $$ (two)\n"
    page, warnings = build(tmp_path, text)
    assert warnings == ""
    assert [math.find("annotation").get_text() for math in page.select("span.math math")] == ["a^2"]
    assert [number.get_text().strip("¶#") for number in page.select("div.math .eqno")] == ["(1)", "(2)"]
    assert page.select_one("a[href='#equation-two']").get_text() == "(2)"
    assert page.select_one("#equation-two math mtable")
    assert not [script for script in page.select("script") if "mathjax" in str(script).lower()]


def test_a_mark_behind_an_equation_stays_on_its_line(tmp_path: Path):
    page, warnings = build(tmp_path, "# Page\n\nHere $a$, $b$), the $n$th and *so* $c$ of $d$. And $e$\n")
    assert warnings == ""
    paragraph = page.select_one("section p")
    for annotation in paragraph.select("annotation"):
        annotation.decompose()
    assert [kept.get_text() for kept in paragraph.select("span.unbroken")] == ["a,", "b),", "d."]
    assert paragraph.get_text() == "Here a, b), the nth and so c of d. And e"


def test_equation_that_cannot_be_converted_is_a_warning_and_stays_to_be_read(tmp_path: Path):
    page, warnings = build(tmp_path, "# Page\n\nSo $\\nonsense{a < b}$.\n")
    assert "index.md:3" in warnings
    assert "is no equation that Temml reads" in warnings
    assert page.select_one(".math code").get_text() == r"\nonsense{a < b}"
