"""Where groups of phrases lie in the full space, with intervals, and how much a picture of that space distorts.

Easy to get wrong: an axis without its zero of meaning. A side of 0 is as far from the positive as from the negative
words, which is not where neutral words are; they have a row of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_MEASURES = {
    "sentiment": "Sentiment, by the classes",
    "euclidean": "Side, by Euclidean distance",
    "cosine": "Side, by cosine distance",
}
_PEOPLE = style.Look(style.INK, "diamond", (1, 0))
_FAITHFUL = {"kept": "Nearest neighbours kept", "trustworthiness": "Trustworthiness"}
NEGATIONS = {
    "positive base": "good", "positive control": "is good", "positive modified": "not good", "neutral": "neutral words",
    "negative modified": "not bad", "negative control": "is bad", "negative base": "bad",
}  # fmt: skip
CLAUSES = {
    "positive base": "I like it", "positive control": "I like it, and I saw it",
    "positive modified": "I like it, but it is bad", "neutral": "I saw it",
    "negative modified": "I hate it, but it is good", "negative control": "I hate it, and I saw it",
    "negative base": "I hate it",
}  # fmt: skip
"""Names of the rows of :func:`meaning_sides`, after one phrase of each, for words and for clauses."""


def meaning_sides(
    table: pd.DataFrame,
    names: Mapping[str, str] = NEGATIONS,
    title: str = "Denied words lie with the negative ones",
    measure: str = "sentiment",
    planted: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """Where groups of phrases lie, as dots with intervals, for several networks.

    Parameters
    ----------
    table : DataFrame
        One row per network, measure and quantity: ``network`` (an ``untrained lstm`` is a menu away), ``measure``,
        ``quantity``, ``value``, ``low``, ``high``, ``count``; as :func:`reading_neurons.methods.meaning_space.effects`
        gives it. A measure that the trained or the untrained networks lack is left out.
    names : mapping of str to str
        The quantities that are drawn, from top to bottom, and what stands beside each.
    title : str
    measure : str
        That is shown first.
    planted : DataFrame, optional
        ``quantity`` and ``value``: what was planted, drawn as diamonds where sentiment is shown.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "network", "measure", "quantity", "value", "low", "high", "count")
    rows = table[table["quantity"].isin(names)].copy()
    style.require(rows, "network")
    rows["state"] = ["untrained" if name.startswith("untrained") else "trained" for name in rows["network"]]
    rows["pathway"] = rows["network"].str.removeprefix("untrained ")
    rows["_name"] = rows["quantity"].map(names)
    rows = style.drawable(rows.drop(columns=[column for column in ("kind", "network") if column in rows]))
    pathways = style.in_order(rows["pathway"])
    everywhere = set.intersection(*(set(part["measure"]) for _, part in rows.groupby("state")))
    measures = {name: said for name, said in _MEASURES.items() if name in everywhere}
    rows = rows[rows["measure"].isin(measures)]
    order = [name for quantity, name in names.items() if quantity in set(rows["quantity"])]
    first = measure if measure in measures else next(iter(measures))
    look = _looks(pathways, style.legend())
    base = alt.Chart(rows).encode(y=_y(order), yOffset=alt.YOffset("pathway:N", sort=pathways), tooltip=_tips())
    base = base.transform_filter("datum.measure === measured && datum.state === trained")
    layers = [
        alt.Chart(alt.InlineData([{}])).mark_rule(opacity=0.6).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=2).encode(x=_x(), x2="high:Q", color=look["color"]),
        base.mark_point(filled=True, size=60, opacity=1).encode(x="value:Q", **look),
    ]
    if planted is not None:
        layers.append(_planted(planted, names, order))
    states = {state: state for state in style.in_order(rows["state"])}
    menus = [
        style.menu("measured", "Measure", measures, first),
        style.menu("trained", "Networks", states, next(iter(states))),
    ]
    return alt.layer(*layers).add_params(*menus).properties(
        title=style.heading(title, "Lines: 95 % intervals." + (" Diamonds: planted." if planted is not None else "")),
        description=_described(rows, first, names),
        width="container",
        height=len(order) * (14 * len(pathways) + 10),
    )  # fmt: skip


def _looks(names: list[str], legend: alt.Legend) -> dict[str, alt.Color | alt.Shape]:
    """Colour and shape of each network; people are drawn as what was planted is, in the colour of the text."""
    looks = {name: _PEOPLE if name == "people" else look for name, look in style.looks(names).items()}
    colours, shapes = [look.colour for look in looks.values()], [look.shape for look in looks.values()]
    return {
        "color": alt.Color("pathway:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        "shape": alt.Shape("pathway:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
    }


def _y(order: list[str]) -> alt.Y:
    axis = alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelLimit=150)
    return alt.Y("_name:N", sort=order, axis=axis, scale=alt.Scale(paddingInner=0.25))


def _x() -> alt.X:
    axis = alt.Axis(tickCount=5, labelFlush=False)
    return alt.X("low:Q", title="Mean, \u22121 negative to 1 positive", axis=axis, scale=alt.Scale(domain=[-1, 1]))


