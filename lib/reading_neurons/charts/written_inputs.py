"""The n-grams that several methods write for one neuron, with heat behind each word and a bar for the activation.

Easy to get wrong: the scale of the bars. They begin at 0 and are drawn to the highest activation of the same neuron:
activations of two neurons have no common scale.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_ROW, _LINE = 54, 24  # heights of a method and of its words
_NAME = 118  # width of the names of methods
_NUMBER = 44  # width of the activation, right of the longest bar
_LETTER, _SMALLEST, _MARGIN = 7.4, 5.6, 1.4
_RAISES, _LOWERS = "#009e73", "#b4568b"


def written_inputs(table: pd.DataFrame, title: str = "What each method writes for a neuron") -> alt.LayerChart:
    """The n-grams of one neuron, a row for each method; a menu picks the neuron.

    Parameters
    ----------
    table : DataFrame
        One row per neuron, method and word: ``neuron``, ``method``, ``activation``, ``place``, ``word``, ``effect``, as
        :func:`reading_neurons.methods.ngram_omission.word_effects` gives them. Methods are drawn in the order of the
        table, with the highest activation in bold.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    style.require(table, "neuron", "method", "activation", "place", "word", "effect")
    methods, neurons = style.in_order(table["method"]), style.in_order(table["neuron"])
    rows = _rows(table, methods)
    longest = float((rows["_left"] + rows["_wide"]).max())
    return alt.LayerChart(
        data=rows,
        layer=[*_bars(), *_cells()],
        transform=[alt.FilterTransform("datum.neuron == neuron_pick")],
        params=style.lifted(
            style.menu("neuron_pick", "Neuron", {name: name for name in neurons}, neurons[0]),
            alt.param(name="letter", expr=f"clamp(width / {longest:.1f}, {_SMALLEST}, {_LETTER})"),
            alt.param(name="room", expr=f"width - {_NAME} - {_NUMBER}"),
        ),
        title=style.heading(
            title, "Bar: activation of the n-gram. Colour: what is lost without the word; dashed: what is gained."
        ),
        description=_description(rows, neurons),
        width="container",
        height=len(methods) * _ROW,
    )


def _rows(table: pd.DataFrame, methods: list[str]) -> pd.DataFrame:
    """What is drawn of each word; columns that start with an underscore say where and how."""
    rows = style.drawable(table[["neuron", "method", "activation", "place", "word", "effect"]])
    letters = rows["word"].str.len() + _MARGIN
    passed = letters.groupby([rows["neuron"], rows["method"]]).cumsum()
    of_neuron = rows.groupby("neuron")["activation"]
    low, high = of_neuron.transform("min").clip(upper=0), of_neuron.transform("max").clip(lower=0)
    span = (high - low).where(high > low, 1)
    most = rows["effect"].abs().groupby(rows["neuron"]).transform("max")
    return rows.assign(
        _row=rows["method"].map(methods.index),
        _left=(passed - letters).round(1),
        _wide=letters,
        _zero=(-low / span).round(4),
        _bar=((rows["activation"] - low) / span).round(4),
        _heat=(rows["effect"].abs() / most.where(most > 0, 1)).fillna(0).round(3),
        _best=rows["activation"] >= of_neuron.transform("max") - 1e-9,
    )


def _bars() -> list[alt.Chart]:
    """Per method its name, the bar of its n-gram and the activation."""
    first, top = "datum.place == 0", f"datum._row * {_ROW}"
    middle = style.pixels(f"{top} + 12")
    bar = alt.MarkDef("rect", opacity=alt.ExprRef(expr="datum._best ? 0.8 : 0.4"), color=_RAISES)
    weight = alt.ExprRef(expr="datum._best ? 'bold' : 'normal'")
    name = alt.MarkDef("text", align="left", fontSize=12, limit=_NAME - 6, fontWeight=weight)
    said = alt.MarkDef("text", align="left", fontSize=12, fontWeight=weight)
    return [
        style.layer(bar, first, {
            "x": style.pixels(f"{_NAME} + min(datum._zero, datum._bar) * room"),
            "x2": style.pixels(f"{_NAME} + max(datum._zero, datum._bar) * room"),
            "y": style.pixels(f"{top} + 4"), "y2": style.pixels(f"{top} + 20"), "tooltip": _tooltip(),
        }),
        style.layer(name, first, {"x": alt.value(0), "y": middle, "text": alt.Text("method:N")}),
        style.layer(said, first, {
            "x": style.pixels(f"{_NAME} + max(datum._zero, datum._bar) * room + 5"), "y": middle,
            "text": alt.Text("activation:Q", format=".2f"),
        }),
    ]  # fmt: skip


def _cells() -> list[alt.Chart]:
    top = f"(datum._row * {_ROW} + 24)"
    left, right = "datum._left * letter", "(datum._left + datum._wide) * letter"
    dash = alt.ExprRef(expr="datum.effect < 0 ? [3, 2] : [1, 0]")
    cell = alt.MarkDef("rect", stroke=style.INK, strokeDash=dash)
    word = alt.MarkDef("text", fontSize=alt.ExprRef(expr="min(13, 1.9 * letter)"))
    heat = alt.FillOpacity("_heat:Q", scale=alt.Scale(domain=[0, 1], range=[0, style.HEAT]), legend=None)
    return [
        style.layer(cell, "true", {
            "x": style.pixels(f"{left} + 1"), "x2": style.pixels(f"{right} - 1"),
            "y": style.pixels(f"{top} + 1"), "y2": style.pixels(f"{top} + {_LINE - 3}"),
            "color": style.pixels(f"datum.effect < 0 ? '{_LOWERS}' : '{_RAISES}'"), "fillOpacity": heat,
            "strokeOpacity": style.pixels("datum.effect < 0 ? 0.6 : 0.15"), "tooltip": _tooltip(),
        }),
        style.layer(word, "true", {
            "x": style.pixels("(datum._left + datum._wide / 2) * letter"), "y": style.pixels(f"{top} + {_LINE / 2 - 1}"),
            "text": alt.Text("word:N"), "tooltip": _tooltip(),
        }),
    ]  # fmt: skip


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("method:N", title="Method"),
        alt.Tooltip("activation:Q", title="Activation"),
        alt.Tooltip("word:N", title="Word"),
        alt.Tooltip("effect:Q", title="Lost without it"),
    ]


def _description(rows: pd.DataFrame, neurons: list[str]) -> str:
    first = rows[rows["neuron"] == neurons[0]]
    said = [
        f"{method}: '{' '.join(part['word'])}', {part['activation'].iloc[0]:.2f}"
        for method, part in first.groupby("method", sort=False)
    ]
    return f"The n-gram that each method writes, for one of {len(neurons)} neurons. {neurons[0]}: {'; '.join(said)}."
