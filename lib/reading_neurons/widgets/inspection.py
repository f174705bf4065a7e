r"""Type a regular expression, and every unit of a network is asked about it, live and on a page.

Easy to get wrong: expressions that never end. One repetition inside of another, as in ``(a+)+``, can take longer than
anybody waits, and nothing can stop it; such are not tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import ipywidgets
import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.corpora.strings import Strings
from reading_neurons.display import Explorer
from reading_neurons.features.feature import Feature, Library
from reading_neurons.features.text import pattern
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.relevance import FOLDS, from_states, top
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.tree_units import readable, tree_chart

PATTERNS = ("[34]", r"\)", r"\(", r"\(\d*\)", r"\d\d", r"\)\)")
"""Expressions that the explorer of balanced parentheses offers."""

CHARACTERS = 4000
"""How many are asked about: the first strings that have so many, and as many strings as folds at least."""

LONGEST = 80
"""Of an expression."""

_MENU = 60
_SHOWN = 3
_WIDE = {"width": "auto", "max_width": "60rem"}
_GROUP = re.compile(r"\((?:\?[:=!])?([^()]*)\)")
_ESCAPED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
_REPEAT = re.compile(r"[*+]|\{\d+,\d*\}")


def endless(expression: str) -> bool:
    r"""Whether a repetition stands inside of another, which may take longer than anybody waits.

    Examples
    --------
    >>> [endless(expression) for expression in (r"(a+)+", r"((x*)y)*", r"(a+b)", r"[(+)]+", r"\d+\)", r"(ab)+")]
    [True, True, False, False, False, False]
    """
    plain = _ESCAPED.sub("x", expression)
    while group := _GROUP.search(plain):
        inside, after = group[1], plain[group.end() :]
        repeats = bool(_REPEAT.search(inside) or "R" in inside)
        if repeats and _REPEAT.match(after):
            return True
        plain = plain[: group.start()] + ("R" if repeats else "x") + after
    return False


def asked(expression: str) -> Feature:
    """The feature of a typed expression.

    Raises
    ------
    ValueError
        If it is empty, too long, no regular expression, or may never end; the message is for a reader.
    """
    if not expression:
        raise ValueError("Type a regular expression, for instance \\(\\d for an opening bracket and a digit.")
    if len(expression) > LONGEST:
        raise ValueError(f"Found {len(expression)} characters, expected at most {LONGEST}: type a shorter expression.")
    if endless(expression):
        raise ValueError("A repetition inside of another, as in (a+)+, may never end: write it with one of them.")
    return pattern(expression)


def sampled(strings: Strings, characters: int = CHARACTERS) -> Strings:
    """The first strings, up to so many characters, but at least one for each fold.

    Raises
    ------
    ValueError
        If there are fewer strings than folds.
    """
    if len(strings) < FOLDS:
        raise ValueError(f"found {len(strings)} strings, expected at least one for each of {FOLDS} folds: give more")
    ends = np.cumsum([len(text) for text in strings.texts])
    return strings.take(range(max(int(np.searchsorted(ends, characters, side="right")), FOLDS)))


def said_of(table: pd.DataFrame, share: float) -> str:
    """What the table of one feature says of its best unit, in a sentence."""
    best = top(table, 1).iloc[0]
    beside = f"saying the more frequent answer alone: {best.majority:.3f}"
    return (
        f"True of {share:.1%} of the characters. Unit {best.unit} is right about {best.score:.3f} of them ({beside}); "
        f"balanced accuracy {best.balanced:.3f}, AUC {best.auc:.3f}."
    )


class QueryExplorer(ipywidgets.VBox):
    """A regular expression as a feature, the units that know it best, and a string along which they are read.

    Parameters
    ----------
    pathway : Pathway
    strings : Strings
        What units are asked about, and what the menu offers.
    patterns : sequence of str
        What the menu of expressions offers; the first is shown first.

    Attributes
    ----------
    offered, string : ipywidgets.Dropdown
    expression : ipywidgets.Text
        What is typed counts on Enter or when the box is left.
    units : ipywidgets.BoundedIntText
        How many of the best units are shown.
    message : ipywidgets.HTML
        How well the best unit knows it, or what is wrong with the expression.
    table : DataFrame
        The relevance of every unit to the last expression that could be read.
    chart : Altair chart
        That of the last expression that could be read.
    """

    def __init__(self, pathway: Pathway, strings: Strings, patterns: Sequence[str] = PATTERNS):
        self._pathway, self._asked = pathway, sampled(strings)
        self._states = passes.states(pathway, self._asked)
        self._strings = strings.take(readable(strings, fewest=8)[:_MENU])
        form = {"layout": ipywidgets.Layout(**_WIDE), "style": {"description_width": "6rem"}}
        self.offered = ipywidgets.Dropdown(options=list(patterns), description="Pattern", **form)
        self.expression = ipywidgets.Text(patterns[0], description="or your own", continuous_update=False, **form)
        menu = [(text, number) for number, text in enumerate(self._strings.texts)]
        self.string = ipywidgets.Dropdown(options=menu, value=0, description="String", **form)
        self.units = ipywidgets.BoundedIntText(_SHOWN, min=1, max=12, description="Best units", **form)
        self.message, self._line_shown, self._view = ipywidgets.HTML(), ipywidgets.HTML(), LiveChart({})
        self._view.layout = ipywidgets.Layout(**_WIDE)
        super().__init__([
            self.offered, self.expression, self.string, self.units, self.message, self._view, self._line_shown,
        ])  # fmt: skip
        self._ask()
        self.offered.observe(self._choose, "value")
        self.expression.observe(self._ask, "value")
        for control in (self.string, self.units):
            control.observe(self._draw, "value")

    def code(self) -> str:
        """A line that asks the same of all strings."""
        return f"top(relevance(pathway, strings, pattern({self._feature.name[1:-1]!r})), k={self.units.value})"

    def _choose(self, change: dict) -> None:
        self.expression.value = change["new"]

    def _ask(self, change: dict | None = None) -> None:
        try:
            feature = asked(self.expression.value)
            table = from_states(self._states, self._asked, feature)
        except ValueError as problem:
            self._say(str(problem))
            return
        self._feature, self.table = feature, table
        self._say(said_of(table, float(Library([feature]).labels(self._asked.items).mean())))
        self._draw()

    def _draw(self, change: dict | None = None) -> None:
        one = self._strings.take([self.string.value])
        self.chart = tree_chart(self._pathway, one, [self._feature], self.table, self.units.value, "Units that know it")
        self._view.spec = self.chart.to_dict(validate=False)
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self.code())}</code>"

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def query_explorer(
    pathway: Pathway,
    strings: Strings,
    patterns: Sequence[str] = PATTERNS,
    title: str = "Units that know a pattern",
) -> Explorer:
    """One cell, two lives: some patterns along three strings on a page, any regular expression beside a kernel.

    Parameters
    ----------
    pathway : Pathway
    strings : Strings
    patterns : sequence of str
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a pattern is no regular expression or the same at every character, or there are too few strings.
    """
    features = [asked(expression) for expression in patterns]
    sample = sampled(strings)
    table = from_states(passes.states(pathway, sample), sample, features)
    page = strings.take(readable(strings, fewest=20)[:3])
    return Explorer(
        lambda: QueryExplorer(pathway, strings, patterns), tree_chart(pathway, page, features, table, _SHOWN, title)
    )
