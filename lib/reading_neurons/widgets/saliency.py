"""Which words and dimensions a network's decision depends on, for any sentence, live and on a page.

Easy to get wrong: a sentence of words that no network knows has a map as well, of noise; it is not drawn, and a message
says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.trees import Trees
from reading_neurons.display import Explorer
from reading_neurons.methods.gradients import PREDICTED
from reading_neurons.methods.saliency import METHODS, maps, saliency
from reading_neurons.pathway import Pathway
from reading_neurons.text import Vocabulary
from reading_neurons.widgets.sentence import SentenceExplorer, chosen, menu_of

ALL = "all networks"
WORDS, DIMENSIONS = "words", "dimensions"


class SaliencyExplorer(SentenceExplorer):
    """Saliency of any sentence: by word or by dimension, for a network or all, a class and a method.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        With the same outputs.
    trees : Trees
        What the menu offers.

    Attributes
    ----------
    network, output, method, view : ipywidgets.Dropdown
        Which network, whose score (the class that each predicts, or one), how, and by words or dimensions.
    sentence, text, message, chart
        See :class:`~reading_neurons.widgets.sentence.SentenceExplorer`.

    Raises
    ------
    ValueError
        If there is no pathway, or no sentence that can be shown.
    """

    def __init__(self, pathways: Mapping[str, Pathway], trees: Trees):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._pathways = dict(pathways)
        names = list(next(iter(pathways.values())).output_names)
        several = [ALL] if len(pathways) > 1 else []
        form = {"layout": ipywidgets.Layout(width="19rem"), "style": {"description_width": "6rem"}}
        self.network = ipywidgets.Dropdown(options=[*several, *pathways], description="Network", **form)
        self.output = ipywidgets.Dropdown(options=[PREDICTED, *names], description="Class", **form)
        self.method = ipywidgets.Dropdown(options=METHODS, description="Method", **form)
        self.view = ipywidgets.Dropdown(options=[WORDS, DIMENSIONS], description="By", **form)
        controls = [self.network, self.output, self.method, self.view]
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        super().__init__(trees, [ipywidgets.HBox(controls, layout=row)])
        for control in controls:
            control.observe(self._show, "value")

    def _chosen(self) -> dict[str, Pathway]:
        name = self.network.value
        return self._pathways if name == ALL else {name: self._pathways[name]}

    def _vocabulary(self) -> Vocabulary:
        return next(iter(self._pathways.values())).vocabulary

    def _draw(self, one: Trees) -> tuple[alt.TopLevelMixin, list[str], str]:
        options = {"outputs": self.output.value, "method": self.method.value}
        by_word = self.view.value == WORDS
        table = saliency_table(self._chosen(), one, [self.method.value], self.output.value, by_word)
        unknown = list(dict.fromkeys(table.loc[~table["known"], "word"]))
        function, chart = ("saliency", "word_heat") if by_word else ("maps", "dimension_heat")
        line = (
            f"charts.{chart}(pd.concat(saliency.{function}(pathways[name], [{' '.join(one.tokens[0])!r}], "
            f"{options['outputs']!r}, method={options['method']!r}).assign(pathway=name) "
            f"for name in {list(self._chosen())!r}))"
        )
        return getattr(charts, chart)(table), unknown, line


def saliency_table(
    pathways: Mapping[str, Pathway],
    trees: Trees,
    methods: Sequence[str] = METHODS,
    outputs: str | int = PREDICTED,
    by_word: bool = True,
) -> pd.DataFrame:
    """Saliency with everything that the charts of heat can show.

    Returns
    -------
    DataFrame
        One row per network, method and word (or dimension of a word): the columns of
        :func:`reading_neurons.methods.saliency.saliency` or ``maps``, with ``pathway``, ``method``, ``text`` and
        ``note``, the class whose score was derived.
    """
    found = saliency if by_word else maps
    parts = [
        found(pathway, trees, outputs, method=method).assign(pathway=name, method=method)
        for method in methods
        for name, pathway in pathways.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    names = {name: pathway.output_names for name, pathway in pathways.items()}
    note = [names[name][output] for name, output in zip(table["pathway"], table["output"], strict=True)]
    return table.assign(text=[trees.texts[number] for number in table["sentence"]], note=note)


def saliency_explorer(
    pathways: Mapping[str, Pathway],
    trees: Trees,
    sentences: int | Sequence[int] = 12,
    title: str = "Which words a decision depends on",
) -> Explorer:
    """One cell, two lives: three maps of some sentences on a page, of any sentence beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    trees : Trees
    sentences : int or sequence of int
        How many sentences the page holds, from all over the split, or their numbers.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    shown = chosen(trees, sentences)
    table = saliency_table(pathways, trees.take(shown))
    chart = charts.word_heat(table, title, pick="method")
    return Explorer(lambda: SaliencyExplorer(pathways, menu_of(trees, shown)), chart)
