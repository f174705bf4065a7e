"""The chapters as ``.ipynb`` notebooks, from the same source: one version for learners, one for teachers.

``python -m reading_neurons.sphinx_ext.notebooks book dist/notebooks`` writes both. A learner's notebook has an empty
cell where the solution was. A teacher's has, before the solution, the answer to expect and a wrong one to be ready for,
where the plans of the page on teaching hold them; that page itself, with all its answers, is in neither. What only the
book's own tools understand (admonitions, exercises, citations, terms) becomes plain Markdown, since a plain Jupyter
shows anything else as code.

Easy to get wrong: a solution between ``{solution-start}`` and ``{solution-end}`` spans several cells, so leaving it out
is a matter of the whole notebook, not of one cell; and what stays may need what it bound. Such a notebook is refused.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from reading_neurons.myst import Directive, blocks, header
from reading_neurons.sphinx_ext.names import unbound
from reading_neurons.teaching.plans import notes_of

ANSWER = "# Your answer"
PLANS = "plans.toml"
DESK = ("teaching",)  # pages for the teacher's desk alone
NOT_READ = ("*.md", "*.ipynb", ".*", "*.toml", "sizes.json", "api")  # files that no chapter reads
_ROLE = re.compile(r"\{(?P<role>[\w:+-]+)\}(?P<ticks>`+)(?P<text>.+?)(?P=ticks)(?!`)")
_TITLED = re.compile(r"^(?P<title>.*\S)\s*<[^<>]+>$", re.DOTALL)
_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<page>[\w./-]+)\.md(?P<anchor>#[\w-]+)?\)")
_GATES = {"exercise-start": "exercise", "solution-start": "solution"}
_SILENT = ("exercise-end", "solution-end", "bibliography", "tableofcontents", "toctree")
_UNBOXED = ("exercise", "solution", "glossary", "margin", "sidebar")


def is_chapter(path: Path) -> bool:
    """Whether a Markdown page is a notebook, that is, has a kernel in its header."""
    # Not read by jupytext, which takes a page with fences of colons for one of Pandoc's.
    return re.search(r"^kernelspec:", header(path.read_text(encoding="utf-8")), re.MULTILINE) is not None


def notebook(path: Path, solutions: bool, notes: Mapping[str, str] | None = None) -> NotebookNode:
    """A chapter as a notebook, without outputs.

    Parameters
    ----------
    path : pathlib.Path
        A chapter in MyST Markdown.
    solutions : bool
        Whether solutions stay (teachers) or are replaced by an empty cell (learners).
    notes : mapping of str to str, optional
        What to say to a teacher before the solution of an exercise, by the exercise's label.

    Raises
    ------
    ValueError
        If a solution that starts does not end; or if a learner's notebook would stop with a ``NameError``, where a cell
        needs a name that only a solution binds.
    """
    source = jupytext.read(path)
    cells = list(_cells(source.cells, path, solutions, notes or {}))
    if not solutions:
        _require_names([cell.source for cell in cells if cell.cell_type == "code"], path)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same source gives the same file
        tags = cell.metadata.get("tags", [])
        if {"hide-input", "remove-input"} & set(tags):
            cell.metadata["jupyter"] = {"source_hidden": True}
    source.cells = cells
    source.metadata = NotebookNode(kernelspec=source.metadata["kernelspec"])
    return source


def write_all(book: Path, target: Path) -> list[Path]:
    """Write every chapter of a book for learners and for teachers, beside copies of the files that chapters read.

    Returns
    -------
    list of pathlib.Path
        The notebooks written, under ``target/learner`` and ``target/teacher``.

    Raises
    ------
    ValueError
        As :func:`notebook`, before anything is written.
    """
    pages = sorted(path for path in book.rglob("*.md") if not _hidden(path, book))
    chapters = [path for path in pages if is_chapter(path) and path.stem not in DESK]
    notes = notes_of(book / PLANS) if (book / PLANS).exists() else {}
    made = {
        (version, path): notebook(path, solutions=version == "teacher", notes=notes)
        for version in ("learner", "teacher")
        for path in chapters
    }
    for version in ("learner", "teacher"):
        folder = target / version
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(book, folder, ignore=shutil.ignore_patterns(*NOT_READ))
    written = []
    for (version, path), one in made.items():
        out = target / version / path.relative_to(book).with_suffix(".ipynb")
        out.parent.mkdir(parents=True, exist_ok=True)
        jupytext.write(one, out)
        written.append(out)
    return written


def plain(block: str | Directive) -> str:
    """Markdown that any Jupyter shows, for a block of MyST.

    Examples
    --------
    >>> plain("A {term}`units <unit>` of {cite}`kadar2017`.")
    'A units of [kadar2017].'
    >>> print(plain(Directive("note", "", "It bites.")))
    > **Note**
    >
    > It bites.
    """
    if isinstance(block, str):
        lines = [line for line in block.splitlines() if not re.match(r"^(\([\w-]+\)=|%.*)$", line)]
        return _ROLE.sub(_plain_role, "\n".join(lines))
    name = _GATES.get(block.name, block.name)
    if not name or name in ("code-block", "code"):
        return f"```{block.argument}\n{block.body}\n```"
    if name in _SILENT:
        return ""
    if name == "math":
        return f"$$\n{block.body}\n$$"
    if name in ("figure", "image"):
        return f"![{block.body.strip()}]({block.argument})"
    body = "\n".join(plain(inner) for inner in blocks(block.body))
    # The argument of a solution is the label of its exercise.
    title = "Solution" if name == "solution" else block.argument if name == "admonition" else name.capitalize()
    if name not in ("solution", "admonition") and block.argument:
        title = f"{title}: {plain(block.argument)}"
    text = f"**{title}**\n\n{body}".strip()
    return text if name in _UNBOXED else "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _plain_role(match: re.Match) -> str:
    role, text = match["role"], match["text"]
    titled = _TITLED.match(text)
    if titled:
        return titled["title"]
    if role.startswith("cite"):
        return f"[{text}]"
    if role == "math":
        return f"${text}$"
    if role.split(":")[-1] in ("func", "class", "meth", "mod", "attr", "data", "obj"):
        return f"`{text.split('.')[-1] if text.startswith('~') else text}`"
    return text


def _cells(
    cells: list[NotebookNode], path: Path, solutions: bool, notes: Mapping[str, str]
) -> Iterator[NotebookNode]:
    leaving_out = False
    for cell in cells:
        if cell.cell_type != "markdown":
            if not leaving_out:
                yield cell
            continue
        text: list[str] = []
        for block in blocks(cell.source):
            name = block.name if isinstance(block, Directive) else ""
            if leaving_out:
                leaving_out = name != "solution-end"
            elif name in ("solution", "solution-start") and not solutions:
                leaving_out = name == "solution-start"
                yield from _markdown(text, path)
                yield new_code_cell(ANSWER)
                text = []
            else:
                if name in ("solution", "solution-start") and block.argument in notes:
                    text.append(notes[block.argument])
                text.append(plain(block))
        yield from _markdown(text, path)
    if leaving_out:
        raise ValueError(f"{path}: a solution starts and does not end; close it with {{solution-end}}")


def _markdown(parts: list[str], path: Path) -> Iterator[NotebookNode]:
    def link(match: re.Match) -> str:
        # Pages without cells do not become notebooks: of a link to one the words stay.
        page = path.parent / f"{match['page']}.md"
        reachable = page.exists() and is_chapter(page) and page.stem not in DESK
        return f"[{match['text']}]({match['page']}.ipynb{match['anchor'] or ''})" if reachable else match["text"]

    text = "\n\n".join(part for part in parts if part.strip()).strip()
    if text:
        yield new_markdown_cell(_LINK.sub(link, text))


def _require_names(cells: list[str], path: Path) -> None:
    try:
        missing = unbound(cells)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if missing:
        said = (f"code cell {cell} ({cells[cell].splitlines()[0]!r}) needs {name!r}" for cell, name in missing)
        raise ValueError(
            f"{path}: without its solutions the notebook breaks: {'; '.join(said)}, which no cell before it binds; "
            "bind it outside of a solution, or rename it inside"
        )


def _hidden(path: Path, book: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(book).parts)


if __name__ == "__main__":
    for written in write_all(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.stdout.write(f"{written}\n")
