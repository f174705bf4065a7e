"""All units sorted by how well they predict a feature: the form of Deep Neural Inspection 2017, figures 2 and 3.

Easy to get wrong: where nothing is. Two features differ in how often they are so, and a machine that knows nothing
scores the more frequent label. Each line therefore ends near its own base rate, and a menu shows what is gained above
it: 0 for a guess, 1 for no error.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.tree_units import KINDS

TRAINED, UNTRAINED = "trained", "untrained"
_EACH = 16  # best units drawn one by one
_STEP = 4  # of the others every fourth, and the last
_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#b4568b", "#967000", "#7f7f7f")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_SCALES = {"score": "accuracy", "gain": "above the base rate"}


def sorted_relevance(table: pd.DataFrame, title: str = "A few units know what most do not") -> alt.LayerChart:
    """The score of every unit, best first, a line for each feature; dashed for the untrained network.

    Parameters
    ----------
    table : DataFrame
        One row per feature, network and unit: ``group`` (a menu picks one), ``line`` (the name of the feature in the
        legend, which all groups share), ``network`` (``trained`` or ``untrained``), ``unit``, ``score``, ``majority``
        (the base rate).
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, there are more than six lines, or the table is too long for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"group": "range", "line": "level 1", "network": "trained", "unit": [0, 1],
    ...                       "score": [0.9, 1.0], "majority": 0.8})
    >>> sorted_relevance(table).description
    'Scores of units, best first; range: level 1 from 1.00 to 0.90, with a base rate of 0.80.'
    """
    style.require(table, "group", "line", "network", "unit", "score", "majority")
    groups, names = style.in_order(table["group"]), style.in_order(table["line"])
    if len(names) > len(_COLOURS):
        raise ValueError(f"found {len(names)} lines, expected at most {len(_COLOURS)}: let groups share their names")
    rows, key = style.drawable(_rows(table)), style.legend(columns=alt.ExprRef(expr="width < 420 ? 3 : 6"))
    ranks = alt.X("rank:Q", title="Units, best first", axis=alt.Axis(tickMinStep=1, grid=False))
    base = alt.Chart(rows).encode(
        x=ranks.scale(nice=False, zero=False),
        y=alt.Y("shown:Q", title="Score", scale=alt.Scale(zero=False)),
        color=_look(alt.Color, names, _colours(names), key),
        tooltip=[
            alt.Tooltip("line:N", title="Feature"), alt.Tooltip("network:N", title="Network"),
            alt.Tooltip("rank:Q", title="Place"), alt.Tooltip("unit:Q", title="Unit"),
            alt.Tooltip("score:Q", title="Accuracy", format=".3f"),
            alt.Tooltip("majority:Q", title="Base rate", format=".3f"),
            alt.Tooltip("gain:Q", title="Above the base rate", format=".1%"),
        ],
    )  # fmt: skip
    shape = _look(alt.Shape, names, _SHAPES, key)
    trained, untrained = f"datum.network == '{TRAINED}'", f"datum.network == '{UNTRAINED}'"
    layers = [
        base.mark_line(strokeWidth=2, clip=True).transform_filter(trained),
        base.mark_line(strokeWidth=1.2, strokeDash=[3, 3], clip=True).transform_filter(untrained),
        base.mark_point(filled=True, size=34, opacity=1, clip=True).encode(shape=shape).transform_filter(trained),
    ]
    return (
        alt.layer(*layers)
        .transform_filter("datum.group == group_pick")
        .transform_calculate(shown="scale_pick == 'gain' ? datum.gain : datum.score")
        .add_params(
            style.menu("group_pick", "Features", dict(zip(groups, groups, strict=True)), groups[0]),
            style.menu("scale_pick", "Score", _SCALES, "score"),
        )
        .properties(
            title=style.heading(title, "Dashed: the same network untrained." if _has_untrained(table) else ""),
            description=f"Scores of units, best first; {groups[0]}: {_said(table[table['group'] == groups[0]])}.",
            width="container",
            height=300,
        )
    )


def _colours(names: list[str]) -> tuple[str, ...]:
    """Kinds of nodes as in the tree that is drawn of a string."""
    return tuple(KINDS.get(name, colour) for name, colour in zip(names, _COLOURS, strict=False))


def _look(channel: type, names: list[str], values: tuple[str, ...], legend: alt.Legend):
    return channel("line:N", scale=alt.Scale(domain=names, range=list(values[: len(names)])), legend=legend)


def _has_untrained(table: pd.DataFrame) -> bool:
    return bool((table["network"] == UNTRAINED).any())


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """The best units one by one, of the others some; what is gained above the base rate."""
    ordered = table.sort_values("score", ascending=False, kind="stable")
    by = [ordered[column] for column in ("group", "line", "network")]
    rank, count = ordered.groupby(by).cumcount() + 1, ordered.groupby(by)["unit"].transform("size")
    kept = (rank <= _EACH) | (rank % _STEP == 0) | (rank == count)
    gain = (ordered["score"] - ordered["majority"]) / (1 - ordered["majority"]).clip(lower=1e-9)
    columns = ["group", "line", "network", "unit", "score", "majority"]
    return ordered[columns].assign(rank=rank, gain=gain)[kept].sort_index(kind="stable")


def _said(table: pd.DataFrame) -> str:
    known = table[table["network"] == TRAINED]
    spread = (known if len(known) else table).groupby("line", sort=False).agg(
        best=("score", "max"), least=("score", "min"), base=("majority", "first")
    )  # fmt: skip
    return "; ".join(
        f"{row.Index} from {row.best:.2f} to {row.least:.2f}, with a base rate of {row.base:.2f}"
        for row in spread.itertuples()
    )
