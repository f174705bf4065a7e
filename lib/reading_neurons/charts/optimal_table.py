"""Optimal n-grams of a few neurons beside a paper's, in the form of Poerner et al. 2018, table 1, as accessible HTML.

Easy to get wrong: comparing the activations of two networks. They have different scales; what can be compared is by how
much the second n-gram is above the first.
"""

from __future__ import annotations

from html import escape

import pandas as pd

from reading_neurons.charts import style

_COLUMNS = {
    "neuron": "Neuron",
    "paper_corpus": "Paper, best of the corpus",
    "paper_optimal": "Paper, gumbel softmax",
    "here_corpus": "Here, best of the corpus",
    "here_optimal": "Here, gumbel and swaps",
}


class OptimalTable:
    """A table of neurons with their best n-grams, which a notebook and a page of the book show as HTML."""

    def __init__(self, rows: list[dict[str, str]], caption: str):
        self._rows, self.caption = rows, caption

    def __repr__(self) -> str:
        lines = ("; ".join(f"{_COLUMNS[key]}: {value}" for key, value in row.items()) for row in self._rows)
        return "\n".join([self.caption, *lines])

    def _repr_html_(self) -> str:
        left = 'style="text-align:left"'
        head = "".join(f'<th scope="col" {left}>{title}</th>' for title in _COLUMNS.values())
        body = "".join(
            f'<tr><th scope="row" {left}>{escape(row["neuron"])}</th>'
            + "".join(
                f'<td data-title="{title}" {left}>{escape(row[key])}</td>'
                for key, title in _COLUMNS.items()
                if key != "neuron"
            )
            # A last cell has no title on a telephone.
            + "<td></td></tr>"
            for row in self._rows
        )
        caption = f'<caption style="caption-side:top;text-align:left">{escape(self.caption)}</caption>'
        return f'<table class="dataframe rn-claims">{caption}<thead><tr>{head}<td></td></tr></thead><tbody>{body}</tbody></table>'


def optimal_table(table: pd.DataFrame, caption: str = "The best 5-grams of some neurons") -> OptimalTable:
    """The best n-grams of some neurons beside a paper's.

    Parameters
    ----------
    table : DataFrame
        One row per neuron: ``neuron``, and for each of ``paper_corpus``, ``paper_optimal``, ``here_corpus`` and
        ``here_optimal`` the n-gram, and its activation in ``paper_corpus_activation`` ..
    caption : str

    Raises
    ------
    ValueError
        If a column is missing or there is no row.

    Examples
    --------
    >>> row = {"neuron": "left"}
    >>> for side in ("paper", "here"):
    ...     row |= {f"{side}_corpus": "to its", f"{side}_corpus_activation": 10.6}
    ...     row |= {f"{side}_optimal": "to their", f"{side}_optimal_activation": 13.2}
    >>> optimal_table(pd.DataFrame([row]), "One neuron")
    One neuron
    Neuron: left; Paper, best of the corpus: to its, 10.60; Paper, gumbel softmax: to their, 13.20; Here, best of the corpus: to its, 10.60; Here, gumbel and swaps: to their, 13.20
    """
    sides = [key for key in _COLUMNS if key != "neuron"]
    style.require(table, "neuron", *sides, *(f"{side}_activation" for side in sides))
    rows = [
        {"neuron": row["neuron"]} | {side: f"{row[side]}, {row[f'{side}_activation']:.2f}" for side in sides}
        for row in table.to_dict(orient="records")
    ]
    return OptimalTable(rows, caption)
