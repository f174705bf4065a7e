"""Which units follow a grammar, along any string of it, live and on a page.

Easy to get wrong: a string that is not of the language. Its features are not defined, for it has no tree; a message
says at which column it leaves the language, and the last chart stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import altair as alt
import ipywidgets
import numpy as np
import pandas as pd

from reading_neurons import passes
from reading_neurons.charts.tree_units import LABEL, tree_units
from reading_neurons.corpora.shift_reduce import Grammar
from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.display import Explorer
from reading_neurons.features.feature import Feature, Library
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.relevance import top
from reading_neurons.pathway import Pathway

LONGEST = 40
"""Characters of the longest string that an explorer shows."""

_MENU = 60  # strings that a menu offers
_OWN = -1
_WIDE = {"width": "auto", "max_width": "60rem"}


class TreeExplorer(ipywidgets.VBox):
    """The best units for a feature along a string, chosen or typed, under its parse tree.

    Parameters
    ----------
    pathway : Pathway
    grammar : Grammar
        What parses a typed string.
    strings : Strings
        What the menu offers.
    features : Library
    relevance : DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives it for these features.

    Attributes
    ----------
    string, feature : ipywidgets.Dropdown
    text : ipywidgets.Text
        The string that is read; what is typed counts on Enter or when the box is left.
    units : ipywidgets.BoundedIntText
        How many of the best units are shown.
    message : ipywidgets.HTML
    chart : Altair chart
        That of the last string that could be read.

    Raises
    ------
    ValueError
        If no string is short enough to be shown.
    """

    def __init__(
        self, pathway: Pathway, grammar: Grammar, strings: Strings, features: Library, relevance: pd.DataFrame
    ):
        self._pathway, self._grammar, self._features, self._relevance = pathway, grammar, features, relevance
        self._strings = strings.take(readable(strings)[:_MENU])
        form = {"layout": ipywidgets.Layout(**_WIDE), "style": {"description_width": "6rem"}}
        menu = [("(a string of your own)", _OWN), *((text, i) for i, text in enumerate(self._strings.texts))]
        self.string = ipywidgets.Dropdown(options=menu, value=0, description="String", **form)
        self.text = ipywidgets.Text(self._strings.texts[0], description="or your own", continuous_update=False, **form)
        self.feature = ipywidgets.Dropdown(options=features.names, description="Feature", **form)
        self.units = ipywidgets.BoundedIntText(3, min=1, max=12, description="Best units", **form)
        self.message, self._line_shown, self._view = ipywidgets.HTML(), ipywidgets.HTML(), LiveChart({})
        self._view.layout = ipywidgets.Layout(**_WIDE)
        super().__init__([
            self.string, self.text, self.feature, self.units, self.message, self._view, self._line_shown,
        ])  # fmt: skip
        self._show()
        self.string.observe(self._choose, "value")
        for control in (self.text, self.feature, self.units):
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _choose(self, change: dict) -> None:
        if change["new"] != _OWN:
            self.text.value = self._strings.texts[change["new"]]

    def _show(self, change: dict | None = None) -> None:
        text = self.text.value.replace(" ", "")
        self.string.value = self._strings.texts.index(text) if text in self._strings.texts else _OWN
        try:
            string = parsed(self._grammar, text)
        except ValueError as problem:
            self.message.value = f'<div role="status">{escape(str(problem))}</div>'
            return
        name, count = self.feature.value, self.units.value
        one = Strings("typed", "typed", (string,))
        self.chart = tree_chart(self._pathway, one, [self._features[name]], self._relevance, count)
        self._view.spec = self.chart.to_dict(validate=False)
        self._line = (
            f"widgets.tree_chart(pathway, Strings('typed', 'typed', (grammar.tree({text!r}),)), [features[{name!r}]], "
            f"relevance, {count})"
        )
        self.message.value = '<div role="status"></div>'
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"


def parsed(grammar: Grammar, text: str) -> ParsedString:
    """A typed string with its tree.

    Raises
    ------
    ValueError
        If it is too long for a chart, or not of the language; the message says where.
    """
    if len(text) > LONGEST:
        raise ValueError(f"Found {len(text)} characters, the chart shows at most {LONGEST}: type a shorter string.")
    return grammar.tree(text)


def readable(strings: Strings, fewest: int = 1) -> list[int]:
    """Numbers of the strings that are short enough to be shown, of at least ``fewest`` characters.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = [number for number, text in enumerate(strings.texts) if fewest <= len(text) <= LONGEST]
    if not found:
        raise ValueError(f"found no string of {fewest} to {LONGEST} characters among {len(strings)}: give others")
    return found


