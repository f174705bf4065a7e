"""What any sentence calls up in Imaginet, live and on a page."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
from torch.nn import functional as F

from reading_neurons import charts
from reading_neurons.corpora.captions import Captions
from reading_neurons.display import Explorer
from reading_neurons.models import evaluation
from reading_neurons.models.captions import CaptionNetwork
from reading_neurons.widgets.sentence import SentenceExplorer, chosen, menu_of


class ImaginetExplorer(SentenceExplorer):
    """What any sentence calls up in Imaginet: the predicted scene, and the words expected next.

    Parameters
    ----------
    network : CaptionNetwork
        With a visual and a textual pathway.
    captions : Captions
        What the menu offers; the true scene is shown where they have one.

    Attributes
    ----------
    sentence, text, message, chart
        See :class:`SentenceExplorer`; the line of code leaves out the true scene.
    """

    def __init__(self, network: CaptionNetwork, captions: Captions):
        self._network = network
        super().__init__(captions)

    def _draw(self, one: Captions) -> tuple[alt.TopLevelMixin, list[str], str]:
        unknown = [word for word in one.tokens[0] if word not in self._network.vocabulary]
        line = f"widgets.imaginet_chart(network, widgets.typed({one.texts[0]!r}))"
        return imaginet_chart(self._network, one), list(dict.fromkeys(unknown)), line


def imaginet_chart(
    network: CaptionNetwork,
    captions: Captions,
    title: str = "The scene that a sentence calls up, and the words expected next",
) -> alt.LayerChart:
    """The chart :func:`reading_neurons.charts.reading` of captions, with their true scenes where they have them."""
    words = evaluation.next_word_table(network, captions.tokens)
    return charts.reading(_scenes(network, captions), words, title)


def _scenes(network: CaptionNetwork, captions: Captions) -> pd.DataFrame:
    if captions.scenes is not None:
        return evaluation.scene_table(network, captions)
    # Without a true scene to lend its length: standardised scenes have this one on average (root mean square).
    length = len(network.dimensions) ** 0.5
    predicted = F.normalize(evaluation.predicted_scenes(network, captions.tokens)) * length
    rows = pd.DataFrame(predicted.numpy(), columns=list(network.dimensions)).assign(text=captions.texts)
    return rows.rename_axis("sentence").reset_index().melt(["sentence", "text"], None, "dimension", "predicted")


def imaginet_explorer(
    network: CaptionNetwork,
    captions: Captions,
    sentences: int | Sequence[int] = 20,
    title: str = "The scene that a sentence calls up, and the words expected next",
) -> Explorer:
    """One cell, two lives: scenes and next words of some sentences on a page, of any sentence beside a kernel.

    Parameters
    ----------
    network : CaptionNetwork
    captions : Captions
    sentences : int or sequence of int
        How many captions the page holds, from all over the split, or their numbers.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    shown = chosen(captions, sentences)
    chart = imaginet_chart(network, captions.take(shown), title)
    return Explorer(lambda: ImaginetExplorer(network, menu_of(captions, shown)), chart)
