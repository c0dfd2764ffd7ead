import pytest
from tests.bookbuild.conftest import HEADER

from bookbuild import pages


@pytest.fixture
def book(tmp_path):
    (tmp_path / "cnn").mkdir()
    (tmp_path / "index.md").write_text("# Cover\n")
    (tmp_path / "cnn" / "first.md").write_text(f"{HEADER}\n# First\n\n```{{code-cell}} python\n1 + 1\n```\n")
    toc = tmp_path / "_toc.yml"
    toc.write_text("format: jb-book\nroot: index\nparts:\n  - chapters:\n      - file: cnn/first\n")
    return tmp_path


def test_pages_come_in_the_order_of_the_table_of_contents(book):
    found = pages.pages(toc=book / "_toc.yml", book=book)
    assert [page.docname for page in found] == ["index", "cnn/first"]
    assert [page.is_notebook for page in found] == [False, True]


def test_a_page_that_the_table_of_contents_forgets_is_an_error(book):
    (book / "cnn" / "second.md").write_text("# Second\n")
    with pytest.raises(
        pages.BookProblem, match=r"book/cnn/second\.md is not in _toc\.yml: add the line «- file: cnn/second»"
    ):
        pages.pages(toc=book / "_toc.yml", book=book)


def test_a_listed_page_that_does_not_exist_is_an_error(book):
    (book / "cnn" / "first.md").unlink()
    with pytest.raises(pages.BookProblem, match=r"lists cnn/first, but book/cnn/first\.md does not exist"):
        pages.pages(toc=book / "_toc.yml", book=book)


def test_a_page_that_is_listed_twice_is_an_error(book):
    toc = book / "_toc.yml"
    toc.write_text(toc.read_text() + "      - file: cnn/first\n")
    with pytest.raises(pages.BookProblem, match="lists cnn/first twice"):
        pages.pages(toc=toc, book=book)


@pytest.mark.parametrize("header", ["", HEADER.removesuffix("---\n")])
def test_code_cells_that_would_not_run_are_an_error(tmp_path, header):
    path = tmp_path / "page.md"
    path.write_text(f"{header}\n# Title\n\n```{{code-cell}} python\n1 + 1\n```\n")
    with pytest.raises(pages.BookProblem, match="they would not run"):
        pages.read_notebook(path)


def test_a_fork_is_named_by_github_actions(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "Somebody/their-book")
    assert pages.repository_url() == "https://github.com/Somebody/their-book"
    assert pages.site_url() == "https://somebody.github.io/their-book"


def test_without_github_actions_the_configuration_names_the_repository(monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert pages.repository_url() == pages.configuration()["repository"]["url"]


def test_the_book_itself_lists_all_its_pages():
    assert pages.pages()[0].docname == "index"
