"""How much the top contexts of all units of a network have in common, beside chance and the untrained network.

Easy to get wrong: the few units that a chapter shows were chosen. What is true of a network is said by all its units,
drawn here as boxes, and by how far they are from those of the same network with random weights.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_QUANTILES = {"p5": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "p95": 0.95}
_KEY = "Box: middle half of the units; bar: median; diamond: mean; line: 5 % to 95 %. 0: as random words."
_TITLES = {
    "kind": "Agreement in", "pathway": "Pathway", "mean": "Mean", "median": "Median", "q1": "25 %", "q3": "75 %",
    "p5": "5 %", "p95": "95 %", "count": "Units",
}  # fmt: skip


def homogeneity(
    table: pd.DataFrame, null: pd.DataFrame | None = None, title: str = "How much the contexts of a unit have in common"
) -> alt.LayerChart:
    """Box plots of the units' homogeneity for each kind of label, trained and untrained networks under each other.

    Parameters
    ----------
    table : DataFrame
        One row per unit, pathway and kind: ``pathway`` (``untrained visual`` is drawn in grey), ``kind``, ``score``.
    null : DataFrame, optional
        ``kind``, ``low``, ``high``: where 95 % of units with random contexts fall, drawn as a light band.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "pathway", "kind", "score")
    pathways, kinds = style.in_order(table["pathway"]), style.in_order(table["kind"])
    grouped = table.dropna(subset="score").groupby(["kind", "pathway"], sort=False)["score"]
    rows = grouped.quantile(list(_QUANTILES.values())).unstack().set_axis(list(_QUANTILES), axis=1)
    rows = style.drawable(rows.assign(mean=grouped.mean(), count=grouped.size()).reset_index())
    axis = alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelExpr="split(datum.label, ', ')")
    y = alt.Y("kind:N", sort=kinds, scale=alt.Scale(paddingInner=0.25), axis=axis)
    layers, subtitle = _boxes(rows, y, pathways), _KEY
    if null is not None:
        style.require(null, "kind", "low", "high")
        layers.insert(0, _band(null[null["kind"].isin(kinds)], y))
        subtitle += " Light band: random contexts."
    return alt.layer(*layers).properties(
        title=style.heading(title, subtitle),
        description=f"Homogeneity of the units' top contexts, means. {_means(rows)}",
        width="container",
        height=len(kinds) * (15 * len(pathways) + 12),
    )


def _boxes(rows: pd.DataFrame, y: alt.Y, pathways: list[str]) -> list[alt.Chart]:
    base = alt.Chart(rows).encode(
        y=y,
        yOffset=alt.YOffset("pathway:N", sort=pathways),
        color=style.colour(pathways, _legend(pathways)),
        tooltip=[alt.Tooltip(column, title=title) for column, title in _TITLES.items()],
    )
    axis = alt.Axis(tickCount=6, labelFlush=False)
    x = alt.X("p5:Q", title="Homogeneity of a unit's contexts", axis=axis, scale=alt.Scale(domainMax=1))
    ink = alt.value(style.INK)
    return [
        base.mark_rule(strokeWidth=1.5).encode(x=x, x2="p95:Q"),
        base.mark_bar(opacity=0.4).encode(x="q1:Q", x2="q3:Q"),
        base.mark_tick(thickness=3, opacity=1).encode(x="median:Q", color=ink),
        base.mark_point(filled=True, size=45, opacity=1, shape="diamond").encode(x="mean:Q", color=ink),
    ]


def _legend(pathways: list[str]) -> alt.Legend:
    """Untrained networks are one entry: they share a colour, and each is drawn below its trained one."""
    untrained = [name for name in pathways if name.startswith("untrained")]
    shown = [name for name in pathways if name not in untrained[1:]]
    label = "test(/^untrained/, datum.label) ? 'untrained, below each' : datum.label"
    return style.legend(symbolType="square", symbolSize=120, values=shown, labelExpr=label)


def _band(null: pd.DataFrame, y: alt.Y) -> alt.Chart:
    titles = {"kind:N": "Agreement in", "low:Q": "Chance from", "high:Q": "Chance to"}
    rows = style.drawable(null.drop_duplicates("kind")[["kind", "low", "high"]])
    return (
        alt.Chart(rows)
        .mark_bar(color=style.NULL.colour, opacity=0.2)
        .encode(y=y, x="low:Q", x2="high:Q", tooltip=[alt.Tooltip(name, title=title) for name, title in titles.items()])
    )


def _means(rows: pd.DataFrame) -> str:
    said = rows["pathway"] + rows["mean"].map(" {:.2f}".format)
    return " ".join(f"{kind}: {', '.join(parts)}." for kind, parts in said.groupby(rows["kind"], sort=False))
