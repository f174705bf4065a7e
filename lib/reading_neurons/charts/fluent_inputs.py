"""Fluent inputs: the front of one neuron with its n-grams, and what fluency costs over all neurons.

Easy to get wrong: labels. A front's n-grams lie close together and are wider than their distance, so that points carry
numbers, and what they stand for is listed below.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.statistics import interval

_PLOT, _AXIS, _ROW = 270, 62, 21  # heights: of the plot, of what stands below it, of an n-gram in the list
_SHOWN = "datum.picked == neuron"

def fluent_fronts(
    points: pd.DataFrame,
    corpus: pd.DataFrame,
    medians: Mapping[str, float],
    title: str = "What a neuron wants, from a heap of words to a fluent phrase",
) -> alt.LayerChart:
    """The front of one neuron at a time: activation against fluency, each point with its n-gram.

    Parameters
    ----------
    points : DataFrame
        ``pathway``, ``neuron``, ``words``, ``activation``, ``log_probability``; a neuron's points in the order of the
        list.
    corpus : DataFrame
        The same columns: n-grams of a corpus, drawn as diamonds; may be empty.
    medians : mapping of str to float
        Log probabilities of what people wrote, by what is said of them; drawn as rules.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of neurons.

    Raises
    ------
    ValueError
        If a column is missing or there is no point.
    """
    columns = ["pathway", "neuron", "words", "activation", "log_probability"]
    style.require(points, *columns)
    rows = _rows(points[columns], corpus[columns] if len(corpus) else points[columns][:0])
    options = rows.drop_duplicates("picked").set_index("picked")
    names = {int(number): f"{row.neuron} ({row.pathway})" for number, row in options.iterrows()}
    pathways = style.in_order(rows["pathway"])
    low, high = rows["log_probability"].min(), max(rows["log_probability"].max(), *medians.values())
    height = _PLOT + _AXIS + _ROW * int(rows.groupby("picked").size().max())
    first = rows[(rows["picked"] == 0) & (rows["mark"] == "front")]
    both = (rows["label"] == "b").any()
    diamonds = "Diamonds: the corpus's best, and its best fluent one." if both else "Diamond: the corpus's best."
    return alt.LayerChart(
        data=rows,
        layer=[
            *_marks(pathways, (low - 0.3, high + 0.08 * (high - low)), height),
            *_rules(medians),
            *_list(pathways),
        ],
        params=style.lifted(style.menu("neuron", "Neuron", names, 0)),
        title=style.heading(title, f"Circles: optimised, by number. {diamonds}"),
        description=(
            f"Pareto fronts of activation and fluency, one of {len(names)} neurons to pick. {names[0]}: from "
            f"'{first['words'].iloc[0]}', activation {first['activation'].iloc[0]:.2f} and log probability "
            f"{first['log_probability'].iloc[0]:.1f} a word, to '{first['words'].iloc[-1]}', "
            f"{first['activation'].iloc[-1]:.2f} and {first['log_probability'].iloc[-1]:.1f}."
        ),
        width="container",
        height=height,
    )


def _rows(points: pd.DataFrame, corpus: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([points.assign(mark="front"), corpus.assign(mark="corpus")], ignore_index=True)
    keys = style.in_order(zip(points["pathway"], points["neuron"], strict=True))
    both["picked"] = [keys.index(key) for key in zip(both["pathway"], both["neuron"], strict=True)]
    both = both.sort_values("picked", kind="stable", ignore_index=True)
    groups = both.groupby("picked")
    number = both.groupby(["picked", "mark"]).cumcount()
    both["label"] = np.where(both["mark"] == "front", (number + 1).astype(str), number.map(lambda at: "ab"[at % 2]))
    return style.drawable(both.assign(row=groups.cumcount()))


def _marks(pathways: list[str], domain: tuple[float, float], height: int) -> list[alt.Chart]:
    x = alt.X(
        "log_probability:Q", title="Fluency: log probability per word (nats)",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(offset=_PLOT - height, grid=False, tickCount=6),
    )  # fmt: skip
    y = alt.Y(
        "activation:Q", title="Activation", scale=alt.Scale(range=[_PLOT, 34], zero=False, padding=12),
        axis=alt.Axis(tickCount=5, titleY=_PLOT / 2, minExtent=28),
    )  # fmt: skip
    tip = [
        alt.Tooltip("words:N", title="N-gram"),
        alt.Tooltip("activation:Q", title="Activation", format=".2f"),
        alt.Tooltip("log_probability:Q", title="Log probability per word", format=".2f"),
    ]
    shown = {"x": x, "y": y, "color": style.colour(pathways), "tooltip": tip}
    optimised, of_corpus = (f"{_SHOWN} && datum.mark == '{mark}'" for mark in ("front", "corpus"))
    plain = {"x": x, "y": y, "tooltip": tip}
    return [
        style.layer(
            alt.MarkDef("line", strokeWidth=1.5, interpolate="step-before"),
            optimised,
            {**shown, "order": alt.Order("row:Q")},
        ),
        style.layer(alt.MarkDef("point", filled=True, opacity=1, size=60), optimised, shown),
        style.layer(
            alt.MarkDef("point", shape="diamond", filled=True, opacity=1, size=90, color=style.INK), of_corpus, plain
        ),
        style.layer(
            alt.MarkDef("text", dx=9, dy=-9, fontSize=12), _SHOWN, {"x": x, "y": y, "text": alt.Text("label:N")}
        ),
    ]


def _rules(medians: Mapping[str, float]) -> list[alt.Chart]:
    """A rule for each median, the lower one's name to its left, the other's to its right."""
    layers = []
    for number, (name, value) in enumerate(sorted(medians.items(), key=lambda item: item[1])):
        place = alt.X(datum=value, type="quantitative")
        rule = alt.MarkDef("rule", strokeDash=[4, 3], opacity=0.7)
        text = alt.MarkDef(
            "text", align="right" if number == 0 else "left", dx=-4 if number == 0 else 3, fontSize=12, lineBreak=" "
        )
        one = alt.InlineData([{"name": name}])
        layers += [
            alt.Chart(one, mark=rule, encoding=alt.Encoding(x=place, y=alt.value(0), y2=alt.value(_PLOT))),
            alt.Chart(one, mark=text, encoding=alt.Encoding(x=place, y=alt.value(8), text=alt.Text("name:N"))),
        ]
    return layers


def _list(pathways: list[str]) -> list[alt.Chart]:
    """N-grams below the plot, with their numbers; values where there is room."""
    top = style.pixels(f"{_PLOT + _AXIS} + datum.row * {_ROW}")
    left = {"align": "left", "baseline": "middle", "fontSize": 12.5}
    wide = alt.ExprRef(expr="width > 400 ? 1 : 0")
    value = {"align": "right", "baseline": "middle", "fontSize": 12, "opacity": wide}
    heads = alt.InlineData([{"name": name, "back": back} for name, back in (("activation", 60), ("log prob.", 0))])
    words = alt.MarkDef("text", limit=alt.ExprRef(expr="width > 400 ? width - 130 : width + 10"), **left)
    return [
        alt.Chart(heads, mark=alt.MarkDef("text", **{**value, "fontSize": 11}), encoding=alt.Encoding(
            x=style.pixels("width - datum.back"), y=alt.value(_PLOT + _AXIS - 18), text=alt.Text("name:N"))),
        style.layer(alt.MarkDef("text", fontWeight="bold", **left), _SHOWN, {"x": alt.value(-28), "y": top, "text": alt.Text("label:N")}),
        style.layer(words, _SHOWN, {"x": alt.value(-6), "y": top, "text": alt.Text("words:N")}),
        style.layer(alt.MarkDef("text", **value), _SHOWN, {
            "x": style.pixels("width - 60"), "y": top, "text": alt.Text("activation:Q", format=".2f")}),
        style.layer(alt.MarkDef("text", **value), _SHOWN, {
            "x": style.pixels("width"), "y": top, "text": alt.Text("log_probability:Q", format=".1f")}),
    ]  # fmt: skip


def fluency_cost(
    shares: pd.DataFrame, title: str = "What is left of a neuron's optimum where words must be fluent"
) -> alt.LayerChart:
    """The share of the optimum's climb that fluent inputs and n-grams of a corpus keep, one point a neuron.

    Parameters
    ----------
    shares : DataFrame
        One row per pathway, level and neuron: ``pathway``, ``level`` (what is compared, in words), ``neuron``,
        ``words``, ``share``.
    title : str

    Returns
    -------
    altair.LayerChart
        Points are neurons; a line the mean with its 95 % interval over neurons.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(shares, "pathway", "level", "neuron", "words", "share")
    levels, pathways = style.in_order(shares["level"]), style.in_order(shares["pathway"])
    means = pd.DataFrame(
        [
            _mean(level, pathway, own["share"].to_numpy())
            for (level, pathway), own in shares.groupby(["level", "pathway"], sort=False)
        ]
    )
    rows, means = (
        style.drawable(table.assign(
            _y=table["level"].map(levels.index) * _BAND + table["pathway"].map(pathways.index) * _LANE + _HEAD
        ))
        for table in (shares, means)
    )  # fmt: skip
    said = [f"{row.pathway}, {row.level}: {row.share:.0%}" for row in means.itertuples()]
    return alt.LayerChart(
        layer=_cost_layers(rows, means, levels, pathways),
        title=style.heading(
            title, "Points: neurons. Tick and line: mean and 95 % interval. 100 %: the optimum, 0: the mean n-gram."
        ),
        description=f"Shares of the optimum's climb that remain, means: {'; '.join(said)}.",
        width="container",
        height=_BAND * len(levels),
    )


