"""The search for an input as it runs: activations, temperature, how many words are mixed, and the words of each place.

Easy to get wrong: one curve. The activation of what a network reads may rise while that of the words which would be
written stays where it is, so both are drawn, on one scale.
"""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from reading_neurons.charts import style

_MOMENTS = 12  # that a slider can reach
_RANKS = 4
_CURVES, _SMALL, _GAP = (22, 172), 46, 34  # the zone of activations, the heights of the others, and between zones
_TEMPERATURE = (_CURVES[1] + _GAP, _CURVES[1] + _GAP + _SMALL)
_MIXED = (_TEMPERATURE[1] + _GAP, _TEMPERATURE[1] + _GAP + _SMALL)
_HEAD = _MIXED[1] + 74  # where the words begin, under their heading
_ROW = 22
_HEIGHT = _HEAD + _RANKS * _ROW
_LETTER = 7.0
_LINES = {
    "soft": ("what is read", "#b4568b", [5, 3]),
    "hard": ("words that it would write", "#3d8fc4", [1, 0]),
    "best": ("best words so far", "#7f7f7f", [2, 2]),
}
_SPOKEN = {"corpus": "corpus search", "gumbel": "gumbel softmax", "gumbel + swaps": "gumbel softmax, before swaps"}
_HEAT = "#009e73"
_LISTED = ["rank", "word", "weight", "_heat"]


def trajectories(
    steps: pd.DataFrame, words: pd.DataFrame, title: str = "What is read rises first, what is written decides"
) -> alt.LayerChart:
    """Methods that write an input, watched; menus pick the method and the neuron, a slider the moment.

    Parameters
    ----------
    steps : DataFrame
        One row per step: ``method``, ``neuron``, ``restart``, ``step``, ``temperature``, ``soft``, ``hard``, ``best``,
        ``mixed``, as :func:`reading_neurons.methods.trajectories.of_methods` gives it. Of several restarts the first is
        drawn.
    words : DataFrame
        Its words: ``method``, ``neuron``, ``restart``, ``step``, ``place``, ``rank``, ``word``, ``weight``.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or a neuron was not watched with every method.
    """
    style.require(steps, "method", "neuron", "restart", "step", "temperature", "soft", "hard", "best", "mixed")
    style.require(words, "method", "neuron", "restart", "step", "place", "rank", "word", "weight")
    methods, neurons = style.in_order(steps["method"]), style.in_order(steps["neuron"])
    if len(steps[["method", "neuron"]].drop_duplicates()) < len(methods) * len(neurons):
        raise ValueError(
            f"every neuron must be watched with every method: expected {len(methods) * len(neurons)} pairs"
        )
    curves, cells = _curves(steps), _cells(words)
    moments, places = int(cells["_moment"].max()), int(cells["place"].max()) + 1
    return alt.LayerChart(
        data=curves,
        layer=[_activations(), _temperatures(curves), _mixtures(curves), *_names(), *_words(cells, places)],
        transform=[alt.FilterTransform("datum.method == method_pick && datum.neuron == neuron_pick")],
        params=style.lifted(
            style.menu("method_pick", "Method", {name: _SPOKEN.get(name, name) for name in methods}, methods[0]),
            style.menu("neuron_pick", "Neuron", {name: name for name in neurons}, neurons[0]),
            _slider(moments),
            alt.param(name="column", expr=f"width / {places}"),
            alt.param(name="letter", expr=f"clamp(column / 9.5, 5.6, {_LETTER})"),
        ),
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(y="independent")),
        title=style.heading(title),
        description=_description(curves, methods, neurons),
        width="container",
        height=_HEIGHT,
    )


def _curves(steps: pd.DataFrame) -> pd.DataFrame:
    columns = ["method", "neuron", "step", "temperature", "soft", "hard", "best", "mixed", "words"]
    return style.drawable(steps.loc[steps["restart"] == 0, [name for name in columns if name in steps]])


def _cells(words: pd.DataFrame) -> pd.DataFrame:
    """The words of some moments, as many for each run: ``_moment`` counts them."""
    words = words[(words["restart"] == 0) & (words["rank"] < _RANKS)]
    runs = words.groupby(["method", "neuron"], sort=False)["step"].agg(lambda steps: sorted(set(steps)))
    ascents = [len(run) for (method, _), run in runs.items() if method != "corpus"] or [len(run) for run in runs]
    count = min(max(ascents), _MOMENTS)
    chosen = [
        (*key, run[at], moment)
        for key, run in runs.items()
        for moment, at in enumerate(np.linspace(0, len(run) - 1, count).round().astype(int))
    ]
    chosen = pd.DataFrame(chosen, columns=["method", "neuron", "step", "_moment"])
    columns = ["method", "neuron", "step", "_moment", "place", "rank", "word", "weight"]
    cells = style.drawable(chosen.merge(words, on=["method", "neuron", "step"])[columns]).assign(_heat=_heat)
    # The words of a place in one row, which the page takes apart: keys are most of what a row weighs.
    keys = ["method", "neuron", "step", "_moment", "place"]
    return cells.groupby(keys, sort=False)[_LISTED].agg(list).reset_index()