def telling(strings: Strings) -> list[int]:
    """Numbers of the strings that can be shown, those first whose trees have most to show: kinds of nodes, then depth.

    Short and long ones come last, and those of which a single bracket covers all.
    """
    depth = tree_nodes(strings).groupby("string")["depth"].max()

    def key(number: int) -> tuple:
        string = strings.items[number]
        covered = bool(string.nodes) and string.nodes[0].kind == "brackets" and string.nodes[0].end == len(string)
        return not 16 <= len(string) <= 34, covered, -len(string.kinds), -depth.get(number, 0), number

    return sorted(readable(strings), key=key)


def tree_readings(
    pathway: Pathway, strings: Strings, features: Sequence[Feature], relevance: pd.DataFrame, units: int = 3
) -> pd.DataFrame:
    """The labels of features, and the states of the best units for each, character by character.

    Parameters
    ----------
    pathway : Pathway
    strings : Strings
    features : sequence of Feature
    relevance : DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives it.
    units : int
        How many of the best units for each feature.

    Returns
    -------
    DataFrame
        As :func:`reading_neurons.charts.tree_units.tree_units` takes it.

    Raises
    ------
    ValueError
        If the relevance of a feature is not in the table.
    """
    states = passes.states(pathway, strings)
    place = {"string": np.repeat(np.arange(len(strings)), list(map(len, strings.texts)))}
    place["text"] = np.array(strings.texts, dtype=object)[place["string"]]
    place["position"] = np.concatenate([np.arange(len(text)) for text in strings.texts])
    parts = []
    for feature in features:
        best = top(relevance[relevance["feature"] == feature.name], units)
        if best.empty:
            raise ValueError(f"the table of relevance lacks the feature {feature.name!r}: compute it with this library")
        labels = np.concatenate([feature.labels(string) for string in strings.items])
        said = {**place, "feature": feature.name}
        parts.append(pd.DataFrame({**said, "line": LABEL, "note": "", "value": labels, "level": labels}))
        for row in best.itertuples():
            value = np.asarray(states[:, row.unit], dtype=np.float64)
            level = _level(value, row.weight, row.bias, feature.continuous)
            said |= {"line": f"unit {row.unit}", "note": f" ({row.score:.3f})", "value": value, "level": level}
            parts.append(pd.DataFrame(said))
    return pd.concat(parts, ignore_index=True)


def _level(value: np.ndarray, weight: float, bias: float, continuous: bool) -> np.ndarray:
    """What a unit says: of a binary feature the distance from its threshold, of a continuous one the prediction.

    Either side of a threshold is scaled by the farthest that the unit goes there.
    """
    said = weight * value + bias
    if continuous:
        return np.clip(said, 0, 1)
    above, below = max(said.max(), 1e-9), max(-said.min(), 1e-9)
    return np.where(said > 0, said / above, said / below) if weight else np.zeros(len(value))


def tree_nodes(strings: Strings) -> pd.DataFrame:
    """The nodes of trees but for digits, with their ``depth`` among each other.

    Examples
    --------
    >>> from reading_neurons.corpora.shift_reduce import ARITHMETIC
    >>> tree_nodes(Strings("mine", "test", (ARITHMETIC.tree("(1+2)"),))).values.tolist()
    [[0, 'brackets', 0, 5, 0], [0, 'sum', 1, 4, 1]]
    """
    rows = []
    for number, string in enumerate(strings.items):
        enclosing: list[int] = []
        for kind, start, end in string.nodes:
            while enclosing and enclosing[-1] <= start:
                enclosing.pop()
            if kind != "digit":
                rows.append((number, kind, start, end, len(enclosing)))
                enclosing.append(end)
    return pd.DataFrame(rows, columns=["string", "kind", "start", "end", "depth"])


def tree_chart(
    pathway: Pathway,
    strings: Strings,
    features: Sequence[Feature],
    relevance: pd.DataFrame,
    units: int = 3,
    title: str = "Units that follow the tree",
) -> alt.LayerChart:
    """Strings with their trees and the best units for features; arguments as for :func:`tree_readings`."""
    return tree_units(tree_readings(pathway, strings, features, relevance, units), tree_nodes(strings), title)


def tree_explorer(
    pathway: Pathway,
    grammar: Grammar,
    strings: Strings,
    features: Library,
    relevance: pd.DataFrame,
    shown: Sequence[str] | None = None,
    title: str = "Units that follow the tree",
) -> Explorer:
    """One cell, two lives: some features along three strings on a page, any of both beside a kernel.

    Parameters
    ----------
    pathway : Pathway
    grammar : Grammar
    strings : Strings
    features : Library
    relevance : DataFrame
        As :func:`reading_neurons.methods.relevance.relevance` gives it for these features.
    shown : sequence of str, optional
        Names of the features on the page, by default all.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    ordered = telling(strings)
    page = strings.take(ordered[:3])
    chosen = [features[name] for name in (features.names if shown is None else shown)]
    return Explorer(
        lambda: TreeExplorer(pathway, grammar, strings.take([*ordered[:3], *readable(strings)]), features, relevance),
        tree_chart(pathway, page, chosen, relevance, 3, title),
    )
