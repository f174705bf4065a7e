"""A table whose cells may be links to other pages of the book; on a telephone each row is a card.

Easy to get wrong: what a cell says is escaped, so that ``<s>`` stays visible; only ``*emphasis*`` and code between
backticks are marked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import pandas as pd

from reading_neurons.charts import style

_CODE = re.compile(r"`([^`]+)`")
_EMPHASIS = re.compile(r"\*([^*\s][^*]*)\*")
_LEFT = 'style="text-align:left"'


class LinkTable:
    """A table of text and links that a notebook and a page of the book show as HTML.

    Attributes
    ----------
    caption : str
        What the table says in one sentence.
    """

    def __init__(self, rows: list[list[tuple[str, str]]], titles: list[str], caption: str):
        self._rows, self._titles, self.caption = rows, titles, caption

    def __repr__(self) -> str:
        return "\n".join([self.caption, *(" | ".join(text for text, _ in row) for row in self._rows)])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" {_LEFT}>{escape(title)}</th>' for title in self._titles)
        caption = f'<caption style="caption-side:top;text-align:left">{escape(self.caption)}</caption>'
        body = "".join(self._html_row(row) for row in self._rows)
        # The class gives it the theme's own table colours, and cards on a narrow screen.
        parts = f"{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<table class="dataframe rn-claims rn-links">{parts}</table>'

    def _html_row(self, row: list[tuple[str, str]]) -> str:
        first, *others = (_html_cell(*cell) for cell in row)
        cells = zip(self._titles[1:], others, strict=True)
        said = "".join(f'<td data-title="{escape(title)}" {_LEFT}>{cell}</td>' for title, cell in cells)
        return f'<tr><th scope="row" style="text-align:left;font-weight:normal">{first}</th>{said}</tr>'


def link_table(
    table: pd.DataFrame, columns: Mapping[str, str], caption: str, links: Mapping[str, str] | None = None
) -> LinkTable:
    """A table with links.

    Parameters
    ----------
    table : DataFrame
        One row per row.
    columns : mapping of str to str
        The columns to show, with their titles; the first one names the row.
    caption : str
        What the table says, in a sentence.
    links : mapping of str to str, optional
        For a column the column that holds the addresses of its cells; an empty address is no link.

    Raises
    ------
    ValueError
        If a column is missing, or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({"what": ["Omission"], "minutes": [20], "where": ["omission.html"]})
    >>> shown = link_table(table, {"what": "Chapter", "minutes": "Minutes"}, "One chapter", {"what": "where"})
    >>> '<a href="omission.html">Omission</a>' in shown._repr_html_()
    True
    """
    links = dict(links or {})
    style.require(table, *columns, *links.values())
    rows = [
        [(str(row[column]), row[links[column]] if column in links else "") for column in columns]
        for row in table.to_dict("records")
    ]
    return LinkTable(rows, list(columns.values()), caption)


def _html_cell(text: str, link: str) -> str:
    marked = _CODE.sub(r"<code>\1</code>", escape(text, quote=False))
    marked = _EMPHASIS.sub(r"<em>\1</em>", marked)
    return f'<a href="{escape(link)}">{marked}</a>' if link else marked
