"""Code coloured by any unit and any feature, live and on a page; also code that the reader types.

Easy to get wrong: what people type. A unit reads anything, a feature needs a function that can be parsed: for all else
the unit's colours are shown, and the message says what the parser expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import altair as alt
import ipywidgets
import numpy as np
import pandas as pd

from reading_neurons import charts, passes
from reading_neurons.charts.code_heat import WIDEST
from reading_neurons.corpora.c_syntax import parse
from reading_neurons.corpora.c_text import cleaned, types_of
from reading_neurons.corpora.strings import ParsedString, Strings
from reading_neurons.display import Explorer
from reading_neurons.features import Feature, Library
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.best_units import best_units, knowledge
from reading_neurons.pathway import Pathway
from reading_neurons.text import Vocabulary

LONGEST = 700
"""Characters of the longest code that an explorer shows."""

_LINES = 18  # of code that the page holds
_OWN = -1
_TITLE = "A unit beside a feature"
_FORM = {"layout": {"width": "19rem"}, "style": {"description_width": "6rem"}}


def code_tables(
    pathway: Pathway, strings: Strings, features: Iterable[Feature], units: Sequence[int] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The characters of some code, what units are at each, and what features say of it, as the chart takes them.

    Parameters
    ----------
    pathway : Pathway
    strings : Strings
    features : iterable of Feature
    units : sequence of int, optional
        By default all.

    Returns
    -------
    three DataFrames
        ``string``, ``position``, ``character`` and ``name`` (the first line); a column per unit; a column per feature.
    """
    states, library = passes.states(pathway, strings), Library(features)
    units = list(range(states.shape[1])) if units is None else list(units)
    rows = [
        (number, position, character, text.splitlines()[0])
        for number, text in enumerate(strings.texts)
        for position, character in enumerate(text)
    ]
    characters = pd.DataFrame(rows, columns=["string", "position", "character", "name"])
    return (
        characters,
        pd.DataFrame(states[:, units], columns=units),
        pd.DataFrame(library.labels(strings.items).T, columns=library.names),
    )


def code_chart(pathway: Pathway, text: str, features: Iterable[Feature], feature: str, unit: int) -> alt.LayerChart:
    """One function beside itself: coloured by a unit, and by a feature; the line that an explorer offers calls it.

    Raises
    ------
    ValueError
        If the text is no function of C.
    KeyError
        If there is no such feature.
    """
    one = Strings("typed", "typed", (_function(text),))
    return charts.code_heat(*code_tables(pathway, one, [Library(features)[feature]], [unit]))


def _function(text: str) -> ParsedString:
    return parse(text, types_of(text))


class CodeExplorer(ipywidgets.VBox):
    """A function to choose or to type, a feature, a unit, and the code in the colours of both.

    Parameters
    ----------
    pathway : Pathway
        Over characters.
    strings : Strings
        What the menu offers.
    features : iterable of Feature
    relevance : DataFrame
        Of the pathway's units to these features, as :func:`reading_neurons.methods.relevance.relevance` gives it.

    Attributes
    ----------
    menu : ipywidgets.Dropdown
        Functions by their first line.
    text : ipywidgets.Textarea
        The code that is read; what is typed counts when the box is left.
    feature : ipywidgets.Dropdown
    unit : ipywidgets.BoundedIntText
    best : ipywidgets.Button
        Goes to the unit that knows the feature best.
    message : ipywidgets.HTML
    chart : Altair chart
        The chart that is shown.

    Raises
    ------
    ValueError
        If the relevance lacks a feature.
    """

    def __init__(self, pathway: Pathway, strings: Strings, features: Iterable[Feature], relevance: pd.DataFrame):
        self._pathway, self._strings, self._features = pathway, strings, Library(features)
        self._best, self._notes = best_and_notes(relevance, self._features)
        menu = [("(code of your own)", _OWN), *((text.splitlines()[0], n) for n, text in enumerate(strings.texts))]
        self.menu = ipywidgets.Dropdown(options=menu, value=0, description="Function", **_FORM)
        self.text = ipywidgets.Textarea(
            strings.texts[0], description="or your own", continuous_update=False, rows=6,
            layout=ipywidgets.Layout(width="auto", max_width="40rem"), style=_FORM["style"],
        )  # fmt: skip
        self.feature = ipywidgets.Dropdown(options=list(self._features.names), description="Feature", **_FORM)
        last = int(relevance["unit"].max())
        first = self._best[self.feature.value]
        self.unit = ipywidgets.BoundedIntText(first, min=0, max=last, description="Unit", **_FORM)
        self.best = ipywidgets.Button(description="the feature's best unit", layout=_FORM["layout"])
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        row = ipywidgets.HBox([self.feature, self.unit, self.best], layout=ipywidgets.Layout(flex_flow="row wrap"))
        super().__init__([self.menu, self.text, row, self.message, self._view, self._line_shown])
        self._show()
        self.menu.observe(self._choose, "value")
        self.best.on_click(lambda button: setattr(self.unit, "value", self._best[self.feature.value]))
        for control in (self.text, self.feature, self.unit):
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _choose(self, change: dict) -> None:
        if change["new"] != _OWN:
            self.text.value = self._strings.texts[change["new"]]

    def _show(self, change: dict | None = None) -> None:
        text, feature, unit = self.text.value, self.feature.value, self.unit.value
        self.menu.value = self._strings.texts.index(text) if text in self._strings.texts else _OWN
        if problem := unreadable(text):
            self._say(problem)
            return
        string, problem = self._read(text)
        shown = [self._features[feature]] if string.nodes else [_unparsed(self._features[feature])]
        one = Strings("typed", "typed", (string,))
        tables = code_tables(self._pathway, one, shown, [unit])
        notes = {shown[0].name: {unit: self._notes[feature][unit]}}
        self.chart = charts.code_heat(*tables, notes=notes)
        self._view.spec = self.chart.to_dict(validate=False)  # it takes half the time, and tests validate
        self._say(" ".join(filter(None, [problem, _unknown_said(self._pathway.vocabulary, string.text)])))
        self._line = f"widgets.code_chart(pathway, {string.text!r}, features, {feature!r}, unit={unit})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _read(self, text: str) -> tuple[ParsedString, str]:
        """The code with its tree, or without one and why."""
        if text in self._strings.texts:
            return self._strings.strings[self._strings.texts.index(text)], ""
        plain = cleaned(text).strip()
        if "\t" not in self._pathway.vocabulary:
            plain = plain.expandtabs(2)  # as the generated functions are indented
        try:
            return _function(plain), ""
        except ValueError as error:
            return ParsedString(
                plain, ()
            ), f"No feature without a function of C: {error}. The unit reads it all the same."

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def unreadable(text: str) -> str:
    """Why a text cannot be shown, and what to do about it; empty if it can.

    Examples
    --------
    >>> unreadable("int f(void) { }"), unreadable(" ")
    ('', 'No code found: type a function of C.')
    """
    if not cleaned(text).strip():
        return "No code found: type a function of C."
    if len(text) > LONGEST:
        return f"Found {len(text)} characters, the chart shows at most {LONGEST}: type a shorter function."
    return ""


