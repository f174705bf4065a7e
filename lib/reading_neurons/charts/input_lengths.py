"""The activation of the optimum against its length, beside the corpus's best n-gram of that length."""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_METHODS = {"optimised": [1, 0], "corpus": [4, 4]}


def input_lengths(
    table: pd.DataFrame, title: str = "How much more a neuron gets from a longer input"
) -> alt.LayerChart:
    """Means over neurons of the activation that each length reaches, as a share of the most; outputs or units.

    Parameters
    ----------
    table : DataFrame
        ``pathway``, ``kind`` (``"output"`` or ``"unit"``), ``neuron``, ``length``, ``method`` (``"optimised"`` or
        ``"corpus"``), ``activation``; as a record keeps it.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of kinds. The share is of the neuron's highest optimum of any length.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "pathway", "kind", "neuron", "length", "method", "activation")
    keys = ["pathway", "kind", "neuron"]
    most = table[table["method"] == "optimised"].groupby(keys)["activation"].max().rename("most").reset_index()
    rows = table.merge(most, on=keys)
    rows["share"] = rows["activation"] / rows["most"]
    grouped = rows.groupby(["kind", "pathway", "method", "length"], sort=False)["share"]
    means = grouped.agg(share="mean", low=lambda v: v.quantile(0.25), high=lambda v: v.quantile(0.75), neurons="size")
    means = style.drawable(means.reset_index())
    pathways, kinds = style.in_order(means["pathway"]), style.in_order(means["kind"])
    means["line"] = means["pathway"] + ", " + means["method"]
    shown = "datum.kind == kind"
    x = alt.X(
        "length:Q",
        title="Words of the n-gram",
        axis=alt.Axis(values=sorted(means["length"].unique().tolist()), format="d", grid=False, labelFlush=False),
        scale=alt.Scale(zero=False),
    )
    y = alt.Y("share:Q", title="Share of the highest", axis=alt.Axis(format=".0%", tickCount=6))
    legend = style.legend()
    dash = alt.StrokeDash(
        "method:N", scale=alt.Scale(domain=list(_METHODS), range=list(_METHODS.values())),
        legend=None,
    )  # fmt: skip
    tip = [
        alt.Tooltip("line:N", title="Line"),
        alt.Tooltip("length:Q", title="Words"),
        alt.Tooltip("share:Q", title="Share, mean", format=".1%"),
        alt.Tooltip("low:Q", title="Share, lower quartile", format=".1%"),
        alt.Tooltip("high:Q", title="Share, upper quartile", format=".1%"),
        alt.Tooltip("neurons:Q", title="Neurons"),
    ]
    colour = style.colour(pathways, legend)
    line = {"x": x, "y": y, "color": colour, "strokeDash": dash}
    band = {"x": x, "y": alt.Y("low:Q"), "y2": alt.Y2("high:Q"), "color": colour}
    said = [
        f"{row.pathway} {row.kind}s with {row.length} words {row.share:.0%}"
        for row in means[(means["method"] == "optimised") & means["length"].isin([1, 5])].itertuples()
    ]
    return alt.LayerChart(
        data=means,
        layer=[
            style.layer(alt.MarkDef("area", opacity=0.12), f"{shown} && datum.method == 'optimised'", band),
            style.layer(alt.MarkDef("line", strokeWidth=2), shown, line),
            style.layer(alt.MarkDef("point", filled=True, size=50, opacity=1), shown, {"x": x, "y": y, "color": colour, "shape": style.shape(pathways, legend), "tooltip": tip}),
        ],
        params=style.lifted(style.menu("kind", "Neurons", {kind: f"{kind}s" for kind in kinds}, kinds[0])),
        title=style.heading(title, "Means over neurons. Solid: optimised, with the middle half of the neurons. Dashed: best of the corpus."),
        description=f"Activation of the optimum against its length, as a share of the highest of any length: {'; '.join(said)}.",
        width="container",
        height=280,
    )  # fmt: skip
