"""Do words of sentiment stand out in a map: their share of it, and words of equal frequency side by side.

Easy to get wrong: a share without its chance. Three words of ten have three tenths of a map that knows nothing; the
tick beside each point is what that would be.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

# Not in orange and blue, which are negative and positive in the chapters on sentiment.
_KINDS = {
    "bears sentiment": style.Look("#8a6bb8", "circle", (1, 0)),
    "neutral": style.Look(style.NULL.colour, "square", (6, 3)),
}


def shares_on_words(
    table: pd.DataFrame, title: str = "How much of the variance is on words of sentiment"
) -> alt.LayerChart:
    """The share of a map that is on words of sentiment, beside their share of the words.

    Parameters
    ----------
    table : DataFrame
        One row per network and state: ``pathway``, ``network`` (``trained`` or ``untrained``; others are left out),
        ``share``, ``chance``, ``mean`` (the difference), ``low``, ``high`` (its interval); as
        :func:`reading_neurons.experiments.variance.differences` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "network", "share", "chance", "mean", "low", "high")
    rows = table[table["network"].isin(["trained", "untrained"])]
    names = style.in_order(rows["pathway"])
    named = rows["pathway"].where(rows["network"] == "trained", "untrained " + rows["pathway"])
    drawn = style.drawable(
        rows.assign(_from=rows["chance"] + rows["low"], _to=rows["chance"] + rows["high"], _place=rows["pathway"])
    ).assign(pathway=named.to_list())
    shown = [name for pathway in names for name in (pathway, f"untrained {pathway}")]
    base = alt.Chart(drawn).encode(
        y=alt.Y("_place:N", sort=names, axis=alt.Axis(title=None, domain=False, ticks=False)),
        yOffset=alt.YOffset("network:N", sort=["trained", "untrained"]),
        tooltip=style.titled(
            _place="Network", network="Weights", share="Share of the variance", chance="Share of the words"
        ),
    )
    x = alt.X("share:Q", title="Share of the variance on words of sentiment", axis=alt.Axis(format="%", tickCount=5))
    coloured = base.encode(color=style.colour(shown))
    interval = coloured.mark_rule(strokeWidth=3).encode(x=alt.X("_from:Q", scale=alt.Scale(zero=True)), x2="_to:Q")
    point = coloured.mark_point(filled=True, size=110, opacity=1).encode(x=x, shape=style.shape(shown))
    chance = base.mark_tick(color=style.INK, thickness=2, size=22).encode(x="chance:Q")
    said = base.mark_text(align="left", dx=10, fontSize=12).encode(x="_to:Q", text="network:N")
    return alt.layer(chance, interval, point, said).properties(
        title=style.heading(title, "Line: 95 % interval. Tick: their share of the words, which chance would give."),
        description="Share of the variance on words of sentiment. " + "; ".join(
            f"{row.network} {row.pathway} {row.share:.1%} where chance is {row.chance:.1%}" for row in rows.itertuples()
        ) + ".",
        width="container",
        height=len(names) * 62,
    )  # fmt: skip


def variance_by_frequency(
    table: pd.DataFrame, title: str = "Words of equal frequency, with and without sentiment"
) -> alt.LayerChart:
    """How far words stand out, by how often they were seen in training, with and without sentiment.

    Parameters
    ----------
    table : DataFrame
        One row per network, state, band of frequency and kind of word: ``pathway``, ``network``, ``band`` (in order),
        ``kind`` (``bears sentiment``, ``neutral``), ``mean``, ``low``, ``high``, ``count``; as a record of variance
        keeps it.
    title : str

    Returns
    -------
    altair.LayerChart
        With menus of networks and of their weights.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "network", "band", "kind", "mean", "low", "high", "count")
    rows = style.drawable(table)
    pathways, states = style.in_order(rows["pathway"]), style.in_order(rows["network"])
    picked = "datum.pathway == pathway_pick && datum.network == state_pick"
    base = alt.Chart(rows).transform_filter(picked).encode(
        x=alt.X("band:N", sort=style.in_order(rows["band"]), title="Occurrences of the word in training",
                axis=alt.Axis(labelAngle=-40)),
        color=_kind(alt.Color, "colour"),
        tooltip=[
            alt.Tooltip("kind:N", title="Word"), alt.Tooltip("band:N", title="Seen in training"),
            alt.Tooltip("mean:Q", title="Variance, mean"), alt.Tooltip("low:Q", title="95 % from"),
            alt.Tooltip("high:Q", title="95 % to"), alt.Tooltip("count:Q", title="Words", format=","),
        ],
    )  # fmt: skip
    # One scale for all that the menus can pick.
    scale = alt.Scale(domain=[0, float(rows["high"].max())], nice=True)
    y = alt.Y("mean:Q", title="Variance, relative to the average word", scale=scale)
    line = base.mark_line(strokeWidth=2).encode(y=y)
    interval = base.mark_rule(strokeWidth=2).encode(y="low:Q", y2="high:Q")
    point = base.mark_point(filled=True, size=80, opacity=1).encode(y=y, shape=_kind(alt.Shape, "shape"))
    one = alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[2, 3]).encode(y=alt.datum(1))
    first = rows[(rows["pathway"] == pathways[0]) & (rows["network"] == states[0])]
    return (
        alt.layer(one, line, interval, point)
        .add_params(
            style.menu("pathway_pick", "Network", {name: name for name in pathways}, pathways[0]),
            style.menu("state_pick", "Weights", {name: name for name in states}, states[0]),
        )
        .properties(
            title=style.heading(title, "Lines: 95 % intervals. 1: the average word of its sentence."),
            description=f"Mean variance of words by frequency in training, {states[0]} {pathways[0]}. " + " ".join(
                f"{kind}: " + ", ".join(f"{row.band} {row.mean:.2g}" for row in part.itertuples()) + "."
                for kind, part in first.groupby("kind")
            ),
            width="container",
            height=300,
        )
    )  # fmt: skip


def _kind(channel: type, what: str):
    scale = alt.Scale(domain=list(_KINDS), range=[getattr(look, what) for look in _KINDS.values()])
    return channel("kind:N", scale=scale, legend=style.legend(columns=2))
