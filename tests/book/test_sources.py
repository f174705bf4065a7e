"""The chapters as they are written: what Jupyter Book would pass over in silence."""

import ast
import re
from functools import cache
from pathlib import Path

import jupytext
from jupytext.config import load_jupytext_configuration_file

from reading_neurons.myst import Directive, blocks
from reading_neurons.teaching.exercises import exercises_of

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
LIBRARY = ROOT / "lib" / "reading_neurons"
PAGES = sorted(path.relative_to(BOOK).with_suffix("").as_posix() for path in BOOK.rglob("*.md"))
CODE = 84  # characters; see the size of code in book.css
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


def test_every_page_has_its_question_on_the_first_page_once(named_pages):
    asked = re.findall(r"^\| .+\? \| \{doc\}`(?:[^`]*<)?([\w-]+)>?` \|$", text_of("index"), re.MULTILINE)
    wanted = [page for page in named_pages if page not in ("index", "bibliography") and not page.startswith("api/")]
    assert sorted(asked) == sorted(wanted)


def test_a_page_with_cells_has_the_header_without_which_they_would_not_run(chapter):
    metadata = notebook_of(chapter).metadata
    assert metadata.get("kernelspec", {}).get("name") == "python3"
    assert metadata.get("jupytext", {}).get("text_representation", {}).get("format_name") == "myst"


def test_a_line_of_code_fits_beside_both_sidebars_on_a_laptop(chapter):
    code = "\n".join(cell.source for cell in notebook_of(chapter).cells if cell.cell_type == "code")
    assert [line for line in code.splitlines() if len(line) > CODE] == []


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


def test_a_method_has_two_exercises_or_more_one_of_them_core(method):
    found = exercises_of(text_of(method), method)
    assert len(found) >= 2
    assert "core" in {exercise["importance"] for exercise in found}


def test_every_exercise_says_how_hard_long_and_important_it_is_and_has_a_solution(chapter):
    labels = [exercise["label"] for exercise in exercises_of(text_of(chapter), chapter)]
    assert len(labels) == len(re.findall(r"^[`:~]{3,}\{exercise", text_of(chapter), re.MULTILINE)), "write {exercise}"
    solved = [block.argument for block in directives(chapter) if re.match(r"solution(-start)?$", block.name)]
    assert sorted(labels) == sorted(solved)


def test_a_solution_ends_in_what_it_found_and_one_without_cells_claims_no_figure(chapter):
    for label, cells, prose in solutions(chapter):
        if not cells:
            assert not re.search(r"\d", prose), f"{label}: a figure that no cell shows"
            continue
        last = ast.parse(cells[-1]).body[-1]
        assert isinstance(last, ast.Expr | ast.Assert), f"{label}: its last cell shows nothing"


def solutions(page):
    """The label, the code and the words of each solution of a page."""
    gate, code, words = None, [], []
    for cell in notebook_of(page).cells:
        if cell.cell_type == "code":
            if gate:
                assert not {"skip-execution", "raises-exception"} & set(cell.metadata.get("tags", []))
                code.append(cell.source)
            continue
        for block in blocks(cell.source):
            name = block.name if isinstance(block, Directive) else ""
            if name == "solution":
                yield block.argument, [], block.body
            elif name == "solution-start":
                gate, code, words = block.argument, [], []
            elif name == "solution-end":
                yield gate, code, "\n".join(words)
                gate = None
            elif gate and isinstance(block, str):
                words.append(block)


def test_every_public_module_has_a_place_in_the_reference():
    documented = set()
    for page in PAGES:
        documented |= set(re.findall(r"automodule:: *reading_neurons\.([\w.]+)", text_of(page)))
    files = [path.relative_to(LIBRARY).with_suffix("") for path in LIBRARY.rglob("*.py")]
    public = {".".join(path.parts) for path in files if not path.name.startswith("_")}
    assert public <= documented, "add an automodule to a page of book/api"
