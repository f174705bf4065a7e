"""A unit word by word through any sentence, live and on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons.charts.unit_traces import unit_traces
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.methods import carrying_units, runs
from reading_neurons.methods.levels import Levels, levels
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.sentence import SentenceExplorer, menu_of

_SEARCHED = 1000  # captions among which a page's sentences are found
_SENTENCES = 5  # of a unit on a page
_LONGEST = 14  # words of a sentence on a page


class CarryingExplorer(SentenceExplorer):
    """The activations of any unit through any sentence, with the words for which it is on.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    level : mapping of str to Levels
        What is high for the units of each pathway: :func:`reading_neurons.methods.levels.levels` of a corpus.
    captions : Captions
        What the menu offers.
    units : mapping of str to sequence of int, optional
        Of each pathway a unit to begin with; by default unit 0.

    Attributes
    ----------
    pathway : ipywidgets.Dropdown
    unit : ipywidgets.BoundedIntText
        A number that is no unit becomes the nearest one.
    sentence, text, message, chart
        See :class:`~reading_neurons.widgets.sentence.SentenceExplorer`; the line of code takes the levels of
        the captions it names.

    Raises
    ------
    ValueError
        If there is no pathway, or no levels of one.
    """

    def __init__(
        self,
        pathways: Mapping[str, Pathway],
        level: Mapping[str, Levels],
        captions: Captions,
        units: Mapping[str, Sequence[int]] | None = None,
    ):
        if not pathways or set(pathways) - set(level):
            raise ValueError(
                f"expected at least one pathway and levels of each, found {list(pathways)} and {list(level)}"
            )
        self._pathways, self._level, self._units = dict(pathways), dict(level), dict(units or {})
        first = next(iter(pathways))
        form = {"layout": ipywidgets.Layout(width="auto"), "style": {"description_width": "6rem"}}
        self.pathway = ipywidgets.Dropdown(options=list(pathways), value=first, description="Pathway", **form)
        self.unit = ipywidgets.BoundedIntText(
            self._begin(first), min=0, max=self._last(first), description="Unit", **form
        )
        super().__init__(
            captions, [ipywidgets.HBox([self.pathway, self.unit], layout=ipywidgets.Layout(flex_flow="row wrap"))]
        )
        self.pathway.observe(self._change_pathway, "value")
        self.unit.observe(self._show, "value")

    def _begin(self, pathway: str) -> int:
        return int(next(iter(self._units.get(pathway, ())), 0))

    def _last(self, pathway: str) -> int:
        return self._level[pathway].edges.shape[1] - 1

    def _change_pathway(self, change: dict) -> None:
        with self.hold_trait_notifications():
            self.unit.max = self._last(change["new"])
            self.unit.value = self._begin(change["new"])
        self._show(change)

    def _draw(self, one: Captions) -> tuple[alt.TopLevelMixin, list[str], str]:
        name, unit = self.pathway.value, self.unit.value
        table = carrying_table(self._pathways[name], self._level[name], [unit], one).assign(pathway=name)
        line = (
            f"charts.unit_traces(carrying_units.trace(pathways[{name!r}], [{one.texts[0]!r}], [{unit}], "
            f"levels.levels(pathways[{name!r}], captions)).assign(pathway={name!r}))"
        )
        unknown = list(dict.fromkeys(table.loc[~table["known"], "word"]))
        return unit_traces(table, f"{name} {unit}, word by word"), unknown, line


def carrying_table(pathway: Pathway, level: Levels, units: Sequence[int], captions: Captions) -> pd.DataFrame:
    """The trace of units through captions, with ``known``: whether the network knows the word."""
    table = carrying_units.trace(pathway, captions.tokens, units, level)
    return table.assign(known=[word in pathway.vocabulary for word in table["word"]])


def carrying_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    units: Mapping[str, Sequence[int]] | None = None,
    title: str = "A unit switches on at one word and stays on",
) -> Explorer:
    """One cell, two lives: some units in the sentences they fill on a page, any unit and sentence beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        With parses or without. What is high for a unit is taken from them; the page shows for each unit those of at
        most 14 words in which it stays on longest.
    units : mapping of str to sequence of int, optional
        Of each pathway the units that the page holds; by default three that carry for long and that few words switch
        on (:func:`reading_neurons.methods.runs.find_selective`).
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If no unit is named, or one is out of range.
    """
    if units is None:
        units = {name: runs.find_selective(pathway, captions)["unit"].tolist() for name, pathway in pathways.items()}
    units = {name: numbers for name, numbers in units.items() if len(numbers)}
    if not units:
        raise ValueError(
            "an explorer needs at least one unit, found none that carries: name some, as units={'textual': [3, 14]}"
        )
    level = {name: levels(pathways[name], captions) for name in units}
    shown = {name: longest_captions(pathways[name], level[name], numbers, captions) for name, numbers in units.items()}
    table = pd.concat(
        (
            carrying_table(pathways[name], level[name], [unit], captions.take(numbers)).assign(pathway=name)
            for name, of_unit in shown.items()
            for unit, numbers in of_unit.items()
        ),
        ignore_index=True,
    )
    chosen = {name: pathways[name] for name in units}
    menu = [number for of_unit in shown.values() for numbers in of_unit.values() for number in numbers]
    return Explorer(
        lambda: CarryingExplorer(chosen, level, menu_of(captions, menu), units),
        unit_traces(table, title),
    )


def longest_captions(
    pathway: Pathway, level: Levels, units: Sequence[int], captions: Captions, sentences: int = _SENTENCES
) -> dict[int, list[int]]:
    """For each unit the numbers of the captions in which it stays on longest after entering its top decile."""
    short = [i for i, words in enumerate(captions.tokens) if len(words) <= _LONGEST][:_SEARCHED]
    found = runs.runs_of(pathway, captions.take(short), units, level)
    return {unit: [short[i] for i in runs.longest(found, unit, sentences)["sentence"]] for unit in units}
