"""Methods beside each other: how far they agree, with what is known too, and what randomised weights leave of them.

Easy to get wrong: the sentences. A mean of .5 over sentences may be every sentence at .5 or half of them at 1; the
intervals are those of the mean, not of a sentence.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

METHOD_LOOKS = {
    "omission": style.Look("#967000", "triangle-right", (3, 2)),
    "score omission": style.Look("#d55e00", "circle", (1, 0)),
    "derivative": style.Look("#0072b2", "square", (6, 3)),
    "gradient x input": style.Look("#009e73", "cross", (8, 3, 2, 3)),
    "integrated gradients": style.Look("#b4568b", "triangle-down", (10, 3)),
    "variance": style.Look("#7f7f7f", "triangle-up", (2, 3)),
}
_STATES = {"trained": "circle", "untrained": "diamond", "shuffled": "stroke", "left out": "circle", "shapley": "square"}
_GREY = ("untrained", "shuffled")


def agreement_matrix(table: pd.DataFrame, title: str = "How far the methods agree") -> alt.LayerChart:
    """Mean rank correlation of each pair of methods, as a heat map with the figures in it.

    Parameters
    ----------
    table : DataFrame
        One row per network and pair: ``pathway``, ``first``, ``second``, ``mean``, ``low``, ``high``.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of networks.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "first", "second", "mean", "low", "high")
    pathways, names = style.in_order(table["pathway"]), style.in_order([*table["first"], *table["second"]])
    mirrored = table.rename(columns={"first": "second", "second": "first"})
    rows = style.drawable(pd.concat([table, mirrored], ignore_index=True))
    base = alt.Chart(rows).encode(
        x=alt.X("second:N", sort=names, title=None, axis=alt.Axis(labelAngle=-40, domain=False, ticks=False)),
        y=alt.Y("first:N", sort=names, title=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=style.tooltip(rows, {
            "first": "One", "second": "Other", "mean": "Rank correlation", "low": "95 % from", "high": "95 % to",
        }),
    )  # fmt: skip
    sign = alt.condition("datum.mean < 0", alt.value("#0072b2"), alt.value("#d55e00"))
    opacity = alt.value(alt.ExprRef(expr=f"{style.HEAT} * abs(datum.mean)"))
    cell = base.mark_rect(stroke=style.INK, strokeOpacity=0.2).encode(color=sign, fillOpacity=opacity)
    figure = base.mark_text(fontSize=12).encode(text=alt.Text("mean:Q", format=".2f"))
    first = table[table["pathway"] == pathways[0]].sort_values("mean")
    return (
        alt.layer(cell, figure)
        .transform_filter("datum.pathway == pathway_pick")
        .add_params(style.menu("pathway_pick", "Network", {name: name for name in pathways}, pathways[0]))
        .properties(
            title=style.heading(title, "Rank correlation over the words of a sentence, mean over sentences."),
            description=f"Rank correlations of {len(names)} methods, {pathways[0]}. Least: {_pair(first.iloc[0])}; "
            f"most: {_pair(first.iloc[-1])}.",
            width="container",
            height=len(names) * 44,
        )
    )


def _pair(row: pd.Series) -> str:
    return f"{row['first']} and {row['second']} {row['mean']:.2f}"


def truth_bars(
    table: pd.DataFrame,
    title: str = "How far each method agrees with what is known",
    *,
    series: str = "network",
    axis: str = "Rank correlation with what is known",
) -> alt.LayerChart:
    """Mean rank correlation of each method with what is known, with intervals, beside controls or another truth.

    Parameters
    ----------
    table : DataFrame
        One row per network, method and series: ``pathway``, ``method``, the series, ``mean``, ``low``, ``high``.
    title : str
    series : str
        The column of what is side by side: ``network`` (trained, untrained, shuffled) or ``truth``.
    axis : str
        Title of the axis.

    Returns
    -------
    altair.LayerChart
        With a menu of networks.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "method", series, "mean", "low", "high")
    rows = style.drawable(table.rename(columns={series: "series"}))
    pathways, methods, kinds = (style.in_order(rows[column]) for column in ("pathway", "method", "series"))
    colours = [style.NULL.colour if kind in _GREY else look.colour for kind, look in _series_looks(kinds).items()]
    shapes = [look.shape for look in _series_looks(kinds).values()]
    base = alt.Chart(rows).transform_filter("datum.pathway == pathway_pick").encode(
        y=alt.Y("method:N", sort=methods, axis=alt.Axis(title=None, domain=False, ticks=False)),
        yOffset=alt.YOffset("series:N", sort=kinds),
        color=alt.Color("series:N", scale=alt.Scale(domain=kinds, range=colours), legend=style.legend(columns=3)),
        tooltip=style.tooltip(rows, {
            "method": "Method", "series": "Compared", "mean": "Rank correlation", "low": "95 % from", "high": "95 % to",
            "count": "Sentences",
        }),
    )  # fmt: skip
    shape = alt.Shape("series:N", scale=alt.Scale(domain=kinds, range=shapes), legend=style.legend(columns=3))
    # Centred, a long title would leave a narrow screen at the right.
    ticks = alt.Axis(titleAnchor="end", tickCount=alt.ExprRef(expr="width < 300 ? 3 : 8"))
    x = alt.X("low:Q", title=axis, scale=_whole(rows), axis=ticks)
    line = base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q")
    point = base.mark_point(filled=True, size=90, opacity=1).encode(x="mean:Q", shape=shape)
    zero = alt.Chart(alt.InlineData([{}])).mark_rule().encode(x=alt.datum(0))
    first = rows[(rows["pathway"] == pathways[0]) & (rows["series"] == kinds[0])]
    return (
        alt.layer(zero, line, point)
        .add_params(style.menu("pathway_pick", "Network", {name: name for name in pathways}, pathways[0]))
        .properties(
            title=style.heading(title, "Mean over sentences. Line: 95 % interval."),
            description=f"{axis} of {len(methods)} methods, {pathways[0]}, {kinds[0]}: "
            + ", ".join(f"{row.method} {row.mean:.2f}" for row in first.itertuples())
            + ".",
            width="container",
            height=len(methods) * (18 * len(kinds) + 10),
        )
    )


def _whole(rows: pd.DataFrame) -> alt.Scale:
    """One scale for all that the menu can pick."""
    return alt.Scale(domain=[min(0.0, float(rows["low"].min())), float(rows["high"].max())], nice=True)


def _series_looks(kinds: list[str]) -> dict[str, style.Look]:
    colours = iter(("#d55e00", "#0072b2", "#009e73", "#b4568b"))
    return {
        kind: style.Look(style.NULL.colour if kind in _GREY else next(colours), _STATES.get(kind, "circle"), (1, 0))
        for kind in kinds
    }


def randomisation_curves(
    table: pd.DataFrame, title: str = "What is left of a map of a randomised network"
) -> alt.LayerChart:
    """Rank correlation of each method's map with the original's: layers randomised from the top down, then alone.

    Parameters
    ----------
    table : DataFrame
        One row per network, stage and method: ``pathway``, ``stage`` (in order; those that end in "alone" are not
        joined to the others), ``method``, ``mean``, ``low``, ``high``.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of networks.

    Raises
    ------
    ValueError
        If a column is missing, or a method is unknown.
    """
    style.require(table, "pathway", "stage", "method", "mean", "low", "high")
    methods = style.in_order(table["method"])
    if unknown := [name for name in methods if name not in METHOD_LOOKS]:
        raise ValueError(f"no look is known for the method {unknown[0]!r}: draw of {', '.join(METHOD_LOOKS)}")
    rows = style.drawable(pd.concat([_nothing(table), table], ignore_index=True))
    pathways, stages = style.in_order(rows["pathway"]), style.in_order(rows["stage"])
    dodge = {"xOffset": alt.XOffset("method:N", sort=methods, scale=alt.Scale(paddingOuter=1))}
    base = alt.Chart(rows).transform_filter("datum.pathway == pathway_pick").encode(
        x=alt.X("stage:N", sort=stages, title="Randomised", axis=alt.Axis(labelAngle=-40)),
        color=_method(alt.Color, "colour", methods),
        tooltip=style.tooltip(rows, {
            "method": "Method", "stage": "Randomised", "mean": "Rank correlation", "low": "95 % from",
            "high": "95 % to",
        }),
        **dodge,
    )  # fmt: skip
    y = alt.Y("mean:Q", title="Rank correlation with the original", scale=_whole(rows))
    line = base.transform_filter("!test(/alone$/, datum.stage)").mark_line(strokeWidth=2, strokeOpacity=0.7)
    line = line.encode(y=y)
    interval = base.mark_rule(strokeWidth=2).encode(y="low:Q", y2="high:Q")
    point = base.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=_method(alt.Shape, "shape", methods))
    zero = alt.Chart(alt.InlineData([{}])).mark_rule().encode(y=alt.datum(0))
    return (
        alt.layer(zero, line, interval, point)
        .add_params(style.menu("pathway_pick", "Network", {name: name for name in pathways}, pathways[0]))
        .properties(
            title=style.heading(title, "1: the map has not changed. Line: 95 % interval of the mean over sentences."),
            description=_left(table, pathways[0]),
            width="container",
            height=340,
        )
    )


def _nothing(table: pd.DataFrame) -> pd.DataFrame:
    """The original itself, where every curve begins."""
    begin = table[["pathway", "method"]].drop_duplicates()
    return begin.assign(stage="nothing", mean=1.0, low=1.0, high=1.0)


def _method(channel: type, what: str, methods: list[str]):
    scale = alt.Scale(domain=methods, range=[getattr(METHOD_LOOKS[name], what) for name in methods])
    return channel("method:N", scale=scale, legend=style.legend(columns=alt.ExprRef(expr="width < 420 ? 2 : 3")))


def _left(table: pd.DataFrame, pathway: str) -> str:
    rows = table[table["pathway"] == pathway]
    stages = style.in_order(rows["stage"])
    parts = (
        f"{stage} randomised: " + ", ".join(f"{row.method} {row.mean:.2f}" for row in part.itertuples())
        for stage, part in rows.groupby("stage", sort=False)
    )
    return f"Rank correlation with the original map in {len(stages)} stages, {pathway}. {'; '.join(parts)}."