def _tips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("_name:N", title="Phrases as"),
        alt.Tooltip("pathway:N", title="Network"),
        alt.Tooltip("value:Q", title="Mean", format=".2f"),
        alt.Tooltip("low:Q", title="from", format=".2f"),
        alt.Tooltip("high:Q", title="to", format=".2f"),
        alt.Tooltip("count:Q", title="Phrases"),
    ]


def _planted(planted: pd.DataFrame, names: Mapping[str, str], order: list[str]) -> alt.Chart:
    style.require(planted, "quantity", "value")
    kept = planted[planted["quantity"].isin(names)]
    rows = style.drawable(kept.assign(_name=kept["quantity"].map(names))[["_name", "value"]])
    tip = [alt.Tooltip("_name:N", title="Phrases as"), alt.Tooltip("value:Q", title="Planted", format=".2f")]
    return (
        alt.Chart(rows)
        .transform_filter("measured === 'sentiment'")
        .mark_point(shape="diamond", size=130, color=style.INK, filled=False, strokeWidth=2)
        .encode(y=_y(order), x="value:Q", tooltip=tip)
    )


def _described(rows: pd.DataFrame, measure: str, names: Mapping[str, str]) -> str:
    shown = rows[(rows["measure"] == measure) & (rows["state"] == rows["state"].iloc[0])]
    means = shown.groupby("quantity")["value"].mean()
    said = ", ".join(f"{name} {means[quantity]:.2f}" for quantity, name in names.items() if quantity in means)
    count = shown["pathway"].nunique()
    return f"Where groups of phrases lie between -1 and 1 by {measure}, mean of {count} networks: {said}."


def meaning_distortion(
    table: pd.DataFrame, title: str = "Every picture loses most of the neighbours"
) -> alt.LayerChart:
    """How faithful pictures of the same phrases are, for each kind of picture and network, a dot for each seed.

    Parameters
    ----------
    table : DataFrame
        ``network``, ``projection``, ``perplexity``, ``seed``, ``trustworthiness``, ``kept``, ``chance``, as
        :func:`reading_neurons.methods.projections.distortion` gives it. "random vectors" are drawn in grey.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "network", "projection", "perplexity", "seed", "kept", "trustworthiness", "chance")
    views = [
        "PCA" if projection == "PCA" else f"perplexity {perplexity:g}"
        for projection, perplexity in zip(table["projection"], table["perplexity"], strict=True)
    ]
    rows = style.drawable(table[["network", "seed", "kept", "trustworthiness", "chance"]].assign(_view=views))
    networks, order = style.in_order(rows["network"]), sorted(set(views), key=_perplexity)
    looks = {name: style.NULL if name == "random vectors" else look for name, look in style.looks(networks).items()}
    colour = alt.Scale(domain=networks, range=[look.colour for look in looks.values()])
    shape = alt.Scale(domain=networks, range=[look.shape for look in looks.values()])
    by_chance = float(rows["chance"].mean())
    chance = alt.Chart(alt.InlineData([{"_c": by_chance, "_t": 0.5}]))
    tips = {"network:N": "Vectors of", "_view:N": "Picture", "seed:Q": "Seed", "kept:Q": "Kept"}
    tips |= {"trustworthiness:Q": "Trustworthiness"}
    unit = alt.Scale(domain=[0, 1])
    dots = (
        alt.Chart(rows)
        .transform_calculate(_v="datum[faithful]")
        .mark_point(filled=True, size=55, opacity=0.85)
        .encode(
            x=alt.X("_v:Q", title="Share, or trustworthiness", scale=unit, axis=alt.Axis(tickCount=5)),
            y=alt.Y("_view:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=6)),
            yOffset=alt.YOffset("network:N", sort=networks),
            color=alt.Color("network:N", scale=colour, legend=style.legend()),
            shape=alt.Shape("network:N", scale=shape, legend=style.legend()),
            tooltip=[alt.Tooltip(name, title=said) for name, said in tips.items()],
        )
    )
    rule = (
        chance.transform_calculate(_v="faithful === 'kept' ? datum._c : datum._t")
        .mark_rule(strokeDash=[4, 3])
        .encode(x="_v:Q")
    )
    kept = rows.groupby("network", sort=False)["kept"].mean()
    said = ", ".join(f"{name} {share:.2f}" for name, share in kept.items())
    return alt.layer(rule, dots).add_params(style.menu("faithful", "Measure", _FAITHFUL, "kept")).properties(
        title=style.heading(title, "A dot for each seed. Dashed: places drawn at random."),
        description=f"Share of the five nearest neighbours that pictures keep, mean of {len(order)} kinds: {said}.",
        width="container",
        height=len(order) * (12 * len(networks) + 10),
    )  # fmt: skip


def _perplexity(view: str) -> float:
    """The perplexity in the name of a picture; principal components come last."""
    return float("inf") if view == "PCA" else float(view.split()[-1])
