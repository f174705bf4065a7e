"""What modifiers, last words and widths do on average, with intervals.

Easy to get wrong: a mean beside nothing. Every chart has what the same networks do untrained, or with a neutral word.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_BAND = 20  # height of one network's row


def expected_classes(
    table: pd.DataFrame,
    title: str = "What is denied is negative, whatever it was",
    axis: str = "Expected class less neutral",
    subtitle: str = "Bars: 95 % intervals. Left of 0: negative.",
) -> alt.LayerChart:
    """Means of several networks with intervals, in rows of cases.

    Parameters
    ----------
    table : DataFrame
        One row per case and network: ``case``, ``pathway`` (``untrained lstm`` is drawn in grey), ``mean``, ``low``,
        ``high``.
    title : str
    axis : str
        What the numbers are.
    subtitle : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "case", "pathway", "mean", "low", "high")
    pathways, cases = style.in_order(table["pathway"]), style.in_order(table["case"])
    rows = style.drawable(table[["case", "pathway", "mean", "low", "high"]])
    names = alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelExpr="split(datum.label, ', ')")
    base = alt.Chart(rows).encode(
        y=alt.Y("case:N", sort=cases, axis=names, scale=alt.Scale(paddingInner=0.3)),
        yOffset=alt.YOffset("pathway:N", sort=pathways),
        tooltip=style.titled(
            **{"case:N": "Case", "pathway:N": "Network", "mean:Q": "Mean", "low:Q": "From", "high:Q": "To"}
        ),
    )
    zero = alt.Chart(alt.InlineData([{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(x="zero:Q")
    x = alt.X("mean:Q", title=axis, axis=alt.Axis(tickCount=6, labelFlush=False))
    colour = style.colour(pathways, style.legend())
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x, color=colour, shape=style.shape(pathways, style.legend())
    )
    bars = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=axis), x2="high:Q", color=colour)
    said = "; ".join(f"{row.case}, {row.pathway} {row.mean:.2f}" for row in rows.head(8).itertuples())
    return alt.layer(zero, bars, points).properties(
        title=style.heading(title, subtitle),
        description=f"{axis}, means with 95 % intervals. {said}.",
        width="container",
        height=len(cases) * (_BAND * len(pathways) * 0.8 + 14),
    )


_LINES = {
    "accuracy": ("accuracy", "#0072b2", "circle", [1, 0]),
    "relative": ("values near 0, relative", "#d55e00", "square", [6, 3]),
    "absolute": ("values near 0, absolute", "#967000", "triangle-up", [3, 2]),
    "idle": ("dimensions that decide nothing alone", "#b4568b", "diamond", [8, 3, 2, 3]),
    "enough": ("dimensions that are enough", "#009e73", "cross", [2, 2]),
}


def dimension_use(table: pd.DataFrame, title: str = "How many dimensions an LSTM uses") -> alt.LayerChart:
    """Accuracy, and what dimensions do, against how many there are.

    Parameters
    ----------
    table : DataFrame
        One row per width: ``width``, and shares ``accuracy``, ``relative``, ``absolute`` (of values near 0), ``idle``,
        and ``fewest``, how many dimensions keep 99 % of the decisions; ``least`` and ``most``, accuracies of single
        seeds. As :func:`reading_neurons.experiments.composition_widths.summary` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "width", "accuracy", "relative", "absolute", "idle", "fewest")
    table = table.assign(enough=table["fewest"] / table["width"])
    rows = table.melt("width", list(_LINES), "measure", "share").assign(measure=lambda rows: rows["measure"].map(_name))
    names, colours, shapes, dashes = zip(*_LINES.values(), strict=True)
    legend = style.legend(columns=1, labelLimit=320, symbolStrokeWidth=0)
    widths = sorted(table["width"].unique().tolist())
    base = alt.Chart(style.drawable(rows)).encode(
        x=alt.X(
            "width:Q",
            title="Dimensions of words and states",
            scale=alt.Scale(type="log", domain=[0.9 * widths[0], 1.1 * widths[-1]], nice=False),
            axis=alt.Axis(values=widths),
        ),
        y=alt.Y("share:Q", title="Share", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        color=alt.Color("measure:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        tooltip=style.titled(**{"measure:N": "Measure", "width:Q": "Dimensions", "share:Q": "Share"}),
    )
    # A dash as an encoding would want a legend of its own.
    lines = [
        base.transform_filter(alt.datum.measure == name).mark_line(strokeWidth=2, strokeDash=dash)
        for name, dash in zip(names, dashes, strict=True)
    ]
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        shape=alt.Shape("measure:N", scale=alt.Scale(domain=names, range=shapes), legend=legend)
    )
    said = "; ".join(
        f"{row.width} dimensions: accuracy {row.accuracy:.2f}, near 0 {row.relative:.2f}" for row in table.itertuples()
    )
    return alt.layer(*lines, points).properties(
        title=style.heading(title),
        description=f"Accuracy and use of dimensions of LSTMs by width. {said}.",
        width="container",
        height=300,
    )


def _name(measure: str) -> str:
    return _LINES[measure][0]
