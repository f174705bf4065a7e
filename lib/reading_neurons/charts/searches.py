"""What searches for an input have found against what they have spent.

Easy to get wrong: the axis of cost. It is logarithmic, for a schedule of millions of evaluations stands beside one of
thousands; a step to the right at the far end is worth more than the whole near end.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_DASHES = ([1, 0], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4])
# None is a pathway's colour. The default comes first, so that it looks the same in every chart.
_COLOURS = ("#b4568b", "#3d8fc4", "#967000", "#8468c0", style.NULL.colour)


def searches(
    table: pd.DataFrame, title: str = "The best so far against its cost", subtitle: str = ""
) -> alt.LayerChart:
    """The mean activation of the best n-grams so far against evaluations, a line for each search; a menu picks a case.

    Parameters
    ----------
    table : DataFrame
        ``method``, ``evaluations``, ``activation``, and ``case`` or ``pathway``: what the menu picks. A line keeps its
        height until its next row.
    title, subtitle : str

    Returns
    -------
    altair.LayerChart
        The cost on a logarithmic axis.

    Raises
    ------
    ValueError
        If a column is missing, or there are more than five searches.
    """
    table = table if "case" in table else table.rename(columns={"pathway": "case"})
    style.require(table, "case", "method", "evaluations", "activation")
    methods, cases = style.in_order(table["method"]), style.in_order(table["case"])
    methods.sort(key=lambda method: method != "default")
    if len(methods) > len(_COLOURS):
        raise ValueError(f"found {len(methods)} searches, expected at most {len(_COLOURS)}: leave some out")
    colour = alt.Scale(domain=methods, range=list(_COLOURS[: len(methods)]))
    dash = alt.Scale(domain=methods, range=[list(one) for one in _DASHES[: len(methods)]])
    key = style.legend(symbolType="stroke", symbolStrokeWidth=3)
    base = alt.Chart(style.drawable(table[["case", "method", "evaluations", "activation"]])).encode(
        x=alt.X(
            "evaluations:Q",
            title="Evaluations of one neuron",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(format="~s", grid=False, labelOverlap=True),
        ),
        y=alt.Y("activation:Q", title="Mean activation of the best so far", scale=alt.Scale(zero=False)),
        color=alt.Color("method:N", scale=colour, legend=key),
        tooltip=[
            alt.Tooltip("method", title="Search"),
            alt.Tooltip("evaluations", title="Evaluations", format=",.0f"),
            alt.Tooltip("activation", title="Mean activation", format=".4f"),
        ],
    )
    line = base.mark_line(strokeWidth=2, interpolate="step-after").encode(
        strokeDash=alt.StrokeDash("method:N", scale=dash, legend=key)
    )
    last = table.loc[table.groupby(["case", "method"], sort=False)["evaluations"].idxmax()]
    end = base.mark_point(filled=True, size=70, opacity=1).transform_filter(
        " || ".join(
            f"(datum.case == '{row.case}' && datum.method == '{row.method}' && datum.evaluations >= {row.evaluations * 0.9999})"
            for row in last.itertuples()
        )
    )
    return (
        alt.layer(line, end)
        .transform_filter("datum.case == case_pick")
        .add_params(style.menu("case_pick", "Case", dict(zip(cases, cases, strict=True)), cases[0]))
        .properties(
            title=style.heading(title, subtitle),
            description=f"Mean activation of the best n-grams so far against evaluations. {_ends(last, cases[0])}.",
            width="container",
            height=300,
        )
    )


def _ends(last: pd.DataFrame, case: str) -> str:
    """What each search of a case ends with, in words."""
    rows = last[last["case"] == case]
    said = [f"{row.method} {row.activation:.3g} after {row.evaluations:,.0f}" for row in rows.itertuples()]
    return f"{case}: {', '.join(said)}"
