"""What holding and removing units does, against how many there are (Deep Neural Inspection 2017, figures 4 and 5).

Easy to get wrong: the random units' interval. It is over sets of units; that of the best units, of which there is one
set, is over strings.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from reading_neurons.charts import style

LOOKS = {
    "best units": style.Look("#b4568b", "triangle-down", (1, 0)),
    "random units": style.Look(style.NULL.colour, style.NULL.shape, (2, 2)),
}
WAYS = {"removed": "removed (0)", "mean": "held at their mean", "oracle": "told the feature"}
MEASURES = {
    "type": "Accuracy of the next character's type",
    "digit": "Accuracy of the digit",
    "surprise": "Surprise at the next character (bits)",
}


def held_shares(table: pd.DataFrame, title: str = "What is written against how many units are held") -> alt.LayerChart:
    """The share of what a feature is about, of all that is written; menus pick the feature, and how units are held.

    Parameters
    ----------
    table : DataFrame
        ``feature``, ``held``, ``units`` (one of :data:`LOOKS`), ``k``, ``measure``, ``share``, ``low``, ``high``; and
        ``free``, the share that is written with no unit held. As
        :func:`reading_neurons.experiments.intervening_claims.shares_shown` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "feature", "held", "units", "k", "measure", "share", "low", "high", "free")
    features, held = style.in_order(table["feature"]), style.in_order(table["held"])
    said = {"active": "towards their sign", "+1": "at +1, as published"}
    first = table[(table["feature"] == features[0]) & (table["held"] == held[0])]
    pieces = ", ".join(f"{row.units} {row.k}: {100 * row.share:.0f} %" for row in first.itertuples())
    axis = "Share of characters"
    about = {row.feature: f"{axis}: {row.measure}" for row in table.drop_duplicates("feature").itertuples()}
    return _curves(
        table, "share", axis, f"({about!r})[feature_pick]",
        {"feature": style.menu("feature_pick", "Feature", dict(zip(features, features, strict=True)), features[0]),
         "held": style.menu("held_pick", "Held", {one: said.get(one, one) for one in held}, held[0])},
        style.heading(title, "Dashed: no unit held. Lines: 95 % intervals."), "free", percent=True,
        description=(
            f"The share of {first['measure'].iloc[0]} in what is written while units of '{features[0]}' are held, "
            f"{100 * first['free'].iloc[0]:.0f} % as it is; menus pick others. {pieces}."
        ),
    )  # fmt: skip


def ablations(table: pd.DataFrame, title: str = "What is lost without a feature's best units") -> alt.LayerChart:
    """How well a network predicts without units, or told a feature; menus pick the feature, the way, the measure.

    Parameters
    ----------
    table : DataFrame
        ``feature``, ``way``, ``measure``, ``units`` (one of :data:`LOOKS`), ``k`` (0: as it is), ``value``, ``low``,
        ``high``, ``base`` (what frequencies alone give). As
        :func:`reading_neurons.experiments.intervening_claims.losses_shown` gives it.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "feature", "way", "measure", "units", "k", "value", "low", "high", "base")
    features, ways, measures = (style.in_order(table[column]) for column in ("feature", "way", "measure"))
    said = {one: MEASURES.get(one, one) for one in measures}
    first = table[(table[["feature", "way", "measure"]] == [features[0], ways[0], measures[0]]).all(axis=1)]
    pieces = ", ".join(f"{row.units} {row.k}: {row.value:.3f}" for row in first.itertuples())
    return _curves(
        table, "value", "Value", f"({said!r})[measure_pick]",
        {"feature": style.menu("feature_pick", "Units of", dict(zip(features, features, strict=True)), features[0]),
         "way": style.menu("way_pick", "They are", {way: WAYS.get(way, way) for way in ways}, ways[0]),
         "measure": style.menu("measure_pick", "Measured", said, measures[0])},
        style.heading(title, "0: the network as it is. Lines: 95 % intervals."), None, percent=False,
        description=(
            f"{MEASURES.get(measures[0], measures[0])} while units of '{features[0]}' are "
            f"{WAYS.get(ways[0], ways[0])}; menus pick others. Frequencies alone give "
            f"{first['base'].iloc[0]:.3f}. {pieces}."
        ),
    )  # fmt: skip


def _curves(
    table: pd.DataFrame,
    value: str,
    axis: str,
    label: str,
    menus: Mapping[str, alt.Parameter],
    title: alt.TitleParams,
    level: str | None,
    *,
    percent: bool,
    description: str,
) -> alt.LayerChart:
    """Curves against the number of units, an interval at each point; of the rows that the menus pick.

    What is measured stands above the axis, as an expression: menus pick it, and the title of an axis never changes.
    """
    names = [name for name in LOOKS if name in set(table["units"])]
    rows = style.drawable(table)
    picked = " && ".join(f"datum.{column} == {menu.name}" for column, menu in menus.items())
    ks = sorted(set(rows["k"]))
    formatted = {"format": ".0%"} if percent else {}
    number = {"format": ".1%"} if percent else {"format": ".3f"}
    y = {"title": None, "scale": alt.Scale(zero=False, padding=8), "axis": alt.Axis(tickCount=5, **formatted)}
    base = alt.Chart(rows).transform_filter(picked).encode(
        x=alt.X("k:Q", title="Number of units", axis=alt.Axis(values=ks, grid=False, labelFlush=False),
                scale=alt.Scale(padding=14, nice=False)),
        color=_look(alt.Color, names, [LOOKS[name].colour for name in names], style.legend(columns=1)),
        tooltip=[
            alt.Tooltip("units:N", title="Held" if level else "Units"), alt.Tooltip("k:Q", title="How many"),
            alt.Tooltip(f"{value}:Q", title=axis, **number),
            alt.Tooltip("low:Q", title="95 % from", **number), alt.Tooltip("high:Q", title="to", **number),
        ],
    )  # fmt: skip
    # A dash of its own for each, and not by an encoding, whose legend would contradict that of colours.
    lines = {name: base.transform_filter(f"datum.units == {name!r}") for name in names}
    layers = [
        *(
            lines[name].mark_line(strokeWidth=1.5, strokeDash=list(LOOKS[name].dash)).encode(y=alt.Y(f"{value}:Q", **y))
            for name in names
        ),
        base.mark_rule(strokeWidth=2.5).encode(y=alt.Y("low:Q", **y), y2="high:Q"),
        base.mark_point(size=80, filled=True, opacity=1).encode(
            y=alt.Y(f"{value}:Q", **y),
            shape=_look(alt.Shape, names, [LOOKS[name].shape for name in names], style.legend(columns=1)),
        ),
    ]  # fmt: skip
    if level:
        layers.insert(0, base.mark_rule(strokeDash=[5, 4], color=style.INK).encode(
            x=alt.value(0), x2=style.pixels("width"), y=alt.Y(f"mean({level}):Q", **y), color=alt.value(style.INK),
            tooltip=alt.Tooltip(f"mean({level}):Q", title="No unit held", **number),
        ))  # fmt: skip
    layers.append(alt.Chart(alt.InlineData([{}])).mark_text(align="left", fontSize=12).encode(
        x=alt.value(0), y=alt.value(-8), text=style.pixels(label)
    ))  # fmt: skip
    return alt.layer(*layers).add_params(*menus.values()).properties(
        title=title, description=description, width="container", height=260,
        padding={"left": 5, "right": 14, "top": 5, "bottom": 5},
    )  # fmt: skip


def _look(channel: type, names: list[str], values: list, legend: alt.Legend | None = None):
    return channel("units:N", scale=alt.Scale(domain=names, range=values), legend=legend)
