"""How an autoencoder writes its copy: which words each word rests on (Li et al. 2016, figure 9), and whose they are.

Easy to get wrong: growth that is only arithmetic. The more words were written, the larger their share, even where all
words count alike; :func:`copy_influence` therefore draws what that alone would give.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style
from reading_neurons.charts.dimension_heat import dimension_heat

_MEAN = "Mean over sentences"
_SIDES = "words read | words written"
_FULL = {"sentence": "of the sentence", "step": "of each row", "word": "of each column, by its share of the row's side"}
_QUANTITIES = {
    "share": "Share of saliency on words written before",
    "excess": "That share, less that of equal words",
    "ratio": "A word written against one of the source, in doublings",
}


def copy_saliency(
    table: pd.DataFrame, title: str = "Which words each word is written from", *, full: str = "sentence"
) -> alt.LayerChart:
    """A row for each word that is written, and a cell for each word it rests on: the source, then what came before.

    Parameters
    ----------
    table : DataFrame
        Of :func:`reading_neurons.methods.copy_saliency.copy_saliency`; a menu picks one of its sentences. With a column
        ``method`` another menu picks how it was asked.
    title : str
    full : "sentence", "step" or "word"
        What full colour is: the strongest cell of all, of each step (row), or of each word that is read (column; there
        of its share of its side). The last two show what is faint in the first, but not that it is faint; the last
        shows at which step each word has its turn.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, ``full`` is unknown, or the table is too long for a page.

    Examples
    --------
    >>> table = pd.DataFrame({"sentence": 0, "step": [0, 1, 1], "predicted": ["dog", "</s>", "</s>"], "position": 0,
    ...                       "side": ["source", "source", "copy"], "word": "dog", "saliency": [0.5, 0.2, 0.4]})
    >>> copy_saliency(table).description
    "Heat of 1 copy to pick from, step by step. 'dog': by the source, 'dog' from 'dog', '</s>' from 'dog'; by what was
    written before, '</s>' from 'dog'."
    """
    style.require(table, "sentence", "step", "predicted", "side", "position", "word", "saliency")
    if full not in _FULL:
        raise ValueError(f"full colour is the strongest of {', '.join(map(repr, _FULL))}, found {full!r}")
    table = table if "method" in table else table.assign(method=_SIDES)
    maps = table.groupby(["method", "sentence"], sort=False)
    cells = pd.concat([_cells(rows, full).assign(panel=method) for (method, _), rows in maps])
    chart = dimension_heat(cells, title, panel="panel", columns="Read", beside=False)
    count, methods = table["sentence"].nunique(), table["method"].unique()
    sides = "" if _SIDES in methods else "Left: the source. Right: what was written before. "
    chart.title = style.heading(
        title, f"Read down: each row writes a word. {sides}Full colour: the strongest {_FULL[full]}."
    )
    chart.description = (
        f"Heat of {count} cop{'ies' if count > 1 else 'y'} to pick from, step by step. "
        f"{_strongest(table[table['method'] == methods[0]])}"
    )
    return chart


def _relative(rows: pd.DataFrame, full: str) -> pd.Series:
    """Saliency in units of what is full colour; for the sentence, as it is."""
    if full == "sentence":
        return rows["saliency"]
    if full == "step":
        return rows["saliency"] / rows.groupby("step")["saliency"].transform("max")
    share = rows["saliency"] / rows.groupby(["step", "side"])["saliency"].transform("sum")
    return share / share.groupby([rows["side"], rows["position"]]).transform("max")


def _cells(rows: pd.DataFrame, full: str) -> pd.DataFrame:
    """One sentence as the chart of words by dimension takes it: a column for each word, one empty between the sides."""
    source, copy = (rows[rows["side"] == side].drop_duplicates("position") for side in ("source", "copy"))
    source, copy = source.sort_values("position"), copy.sort_values("position")
    labels = [*source["word"], "", *copy["word"]]
    columns = {("source", position): place for place, position in enumerate(source["position"])}
    columns |= {("copy", position): len(source) + 1 + place for place, position in enumerate(copy["position"])}
    values = np.full((rows["step"].max() + 1, len(labels)), np.nan)
    places = [columns[place] for place in zip(rows["side"], rows["position"], strict=True)]
    values[rows["step"], places] = _relative(rows, full)
    steps = rows.drop_duplicates("step").set_index("step")["predicted"]
    step, column = np.indices(values.shape)
    return pd.DataFrame(
        {
            "sentence": rows["sentence"].iloc[0], "text": " ".join(source["word"]),
            "position": step.ravel(), "word": [steps[number] for number in step.ravel()],
            "dimension": column.ravel(), "label": [labels[number] for number in column.ravel()],
            "saliency": values.ravel(),
        }
    )  # fmt: skip


def _strongest(table: pd.DataFrame) -> str:
    """Of the first sentence, what each word rests on most."""
    rows = table[table["sentence"] == table["sentence"].iloc[0]]
    text = " ".join(rows[rows["side"] == "source"].drop_duplicates("position").sort_values("position")["word"])
    said = []
    for side in ("source", "copy"):
        part = rows[rows["side"] == side]
        tops = part.loc[part.groupby("step")["saliency"].idxmax()].iloc[:5]
        pairs = zip(tops["predicted"], tops["word"], strict=True)
        said.append([f"{predicted!r} from {word!r}" for predicted, word in pairs])
    first = f"{text!r}: by the source, {', '.join(said[0])}"
    return f"{first}; by what was written before, {', '.join(said[1])}." if said[1] else f"{first}."


def copy_influence(
    table: pd.DataFrame, title: str = "What was written before, against the source"
) -> alt.LayerChart:
    """How much the words written before matter beside those of the source, step by step; a menu picks the measure.

    Parameters
    ----------
    table : DataFrame
        One row per network, measure and step: ``pathway`` (the network), ``measure`` (some of ``share``, ``excess``,
        ``ratio``), ``step``, ``mean``, ``low``, ``high`` (95 %), ``alike`` (what it would be if every word counted
        alike), ``count`` (sentences); as :func:`reading_neurons.experiments.autoencoder.by_step` gives it. With a
        column ``method`` another menu picks how it was asked.
    title : str

    Raises
    ------
    ValueError
        If a column or a measure is not as expected.
    """
    style.require(table, "pathway", "measure", "step", "mean", "low", "high", "alike", "count")
    measures = style.in_order(table["measure"])
    if unknown := [name for name in measures if name not in _QUANTITIES]:
        raise ValueError(f"measures are {', '.join(_QUANTITIES)}, found {', '.join(unknown)}")
    table = table if "method" in table else table.assign(method="")
    rows, pathways, methods = style.drawable(table), style.in_order(table["pathway"]), style.in_order(table["method"])
    return (
        alt.layer(*_alike(), *_curves(pathways))
        .properties(data=rows, width="container", height=280)
        .transform_filter("datum.measure == measure_pick && datum.method == method_pick")
        .add_params(
            style.menu("measure_pick", "Measure", {n: _QUANTITIES[n] for n in measures}, measures[0]),
            style.menu("method_pick", "Asked by", dict(zip(methods, methods, strict=True)), methods[0]),
        )
        .properties(
            title=style.heading(title, "Dashed: if every word counted alike. Bars: 95\N{NO-BREAK SPACE}% intervals."),
            description=f"Curves by step of the copy with intervals. "
            f"{_growth(rows[rows['method'] == methods[0]], pathways, measures[0])}",
        )
    )


def _x() -> alt.X:
    axis = alt.Axis(tickMinStep=1, grid=False)
    return alt.X("step:Q", title="Words written before", axis=axis, scale=alt.Scale(zero=False))


def _alike() -> list[alt.Chart]:
    line = alt.Chart().mark_line(color=style.INK, strokeDash=[4, 3], strokeWidth=1.5)
    return [line.encode(x=_x(), y=alt.Y("min(alike):Q", title=_MEAN))]


def _curves(pathways: list[str]) -> list[alt.Chart]:
    tooltip = [
        alt.Tooltip("pathway:N", title="Network"),
        alt.Tooltip("step:Q", title="Words written before"),
        alt.Tooltip("mean:Q", title="Mean", format=".3f"),
        alt.Tooltip("low:Q", title="Low", format=".3f"),
        alt.Tooltip("high:Q", title="High", format=".3f"),
        alt.Tooltip("alike:Q", title="If every word counted alike", format=".3f"),
        alt.Tooltip("count:Q", title="Sentences"),
    ]
    colour = style.colour(pathways, style.legend(columns=1))
    base = alt.Chart().encode(x=_x(), color=colour, tooltip=tooltip)
    value = alt.Y("mean:Q", title=_MEAN)
    return [
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q", title=_MEAN), y2="high:Q"),
        base.mark_line(strokeWidth=1.5).encode(y=value),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            y=value, shape=style.shape(pathways, style.legend(columns=1))
        ),
    ]


def _growth(rows: pd.DataFrame, pathways: list[str], measure: str) -> str:
    said = []
    for name in pathways:
        curve = rows[(rows["pathway"] == name) & (rows["measure"] == measure)].sort_values("step")
        if curve.empty:
            continue
        first, last = curve.iloc[0], curve.iloc[-1]
        said.append(f"{name} from {first['mean']:.2f} after {first['step']} to {last['mean']:.2f} after {last['step']}")
    return f"{_QUANTITIES[measure]}: {'; '.join(said)}."
