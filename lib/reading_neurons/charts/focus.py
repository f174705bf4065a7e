"""How sharply maps of several networks point: means over sentences with intervals, and what fades towards the start.

Easy to get wrong: a share without the share of such words. Where shuffled maps would be is drawn as a grey band.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

MEASURES = {
    "share": "Share of saliency on sentiment words",
    "entropy": "Entropy (1: every word counts alike)",
    "decay": "Slope of log saliency, per word from the end",
}
"""What the axis says of each measure; of any other its name."""


def focus(table: pd.DataFrame, title: str = "How sharply each network's saliency points") -> alt.LayerChart:
    """Means of one measure at a time for every network, trained and untrained; a menu picks the measure.

    Parameters
    ----------
    table : DataFrame
        One row per measure, network and state: ``measure``, ``pathway``, ``network`` (``trained``, ``untrained``),
        ``mean``, ``low``, ``high``, ``null_low``, ``null_high`` (NaN where there is no null); as
        :func:`reading_neurons.experiments.saliency_claims.means` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "measure", "pathway", "network", "mean", "low", "high", "null_low", "null_high")
    pathways, measures = style.in_order(table["pathway"]), style.in_order(table["measure"])
    said = {measure: MEASURES.get(measure, measure) for measure in measures}
    rows = style.drawable(_filled(table).assign(_state=table["network"] == "trained"))
    axis = alt.Axis(tickCount=5, labelFlush=False)
    base = alt.Chart(rows).encode(
        y=alt.Y("pathway:N", sort=pathways, axis=alt.Axis(title=None, domain=False, ticks=False, labelPadding=8)),
        yOffset=alt.YOffset("network:N", sort=["trained", "untrained"]),
        tooltip=[
            alt.Tooltip("pathway:N", title="Network"), alt.Tooltip("network:N", title="State"),
            alt.Tooltip("mean:Q", title="Mean"), alt.Tooltip("low:Q", title="95 % from"),
            alt.Tooltip("high:Q", title="to"),
        ],
    )  # fmt: skip
    x = alt.X("mean:Q", title=None, axis=axis, scale=alt.Scale(zero=False, padding=12))
    look = {"color": style.colour(pathways)}
    shown = "datum.measure == measure_pick"
    drawn = alt.layer(
        base.mark_bar(color=style.NULL.colour).encode(
            x=alt.X("null_low:Q", title=None, axis=axis), x2="null_high:Q",
            opacity=style.pixels("datum._null ? 0.45 : 0"),
        ),
        base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", title=None), x2="high:Q", **look),
        base.mark_point(size=110, strokeWidth=2, opacity=1).encode(
            x=x, shape=style.shape(pathways), **look,
            fill=style.pixels(f"datum._state ? {_by_name(pathways)}[datum.pathway] : 'transparent'"),
        ),
    ).transform_filter(shown)  # fmt: skip
    name = alt.Chart(alt.InlineData([{}])).mark_text(align="left", fontSize=12).encode(
        x=alt.value(0), y=style.pixels("height + 34"), text=style.pixels(f"({said!r})[measure_pick]")
    )
    return alt.layer(drawn, name).add_params(
        style.menu("measure_pick", "Measure", said, measures[0])
    ).properties(
        title=style.heading(title, "Filled: trained. Open: random weights. Line: 95 % interval. Grey: shuffled maps."),
        description=_description(rows, said),
        width="container",
        height=58 * len(pathways),
        padding={"bottom": 24, "left": 5, "right": 14, "top": 5},  # half of the last number, and the name of the axis
    )  # fmt: skip


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """A null of no width where there is none: Vega complains of a scale without a value."""
    nulls = {name: table[name].astype(float).fillna(table["mean"]) for name in ("null_low", "null_high")}
    return table.assign(**nulls, _null=table["null_low"].notna())


def _by_name(pathways: list[str]) -> str:
    return str({name: look.colour for name, look in style.looks(pathways).items()})


def _description(rows: pd.DataFrame, said: dict[str, str]) -> str:
    parts = []
    for measure, words in said.items():
        part = rows[rows["measure"] == measure]
        parts.append(
            f"{words}: " + ", ".join(f"{row.pathway} {row.network} {row.mean:.2f}" for row in part.itertuples())
        )
    return f"Means over sentences; a menu picks the measure. {'. '.join(parts)}."


def fading(table: pd.DataFrame, title: str = "What earlier words still get") -> alt.LayerChart:
    """Mean saliency by the distance from the end of the sentence, for each network; a menu picks trained or not.

    Parameters
    ----------
    table : DataFrame
        ``pathway``, ``network``, ``distance``, ``mean``, ``low``, ``high``, ``count``; as
        :func:`reading_neurons.methods.focus.by_distance` gives it for each network.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "network", "distance", "mean", "low", "high", "count")
    pathways, states = style.in_order(table["pathway"]), style.in_order(table["network"])
    rows = style.drawable(table)
    base = alt.Chart(rows).transform_filter("datum.network == state_pick").encode(
        x=alt.X(
            "distance:Q", title="Words after it", sort="descending",
            axis=alt.Axis(tickMinStep=1, grid=False, labelFlush=False),
        ),
        color=style.colour(pathways, style.legend()),
        tooltip=[
            alt.Tooltip("pathway:N", title="Network"), alt.Tooltip("distance:Q", title="Words after it"),
            alt.Tooltip("mean:Q", title="Saliency, 1: the sentence's mean"), alt.Tooltip("count:Q", title="Words"),
        ],
    )  # fmt: skip
    said_of_it = "Saliency (1: mean of its sentence)"
    y = alt.Y("mean:Q", title=said_of_it)
    even = alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[2, 2]).encode(y=alt.datum(1))
    ends = rows[(rows["network"] == states[0]) & rows["distance"].isin([0, 10])]
    said = ", ".join(f"{row.pathway} {row.mean:.2f} at {row.distance}" for row in ends.itertuples())
    return (
        alt.layer(
            even,
            base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=said_of_it), y2="high:Q"),
            base.mark_line(strokeWidth=2).encode(y=y),
            base.mark_point(filled=True, size=45, opacity=1).encode(y=y, shape=style.shape(pathways, style.legend())),
        )
        .add_params(style.menu("state_pick", "Weights", {state: state for state in states}, states[0]))
        .properties(
            title=style.heading(title, "The last word is at the right. Band: 95 % interval over sentences."),
            description=f"Mean saliency by the number of words after a word. {states[0]}: {said}.",
            width="container",
            height=280,
        )
    )
