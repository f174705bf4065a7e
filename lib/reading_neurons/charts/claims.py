"""A paper's claims beside what was found here, as an accessible table."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from reading_neurons import display, verdicts
from reading_neurons.charts import style, wording

_COLUMNS = {"claim": "Claim", "paper": "Paper", "here": "Here", "interval": "95 % interval", "holds": "Holds?"}
_PLANTED = {"claim": "Claim", "here": "Median", "interval": "Least and most", "holds": "Holds?"}
_LEFT = 'style="text-align:left"'


class ClaimTable:
    """A table of claims that a notebook and a page of the book show as HTML.

    Attributes
    ----------
    caption : str
        What the table says in one sentence.
    """

    def __init__(self, rows: list[dict[str, Any]], caption: str, by: str | None = None):
        self._rows, self._by = rows, by
        # Of what was planted there is no paper, and the claim is asked of several worlds.
        self._columns = _PLANTED if all(row["paper"] == "planted" for row in rows) else _COLUMNS
        self.caption = caption

    def __repr__(self) -> str:
        lines = (
            f"{wording.verdict(row['holds'])}: {row['claim']} "
            f"(paper {wording.figure(row['paper'])}, here {wording.figure(row['here'])})"
            for row in self._rows
        )
        return "\n".join([self.caption, *lines])

    def _repr_html_(self) -> str:
        everything = "" if self._columns is _PLANTED else f' <a href="{display.address("scoreboard")}">All claims</a>'
        said = escape(self.caption) + everything
        if self._by is None:
            return self._html_table(self._rows, said)
        groups = {name: [row for row in self._rows if row[self._by] == name] for name in self._names()}
        folded = (
            f"<details><summary>{escape(name)}: {_counted([row['holds'] for row in rows])}</summary>"
            f"{self._html_table(rows, '')}</details>"
            for name, rows in groups.items()
        )
        return f"<p>{said}</p>{''.join(folded)}"

    def _names(self) -> list[str]:
        return sorted({row[self._by] for row in self._rows})

    def _html_table(self, rows: list[dict[str, Any]], said: str) -> str:
        head = "".join(f'<th scope="col" {_LEFT}>{title}</th>' for title in self._columns.values())
        caption = f'<caption style="caption-side:top;text-align:left">{said}</caption>' if said else ""
        body = "".join(_html_row(row, self._columns) for row in rows)
        # The class gives it the theme's own table colours, in dark mode too.
        start = f'<table class="dataframe rn-claims">{caption}<thead><tr>{head}</tr></thead>'
        return f"{start}<tbody>{body}</tbody></table>"


def claims(
    table: pd.DataFrame, caption: str = "The paper's claims and what was found here", by: str | None = None
) -> ClaimTable:
    """A paper's claims beside what was found here, what failed first.

    Parameters
    ----------
    table : DataFrame
        ``claim``, ``paper``, ``here``, ``interval`` (low and high, or text), ``holds`` (True, False, or None: the
        figure here is compatible with either, or there is none). Where ``paper`` says "planted" throughout, its column
        is left out, and ``here`` and ``interval`` are the median and the range over worlds. An interval of no width is
        that of a single case: it is left out.
    caption : str
        Precedes the count of claims that hold.
    by : str, optional
        A column of ``table``: the rows of each of its values, in their order as words, are folded away under it and
        the count of those that hold. For tables that are long on a telephone.

    Returns
    -------
    ClaimTable

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> claims(pd.DataFrame({"claim": ["Nouns are visual"], "paper": ["> 0"], "here": [0.7], "interval": [(0.6, 0.8)],
    ...                      "holds": [True]}), caption="Section 5.2")
    Section 5.2: 1 of 1 holds.
    ✓ holds: Nouns are visual (paper > 0, here 0.70)
    """
    shown = [*_COLUMNS, *([by] if by else [])]
    style.require(table, *shown)
    rows = [
        {**row, "holds": verdicts.of(row["holds"], row["here"]), "interval": wording.interval(row["interval"])}
        for row in table[shown].to_dict(orient="records")
    ]
    rows.sort(key=lambda row: verdicts.ORDER.index(row["holds"]))
    return ClaimTable(rows, f"{caption}: {_counted([row['holds'] for row in rows])}.", by)


def _counted(found: list[str]) -> str:
    first, *others = wording.counted(found)
    count, _, way = first.partition(" ")
    return ", ".join([f"{count} of {len(found)} {way}", *others])


def _html_row(row: dict[str, Any], columns: dict[str, str]) -> str:
    texts = {column: escape(wording.figure(row[column])) for column in columns if column != "holds"}
    said = wording.verdict(row["holds"])
    texts["holds"] = said if row["holds"] == verdicts.HOLDS else f"<strong>{said}</strong>"
    head = f'<th scope="row" style="text-align:left;font-weight:normal">{texts.pop("claim")}</th>'
    # On a telephone a row becomes a card, where each figure is preceded by its column's title.
    cells = (f'<td data-title="{columns[column]}" {_LEFT}>{text}</td>' for column, text in texts.items())
    return f"<tr>{head}{''.join(cells)}</tr>"