def _cost_layers(rows, means, levels, pathways) -> list[alt.Chart]:
    y = style.pixels("datum._y")
    axis = alt.Axis(format=".0%", tickCount=6)
    x = alt.X("share:Q", title="Share kept of the climb to the optimum", axis=axis)
    legend = style.legend(columns=alt.ExprRef(expr="width < 460 ? 2 : 4"))
    colour, shape = style.colour(pathways, legend), style.shape(pathways, legend)
    tip = [
        alt.Tooltip("neuron:N", title="Neuron"),
        alt.Tooltip("pathway:N", title="Pathway"),
        alt.Tooltip("words:N", title="N-gram"),
        alt.Tooltip("share:Q", title="Share kept", format=".1%"),
    ]
    found = [
        alt.Tooltip("pathway:N", title="Pathway"),
        alt.Tooltip("share:Q", title="Share, mean", format=".1%"),
        alt.Tooltip("low:Q", title="Share from", format=".1%"),
        alt.Tooltip("high:Q", title="Share to", format=".1%"),
        alt.Tooltip("count:Q", title="Neurons"),
    ]
    heads = alt.InlineData([{"level": level, "_y": number * _BAND + 8} for number, level in enumerate(levels)])
    return [
        alt.Chart(heads, mark=alt.MarkDef("text", align="left", fontSize=12), encoding=alt.Encoding(
            x=alt.value(0), y=y, text=alt.Text("level:N"))),
        alt.Chart(rows, mark=alt.MarkDef("point", filled=True, size=24, opacity=0.6), encoding=alt.Encoding(
            x=x, y=y, color=colour, shape=shape, tooltip=tip)),
        alt.Chart(means, mark=alt.MarkDef("rule", strokeWidth=3), encoding=alt.Encoding(
            x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y, color=colour, tooltip=found)),
        alt.Chart(means, mark=alt.MarkDef("tick", thickness=3, size=16, opacity=1, orient="vertical"), encoding=alt.Encoding(
            x=alt.X("share:Q"), y=y, color=alt.value(style.INK), tooltip=found)),
    ]  # fmt: skip


_BAND, _LANE, _HEAD = 92, 18, 26


def _mean(level: str, pathway: str, shares: np.ndarray) -> dict:
    drawn = shares[np.random.default_rng(0).integers(len(shares), size=(1000, len(shares)))].mean(axis=1)
    low, high = interval(drawn)
    return {"level": level, "pathway": pathway, "share": shares.mean(), "low": low, "high": high, "count": len(shares)}
