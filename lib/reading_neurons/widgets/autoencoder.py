"""A sentence, its copy, and what each word of the copy was written from, live and on a page.

Easy to get wrong: a word that is right in itself and stands one place too late. A word counts as right where the source
has it at the same place; what is wrong is marked with a cross in the map and underlined in the copy.
"""

from __future__ import annotations

from html import escape

import altair as alt
import ipywidgets
import numpy as np
import pandas as pd

from reading_neurons import charts
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.methods.copy_exchange import WAYS
from reading_neurons.models.autoencoder import Autoencoder
from reading_neurons.models.copying import Sentences, accuracy, readable
from reading_neurons.text import END, Vocabulary
from reading_neurons.widgets.sentence import SentenceExplorer, menu_of, spread

WRONG = "✗"
_COPIES = [("its own words", "own"), ("the right words", "right")]
_FULL = [("the sentence", "sentence"), ("each row", "step"), ("each column", "word")]
_LOOKED_AT = 200  # sentences among which telling ones are looked for


def copy_table(
    network: Autoencoder, sentences: Sentences, *, copy: str = "own", method: str = "derivative"
) -> pd.DataFrame:
    """What each word of the copies was written from, with a cross behind words that are wrong.

    Parameters
    ----------
    network : Autoencoder
    sentences : Captions, Trees, or iterable of str or of sequences of words
    copy : "own" or "right"
        Which words the decoder reads.
    method : "derivative", "gradient x input" or "exchange"
        :func:`~reading_neurons.methods.copy_saliency.copy_saliency`, by the mean of derivatives or by their product
        with the word, or :func:`~reading_neurons.methods.copy_exchange.copy_exchange`.

    Returns
    -------
    DataFrame
        As of the method, with the columns ``right`` (whether the source has the word at this place; at its end,
        ``</s>``) and ``method``.

    Raises
    ------
    ValueError
        If a setting is unknown, or a sentence cannot be copied.

    Examples
    --------
    >>> network = Autoencoder(Vocabulary(["a", "dog"]), embedding=4, units=8).eval()
    >>> table = copy_table(network, ["a dog"], copy="right")
    >>> table.drop_duplicates("step")[["predicted", "right"]].values.tolist()
    [['a', True], ['dog', True], ['</s>', True]]
    """
    if method not in WAYS:
        raise ValueError(f"method is one of {', '.join(map(repr, WAYS))}, found {method!r}")
    words = readable(network, sentences)
    table = WAYS[method](network, words, copy=copy).assign(method=method)
    wanted = [_wanted(network, sentence) for sentence in words]
    right = np.array(
        [
            step < len(wanted[number]) and wanted[number][step] == predicted
            for number, step, predicted in zip(table["sentence"], table["step"], table["predicted"], strict=True)
        ]
    )
    marked = table["predicted"].where(right, table["predicted"] + f" {WRONG}")
    return table.assign(predicted=marked, right=right)


def _wanted(network: Autoencoder, sentence: tuple[str, ...]) -> list[str]:
    """What a perfect copy writes: ``<unk>`` for a word that the network does not know."""
    ids = network.vocabulary.encode(sentence)[1:-1]
    return [*(network.vocabulary.words[number] for number in ids), END]


def telling_copies(network: Autoencoder, captions: Captions, count: int = 9) -> Captions:
    """Sentences from all over a split, two of three copied rightly and then some that are not.

    Parameters
    ----------
    network : Autoencoder
    captions : Captions
    count : int
        How many; where there are not enough of a kind, others take their places.
    """
    some = captions.take(spread(captions, _LOOKED_AT))
    exact = accuracy(network, some)["exact"].to_numpy() == 1
    right, wrong = np.flatnonzero(exact), np.flatnonzero(~exact)
    kept_wrong = min(len(wrong), max(count // 3, count - len(right)))
    return some.take([*right[: count - kept_wrong], *wrong[:kept_wrong]])


class AutoencoderExplorer(SentenceExplorer):
    """A sentence of any words: its copy, and what each word of it was written from.

    Parameters
    ----------
    network : Autoencoder
    captions : Captions
        What the menu offers.

    Attributes
    ----------
    copy, method, full : ipywidgets.Dropdown
        Which words the decoder reads, how a map is made, and what full colour is.
    written : ipywidgets.HTML
        The copy that the network makes by itself, wrong words underlined.
    sentence, text, message, chart
        See :class:`~reading_neurons.widgets.sentence.SentenceExplorer`.

    Raises
    ------
    ValueError
        If there is no sentence that can be shown.
    """

    def __init__(self, network: Autoencoder, captions: Captions):
        self._network = network
        form = {"layout": ipywidgets.Layout(width="19rem"), "style": {"description_width": "6rem"}}
        self.copy = ipywidgets.Dropdown(options=_COPIES, description="It reads", **form)
        self.method = ipywidgets.Dropdown(options=list(WAYS), description="Asked by", **form)
        self.full = ipywidgets.Dropdown(options=_FULL, value="step", description="Full colour", **form)
        self.written = ipywidgets.HTML()
        controls = [self.copy, self.method, self.full]
        row = ipywidgets.Layout(flex_flow="row wrap", grid_gap="0 1.5rem")
        super().__init__(captions, [ipywidgets.HBox(controls, layout=row), self.written])
        for control in controls:
            control.observe(self._show, "value")

    def _vocabulary(self) -> Vocabulary:
        return self._network.vocabulary

    def _draw(self, one: Captions) -> tuple[alt.TopLevelMixin, list[str], str]:
        (words,) = one.tokens
        settings = {"copy": self.copy.value, "method": self.method.value}
        self.written.value = self._copy_said(words)
        table = copy_table(self._network, one, **settings).drop(columns="method")
        unknown = [word for word in dict.fromkeys(words) if word not in self._network.vocabulary]
        line = (
            f"charts.copy_saliency(widgets.copy_table(network, [{' '.join(words)!r}], copy={settings['copy']!r}, "
            f"method={settings['method']!r}).drop(columns='method'), full={self.full.value!r})"
        )
        return charts.copy_saliency(table, full=self.full.value), unknown, line

    def _copy_said(self, words: tuple[str, ...]) -> str:
        """The network's own copy, wrong words underlined, and how many of the sentence's words it has."""
        copied = accuracy(self._network, [words])["copy"][0].split()
        wanted = [*_wanted(self._network, words)[:-1], *[None] * len(copied)]
        pairs = list(zip(copied, wanted, strict=False))
        said = " ".join(escape(word) if word == right else f"<u>{escape(word)}</u>" for word, right in pairs)
        kept = sum(word == right for word, right in pairs)
        return f'<div role="status">Its copy: {said or "(nothing)"} ({kept} of {len(words)} words in place)</div>'


def autoencoder_explorer(
    network: Autoencoder,
    captions: Captions,
    sentences: int = 9,
    title: str = "Copies, and what each word was written from",
) -> Explorer:
    """One cell, two lives: copies of some sentences, right and wrong, on a page; of any sentence beside a kernel.

    Parameters
    ----------
    network : Autoencoder
    captions : Captions
    sentences : int
        How many the page holds; see :func:`telling_copies`.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    shown = telling_copies(network, captions, sentences)
    table = pd.concat([copy_table(network, shown, method=method) for method in WAYS], ignore_index=True)
    chart = charts.copy_saliency(table, title, full="step")
    return Explorer(lambda: AutoencoderExplorer(network, _menu(captions, shown)), chart)


def _menu(captions: Captions, shown: Captions) -> Captions:
    """The sentences of the page first, then others of the split."""
    first = [captions.texts.index(text) for text in shown.texts]
    return menu_of(captions, first)
