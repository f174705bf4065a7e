"""One sentence, a line for each method: heat behind its words, full at the word that the method finds strongest.

Easy to get wrong: units. A distance, a loss of score and a derivative cannot be put on one scale, so every line has its
own.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.agreement import METHOD_LOOKS
from reading_neurons.charts.word_heat import texts_of, word_heat


def side_by_side(table: pd.DataFrame, title: str = "One sentence, six methods") -> alt.LayerChart:
    """The words of a sentence in a line for each method, the strongest word of each in full colour.

    Parameters
    ----------
    table : DataFrame
        One row per network, sentence and word: ``pathway``, ``sentence``, ``position``, ``word``, a column for each
        method, and ``text``, ``known``, ``note`` as :func:`~reading_neurons.charts.word_heat.word_heat` takes them
        (the note says which class a network chose).
    title : str

    Returns
    -------
    altair.LayerChart
        With menus of sentences and of networks, where there are several.

    Raises
    ------
    ValueError
        If a column is missing, or there is no method.
    """
    style.require(table, "pathway", "sentence", "position", "word")
    methods = [name for name in METHOD_LOOKS if name in table]
    if not methods:
        raise ValueError(f"expected a column for a method, {' or '.join(METHOD_LOOKS)}, found {', '.join(table)}")
    pathways, texts = style.in_order(table["pathway"]), texts_of(table)
    number = table["sentence"] * len(pathways) + table["pathway"].map(pathways.index)
    kept = [column for column in ("position", "word", "text", "known") if column in table]
    parts = []
    for method in methods:
        most = table[method].abs().groupby(number).transform("max")
        shown = (table[method] / most).where(most > 0, 0.0)
        parts.append(table[kept].assign(sentence=number, method=method, strength=shown))
    chart = word_heat(pd.concat(parts, ignore_index=True), title, value="strength", panel="method")
    return _picked(chart, texts, pathways)


def _picked(chart: alt.LayerChart, texts: dict[int, str], pathways: list[str]) -> alt.LayerChart:
    """Two menus, of sentences and of networks, in place of one of both together, and no menu of scales."""
    count = len(pathways)
    offered = {number * count: text for number, text in texts.items()}
    menus = [
        style.menu("text_pick", "Sentence", offered, next(iter(offered))),
        style.menu("network_pick", "Network", dict(enumerate(pathways)), 0),
        alt.param(name="sentence_pick", expr="text_pick + network_pick"),
        alt.param(name="scale_pick", value="own"),
    ]
    own = {"sentence_pick", "scale_pick"}
    chart.params = [*style.lifted(*menus), *(param for param in chart.params if param.name not in own)]
    said = f"{len(texts)} sentence{'s' * (len(texts) > 1)} and {count} network{'s' * (count > 1)} to pick from"
    chart.description = f"Heat of words by method, {said}.{chart.description.partition('to pick from.')[2]}"
    return chart
