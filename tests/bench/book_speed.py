"""The book's own budgets: how long its chapters ran in the last build, what its pages weigh, how soon explorers answer.

Seconds of chapters are those that the build itself wrote down. An explorer is made as its chapter makes it, by running
the chapter's cells; then everything a reader can set is set to something else, and the slowest answer counts.

Easy to get wrong: what an answer is. It is all that Python does between a click and the new chart, as a notebook's
kernel would; drawing it in the browser comes on top.
"""

from __future__ import annotations

import ast
import contextlib
import io
import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import jupytext
from measure import Row

from reading_neurons.display import Explorer
from reading_neurons.sphinx_ext import notebooks

ROOT = Path(__file__).parents[2]
CHAPTER, MEAN, PAGE, ANSWER = 60.0, 30.0, 2.0, 0.2  # seconds, seconds, MB, seconds
SETTINGS = (ipywidgets.Text, ipywidgets.Dropdown, ipywidgets.ToggleButtons, ipywidgets.IntSlider, ipywidgets.Checkbox)


def pages(build: Path = ROOT / "_build") -> list[Row]:
    """The slowest chapter, the mean, and the heaviest page of the book that was built last; no row without one."""
    seconds, weights = _seconds(build), {path.name: path.stat().st_size / 1e6 for path in (build / "html").glob("*.html")}
    found = []
    if seconds:
        slowest = max(seconds, key=seconds.get)
        mean, count = statistics.mean(seconds.values()), len(seconds)
        found.append(Row("chapter", "a minute", seconds[slowest], CHAPTER, 1, f"{slowest}, the slowest of {count}"))
        found.append(Row("chapter", "half a minute", mean, MEAN, 1, f"mean of {count}"))
    if weights:
        heaviest = max(weights, key=weights.get)
        found.append(Row("page", "two MB", weights[heaviest], PAGE, 1, f"{heaviest}, the heaviest", "MB"))
    return found


def _seconds(build: Path) -> dict[str, float]:
    """What each chapter took when it ran last, by its name."""
    seconds = {}
    for path in sorted((build / ".jupyter_cache").rglob("global.db"), key=lambda path: path.stat().st_mtime):
        with contextlib.closing(sqlite3.connect(path)) as database:
            if database.execute("select 1 from sqlite_master where name = 'nbcache'").fetchone():
                ran = database.execute("select uri, json_extract(data, '$.execution_seconds') from nbcache")
                seconds |= {Path(uri).stem: spent for uri, spent in ran if spent}
    return seconds


def answers(book: Path = ROOT / "book", only: str = "*.md") -> list[Row]:
    """The slowest answer of every explorer of every chapter."""
    found = []
    for path in sorted(book.glob(only)):
        for explorer in explorers(path):
            found.append(answer(path.stem, explorer._widget()))
    return found


def code_cells(path: Path) -> list[str]:
    """The code of a chapter; nothing for a page that is not run."""
    if not notebooks.is_chapter(path):
        return []
    return [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"]


def explorers(path: Path) -> Iterator[Explorer]:
    """Each explorer of a chapter, made by its cells in their folder, which say nothing here."""
    space: dict[str, object] = {}
    cells = code_cells(path)
    showing = [number for number, cell in enumerate(cells) if "Explorer" in cell or "_explorer(" in cell]
    with contextlib.chdir(path.parent), contextlib.redirect_stdout(io.StringIO()):
        for source in cells[: max(showing, default=-1) + 1]:
            body = ast.parse(source).body
            last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), path.name, "exec"), space)  # noqa: S102 - our own chapters
            if last is not None and isinstance(value := eval(ast.unparse(last), space), Explorer):  # noqa: S307
                yield value


def answer(chapter: str, widget: ipywidgets.Widget) -> Row:
    """The slowest of the answers to every change that a reader can make."""
    spent = {}
    for control in settings(widget):
        for value in others(control):
            began = time.perf_counter()
            control.value = value
            spent.setdefault(f"{control.description or type(control).__name__}", []).append(time.perf_counter() - began)
    medians = {name: statistics.median(seconds) for name, seconds in spent.items()}
    slowest = max(medians, key=medians.get)
    return Row("answer", "200 ms", medians[slowest], ANSWER, 1, f"{chapter}: {slowest}, slowest of {len(medians)} controls")


def settings(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """Everything in a widget that a reader can set."""
    children = getattr(widget, "children", ())
    return ([widget] if isinstance(widget, SETTINGS) else []) + [one for child in children for one in settings(child)]


def others(control: ipywidgets.Widget, count: int = 3) -> list[object]:
    """Values that a control does not have now, the last one being that which it has."""
    before = control.value
    if isinstance(control, ipywidgets.Text):
        return [before.rsplit(maxsplit=1)[0] if " " in before else before[:-1], before]
    if isinstance(control, ipywidgets.Checkbox):
        return [not before, before]
    if isinstance(control, ipywidgets.IntSlider):
        return [*(value for value in range(control.min, control.max + 1, control.step) if value != before)][:count] + [before]
    values = [option[1] if isinstance(option, tuple) else option for option in control.options]
    return [value for value in values if value != before][-count:] + [before]
