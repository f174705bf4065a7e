"""Scores of any word in each of its roles, live and on a page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods import omission_sensitivity
from reading_neurons.text import tokenize

_FEWEST = 5  # tokens of a role that is drawn
_REPLICATES = 50  # a widget has 0.2 s to answer
_NAMED = 6  # words that a message offers


class RoleExplorer(ipywidgets.VBox):
    """The omission scores of any word of a corpus in each of its roles.

    Parameters
    ----------
    scored : DataFrame
        One row per word and pathway, as :func:`reading_neurons.methods.omission.annotated` gives it.
    words : sequence of str
        What the menu offers; any other can be typed.

    Attributes
    ----------
    word : ipywidgets.Combobox
        What is typed counts on Enter or when the box is left.
    pathway : ipywidgets.Dropdown
    message : ipywidgets.HTML
        Why a word cannot be shown; the last chart stays.
    chart : Altair chart

    Raises
    ------
    ValueError
        If there is no word, or the first has no role that is frequent enough.
    """

    def __init__(self, scored: pd.DataFrame, words: Sequence[str]):
        if not words:
            raise ValueError("an explorer of roles needs at least one word, found none")
        self._rows = {
            (pathway, word): rows for (pathway, word), rows in scored.groupby(["pathway", "word"], sort=False)
        }
        form = {"layout": ipywidgets.Layout(width="auto", max_width="30rem"), "style": {"description_width": "6rem"}}
        self.word = ipywidgets.Combobox(
            value=words[0], options=list(words), description="Word", placeholder="a word, then Enter",
            continuous_update=False, **form,
        )  # fmt: skip
        self.pathway = ipywidgets.Dropdown(
            options=charts.style.in_order(scored["pathway"]), description="Pathway", **form
        )
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view, self._words = LiveChart({}), list(words)
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        super().__init__([self.word, self.pathway, self.message, self._view, self._line_shown])
        if problem := self._show():
            raise ValueError(problem)
        self.word.observe(self._show, "value")
        self.pathway.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _show(self, change: dict | None = None) -> str:
        """Draw what is chosen; what was wrong with it, which is also the message."""
        found = tokenize(self.word.value)
        word, pathway = " ".join(found), self.pathway.value
        problem = self._problem(found, pathway)
        if not problem:
            rows = self._rows[pathway, word]
            table = omission_sensitivity.by_deprel(rows, [word], pathway, min_count=_FEWEST, replicates=_REPLICATES)
            self.chart = charts.scores_by_role(table, f"{word} in each of its roles", pathway)
            self._line = (
                f"charts.scores_by_role(omission_sensitivity.by_deprel(scored, [{word!r}], {pathway!r}), "
                f"pathway={pathway!r})"
            )
            self._view.spec = self.chart.to_dict(validate=False)
            self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(problem)}</div>'
        return problem

    def _problem(self, found: Sequence[str], pathway: str) -> str:
        offered = ", ".join(self._words[:_NAMED])
        if len(found) != 1:
            return f"Found {len(found)} words, expected one, such as {offered}."
        word = found[0][:40]
        rows = self._rows.get((pathway, found[0]))
        if rows is None:
            return f"The captions do not hold {word!r}: try {offered}."
        if rows["deprel"].value_counts().max() < _FEWEST:
            return f"{word!r} has no role in which it is seen {_FEWEST} times: try {offered}."
        return ""


def role_explorer(
    scored: pd.DataFrame,
    words: Sequence[str],
    pathway: str = "visual",
    title: str = "The same word in each of its roles",
) -> Explorer:
    """One cell, two lives: scores by role of some words on a page, of any word beside a kernel.

    Parameters
    ----------
    scored : DataFrame
        One row per word and pathway, as :func:`reading_neurons.methods.omission.annotated` gives it.
    words : sequence of str
        The words of the page's menu.
    pathway : str
        Whose scores the page holds.
    title : str

    Returns
    -------
    Explorer
    """
    table = omission_sensitivity.by_deprel(scored, words, pathway, min_count=_FEWEST)
    ordered = [pathway, *(name for name in charts.style.in_order(scored["pathway"]) if name != pathway)]
    first = pd.concat([scored[scored["pathway"] == name] for name in ordered])
    return Explorer(lambda: RoleExplorer(first, words), charts.scores_by_role(table, title, pathway))

