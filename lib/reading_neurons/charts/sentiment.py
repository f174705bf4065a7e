"""How the judgement of a sentence unfolds, word by word; and how often each network is right."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from reading_neurons.charts import style

GOOD, BAD = "#0072b2", "#d55e00"
"""Colours of positive and negative sentiment, told apart by everyone."""

_LINE = 28  # pixels of a word
_MEASURES = {"five": "five classes", "two": "two classes", "collapsed": "five, collapsed into two"}


def unfolding(
    table: pd.DataFrame,
    title: str = "A few words turn a judgement, most leave it",
    texts: Mapping[int, str] | None = None,
) -> alt.LayerChart:
    """A sentence from top to bottom, and beside each word the class of all words up to it, by each network.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.unfolding.unfolding` gives it.
    title : str
    texts : mapping of int to str, optional
        What the menu shows of each sentence; by default its words.

    Returns
    -------
    altair.LayerChart
        With a menu of sentences, where there are several.

    Raises
    ------
    ValueError
        If a column is missing or the table is too long for a page.
    """
    style.require(table, "pathway", "sentence", "position", "word", "class", "chance", "sentiment")
    rows = style.drawable(table)
    names = style.in_order(rows["pathway"])
    texts = dict(texts) if texts else _texts(rows)
    shown = "datum.sentence == sentence_pick"
    across = {
        "title": None,
        "sort": None,
        "axis": alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
        "scale": alt.Scale(domain=["word", *names], paddingInner=0.04),
    }
    place = {
        "x": alt.X("pathway:N", **across),
        "y": alt.Y("position:O", axis=None, scale=alt.Scale(paddingInner=0.1)),
        "tooltip": [
            alt.Tooltip("word:N", title="Up to"),
            alt.Tooltip("pathway:N", title="Network"),
            alt.Tooltip("class:N", title="Class"),
            alt.Tooltip("chance:Q", title="Its chance", format=".0%"),
            alt.Tooltip("sentiment:Q", title="Sentiment, -1 to 1", format="+.2f"),
        ],
    }
    cell = alt.MarkDef("rect", strokeOpacity=0.25, stroke=style.INK)
    side = style.pixels(f"datum.sentiment < 0 ? '{BAD}' : '{GOOD}'")
    heat = style.pixels(f"{style.HEAT} * abs(datum.sentiment)")
    small = {"fontSize": 12, "limit": alt.ExprRef(expr=f"width / {len(names) + 1} - 4")}
    word = alt.MarkDef("text", fontWeight="bold", **small)
    said = style.pixels("datum.known === false ? datum.word + ' ?' : datum.word")
    column = {"x": alt.XDatum("word"), "y": place["y"], "text": said}
    return alt.LayerChart(
        data=rows,
        layer=[
            style.layer(cell, shown, {**place, "color": side, "fillOpacity": heat}),
            style.layer(alt.MarkDef("text", **small), shown, {**place, "text": alt.Text("class:N")}),
            style.layer(word, f"{shown} && datum.pathway == '{names[0]}'", column),
        ],
        params=style.lifted(style.menu("sentence_pick", "Sentence", texts, next(iter(texts)))),
        title=style.heading(title, _key(rows)),
        description=_unfolding_said(rows, names, texts),
        width="container",
        height=_LINE * (int(rows["position"].max()) + 1),
    )


def _texts(rows: pd.DataFrame) -> dict[int, str]:
    words = rows.drop_duplicates(["sentence", "position"]).sort_values(["sentence", "position"])
    return words.groupby("sentence")["word"].agg(" ".join).to_dict()


def _key(rows: pd.DataFrame) -> str:
    unknown = "known" in rows and not rows["known"].all()
    key = "Blue: positive, orange: negative; the paler, the less sure or the milder."
    return key + " A word with ? is unknown to the network." * unknown


def _unfolding_said(rows: pd.DataFrame, names: list[str], texts: Mapping[int, str]) -> str:
    number, text = next(iter(texts.items()))
    first = rows[rows["sentence"] == number]
    last = first[first["position"] == first["position"].max()].set_index("pathway")["class"]
    verdicts = ", ".join(f"{name} {last[name]}" for name in names)
    many = f" A menu picks one of {len(texts)} sentences." if len(texts) > 1 else ""
    return f"Classes of the beginnings of '{text}'. Of the whole: {verdicts}.{many}"


def accuracies(
    runs: pd.DataFrame,
    means: pd.DataFrame,
    paper: Mapping[tuple[str, str], float],
    title: str = "How often each network is right",
) -> alt.LayerChart:
    """How often each network is right, for each way to count, beside the paper's figures.

    Parameters
    ----------
    runs : DataFrame
        One row per network, measure and seed: ``network``, ``measure``, ``accuracy``, ``best``.
    means : DataFrame
        ``network``, ``measure``, ``mean``, ``low``, ``high`` over sentences.
    paper : mapping of (network, measure) to float
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of measures.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(runs, "network", "measure", "accuracy", "best")
    style.require(means, "network", "measure", "mean", "low", "high")
    rows = pd.concat(
        [
            runs.melt(["network", "measure"], ["accuracy", "best"], "kind", "value").dropna(),
            means.rename(columns={"mean": "value"}).assign(kind="mean"),
            pd.DataFrame([{"network": n, "measure": m, "value": v, "kind": "paper"} for (n, m), v in paper.items()]),
        ],
        ignore_index=True,
    )
    rows = style.drawable(rows.assign(pathway=rows["network"], said=rows["kind"].map(_KINDS)))
    return alt.LayerChart(
        data=rows,
        layer=_accuracy_layers(style.in_order(runs["network"])),
        params=style.lifted(style.menu("measure_pick", "Classes", _MEASURES, "five"), *_limits(rows)),
        title=style.heading(title, _ACCURACY_KEY),
        description=_accuracies_said(means, paper),
        width="container",
        height=220,
    )


_KINDS = {
    "accuracy": "one seed, epoch chosen on validation",
    "best": "one seed, epoch chosen on test",
    "mean": "mean over seeds",
    "paper": "the paper",
}
_ACCURACY_KEY = (
    "Filled: mean over seeds with its interval; small dots: seeds. Upright line: the paper. Hollow: the best epoch on "
    "test, as the paper's code reports."
)


def _limits(rows: pd.DataFrame) -> list[alt.Parameter]:
    """The least and the most of everything drawn of a measure, as parameters that follow the menu."""
    groups = rows.groupby("measure")
    least = groups[["value", "low"]].min().min(axis=1).to_dict()
    most = groups[["value", "high"]].max().max(axis=1).to_dict()
    return [
        alt.param(name="leasts", value=least), alt.param(name="mosts", value=most),
        alt.param(name="least", expr="leasts[measure_pick]"), alt.param(name="most", expr="mosts[measure_pick]"),
    ]  # fmt: skip


def _accuracy_layers(names: list[str]) -> list[alt.Chart]:
    # Without limits Vega warns of layers that are empty for a measure.
    scale = alt.Scale(zero=False, domain=[alt.ExprRef(expr="least"), alt.ExprRef(expr="most")])
    x = alt.X("value:Q", title="Share of test sentences", axis=alt.Axis(format=".0%", tickCount=6), scale=scale)
    y = alt.Y("pathway:N", title=None, sort=names, axis=alt.Axis(grid=False, ticks=False, domain=False))
    tip = [
        alt.Tooltip("pathway:N", title="Network"),
        alt.Tooltip("said:N", title="What"),
        alt.Tooltip("value:Q", title="Right", format=".1%"),
        alt.Tooltip("low:Q", title="Interval from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
    ]
    colour = style.colour(names)
    near = {"x": x, "y": y, "tooltip": tip[:3]}

    def marks(kind: str, mark: alt.MarkDef, **encoding) -> alt.Chart:
        return style.layer(mark, f"datum.measure == measure_pick && datum.kind == '{kind}'", {**near, **encoding})

    low = {"x": alt.X("low:Q"), "x2": alt.X2("high:Q"), "color": colour}
    return [
        marks("paper", alt.MarkDef("tick", color=style.INK, thickness=3, size=44)),
        marks("mean", alt.MarkDef("rule", strokeWidth=3), **low),
        marks("accuracy", alt.MarkDef("point", filled=True, size=22, opacity=0.7, yOffset=12), color=colour),
        marks("best", alt.MarkDef("point", filled=False, size=40, opacity=1, yOffset=-13), color=colour),
        marks("mean", alt.MarkDef("point", filled=True, size=110, opacity=1), color=colour, shape=style.shape(names), tooltip=tip),
    ]


def _accuracies_said(means: pd.DataFrame, paper: Mapping[tuple[str, str], float]) -> str:
    said = [
        f"{row.network} in {_MEASURES[row.measure]} {row.mean:.1%} (paper {paper[row.network, row.measure]:.1%})"
        for row in means.itertuples()
        if (row.network, row.measure) in paper
    ]
    return f"Share of test sentences that each network gets right: {'; '.join(said)}."
