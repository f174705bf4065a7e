"""The exercises of the chapters as a table: where each is, how hard, how long, and how much it matters.

The chapters are the only source. An exercise is a directive of the book whose text begins with its mark:
``*Easy, 5 minutes, core.*``.

Easy to get wrong: minutes are those of a learner who has read the chapter, at the keyboard. Reading it comes on top.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from reading_neurons.display import building_book
from reading_neurons.myst import Directive, blocks

DIFFICULTIES = ("easy", "medium", "hard")
IMPORTANCES = ("core", "useful", "extra")
COLUMNS = ("page", "chapter", "label", "title", "difficulty", "minutes", "importance", "task")
_MARK = re.compile(
    r"\*(?P<difficulty>Easy|Medium|Hard), (?P<minutes>\d+) minutes, (?P<importance>core|useful|extra)\.\*"
)


def exercises(book: Path | str) -> pd.DataFrame:
    """The exercises of all chapters that the table of contents names, in its order.

    Parameters
    ----------
    book : path
        The folder of the chapters; ``_toc.yml`` lies beside it.

    Returns
    -------
    DataFrame
        One row per exercise: ``page`` (as the table of contents names it), ``chapter`` (its title), ``label`` (the
        place to link to), ``title``, ``difficulty``, ``minutes``, ``importance``, ``task``.

    Raises
    ------
    ValueError
        As :func:`exercises_of`.
    FileNotFoundError
        If there is no table of contents.

    Examples
    --------
    >>> found = exercises("book")
    >>> found.query("page == 'omission'")[["label", "minutes", "importance"]].iloc[1].astype(str).tolist()
    ['omission-two', '10', 'core']
    """
    book = Path(book)
    toc = book.resolve().parent / "_toc.yml"
    if not toc.exists():
        raise FileNotFoundError(f"no table of contents beside the chapters, expected {toc.name} beside {book.name}")
    pages = re.findall(r"^\s*- file: (\S+)", toc.read_text(encoding="utf-8"), re.MULTILINE)
    texts = ((page, book / f"{page}.md") for page in pages)
    rows = [row for page, path in texts for row in exercises_of(path.read_text(encoding="utf-8"), page)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def exercises_of(text: str, page: str) -> list[dict[str, Any]]:
    """The exercises of one page, as rows of :func:`exercises`.

    Raises
    ------
    ValueError
        If an exercise has no label, no title, or no mark of difficulty, minutes and importance in front.

    Examples
    --------
    >>> page = "# Heat\\n```{exercise} Twice\\n:label: heat-twice\\n*Easy, 5 minutes, core.* Do it twice.\\n```"
    >>> exercises_of(page, "heat")[0]["task"]
    'Do it twice.'
    """
    found = list(blocks(text))
    chapter = next((title[1] for part in found if isinstance(part, str) and (title := _title(part))), page)
    return [_row(block, page, chapter) for block in _exercises(found)]


def by_importance(table: pd.DataFrame) -> pd.DataFrame:
    """Exercises in the order to choose them in where time is short: the core first, each kind in the book's order.

    Returns
    -------
    DataFrame
        The rows of the table, sorted, with ``start`` and ``end``: the minutes that those before it take, and those up
        to its own end. Whoever has 60 minutes takes the rows whose ``end`` is at most 60.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["a", "b"], "importance": ["extra", "core"], "minutes": [5, 10]})
    >>> by_importance(table)[["label", "start", "end"]].values.tolist()
    [['b', 0, 10], ['a', 10, 15]]
    """
    rank = table["importance"].map({name: place for place, name in enumerate(IMPORTANCES)})
    chosen = table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
    end = chosen["minutes"].cumsum()
    return chosen.assign(start=end - chosen["minutes"], end=end)


def linked(table: pd.DataFrame, ending: str | None = None) -> pd.DataFrame:
    """A table with a column ``address``: where a row's exercise or place is, from a page beside the chapters.

    Parameters
    ----------
    table : DataFrame
        ``page``, and ``place`` or ``label``; an empty page has an empty address.
    ending : str, optional
        By default ``.html`` while the book is built, and ``.md`` beside a kernel, where JupyterLab opens it.

    Examples
    --------
    >>> linked(pd.DataFrame({"page": ["omission"], "label": ["omission-two"]}), ".html")["address"].item()
    'omission.html#omission-two'
    """
    ending = ending or (".html" if building_book() else ".md")
    places = table["place" if "place" in table else "label"]
    address = table["page"] + ending + "#" + places
    return table.assign(address=address.where(table["page"] != "", ""))


def _title(text: str) -> re.Match | None:
    return re.search(r"^# (.+)$", text, re.MULTILINE)


def _exercises(found: list[str | Directive]) -> Iterator[Directive]:
    return (block for block in found if isinstance(block, Directive) and block.name == "exercise")


def _row(exercise: Directive, page: str, chapter: str) -> dict[str, Any]:
    where = f"{page}: the exercise {exercise.argument!r}"
    if not exercise.argument or not exercise.options.get("label"):
        raise ValueError(f"{where} needs a title and a :label: to be linked to")
    mark = _MARK.match(exercise.body)
    if mark is None:
        raise ValueError(
            f"{where} begins with {exercise.body.splitlines()[0][:40]!r}, "
            "expected its difficulty, minutes and importance: *Easy, 5 minutes, core.*"
        )
    return {
        "page": page, "chapter": chapter, "label": exercise.options["label"], "title": exercise.argument,
        "difficulty": mark["difficulty"].lower(), "minutes": int(mark["minutes"]), "importance": mark["importance"],
        "task": " ".join(exercise.body[mark.end() :].split()),
    }  # fmt: skip
