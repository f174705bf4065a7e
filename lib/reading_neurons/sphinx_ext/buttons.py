"""The buttons over a page: its notebook to take along and, where the repository is known, Binder and the source.

The notebook of a chapter is the learner's one (:mod:`reading_neurons.sphinx_ext.notebooks`), written beside the pages,
so that it can be downloaded from a folder too. A button that would lead nowhere is not made.

Easy to get wrong: the theme fills ``header_buttons`` when it prepares a page, at priority 501; what is to stand among
its buttons comes after that.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import jupytext
from nbformat.v4 import new_markdown_cell
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.display import progress_message

from reading_neurons.sphinx_ext.address import Address, from_environment
from reading_neurons.sphinx_ext.notebooks import DESK, notebook

AFTER_THE_THEME = 502
FOLDER = "notebooks"
_SAVE = (
    "document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('.btn-download-notebook-button')"
    ".forEach((link) => { link.download = ''; }));"
)


def connect(app: Sphinx) -> None:
    """Make the buttons part of a build."""
    app.connect("config-inited", _name_the_source)
    app.connect("html-page-context", _add_buttons, priority=AFTER_THE_THEME)
    app.connect("build-finished", _write_notebooks)


def note(address: Address) -> str:
    """What stands on top of a downloaded notebook: what it needs to run.

    Examples
    --------
    >>> print(note(Address()))
    > A chapter of *Reading Neurons*, without outputs and solutions. It needs the library and the recorded results
    > of the project: put it into the folder `book` there, type `make lab` and open it.
    """
    project = f"[project]({address.repository})" if address.repository else "project"
    return (
        "> A chapter of *Reading Neurons*, without outputs and solutions. It needs the library and the recorded "
        f"results\n> of the {project}: put it into the folder `book` there, type `make lab` and open it."
    )


def _name_the_source(app: Sphinx, config: Config) -> None:
    address = from_environment()
    if address.repository:
        options = {"repository_url": address.repository, "repository_branch": address.branch, "path_to_docs": "book"}
        config.html_theme_options |= {**options, "use_repository_button": True}


def _is_chapter(app: Sphinx, page: str) -> bool:
    # Pages for the teacher's desk are no notebooks of a learner.
    return page in app.env.found_docs and page not in DESK and "kernelspec" in app.env.metadata[page]


def _add_buttons(app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
    buttons = context.get("header_buttons")
    if buttons is None or not _is_chapter(app, page):
        return
    for group in buttons:
        if group.get("label") == "download-buttons":
            path = context["pathto"](f"{FOLDER}/{page}.ipynb", 1)
            group["buttons"].insert(
                0, _link(path, ".ipynb", "Download as a notebook", "fas fa-book", "download-notebook-button")
            )
            app.add_js_file(None, body=_SAVE)
    binder = from_environment().binder(f"book/{page}.md")
    if binder:
        buttons.insert(0, _link(binder, "", "Run this chapter on Binder", "fas fa-rocket", "launch-binder-button"))


def _link(url: str, text: str, tooltip: str, icon: str, label: str) -> dict[str, str]:
    return {"type": "link", "url": url, "text": text, "tooltip": tooltip, "icon": icon, "label": label}


def _write_notebooks(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    with progress_message("writing the notebooks to download"):
        for page in sorted(app.env.found_docs):
            if _is_chapter(app, page):
                made = notebook(Path(app.env.doc2path(page)), solutions=False)
                made.cells.insert(0, new_markdown_cell(note(from_environment()), id="note"))
                path = folder / f"{page}.ipynb"
                path.parent.mkdir(parents=True, exist_ok=True)
                jupytext.write(made, path)
