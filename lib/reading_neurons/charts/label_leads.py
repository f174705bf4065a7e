"""How far before its label a unit fires, and what it owes to the word before.

Easy to get wrong: a curve without its null. Beside what units tell stands what the word and its position tell alone.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style


def lagged_activations(
    table: pd.DataFrame,
    label: str,
    title: str = "One word before its label the unit is already high",
    points: int = 1500,
    seed: int = 0,
) -> alt.LayerChart:
    """A unit's activation one word before against that at the word, coloured by whether the word has a label.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.label_leads.lagged` gives it.
    label : str
        At t.
    title : str
    points, seed : int
        Of more words so many are drawn at random, as many with the label as others where there are enough.

    Raises
    ------
    ValueError
        If a column is missing or no word has the label.
    """
    style.require(table, "word", "previous", "before", "now", "label", "next")
    has = table["label"] == label
    if not has.any():
        raise ValueError(f"no word has the label {label!r}; labels are {', '.join(sorted(set(table['label'])))}")
    drawn = pd.concat(part.sample(min(len(part), points // 2), random_state=seed) for part in (table[~has], table[has]))
    rows = style.drawable(drawn[["previous", "word", "before", "now", "label", "next"]])
    names = [f"{label} at the word", "other"]
    rows["kind"] = np.where(rows["label"] == label, *names)
    scale = {"domain": names, "range": [style.LOOKS["visual"].colour, style.NULL.colour]}
    ends = [float(f(rows[["before", "now"]].to_numpy())) for f in (np.min, np.max)]
    diagonal = alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[2, 2], strokeWidth=2, color=style.INK, opacity=0.6)
    corners = {"x": alt.datum(ends[0]), "y": alt.datum(ends[0]), "x2": alt.X2Datum(ends[1]), "y2": alt.Y2Datum(ends[1])}
    axis = alt.Axis(tickCount=6, grid=True, labelFlush=False)
    medians = table.groupby(has)[["before", "now"]].median()
    return alt.layer(
        diagonal.encode(**corners),
        alt.Chart(rows).mark_point(filled=True, size=28, opacity=0.55).encode(
            x=alt.X("before:Q", title="Activation one word before", axis=axis, scale=alt.Scale(zero=False)),
            y=alt.Y("now:Q", title="Activation at the word", axis=axis, scale=alt.Scale(zero=False)),
            color=alt.Color("kind:N", scale=alt.Scale(**scale), legend=style.legend(symbolOpacity=1)),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=["circle", "diamond"]), legend=style.legend()),
            tooltip=style.titled(
            previous="Word before",
            word="Word",
            label="Its label",
            next="Label of the next word",
            before="Activation one word before",
            now="Activation at the word",
        ),
        ),
    ).properties(
        title=style.heading(title, "On the dotted line the activation does not change."),
        description=(
            f"Scatter of {len(rows)} words, activation one word before against that at the word. Medians for {label}: "
            f"{medians['before'][True]:.2g} before, {medians['now'][True]:.2g} at it; others: "
            f"{medians['before'][False]:.2g} and {medians['now'][False]:.2g}."
        ),
        width="container",
        height=320,
    )  # fmt: skip


def label_leads(table: pd.DataFrame, title: str = "How early units tell a label") -> alt.LayerChart:
    """The area under the ROC curve of units for a label, read before, at and after it; a menu picks the label.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.label_leads.before_label` gives it, with ``pathway``; the rows of the unit -1
        are the thick lines, those of other units are thin.
    title : str

    Raises
    ------
    ValueError
        If a column is missing.
    """
    style.require(table, "pathway", "label", "unit", "offset", "auc", "low", "high", "alone")
    rows = style.drawable(table[["pathway", "label", "unit", "offset", "auc", "low", "high", "alone"]])
    pathways, labels = style.in_order(rows["pathway"]), style.in_order(rows["label"])
    base = alt.Chart(rows).transform_filter("datum.label == label_pick").encode(
        x=alt.X(
            "offset:Q", title="Words from the label (0: at it)",
            axis=alt.Axis(values=sorted(set(rows["offset"])), format="d", grid=False, labelFlush=False),
        ),
        color=style.colour(pathways, style.legend()),
        tooltip=style.titled(
            pathway="Pathway",
            unit="Unit (-1: mean)",
            offset="Words from the label",
            auc="Area",
            low="from",
            high="to",
            alone="Word and position alone",
        ),
    )  # fmt: skip
    y = alt.Y("auc:Q", title="Area under the ROC curve", scale=alt.Scale(zero=False))
    mean = base.transform_filter("datum.unit < 0")
    means = rows[(rows["unit"] < 0) & (rows["label"] == labels[0])]
    peaks = means.loc[means.groupby("pathway", sort=False)["auc"].idxmax()]
    said = ", ".join(f"{row.pathway} at {row.offset} ({row.auc:.2f})" for row in peaks.itertuples())
    return (
        alt.layer(
            alt.Chart(alt.InlineData([{}])).mark_rule(strokeDash=[2, 2]).encode(y=alt.datum(0.5)),
            base.transform_filter("datum.unit >= 0")
            .mark_line(strokeWidth=1, opacity=0.45)
            .encode(y=y, detail="unit:N"),
            mean.mark_area(opacity=0.25).encode(y=alt.Y("low:Q"), y2="high:Q"),
            mean.mark_line(strokeWidth=3).encode(y=y),
            mean.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=style.shape(pathways, style.legend())),
            mean.mark_line(strokeWidth=1.5, strokeDash=[2, 3]).encode(y="alone:Q"),
        )
        .add_params(style.menu("label_pick", "Label", dict(zip(labels, labels, strict=True)), labels[0]))
        .properties(
            title=style.heading(
                title,
                "Thick: mean of the units, with its interval. Thin: each unit. Dotted in colour: word and position alone; "
                "at .5: guessing.",
            ),
            description=(
                "Area under the ROC curve by distance from the label; a menu picks the label. "
                f"Means for {labels[0]} are highest: {said}."
            ),
            width="container",
            height=300,
        )
    )


def decile_pairs(
    table: pd.DataFrame, title: str = "The label needs the word before, or the word at hand, or both", fewest: int = 10
) -> alt.LayerChart:
    """Words by the decile of a unit's activation one word before and at the word; the colour says how many have a label.

    Parameters
    ----------
    table : DataFrame
        ``pathway``, ``label``, ``unit``, ``before``, ``now`` (deciles 1 to 10), ``words`` and ``labelled`` (counts).
    title : str
    fewest : int
        Cells of fewer words are left empty, for a share of three words says nothing.

    Raises
    ------
    ValueError
        If a column is missing or no cell has words enough.
    """
    style.require(table, "pathway", "label", "unit", "before", "now", "words", "labelled")
    table = table[table["words"] >= fewest]
    if table.empty:
        raise ValueError(f"no cell has {fewest} words; lower `fewest`")
    name = table["label"] + ", " + table["pathway"] + " " + table["unit"].astype(str)
    rows = style.drawable(
        table[["before", "now", "words", "labelled"]].assign(unit=name, share=table["labelled"] / table["words"])
    )
    units = style.in_order(rows["unit"])
    axis, deciles = alt.Axis(labelAngle=0, ticks=False, domain=False), list(range(1, 11))
    top = rows[rows["unit"] == units[0]].sort_values("share").iloc[-1]
    return (
        alt.layer(
            alt.Chart(rows).mark_rect(stroke=style.INK, strokeOpacity=0.15).encode(
                x=alt.X(
                    "before:O", title="Decile of the activation one word before", axis=axis,
                    scale=alt.Scale(domain=deciles),
                ),
                y=alt.Y("now:O", title="Decile at the word", axis=axis, scale=alt.Scale(domain=deciles[::-1])),
                color=alt.Color(
                    "share:Q", title="Share with the label", scale=alt.Scale(scheme="viridis", domainMin=0),
                    legend=alt.Legend(orient="top", format="%", gradientLength=180, tickCount=3),
                ),
                tooltip=style.titled(
            before="Decile one word before",
            now="Decile at the word",
            words="Words",
            labelled="with the label",
            share="Share",
        ),
            )
        )
        .transform_filter("datum.unit == unit_pick")
        .add_params(style.menu("unit_pick", "Unit", dict(zip(units, units, strict=True)), units[0]))
        .properties(
            title=style.heading(title, f"Empty: fewer than {fewest} words. Each unit has its own scale."),
            description=(
                f"Words by deciles of a unit's activation one word before and at the word; a menu picks a unit. "
                f"For {units[0]} the label is most "
                f"frequent ({top['share']:.0%}) at decile {top['before']} before and {top['now']} at the word."
            ),
            width="container",
            height=300,
        )
    )  # fmt: skip
