"""The concepts of a neuron, each with an n-gram of its own (Poerner et al. 2018, section 3.3).

Easy to get wrong: activations of different neurons have different scales. A bar is the share of what the same neuron
reaches at most.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.wanted import COLOUR, tips

_GROUP, _CONCEPT = 20, 58  # heights of a concept's words, and of all that belongs to it


def neuron_concepts(
    table: pd.DataFrame,
    corpus: pd.DataFrame | None = None,
    pick: str | None = None,
    title: str = "One neuron, several concepts",
) -> alt.LayerChart:
    """The concepts of a neuron, each with the n-gram that is made of it, beside what corpus search shows.

    Parameters
    ----------
    table : DataFrame
        One row per neuron and concept: ``pathway``, ``neuron``, ``concept`` (from 0), ``group`` (its words), ``words``
        (its n-gram), ``activation``, ``share`` (of the most that the neuron reaches).
    corpus : DataFrame, optional
        ``pathway``, ``neuron``, ``words``, ``activation``: the best n-gram of a corpus.
    pick : str, optional
        The neuron that is shown first; by default that of the first row.
    title : str

    Returns
    -------
    altair.LayerChart
        With a menu of neurons, in the order of the table.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or ``pick`` is not among the neurons.
    """
    style.require(table, "pathway", "neuron", "concept", "group", "words", "activation", "share")
    rows = _concept_rows(table, corpus)
    counts = rows[rows["_row"] >= 0].groupby("_key", sort=False)["_row"].nunique()
    names = {key: f"{key}, {count} concept{'s' * (count > 1)}" for key, count in counts.items()}
    first = next(iter(names)) if pick is None else next((key for key in names if key.rpartition(" (")[0] == pick), None)
    if first is None:
        raise ValueError(f"there is no neuron {pick!r} among {len(names)}: {', '.join(list(names)[:5])} ..")
    lines = int(rows["_row"].max()) + 2
    top = f"(datum._row + 1) * {_CONCEPT}"
    tip = tips(words="N-gram", group="Words", activation="Activation", share="Share of the neuron's most")
    left = {"align": "left", "baseline": "middle", "limit": alt.ExprRef(expr="width - 4")}
    bar = alt.Chart(
        mark=alt.MarkDef("rect", opacity=0.35),
        encoding=alt.Encoding(
            x=alt.value(0),
            x2=style.pixels("width * clamp(datum.share, 0, 1)"),
            y=style.pixels(f"{top} + {_GROUP}"),
            y2=style.pixels(f"{top} + {_GROUP + 26}"),
            color=style.pixels(f"datum._row < 0 ? '{style.NULL.colour}' : {COLOUR}"),
            tooltip=tip,
        ),
    )
    group = alt.Chart(
        mark=alt.MarkDef("text", fontSize=12, **left),
        encoding=alt.Encoding(
            x=alt.value(0), y=style.pixels(f"{top} + {_GROUP / 2}"), text=alt.Text("_head:N"), tooltip=tip
        ),
    )
    words = alt.Chart(
        mark=alt.MarkDef("text", fontSize=14, **left),
        encoding=alt.Encoding(
            x=alt.value(6), y=style.pixels(f"{top} + {_GROUP + 13}"), text=alt.Text("_said:N"), tooltip=tip
        ),
    )
    said = "; ".join(
        f"{row.group or 'corpus'}: '{row.words}', {row.share:.0%}" for row in rows[rows["_key"] == first].itertuples()
    )
    return alt.LayerChart(
        data=rows,
        transform=[alt.FilterTransform("datum._key == concept_pick")],
        layer=[bar, group, words],
        params=style.lifted(style.menu("concept_pick", "Neuron", names, first)),
        title=style.heading(title, "Bar: the activation of the n-gram as a share of the most that the neuron reaches."),
        description=f"Concepts of a neuron, of {len(names)} to pick from. {first}: {said}.",
        width="container",
        height=lines * _CONCEPT,
    )


def _concept_rows(table: pd.DataFrame, corpus: pd.DataFrame | None) -> pd.DataFrame:
    rows = table[["pathway", "neuron", "concept", "group", "words", "activation", "share"]].reset_index(drop=True)
    rows = rows.assign(_row=rows["concept"].astype(int))
    number = (rows["_row"] + 1).astype(str)
    rows["group"] = rows["group"].str.replace(" ", ", ")
    rows["_head"] = "concept " + number + ": " + rows["group"]
    if corpus is not None:
        style.require(corpus, "pathway", "neuron", "words", "activation")
        best = (rows["activation"] / rows["share"]).groupby([rows["pathway"], rows["neuron"]], sort=False).first()
        beside = corpus[["pathway", "neuron", "words", "activation"]].merge(
            best.rename("_best").reset_index(), on=["pathway", "neuron"]
        )
        beside = beside.assign(
            share=beside["activation"] / beside.pop("_best"), group="", concept=-1, _row=-1, _head="best of the corpus"
        )
        order = rows[["pathway", "neuron"]].drop_duplicates()
        rows = order.merge(pd.concat([beside, rows], ignore_index=True), on=["pathway", "neuron"], how="left")
    label = rows["neuron"].str.partition(":")[2].where(rows["neuron"].str.contains(":"), rows["neuron"])
    rows["_key"] = label + " (" + rows["pathway"] + ")"
    rows["_said"] = rows["words"] + ", " + rows["activation"].map("{:.2f}".format)
    return style.drawable(rows.drop(columns="concept"))
