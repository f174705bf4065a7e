"""Six methods over the words of any sentence, live and on a page.

Easy to get wrong: a class that changes with the network. Each line answers for the class that the network at hand
chooses, unless one is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.trees import Trees
from reading_neurons.display import Explorer
from reading_neurons.methods.agreement import attributions
from reading_neurons.methods.gradients import PREDICTED
from reading_neurons.methods.saliency import STEPS
from reading_neurons.pathway import Pathway
from reading_neurons.text import Vocabulary
from reading_neurons.widgets.sentence import SentenceExplorer, chosen, menu_of

_TITLE = "One sentence, six methods"


class AgreementExplorer(SentenceExplorer):
    """What six methods say of the words of any sentence, for one network and class.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        With the same outputs.
    trees : Trees
        What the menu offers.

    Attributes
    ----------
    network, output : ipywidgets.Dropdown
        Which network, and whose score: the class that it predicts, or one.
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
        form = {"layout": ipywidgets.Layout(width="19rem"), "style": {"description_width": "6rem"}}
        self.network = ipywidgets.Dropdown(options=list(pathways), description="Network", **form)
        self.output = ipywidgets.Dropdown(options=[PREDICTED, *names], description="Class", **form)
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        super().__init__(trees, [ipywidgets.HBox([self.network, self.output], layout=row)])
        for control in (self.network, self.output):
            control.observe(self._show, "value")

    def _vocabulary(self) -> Vocabulary:
        return self._pathways[self.network.value].vocabulary

    def _draw(self, one: Trees) -> tuple[alt.TopLevelMixin, list[str], str]:
        name = self.network.value
        table = agreement_table({name: self._pathways[name]}, one, self.output.value)
        unknown = list(dict.fromkeys(table.loc[~table["known"], "word"]))
        line = (
            f"charts.side_by_side(agreement.attributions(pathways[{name!r}], [{' '.join(one.tokens[0])!r}], "
            f"{self.output.value!r}).assign(pathway={name!r}))"
        )
        return charts.side_by_side(table, _TITLE), unknown, line


def agreement_table(
    pathways: Mapping[str, Pathway], trees: Trees, outputs: str | int = PREDICTED, steps: int = STEPS
) -> pd.DataFrame:
    """What each method gives each word, with everything that :func:`reading_neurons.charts.side_by_side` can show.

    Returns
    -------
    DataFrame
        One row per network, sentence and word: columns of
        :func:`~reading_neurons.methods.agreement.attributions`, ``pathway``, ``text`` and ``known``.
    """
    parts = [
        attributions(pathway, trees, outputs, steps=steps).assign(pathway=name) for name, pathway in pathways.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    known = [word in pathways[name].vocabulary for word, name in zip(table["word"], table["pathway"], strict=True)]
    return table.assign(text=[trees.texts[number] for number in table["sentence"]], known=known)


def agreement_explorer(
    pathways: Mapping[str, Pathway], trees: Trees, sentences: int | Sequence[int] = 10, title: str = _TITLE
) -> Explorer:
    """One cell, two lives: six methods over some sentences on a page, over any sentence beside a kernel.

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
    chart = charts.side_by_side(agreement_table(pathways, trees.take(shown)), title)
    return Explorer(lambda: AgreementExplorer(pathways, menu_of(trees, shown)), chart)
