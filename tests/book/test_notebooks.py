"""The notebooks that `make notebooks` writes of the chapters there are."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from reading_neurons.display import BOOK_VARIABLE
from reading_neurons.sphinx_ext.names import unbound
from reading_neurons.sphinx_ext.notebooks import ANSWER, notebook, write_all

BOOK = Path(__file__).parents[2] / "book"


def sources(chapter, solutions, kind):
    return [cell.source for cell in notebook(BOOK / f"{chapter}.md", solutions).cells if cell.cell_type == kind]


@pytest.mark.parametrize("solutions", [False, True], ids=["learner", "teacher"])
def test_a_chapter_becomes_a_valid_notebook_of_plain_markdown(chapter, solutions):
    made = notebook(BOOK / f"{chapter}.md", solutions)
    nbformat.validate(made)
    text = "\n".join(sources(chapter, solutions, "markdown"))
    prose = re.sub(r"`{3,}.*?`{3,}|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", text, flags=re.DOTALL)
    left = re.findall(r"\{[\w:-]+\}|^:[\w-]+:|^:::|^\([\w-]+\)=", prose, re.MULTILINE)
    assert left == []


def test_a_learner_gets_no_solution_and_a_teacher_gets_them_all(chapter):
    written = (BOOK / f"{chapter}.md").read_text(encoding="utf-8")
    solutions = len(re.findall(r"^[`:]{3,}\{solution(?:-start)?\}", written, re.MULTILINE))
    learner, teacher = ("\n".join(sources(chapter, kept, "markdown")) for kept in (False, True))
    assert teacher.count("**Solution**") == solutions
    assert "**Solution**" not in learner
    assert sources(chapter, False, "code").count(ANSWER) == solutions
    answers = set(sources(chapter, True, "code")) - set(sources(chapter, False, "code"))
    gated = written.count("{solution-start}")
    assert len(answers) >= gated, "a gated solution without a cell needs no gate"


def test_the_check_of_names_reads_the_chapter(chapter):
    code = sources(chapter, False, "code")
    assert unbound(code) == []
    assert unbound(code[1:]) or len(code) == 1, "nothing needs what the first cell binds: are names still found?"


def shortest(count):
    """The chapters with cells in their solutions that have the least text."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")}
    solved = [name for name in pages if "{solution-start}" in pages[name]]
    return sorted(solved, key=lambda name: (len(pages[name]), name))[:count]


@pytest.mark.slow
@pytest.mark.parametrize("short", shortest(1))
def test_what_a_learner_gets_runs_from_top_to_bottom(short, tmp_path, monkeypatch):
    # One for all: the book has run every chapter, and that nothing needs a solution is read off the cells.
    monkeypatch.delenv(BOOK_VARIABLE, raising=False)
    write_all(BOOK, tmp_path)
    path = tmp_path / "learner" / f"{short}.ipynb"
    made = nbformat.read(path, as_version=4)
    NotebookClient(made, timeout=600, resources={"metadata": {"path": path.parent}}).execute()