def best_and_notes(relevance: pd.DataFrame, features: Library) -> tuple[dict[str, int], dict[str, dict[int, str]]]:
    """The unit that knows each feature best, and what a heading says of each unit and feature.

    Raises
    ------
    ValueError
        If the relevance lacks a feature.
    """
    if missing := [name for name in features.names if name not in set(relevance["feature"])]:
        raise ValueError(f"the relevance of units lacks the features {', '.join(missing)}: compute it with them")
    table = relevance[relevance["feature"].isin(features.names)]
    best = best_units(table).set_index("feature")["unit"]
    told = table.assign(said=knowledge(table).map("knowledge {:.2f}".format))
    notes = {
        feature: dict(zip(map(int, rows["unit"]), rows["said"], strict=True))
        for feature, rows in told.groupby("feature", sort=False)
    }
    return {name: int(best[name]) for name in features.names}, notes


def _unparsed(feature: Feature) -> Feature:
    """A feature of code without a tree: nowhere."""
    return Feature(f"{feature.name}: no tree", feature.description, lambda item: np.zeros(len(item)))


def _unknown_said(vocabulary: Vocabulary, text: str) -> str:
    unknown = [character for character in dict.fromkeys(text) if character not in vocabulary]
    if not unknown:
        return ""
    named = " ".join(map(repr, unknown[:8])) + (" and others" if len(unknown) > 8 else "")
    return f"Unknown to the network, which reads <unk> instead: {named}."


def code_explorer(
    pathway: Pathway,
    strings: Strings,
    features: Iterable[Feature],
    relevance: pd.DataFrame,
    functions: int = 4,
    random: int = 2,
    title: str = _TITLE,
    seed: int = 0,
    first: str | None = None,
) -> Explorer:
    """One cell, two lives: some functions, features and units on a page, all of them and typed code beside a kernel.

    Parameters
    ----------
    pathway, strings, features, relevance
        As for :class:`CodeExplorer`.
    functions, random : int
        How many functions the page holds, and how many units drawn at random beside the best of each feature.
    title : str
        Of the chart on the page.
    seed : int
        Of the random units.
    first : str, optional
        The feature that is shown first; by default the first of all.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If no function is short enough for a page.
    """
    library = Library(features)
    if first is not None:
        library = Library([library[first], *(feature for feature in library if feature.name != first)])
    shown = strings.take(chosen(strings, functions))
    best, notes = best_and_notes(relevance, library)
    others = [unit for unit in sorted(set(map(int, relevance["unit"]))) if unit not in best.values()]
    drawn = np.random.default_rng(seed).permutation(others)[:random]
    units = sorted({*best.values(), *map(int, drawn)})
    kept = {feature: {unit: said[unit] for unit in units} for feature, said in notes.items()}
    chart = charts.code_heat(*code_tables(pathway, shown, library, units), title, best=best, notes=kept)
    others = strings.take(list(dict.fromkeys([*chosen(strings, functions), *chosen(strings, 100)])))
    return Explorer(lambda: CodeExplorer(pathway, others, library, relevance), chart)


def chosen(strings: Strings, functions: int) -> list[int]:
    """Numbers of functions that a page can show: not too long, and with many kinds of syntax, most kinds first.

    Raises
    ------
    ValueError
        If there is none.
    """
    fitting = [
        number
        for number, text in enumerate(strings.texts)
        if len(text) <= LONGEST / 2 and text.count("\n") < _LINES and max(map(len, text.splitlines())) <= WIDEST
    ]
    if not fitting:
        raise ValueError(f"no function of the {len(strings)} has at most {_LINES} lines: give others")
    kinds = {number: len(strings.strings[number].kinds) for number in fitting}
    return sorted(fitting, key=lambda number: (-kinds[number], number))[:functions]
