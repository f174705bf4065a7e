"""The chapters as they are written: what Jupyter Book would pass over in silence."""

import re
from functools import cache
from pathlib import Path

import jupytext
from jupytext.config import load_jupytext_configuration_file

from reading_neurons.sphinx_ext.notebooks import Directive, blocks

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
LIBRARY = ROOT / "lib" / "reading_neurons"
PAGES = sorted(path.relative_to(BOOK).with_suffix("").as_posix() for path in BOOK.rglob("*.md"))
CELL = re.compile(r"^`{3,}\{code-cell\}", re.MULTILINE)


def text_of(page):
    return (BOOK / f"{page}.md").read_text(encoding="utf-8")


@cache
def notebook_of(page):
    return jupytext.read(BOOK / f"{page}.md")


def directives(page):
    for cell in notebook_of(page).cells:
        if cell.cell_type == "markdown":
            yield from (block for block in blocks(cell.source) if isinstance(block, Directive))


def test_the_table_of_contents_names_every_page_once(named_pages):
    assert sorted(named_pages) == PAGES


def test_a_page_with_cells_has_the_header_without_which_they_would_not_run(chapter):
    metadata = notebook_of(chapter).metadata
    assert metadata.get("kernelspec", {}).get("name") == "python3"
    assert metadata.get("jupytext", {}).get("text_representation", {}).get("format_name") == "myst"


def test_every_cell_is_one_that_runs(chapter):
    written = len(CELL.findall(text_of(chapter)))
    assert sum(cell.cell_type == "code" for cell in notebook_of(chapter).cells) == written
    nested = [block for block in directives(chapter) if "{code-cell}" in block.body]
    assert not nested, "cells inside a directive do not run; use {solution-start} and {solution-end}"


def test_saving_a_chapter_in_jupyterlab_changes_nothing(chapter, tmp_path):
    config = load_jupytext_configuration_file(str(BOOK / "jupytext.toml"))
    notebook = jupytext.read(BOOK / f"{chapter}.md", config=config)
    assert jupytext.writes(notebook, fmt="md:myst", config=config) == text_of(chapter)


def test_a_chapter_sets_up_its_charts_and_imports_what_is_installed(chapter):
    code = "\n".join(cell.source for cell in notebook_of(chapter).cells if cell.cell_type == "code")
    assert "display.setup()" in code
    assert "sys.path" not in code and "READING_NEURONS" not in code


def test_a_method_has_two_exercises_each_with_a_solution(method):
    found = [block for block in directives(method) if re.match(r"(exercise|solution)(-start)?$", block.name)]
    labels = [label for block in found if block.name.startswith("exercise") for label in _labels(method, block)]
    solved = [block.argument for block in found if block.name.startswith("solution")]
    assert len(labels) >= 2
    assert sorted(labels) == sorted(solved)


def _labels(page, exercise):
    opening = rf"\{{{exercise.name}\}} *{re.escape(exercise.argument)}\s*\n(?:\s*:[\w-]+:.*\n)*?\s*:label: *(\S+)"
    return re.findall(opening, text_of(page))


def test_every_public_module_has_a_place_in_the_reference():
    documented = set()
    for page in PAGES:
        documented |= set(re.findall(r"automodule:: *reading_neurons\.([\w.]+)", text_of(page)))
    files = [path.relative_to(LIBRARY).with_suffix("") for path in LIBRARY.rglob("*.py")]
    public = {".".join(path.parts) for path in files if not path.name.startswith("_")}
    assert public <= documented, "add an automodule to a page of book/api"
