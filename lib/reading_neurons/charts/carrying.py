"""How long units stay on after the word that switched them on.

Easy to get wrong: a curve without its null. Every chart here has beside it what units do that know only a word, or the
same network without training.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style

_STEP = 0.25  # words of a bin


def run_survival(table: pd.DataFrame, title: str = "Units that stay on, and what chance gives") -> alt.LayerChart:
    """The share of a unit's runs that are still on so many words after the trigger; a menu picks the unit.

    Parameters
    ----------
    table : DataFrame
        One row per unit and number of words: ``pathway``, ``unit``, ``words``, ``share``, ``low``, ``high``,
        ``watched``, ``by_word``; as :func:`reading_neurons.methods.runs.survival` gives it. Negative numbers of words
        are left out. It may have ``name``, what the menu says of a unit.
    title : str

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "unit", "words", "share", "low", "high", "watched", "by_word")
    table = table[table["words"] >= 0]
    name = table["name"] if "name" in table else table["pathway"] + " " + table["unit"].astype(str)
    columns = ["pathway", "words", "share", "low", "high", "watched", "by_word"]
    rows = style.drawable(table[columns].assign(unit=name))
    pathways, units = style.in_order(rows["pathway"]), style.in_order(rows["unit"])
    base = alt.Chart(rows).encode(
        x=alt.X("words:Q", title="Words after the trigger", axis=alt.Axis(tickMinStep=1, grid=False, labelFlush=False)),
        tooltip=style.titled(
            unit="Unit",
            words="Words after the trigger",
            share="Share still on",
            low="from",
            high="to",
            watched="Runs watched",
            by_word="Knowing only the word",
        ),
    )  # fmt: skip
    colour = style.colour(pathways)
    y = alt.Y("share:Q", title="Share of runs still on", scale=alt.Scale(domain=[0, 1]))
    first = rows[(rows["unit"] == units[0]) & (rows["words"] == 5)]
    at_five = (
        f" {units[0]}: {first['share'].iloc[0]:.2f} after 5 words, {first['by_word'].iloc[0]:.2f} by the word alone."
        if len(first)
        else ""
    )
    return (
        alt.layer(
            base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q", color=colour),
            base.mark_line(strokeWidth=2, strokeDash=list(style.NULL.dash), color=style.NULL.colour).encode(
                y="by_word:Q"
            ),
            base.mark_point(filled=True, size=45, opacity=1, shape="diamond", color=style.NULL.colour).encode(
                y="by_word:Q"
            ),
            base.mark_line(strokeWidth=2).encode(y=y, color=colour),
            base.mark_point(filled=True, size=60, opacity=1).encode(y=y, color=colour, shape=style.shape(pathways)),
        )
        .transform_filter("datum.unit == unit_pick")
        .add_params(style.menu("unit_pick", "Unit", dict(zip(units, units, strict=True)), units[0]))
        .properties(
            title=style.heading(
                title, "Band: 95 % over images. Grey diamonds: a unit that knows only the word it reads."
            ),
            description=(
                f"Share of runs still on by words after the trigger, for {len(units)} units; a menu picks one.{at_five}"
            ),
            width="container",
            height=260,
        )
    )


def persistence(
    table: pd.DataFrame, value: str = "persistence", title: str = "How long units stay on, trained and untrained"
) -> alt.LayerChart:
    """How many units of each pathway stay on for how long, trained and untrained; a menu picks the pathway.

    Parameters
    ----------
    table : DataFrame
        One row per unit: ``pathway``, ``network`` (``trained`` or ``untrained``) and the column ``value``.
    value : str
        ``persistence``: words of the next five; ``carried``: words beyond what chance gives.
    title : str

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "network", value)
    table = table.dropna(subset=[value])
    # The last bin holds its own upper edge, five words.
    left = (np.ceil(table[value] / _STEP - 1e-9).clip(lower=np.floor(table[value].min() / _STEP) + 1) - 1) * _STEP
    counted = (
        table.assign(left=left).groupby(["pathway", "network", "left"], sort=False).size().rename("units").reset_index()
    )
    total = counted.groupby(["pathway", "network"])["units"].transform("sum")
    pathways = style.in_order(counted["pathway"])
    rows = counted.assign(share=counted["units"] / total, right=counted["left"] + _STEP)
    rows = style.drawable(rows.sort_values(["network", "left"], kind="stable"))
    medians = table.groupby(["pathway", "network"])[value].median()
    x = {
        "persistence": "Words that a unit stays on, of the next five",
        "carried": "Words that a unit stays on beyond chance",
    }
    base = alt.Chart(rows).encode(
        x=alt.X(
            "left:Q", title=x.get(value, value), scale=alt.Scale(zero=True),
            axis=alt.Axis(tickMinStep=1, format="d", labelFlush=False),
        ),
        x2="right:Q",
        y=alt.Y("share:Q", title="Share of units", axis=alt.Axis(format="%"), scale=alt.Scale(domainMin=0)),
        y2=alt.Y2Datum(0),
        tooltip=style.titled(
            pathway="Pathway",
            network="Network",
            left="From",
            right="to (words)",
            units="Units",
            share="Share",
        ),
    )  # fmt: skip
    trained = (
        base.transform_filter("datum.network == 'trained'").mark_bar(opacity=0.6).encode(color=style.colour(pathways))
    )
    random = base.transform_filter("datum.network != 'trained'").mark_bar(
        fillOpacity=0, stroke=style.INK, strokeWidth=1.5, strokeDash=[4, 2]
    )
    said = "; ".join(f"{pathway} {network} {median:.2g}" for (pathway, network), median in medians.items())
    return (
        alt.layer(trained, random)
        .transform_filter("datum.pathway == pathway_pick")
        .add_params(style.menu("pathway_pick", "Pathway", dict(zip(pathways, pathways, strict=True)), pathways[0]))
        .properties(
            title=style.heading(title, "Filled: trained. Dashed outline: the same network with random weights."),
            description=f"Histogram of units by {value}; a menu picks the pathway. Medians: {said}.",
            width="container",
            height=240,
        )
    )
