"""Where phrases lie, live for any that somebody types, and on a page for some.

Easy to get wrong: a comma. Phrases are typed one a line, or on a single line with commas between them; a sentence with
a comma of its own needs a line of its own, and a second line that may be empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import altair as alt
import ipywidgets
import numpy as np
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.polarity_lexicon import PARTS, WHOLES
from reading_neurons.display import Explorer
from reading_neurons.live_chart import LiveChart
from reading_neurons.methods import meaning_phrases
from reading_neurons.methods.meaning_space import place, read
from reading_neurons.methods.projections import PERPLEXITIES, SEEDS, pictures, principal, tsne
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.sentence import LONGEST

MOST = 30
"""Phrases that somebody may type at once."""

_TITLE = "Where your phrases lie among the words"
_NEUTRAL = sorted({word for table in (PARTS, WHOLES) for words in table.values() for word in words})
_START = "not bad, not good, not very good, hardly interesting, never boring, too long"


def typed_phrases(text: str) -> list[str]:
    """The phrases of a text: its lines, or where it is a single line what stands between commas.

    Examples
    --------
    >>> typed_phrases("not bad, not good")
    ['not bad', 'not good']
    >>> typed_phrases("I like it, but it is long\\n")
    ['I like it, but it is long']
    """
    parts = text.split("\n") if "\n" in text else text.split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


class MeaningSpace:
    """The words that typed phrases are shown among, read once by one network.

    Parameters
    ----------
    pathway : Pathway
        With classes of sentiment.

    Raises
    ------
    ValueError
        If it knows no positive or no negative word of those listed.
    """

    def __init__(self, pathway: Pathway):
        self.pathway = pathway
        self._ends = meaning_phrases.ends(pathway.vocabulary)
        table = meaning_phrases.figure_words(pathway.vocabulary, _NEUTRAL)
        own = dict(zip(table["phrase"], table["base"], strict=True))
        self._table = table[["phrase", "group"]].merge(self._placed(list(own), own), on="phrase")
        self._points = read(pathway, self._table["phrase"])

    def _placed(self, phrases: Sequence[str], own: Mapping[str, str] | None = None) -> pd.DataFrame:
        found = place(self.pathway, phrases, *self._ends, own)
        return found[["phrase", "euclidean", "sentiment"]]

    def readable(self, phrases: Sequence[str]) -> tuple[list[str], list[str]]:
        """Those phrases that can be placed, and all words that the network does not know."""
        split = {phrase: self.pathway.vocabulary.tokenizer(phrase)[:LONGEST] for phrase in phrases}
        unknown = [word for words in split.values() for word in words if word not in self.pathway.vocabulary]
        known = [phrase for phrase, words in split.items() if any(word in self.pathway.vocabulary for word in words)]
        return known[:MOST], list(dict.fromkeys(unknown))

    def of(self, phrases: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
        """The words and the phrases, as the chart takes them, and the representation of each."""
        if not phrases:
            return self._table, self._points
        kept = ~self._table["phrase"].isin([phrase.lower() for phrase in phrases]).to_numpy()
        own = self._placed(phrases).assign(group="yours")
        table = pd.concat([self._table[kept], own], ignore_index=True)
        return table, np.concatenate((self._points[kept], read(self.pathway, phrases)))


def meaning_chart(
    pathways: Mapping[str, Pathway],
    phrases: Sequence[str],
    network: str,
    perplexity: float = 10,
    seed: int = 0,
    projection: str = "t-SNE",
    title: str = _TITLE,
) -> alt.LayerChart:
    """One picture of phrases among words; the line of code that an explorer offers calls it.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    phrases : sequence of str
    network : str
        One of the pathways.
    perplexity : float
        Lowered where there are too few phrases for it.
    seed : int
    projection : "t-SNE" or "PCA"
    title : str

    Raises
    ------
    ValueError
        If the network is unknown, or no phrase has a word that it knows.
    """
    if network not in pathways:
        raise ValueError(f"no pathway {network!r}; there are {', '.join(pathways)}")
    return _chart(MeaningSpace(pathways[network]), phrases, perplexity, seed, projection, title)


def _chart(
    space: MeaningSpace, phrases: Sequence[str], perplexity: float, seed: int, projection: str, title: str = _TITLE
) -> alt.LayerChart:
    table, points = space.of(phrases)
    perplexity = min(perplexity, len(points) - 1)
    plane = principal(points) if projection == "PCA" else tsne(points, perplexity, seed)
    drawn = pd.DataFrame({"point": np.arange(len(plane)), "x": plane[:, 0], "y": plane[:, 1]})
    drawn = drawn.assign(projection=projection, perplexity=perplexity, seed=seed)
    return charts.meaning_space(drawn, table, title)


class MeaningExplorer(ipywidgets.VBox):
    """Type phrases, choose network, kind of picture, perplexity and seed, and see where they lie.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    text : str
        The phrases to begin with.

    Attributes
    ----------
    text : ipywidgets.Textarea
        One phrase a line, or a single line with commas between them.
    network, projection : ipywidgets.Dropdown
    perplexity, seed : ipywidgets.BoundedIntText
    message : ipywidgets.HTML
        What is being done, what is wrong with what was typed, and where each phrase lies.
    chart : Altair chart
        The chart that is shown: that of the last phrases that could be placed.

    Raises
    ------
    ValueError
        If there is no pathway.
    """

    def __init__(self, pathways: Mapping[str, Pathway], text: str = _START):
        if not pathways:
            raise ValueError("an explorer needs at least one pathway, found none")
        self._spaces = {name: MeaningSpace(pathway) for name, pathway in pathways.items()}
        narrow = ipywidgets.Layout(width="16rem")
        self.text = ipywidgets.Textarea(
            text, description="Phrases", placeholder="one a line, or with commas between them", continuous_update=False,
            layout=ipywidgets.Layout(width="auto", max_width="60rem"),
        )  # fmt: skip
        self.network = ipywidgets.Dropdown(options=list(pathways), description="Network", layout=narrow)
        self.projection = ipywidgets.Dropdown(options=["t-SNE", "PCA"], description="Picture", layout=narrow)
        self.perplexity = ipywidgets.BoundedIntText(10, min=2, max=30, description="Perplexity", layout=narrow)
        self.seed = ipywidgets.BoundedIntText(0, min=0, max=999, description="Seed", layout=narrow)
        self.message, self._line_shown = ipywidgets.HTML(), ipywidgets.HTML()
        self._view = LiveChart({})
        self._view.layout = ipywidgets.Layout(width="auto", max_width="60rem")
        controls = [self.network, self.projection, self.perplexity, self.seed]
        row = ipywidgets.HBox(controls, layout=ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem"))
        super().__init__([self.text, row, self.message, self._view, self._line_shown])
        self._show()
        for control in (self.text, *controls):
            control.observe(self._show, "value")

    def code(self) -> str:
        """A line that makes the chart that is shown."""
        return self._line

    def _show(self, change: dict | None = None) -> None:
        space = self._spaces[self.network.value]
        phrases, unknown = space.readable(typed_phrases(self.text.value))
        said = f" Unknown to the network: {', '.join(word[:30] for word in unknown[:8])}." if unknown else ""
        if not phrases and hasattr(self, "chart"):
            self._say(f"No phrase with a word that the network knows.{said}")
            return
        self._say(f"Arranging {len(phrases)} phrases among the words ..")
        way = (self.perplexity.value, self.seed.value, self.projection.value)
        self.chart = _chart(space, phrases, *way)
        self._view.spec = self.chart.to_dict(validate=False)
        table = space.of(phrases)[0].query("group == 'yours'")
        said_of = "{0.phrase}: side {0.euclidean:.2f}, sentiment {0.sentiment:.2f}".format
        placed = "; ".join(map(said_of, table.itertuples()))
        self._say(f"{placed}.{said}" if placed else said)
        self._line = (
            f"widgets.meaning_chart(pathways, {phrases!r}, {self.network.value!r}, perplexity={way[0]}, seed={way[1]}, "
            f"projection={way[2]!r})"
        )
        self._line_shown.value = f"In code: <code style='white-space:pre-wrap'>{escape(self._line)}</code>"

    def _say(self, message: str) -> None:
        # A live region: a screen reader says what changes in it.
        self.message.value = f'<div role="status">{escape(message)}</div>'


def meaning_explorer(
    pathways: Mapping[str, Pathway],
    phrases: Sequence[str] = (),
    perplexities: Sequence[float] = PERPLEXITIES,
    seeds: Sequence[int] = SEEDS,
    title: str = _TITLE,
) -> Explorer:
    """One cell, two lives: a grid of pictures on a page, any phrases, perplexity and seed beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    phrases : sequence of str
        Shown among the words; on the page these alone.
    perplexities, seeds : sequences
        The grid of the page; principal components are always in it.
    title : str

    Returns
    -------
    Explorer
    """
    drawn, shown = [], []
    for name, pathway in pathways.items():
        table, points = MeaningSpace(pathway).of(list(phrases))
        shown.append(table.assign(network=name, point=np.arange(len(table))))
        drawn.append(pictures(points, perplexities, seeds).assign(network=name))
    chart = charts.meaning_space(pd.concat(drawn, ignore_index=True), pd.concat(shown, ignore_index=True), title)
    text = "\n".join([*phrases, ""]) if phrases else _START
    return Explorer(lambda: MeaningExplorer(pathways, text), chart)
