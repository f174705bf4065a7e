"""What networks of sentiment make of any sentence, word by word, live and on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from reading_neurons import charts
from reading_neurons.corpora.trees import Trees
from reading_neurons.display import Explorer
from reading_neurons.methods.unfolding import unfolding
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.sentence import SentenceExplorer, chosen, menu_of

TITLE = "A few words turn a judgement, most leave it"


class SentimentExplorer(SentenceExplorer):
    """The classes of a sentence's beginnings, for a sentence to choose or to type.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        Networks that classify sentences.
    trees : Trees
        What the menu offers.
    """

    def __init__(self, pathways: Mapping[str, Pathway], trees: Trees):
        self._pathways = pathways
        super().__init__(trees)

    def _draw(self, one: Trees) -> tuple[alt.TopLevelMixin, list[str], str]:
        table = unfolding(self._pathways, one)
        unknown = table.loc[~table["known"], "word"]
        line = f"charts.unfolding(unfolding(pathways, widgets.typed_tree({one.texts[0]!r})))"
        return charts.unfolding(table, TITLE), list(dict.fromkeys(unknown)), line


def sentiment_explorer(
    pathways: Mapping[str, Pathway], trees: Trees, sentences: int | Sequence[int] = 20, title: str = TITLE
) -> Explorer:
    """One cell, two lives: some sentences on a page, any sentence beside a kernel.

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
    some = trees.take(shown)
    chart = charts.unfolding(unfolding(pathways, some), title, dict(enumerate(some.texts)))
    return Explorer(lambda: SentimentExplorer(pathways, menu_of(trees, shown)), chart)
