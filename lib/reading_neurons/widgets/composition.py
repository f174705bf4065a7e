"""Two phrases, typed or chosen: their vectors in any network of sentiment, or both word by word.

Easy to get wrong: comparing word by word what is not equally long. Then the vectors of the whole phrases are shown, and
a message says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import altair as alt
import ipywidgets
import pandas as pd

from reading_neurons import charts
from reading_neurons.display import Explorer
from reading_neurons.experiments import composition as experiment
from reading_neurons.experiments import composition_pairs as pairs
from reading_neurons.experiments import composition_shown
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods.composition import consistent, pair_vectors, vectors
from reading_neurons.methods.state_differences import compared
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.sentence import unreadable

TITLE = "Negation turns dimensions of positive phrases"
_VIEWS = {
    "vectors": "vectors of the phrases",
    "states": "word by word, states",
    "beginnings": "word by word, each beginning as a sentence",
}
_WIDE = {"width": "auto", "max_width": "60rem"}


def composition_chart(
    pathways: Mapping[str, Pathway], first: str, second: str, network: str = "lstm", view: str = "vectors"
) -> alt.LayerChart:
    """The chart of two phrases in one network.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    first, second : str
    network : str
        A name in ``pathways``.
    view : {"vectors", "states", "beginnings"}
        The representations and their difference, or both phrases word by word.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If the network or the view is unknown, or the phrases cannot be read or compared.
    """
    if network not in pathways:
        raise ValueError(f"there is no network {network!r}, expected one of {', '.join(map(repr, pathways))}")
    if view not in _VIEWS:
        raise ValueError(f"found the view {view!r}, expected one of {', '.join(map(repr, _VIEWS))}")
    pathway = pathways[network]
    if view != "vectors":
        table = compared(pathway, first, second, prefixes=view == "beginnings").assign(pathway=network, way=view)
        return charts.word_states(table, "Two phrases, word by word")
    one, other = vectors(pathway, [first, second])
    parts = [(0, first, one), (0, second, other), (1, "difference", other - one)]
    table = pd.concat(
        pd.DataFrame({"dimension": range(len(values)), "value": values, "phrase": phrase, "pair": pair})
        for pair, phrase, values in parts
    )
    return charts.phrase_vectors(table.assign(pathway=network, group="typed"), title="Two phrases and their difference")


def composition_tables(pathways: Mapping[str, Pathway]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Phrases of the paper's Figure 1, and every dimension over all pairs of the generated reviews.

    Returns
    -------
    two DataFrame
        As :func:`reading_neurons.charts.composition.phrase_vectors` takes them.
    """
    networks = {f"trained {name}": pathway for name, pathway in pathways.items()}
    found = []
    for name, pathway in pathways.items():
        for kind, side, effect in experiment.EFFECTS:
            table = pairs.of_polarity(kind)
            table = table if side == "all" else table[table["positive"] == (side == "positive")]
            of_it = consistent(*pair_vectors(pathway, table).values(), table["head"], effect)
            found.append(of_it.assign(network=f"trained {name}", kind=kind, side=side))
    tables = {"vectors": experiment.shown_vectors(networks), "dimensions": pd.concat(found, ignore_index=True)}
    return composition_shown.shown(tables)


class CompositionExplorer(ipywidgets.VBox):
    """Two phrases to type, a network, and what is compared.

    Parameters
    ----------
    pathways : mapping of str to Pathway

    Attributes
    ----------
    first, second : ipywidgets.Text
        What is typed counts on Enter or when the box is left.
    network, view : ipywidgets.Dropdown
    message : ipywidgets.HTML
        What is wrong with a phrase, or which words are unknown.
    chart : Altair chart
        The chart that is shown: the last one that could be made.

    Raises
    ------
    ValueError
        If there is no pathway.
    """

    def __init__(self, pathways: Mapping[str, Pathway]):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._pathways = dict(pathways)
        form = {"layout": ipywidgets.Layout(**_WIDE), "style": {"description_width": "6rem"}}
        texts = {"placeholder": "a phrase, then Enter", "continuous_update": False, **form}
        self.first = ipywidgets.Text("good", description="First", **texts)
        self.second = ipywidgets.Text("not good", description="Second", **texts)
        first = "lstm" if "lstm" in pathways else next(iter(pathways))
        self.network = ipywidgets.Dropdown(options=list(pathways), value=first, description="Network", **form)
        views = [(said, view) for view, said in _VIEWS.items()]
        self.view = ipywidgets.Dropdown(options=views, value="vectors", description="Show", **form)
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(**_WIDE)
        controls = (self.first, self.second, self.network, self.view)
        super().__init__([*controls, self.message, self._view, self._line_shown])
        self._show()
        for control in controls:
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _show(self, change: dict | None = None) -> None:
        typed = (self.first.value, self.second.value)
        if problem := next(filter(None, map(unreadable, typed)), ""):
            self._say(problem)
            return
        view, said = self.view.value, self._unknown(typed)
        words = [len(self._pathways[self.network.value].vocabulary.tokenizer(text)) for text in typed]
        if view != "vectors" and words[0] != words[1]:
            view = "vectors"
            said = f"Word by word needs equally many words, found {words[0]} and {words[1]}: vectors are shown. {said}"
        try:
            chart = composition_chart(self._pathways, *typed, self.network.value, view)
        except ValueError as error:
            self._say(str(error))
            return
        self.chart = chart
        self._view.spec = chart.to_dict(validate=False)  # it takes half the time, and tests validate
        self._say(said)
        arguments = ", ".join(map(repr, (*typed, self.network.value, view)))
        self._line = f"widgets.composition_chart(pathways, {arguments})"
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _unknown(self, typed: tuple[str, str]) -> str:
        vocabulary = self._pathways[self.network.value].vocabulary
        words = [word for text in typed for word in vocabulary.tokenizer(text) if word not in vocabulary]
        named = ", ".join(word[:30] for word in dict.fromkeys(words[:8]))
        return f"Unknown to the network, which reads <unk> instead: {named}." if words else ""

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def composition_explorer(pathways: Mapping[str, Pathway], title: str = TITLE) -> Explorer:
    """One cell, two lives: the paper's phrases on a page, any two phrases beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
        Networks trained on the generated reviews, over whose pairs the dimensions are counted.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    return Explorer(
        lambda: CompositionExplorer(pathways), charts.phrase_vectors(*composition_tables(pathways), title=title)
    )