def _heat(cells: pd.DataFrame) -> pd.Series:
    """From 0 to 1: the root of a chance, a cosine, or a weight as a share of the highest of its run."""
    highest = cells.groupby(["method", "neuron"])["weight"].transform("max").clip(lower=1e-9)
    heat = np.sqrt(cells["weight"].clip(lower=0))
    heat = heat.where(cells["method"] != "logit", (cells["weight"] / highest).clip(lower=0))
    return heat.where(cells["method"] != "embedding", cells["weight"].clip(lower=0)).clip(upper=1).round(3)


def _slider(last: int) -> alt.Parameter:
    start = (last + 1) // 4  # where much is undecided
    if not last:
        return alt.param(name="moment", value=0)
    return alt.param(name="moment", value=start, bind=alt.binding_range(min=0, max=last, step=1, name="Moment "))


_X = alt.X(
    "step:Q",
    scale=alt.Scale(nice=False, zero=False),
    axis=alt.Axis(title=None, tickCount=6, grid=False, format="~s", offset=_MIXED[1] - _HEIGHT),
)


def _y(column: str, zone: tuple[int, int], domain: tuple[float, float] | None = None, **scale) -> alt.Y:
    extent = {"domain": list(domain)} if domain else {}
    return alt.Y(
        f"{column}:Q",
        scale=alt.Scale(range=[zone[1], zone[0]], **extent, **scale),
        axis=alt.Axis(title=None, orient="left", tickCount=4 if zone is _CURVES else 2, minExtent=34),
    )


def _activations() -> alt.LayerChart:
    said = ", ".join(f"{name}: '{label}'" for name, (label, _, _) in _LINES.items())
    key = style.legend(
        columns=alt.ExprRef(expr="width < 420 ? 1 : 3"), symbolType="stroke", symbolSize=250, symbolStrokeWidth=3,
        labelExpr=f"({{{said}}})[datum.label]",
    )  # fmt: skip
    colours = alt.Scale(domain=list(_LINES), range=[colour for _, colour, _ in _LINES.values()])
    dashes = alt.Scale(domain=list(_LINES), range=[dash for _, _, dash in _LINES.values()])
    steps = alt.ExprRef(expr="method_pick == 'corpus' ? 'step-after' : 'linear'")
    lines = alt.Chart(
        mark=alt.MarkDef("line", strokeWidth=2.5, interpolate=steps),
        transform=[alt.FoldTransform(**{"fold": list(_LINES), "as": ["_line", "_activation"]})],
        encoding=alt.Encoding(
            x=_X, y=_y("_activation", _CURVES, zero=False), order=alt.Order("step:Q"),
            color=alt.Color("_line:N", scale=colours, legend=key),
            strokeDash=alt.StrokeDash("_line:N", scale=dashes, legend=key),
        ),
    )  # fmt: skip
    points = alt.Chart(
        mark=alt.MarkDef("point", filled=True, size=60, opacity=0.001),  # to hover
        encoding=alt.Encoding(x=_X, y=_y("hard", _CURVES, zero=False), tooltip=_tooltip()),
    )
    return alt.LayerChart(layer=[lines, points])


def _tooltip() -> list[alt.Tooltip]:
    titles = {"step": "Step", "words": "Words written", "soft": "Activation of what is read", "hard": "Activation of the words",
              "best": "Best so far", "temperature": "Temperature", "mixed": "Words mixed at a place"}  # fmt: skip
    return [
        alt.Tooltip(name, type="nominal" if name == "words" else "quantitative", title=said)
        for name, said in titles.items()
    ]


def _temperatures(curves: pd.DataFrame) -> alt.LayerChart:
    highest = np.nan_to_num(curves["temperature"].max(), nan=2.0)
    y = _y("temperature", _TEMPERATURE, (0, float(highest) or 1.0))
    return _small(curves, "temperature", y, _TEMPERATURE, "no temperature")


def _mixtures(curves: pd.DataFrame) -> alt.LayerChart:
    highest = max(np.nan_to_num(curves["mixed"].max(), nan=10.0), 2.0)
    y = _y("mixed", _MIXED, (1, float(highest)), type="log", nice=False)
    return _small(curves, "mixed", y, _MIXED, "no mixture of words")


