"""Omission scores of any sentence, live and on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.annotation import Parse
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.methods import omission
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.sentence import SentenceExplorer, chosen, menu_of, parsed


class OmissionExplorer(SentenceExplorer):
    """Omission scores of any sentence, for the pathways that are ticked.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        What the menu offers; their planted weights are shown where they have them.
    parses : sequence of Parse, optional
        One a caption, for tags and dependency labels; by default the captions' own.

    Attributes
    ----------
    ticked : dict of str to ipywidgets.Checkbox
        One a pathway.
    sentence, text, message, chart
        See :class:`SentenceExplorer`; the line of code leaves out tags and planted weights.

    Raises
    ------
    ValueError
        If there is no pathway, or no caption that can be shown.
    """

    def __init__(self, pathways: Mapping[str, Pathway], captions: Captions, parses: Sequence[Parse] | None = None):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._pathways = dict(pathways)
        self.ticked = {
            name: ipywidgets.Checkbox(True, description=name, indent=False, layout=ipywidgets.Layout(width="auto"))
            for name in pathways
        }
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        super().__init__(parsed(captions, parses), [ipywidgets.HBox(list(self.ticked.values()), layout=row)])
        for box in self.ticked.values():
            box.observe(self._show, "value")

    def _chosen(self) -> dict[str, Pathway]:
        return {name: self._pathways[name] for name, box in self.ticked.items() if box.value}

    def _show(self, change: dict | None = None) -> None:
        if self._chosen():
            super()._show(change)
        else:
            self._say("No pathway is ticked: tick at least one.")

    def _draw(self, one: Captions) -> tuple[alt.TopLevelMixin, list[str], str]:
        table = omission_table(self._chosen(), one)
        unknown = list(dict.fromkeys(table.loc[~table["known"], "word"]))
        line = (
            f"charts.omission(pd.concat(omission.scores(pathways[name], [{one.texts[0]!r}]).assign(pathway=name) "
            f"for name in {list(self._chosen())!r}))"
        )
        return charts.omission(table, pickers=False), unknown, line


def omission_table(pathways: Mapping[str, Pathway], captions: Captions) -> pd.DataFrame:
    """Omission scores with everything that :func:`reading_neurons.charts.omission` can show.

    Returns
    -------
    DataFrame
        One row per word and pathway: ``sentence``, ``position``, ``word``, ``pathway``, ``score``, ``text``, ``known``
        (to the pathway's vocabulary); ``tag`` and ``deprel`` where the captions are parsed, ``weight`` where planted.
    """
    if captions.parses:
        table = omission.annotated(pathways, captions, captions.parses)
    else:
        parts = (omission.scores(pathway, captions.tokens).assign(pathway=name) for name, pathway in pathways.items())
        table = pd.concat(parts, ignore_index=True)
    known = [word in pathways[name].vocabulary for word, name in zip(table["word"], table["pathway"], strict=True)]
    return table.assign(text=[captions.texts[number] for number in table["sentence"]], known=known)


def omission_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    parses: Sequence[Parse] | None = None,
    sentences: int | Sequence[int] = 20,
    title: str = "How far each pathway moves when a word is left out",
) -> Explorer:
    """One cell, two lives: omission scores of some sentences on a page, of any sentence beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
    parses : sequence of Parse, optional
        One a caption; by default the captions' own.
    sentences : int or sequence of int
        How many captions the page holds, from all over the split, or their numbers.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    captions = parsed(captions, parses)
    shown = chosen(captions, sentences)
    chart = charts.omission(omission_table(pathways, captions.take(shown)), title)
    return Explorer(lambda: OmissionExplorer(pathways, menu_of(captions, shown)), chart)
