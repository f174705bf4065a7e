"""What a neuron wants, live for any neuron, and on a page for some: its best n-grams, and its concepts.

Easy to get wrong: waiting without a word. The n-grams of a small network take a second, concepts several searches,
which are made only when they are asked for; until then a line says what is being done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.concepts import concepts
from reading_neurons.methods.input_optimization import optimize
from reading_neurons.methods.ngram_omission import word_effects
from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.neuron_box import NeuronBox, neuron_of

_METHODS = {"corpus": "corpus", "optimal": "gumbel + swaps"}
_TITLE = "The 5-grams that a neuron wants most"


def wanted_table(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    neurons: Mapping[str, Sequence[str | Neuron]],
    length: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """The best n-grams of some neurons, by corpus search and by optimisation, word by word.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        Where corpus search looks.
    neurons : mapping of str to sequence of str or Neuron
        Of each pathway, as somebody types them; see :func:`reading_neurons.widgets.neuron_box.neuron_of`.
    length, seed : int

    Returns
    -------
    DataFrame
        As :func:`reading_neurons.charts.wanted.optimal_ngrams` takes it.

    Raises
    ------
    ValueError
        If a pathway or a neuron is unknown.
    """
    parts = []
    for name, typed in neurons.items():
        if name not in pathways:
            raise ValueError(f"no pathway {name!r}; there are {', '.join(pathways)}")
        pathway = pathways[name]
        found = [neuron_of(pathway, one) if isinstance(one, str) else one for one in typed]
        for said, method in _METHODS.items():
            best = optimize(pathway, found, length, method, corpus=captions, seed=seed)
            effects = word_effects(pathway, found, best["words"].tolist()).rename(columns={"effect": "drop"})
            parts.append(effects[["neuron", "place", "word", "activation", "drop"]].assign(pathway=name, method=said))
    return pd.concat(parts, ignore_index=True)


def wanted_chart(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    neurons: Mapping[str, Sequence[str | Neuron]],
    title: str = _TITLE,
) -> alt.LayerChart:
    """The chart of :func:`wanted_table`; the line of code that an explorer offers calls it."""
    return charts.optimal_ngrams(wanted_table(pathways, captions, neurons), title=title)


class WantedExplorer(ipywidgets.VBox):
    """Pick a pathway, type a neuron, see what it wants; ask for its concepts.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        Where corpus search looks.
    ignore : collection of str
        Words that belong to no concept.

    Attributes
    ----------
    pathway : ipywidgets.Dropdown
    neuron : ipywidgets.Combobox
        An output by its name or number, or ``unit 12``.
    ask : ipywidgets.Button
        Looks for the concepts of the neuron that is shown.
    message : ipywidgets.HTML
        What was found, or what is wrong with what was typed.
    chart, concept_chart : Altair charts
        Those that are shown; the second is None until it is asked for.

    Raises
    ------
    ValueError
        If there is no pathway.
    """

    def __init__(self, pathways: Mapping[str, Pathway], captions: Captions, ignore: Collection[str] = ()):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._pathways, self._captions, self._ignore = dict(pathways), captions, set(ignore)
        narrow = ipywidgets.Layout(width="18rem")
        self.pathway = ipywidgets.Dropdown(options=list(pathways), description="Pathway", layout=narrow)
        self.neuron = NeuronBox(next(iter(pathways.values())), layout=narrow)
        self.ask = ipywidgets.Button(description="find its concepts", layout=narrow)
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._views = LiveChart({}), LiveChart({})
        for view in self._views:
            view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        controls = ipywidgets.HBox([self.pathway, self.neuron, self.ask], layout=row)
        self._parts = [controls, self.message, self._views[0], self._line_shown]
        super().__init__(self._parts)
        self.chart = self.concept_chart = None
        self._line, self._shown, self._choosing = "", None, False
        self._choose()
        self.pathway.observe(self._choose, "value")
        self.neuron.observe(self._show, "value")
        self.ask.on_click(self._find)

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _choose(self, change: dict | None = None) -> None:
        """Another pathway has other outputs."""
        self._choosing = True
        self.neuron.offer(self._pathways[self.pathway.value])
        self._choosing = False
        self._show()

    def _show(self, change: dict | None = None) -> None:
        if self._choosing:
            return
        name = self.pathway.value
        try:
            neuron = neuron_of(self._pathways[name], self.neuron.value)
            self._say(f"Looking for what {neuron.name} wants ..")
            self.table = wanted_table(self._pathways, self._captions, {name: [neuron]})
        except ValueError as problem:
            self._say(str(problem))
            return
        self._shown, self.concept_chart = (name, neuron), None
        self.chart = charts.optimal_ngrams(self.table, title=_TITLE)
        self._views[0].spec = self.chart.to_dict(validate=False)
        self.children = self._parts  # a chart of concepts would belong to another neuron
        best = self.table.groupby("method")["activation"].first()
        self._say(f"{neuron.name}: {best['optimal']:.2f} written, {best['corpus']:.2f} in the corpus.")
        self._line = f"widgets.wanted_chart(pathways, captions, {{{name!r}: [{self.neuron.value!r}]}})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _find(self, button: ipywidgets.Button | None = None) -> None:
        if self._shown is None:
            return
        name, neuron = self._shown
        self._say(f"Searching again and again for {neuron.name}, each time without the words found before ..")
        found = concepts(self._pathways[name], neuron, ignore=self._ignore).concepts
        if not len(found):
            self._say(f"No single word carries what {neuron.name} wants.")
            return
        corpus = self.table[self.table["method"] == "corpus"].groupby(["pathway", "neuron", "activation"], sort=False)
        corpus = corpus["word"].agg(" ".join).rename("words").reset_index()
        self.concept_chart = charts.neuron_concepts(found.assign(pathway=name), corpus, title="Its concepts")
        self._views[1].spec = self.concept_chart.to_dict(validate=False)
        self.children = [*self._parts, self._views[1]]
        self._say(f"{neuron.name}: {len(found)} concept{'s' * (len(found) > 1)} found.")

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def wanted_explorer(
    pathways: Mapping[str, Pathway],
    captions: Captions,
    neurons: Mapping[str, Sequence[str | Neuron]],
    ignore: Collection[str] = (),
    title: str = _TITLE,
    pick: str | None = None,
) -> Explorer:
    """One cell, two lives: what some neurons want on a page, any neuron and its concepts beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    captions : Captions
        Where corpus search looks.
    neurons : mapping of str to sequence of str or Neuron
        Those on the page.
    ignore : collection of str
        Words that belong to no concept.
    title : str
        Of the chart on the page.
    pick : str, optional
        The neuron that the page shows first.

    Returns
    -------
    Explorer
    """
    chart = charts.optimal_ngrams(wanted_table(pathways, captions, neurons), pick, title)
    return Explorer(lambda: WantedExplorer(pathways, captions, ignore), chart)
