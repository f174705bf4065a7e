"""Which words and dimensions differ most from the mean of their sentence, live and on a page.

Easy to get wrong: two networks side by side. Their embeddings have scales of their own, so each is drawn on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.trees import Trees
from reading_neurons.display import Explorer
from reading_neurons.methods.variance import variance, variance_maps
from reading_neurons.pathway import Pathway
from reading_neurons.text import Vocabulary
from reading_neurons.widgets.sentence import SentenceExplorer, chosen, menu_of

WORDS, DIMENSIONS = "words", "dimensions"


class VarianceExplorer(SentenceExplorer):
    """The variance of any sentence in all networks, by word or by dimension.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    trees : Trees
        What the menu offers.

    Attributes
    ----------
    view : ipywidgets.Dropdown
        By words or by dimensions.
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
        form = {"layout": ipywidgets.Layout(width="19rem"), "style": {"description_width": "6rem"}}
        self.view = ipywidgets.Dropdown(options=[WORDS, DIMENSIONS], description="By", **form)
        super().__init__(trees, [self.view])
        self.view.observe(self._show, "value")

    def _vocabulary(self) -> Vocabulary:
        return next(iter(self._pathways.values())).vocabulary

    def _draw(self, one: Trees) -> tuple[alt.TopLevelMixin, list[str], str]:
        by_word = self.view.value == WORDS
        table = variance_table(self._pathways, one, by_word)
        unknown = list(dict.fromkeys(table.loc[~table["known"], "word"]))
        function, chart = ("variance", "word_heat") if by_word else ("variance_maps", "dimension_heat")
        line = (
            f"charts.{chart}(pd.concat(variance.{function}(pathways[name], [{' '.join(one.tokens[0])!r}])"
            f".assign(pathway=name) for name in {list(self._pathways)!r}))"
        )
        return getattr(charts, chart)(table), unknown, line


def variance_table(pathways: Mapping[str, Pathway], trees: Trees, by_word: bool = True) -> pd.DataFrame:
    """The variance of every word, or of every dimension of it, with what the charts of heat can show.

    Returns
    -------
    DataFrame
        One row per network and word (or dimension of a word): columns of
        :func:`~reading_neurons.methods.variance.variance` or ``variance_maps``, with ``pathway``, ``text``, ``word``
        as it is written and ``known``.
    """
    found = variance if by_word else variance_maps
    parts = [found(pathway, trees).assign(pathway=name) for name, pathway in pathways.items()]
    table = pd.concat(parts, ignore_index=True)
    places = zip(table["sentence"], table["position"], strict=True)
    written = [trees.tokens[sentence][position] for sentence, position in places]
    known = [word in pathways[name].vocabulary for word, name in zip(written, table["pathway"], strict=True)]
    return table.assign(word=written, known=known, text=[trees.texts[number] for number in table["sentence"]])


def variance_explorer(
    pathways: Mapping[str, Pathway],
    trees: Trees,
    sentences: int | Sequence[int] = 10,
    title: str = "Which words differ from the mean of their sentence",
) -> Explorer:
    """One cell, two lives: the variance of some sentences on a page, of any sentence beside a kernel.

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
    chart = charts.word_heat(variance_table(pathways, trees.take(shown)), title)
    return Explorer(lambda: VarianceExplorer(pathways, menu_of(trees, shown)), chart)