def _small(curves: pd.DataFrame, column: str, y: alt.Y, zone: tuple[int, int], without: str) -> alt.LayerChart:
    line = alt.Chart(
        mark=alt.MarkDef("line", strokeWidth=2, color=style.INK),
        encoding=alt.Encoding(x=_X, y=y, order=alt.Order("step:Q"), tooltip=_tooltip()),
    )
    having = curves.loc[curves[column].notna(), "method"].unique().tolist()
    said = alt.Chart(
        alt.InlineData([{}]),
        mark=alt.MarkDef("text", align="center", baseline="middle", fontStyle="italic", opacity=0.8),
        encoding=alt.Encoding(
            x=style.pixels("width / 2"), y=alt.value((zone[0] + zone[1]) / 2),
            text=style.pixels(f"indexof({having}, method_pick) < 0 ? '{without}' : ''"),
        ),
    )  # fmt: skip
    return alt.LayerChart(layer=[line, said])


def _names() -> list[alt.Chart]:
    """What each zone shows, above it, and what the horizontal axis counts."""
    left = alt.MarkDef("text", align="left", baseline="bottom", fontSize=12)
    right = alt.MarkDef("text", align="right", baseline="top", fontSize=12)
    zones = [
        {"name": "Activation", "y": _CURVES[0] - 8},
        {"name": "Temperature", "y": _TEMPERATURE[0] - 6},
        {"name": "Words mixed at a place", "y": _MIXED[0] - 6},
    ]
    counted = style.pixels("method_pick == 'corpus' ? 'n-grams read' : 'step'")
    under = alt.value(_MIXED[1] + 24)
    return [
        alt.Chart(alt.InlineData(zones), mark=left, encoding=alt.Encoding(
            x=alt.value(0), y=style.pixels("datum.y"), text=alt.Text("name:N"),
        )),
        alt.Chart(alt.InlineData([{}]), mark=right, encoding=alt.Encoding(x=style.pixels("width"), y=under, text=counted)),
    ]  # fmt: skip


def _words(cells: pd.DataFrame, places: int) -> list[alt.Chart]:
    picked = alt.FilterTransform(
        "datum.method == method_pick && datum.neuron == neuron_pick && datum._moment == moment"
    )
    first = [picked, alt.FilterTransform("datum.place == 0")]
    shown = [picked, alt.FlattenTransform(flatten=_LISTED)]
    top = f"{_HEAD} + datum.rank * {_ROW}"
    tooltip = [
        alt.Tooltip("word:N", title="Word"),
        alt.Tooltip("weight:Q", title="Weight", format=".3f"),
        alt.Tooltip("place:Q", title="Place"),
        alt.Tooltip("step:Q", title="Step"),
    ]
    cell = alt.MarkDef("rect", color=_HEAT, stroke=style.INK, strokeOpacity=0.15)
    size, room = alt.ExprRef(expr="min(13, 1.9 * letter)"), alt.ExprRef(expr="column - 6")
    heat = alt.FillOpacity("_heat:Q", scale=alt.Scale(domain=[0, 1], range=[0, style.HEAT]), legend=None)
    rule = alt.MarkDef("rule", strokeDash=[2, 2], color=style.INK, opacity=0.7)
    said = "(method_pick == 'corpus' ? 'After ' + format(datum.step, ',') + ' n-grams' : 'Step ' + datum.step)"
    kinds = (
        "(({corpus: ': the best of them', embedding: ': nearest words, by cosine', logit: ': words of highest weight'})"
        "[method_pick] || ': most probable words')"
    )
    head = alt.MarkDef("text", align="left", fontWeight="bold", baseline="bottom")
    return [
        alt.Chart(cells, mark=rule, transform=first, encoding=alt.Encoding(
            x=_X, y=alt.value(_CURVES[0]), y2=alt.value(_MIXED[1]),
        )),
        alt.Chart(cells, mark=head, transform=first, encoding=alt.Encoding(
            x=alt.value(0), y=alt.value(_HEAD - 6), text=style.pixels(f"{said} + {kinds}"),
        )),
        alt.Chart(cells, mark=cell, transform=shown, encoding=alt.Encoding(
            x=style.pixels("datum.place * column + 2"), x2=style.pixels("(datum.place + 1) * column - 2"),
            y=style.pixels(f"{top} + 1"), y2=style.pixels(f"{top} + {_ROW - 1}"), fillOpacity=heat, tooltip=tooltip,
        )),
        alt.Chart(cells, mark=alt.MarkDef("text", limit=room, fontSize=size), transform=shown, encoding=alt.Encoding(
            x=style.pixels("(datum.place + 0.5) * column"), y=style.pixels(f"{top} + {_ROW / 2}"),
            text=alt.Text("word:N"), tooltip=tooltip,
        )),
    ]  # fmt: skip


def _description(curves: pd.DataFrame, methods: list[str], neurons: list[str]) -> str:
    said = []
    for method in methods:
        last = curves[(curves["method"] == method) & (curves["neuron"] == neurons[0])].iloc[-1]
        said.append(f"{_SPOKEN.get(method, method)}: read {last['soft']:.2f}, best words {last['best']:.2f}")
    return f"How {len(methods)} methods write an input for {len(neurons)} neurons, step by step. {neurons[0]} at the end: {'; '.join(said)}."
