"""A paper's claims beside what was found here, as an accessible table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from reading_neurons.charts import style

_VERDICTS = {False: "✗ fails", None: "– not testable here", True: "✓ holds"}
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

    def __init__(self, rows: list[dict[str, Any]], caption: str):
        self._rows = rows
        # Of what was planted there is no paper, and the claim is asked of several worlds.
        self._columns = _PLANTED if all(row["paper"] == "planted" for row in rows) else _COLUMNS
        self.caption = caption

    def __repr__(self) -> str:
        lines = (
            f"{_VERDICTS[row['holds']]}: {row['claim']} (paper {_text(row['paper'])}, here {_text(row['here'])})"
            for row in self._rows
        )
        return "\n".join([self.caption, *lines])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" {_LEFT}>{title}</th>' for title in self._columns.values())
        # The class gives it the theme's own table colours, in dark mode too.
        caption = f'<caption style="caption-side:top;text-align:left">{escape(self.caption)}</caption>'
        return (
            f'<table class="dataframe rn-claims">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{''.join(_html_row(row, self._columns) for row in self._rows)}</tbody></table>"
        )


def claims(table: pd.DataFrame, caption: str = "The paper's claims and what was found here") -> ClaimTable:
    """A paper's claims beside what was found here, what failed first.

    Parameters
    ----------
    table : DataFrame
        ``claim``, ``paper``, ``here``, ``interval`` (low and high, or text), ``holds`` (True, False, or None where the
        claim cannot be tested here). Where ``paper`` says "planted" throughout, its column is left out, and ``here``
        and ``interval`` are the median and the range over worlds.
    caption : str
        Precedes the count of claims that hold.

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
    style.require(table, *_COLUMNS)
    rows = [{**row, "holds": _verdict(row["holds"])} for row in table[list(_COLUMNS)].to_dict(orient="records")]
    order = list(_VERDICTS)
    rows.sort(key=lambda row: order.index(row["holds"]))
    counts = {verdict: sum(row["holds"] is verdict for row in rows) for verdict in (True, False, None)}
    said = f"{counts[True]} of {len(rows)} {'holds' if counts[True] == 1 else 'hold'}"
    if counts[False]:
        said += f", {counts[False]} {'fails' if counts[False] == 1 else 'fail'}"
    if counts[None]:
        said += f", {counts[None]} cannot be tested here"
    return ClaimTable(rows, f"{caption}: {said}.")


def _verdict(holds: Any) -> bool | None:
    return None if holds is None or pd.isna(holds) else bool(holds)


def _html_row(row: dict[str, Any], columns: dict[str, str]) -> str:
    texts = {column: escape(_text(row[column])) for column in columns if column != "holds"}
    verdict = _VERDICTS[row["holds"]]
    texts["holds"] = verdict if row["holds"] else f"<strong>{verdict}</strong>"
    head = f'<th scope="row" style="text-align:left;font-weight:normal">{texts.pop("claim")}</th>'
    # On a telephone a row becomes a card, where each figure is preceded by its column's title.
    cells = (f'<td data-title="{columns[column]}" {_LEFT}>{text}</td>' for column, text in texts.items())
    return f"<tr>{head}{''.join(cells)}</tr>"


def _text(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " to ".join(filter(None, map(_text, value)))
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, str):
        return value
    said = f"{value:.3f}" if 0 < abs(value) < 0.1 else f"{value:.2f}"
    return said.lstrip("-") if not float(said) else said.replace("-", "\N{MINUS SIGN}")
