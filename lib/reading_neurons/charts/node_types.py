"""The units that know each type of syntax best, trained and untrained, from simple types to complex ones."""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_ROW = 34  # height of a type
_SHIFT = 7  # pixels between the networks of a type


def node_types(table: pd.DataFrame, title: str = "What is nested has to be learnt") -> alt.LayerChart:
    """A row for each type of syntax; the best unit of each network as a large mark, the next ones as ticks.

    Parameters
    ----------
    table : DataFrame
        As :func:`reading_neurons.methods.best_units.compared` gives it: ``network``, ``type``, ``labels`` (a menu picks
        one kind), ``rank``, ``unit``, ``knowledge``. Types in their order; at most two networks.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing, or there is no row or more than two networks.

    Examples
    --------
    >>> table = pd.DataFrame({"network": ["lstm", "untrained lstm"], "type": "call", "labels": "range", "rank": 0,
    ...                       "unit": [7, 3], "knowledge": [0.8, 0.3]})
    >>> node_types(table).description
    'Best units for 1 type of syntax, range: call: lstm 0.80 (unit 7), untrained lstm 0.30 (unit 3).'
    """
    style.require(table, "network", "type", "labels", "rank", "unit", "knowledge")
    networks, types, kinds = (style.in_order(table[column]) for column in ("network", "type", "labels"))
    if len(networks) > 2:
        raise ValueError(f"found {len(networks)} networks, {', '.join(networks)}: the chart compares at most two")
    rows = style.drawable(table[["network", "type", "labels", "rank", "unit", "knowledge"]])
    rows["_shift"] = [(networks.index(name) * 2 - len(networks) + 1) * _SHIFT for name in rows["network"]]
    looks = style.looks(networks)
    place = {
        "x": alt.X(
            "knowledge:Q",
            title="Knowledge of a unit: 2 |AUC − ½|",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(tickCount=5),
        ),
        "y": alt.Y("type:N", title=None, sort=types, axis=alt.Axis(grid=True, ticks=False, domain=False)),
        "color": _coded(alt.Color, networks, [looks[name].colour for name in networks]),
        "tooltip": [
            *(alt.Tooltip(f"{name}:N", title=name.capitalize()) for name in ("type", "network", "unit")),
            alt.Tooltip("knowledge:Q", title="Knowledge", format=".3f"),
        ],
    }
    shape = _coded(alt.Shape, networks, [looks[name].shape for name in networks])
    shifted = alt.ExprRef(expr="datum._shift")
    tick = alt.MarkDef("tick", thickness=2, size=9, opacity=0.6, yOffset=shifted)
    point = alt.MarkDef("point", filled=True, size=80, opacity=1, yOffset=shifted)
    return alt.LayerChart(
        data=rows,
        layer=[
            style.layer(tick, "datum.rank > 0", place),
            style.layer(point, "datum.rank == 0", {**place, "shape": shape}),
        ],
        transform=[alt.FilterTransform("datum.labels == labels_pick")],
        params=style.lifted(style.menu("labels_pick", "Labels", dict(zip(kinds, kinds, strict=True)), kinds[0])),
        title=style.heading(title, "Mark: the best unit. Ticks: the next ones."),
        description=_description(rows, networks, types, kinds[0]),
        width="container",
        height=len(types) * _ROW,
    )


def _coded(channel: type, networks: list[str], values: list[str]):
    scale = alt.Scale(domain=networks, range=values)
    return channel("network:N", scale=scale, legend=style.legend(columns=1))


def _description(rows: pd.DataFrame, networks: list[str], types: list[str], kind: str) -> str:
    best = rows[(rows["rank"] == 0) & (rows["labels"] == kind)].set_index(["type", "network"])
    said = []
    for name in types:
        known = [network for network in networks if (name, network) in best.index]
        each = [
            f"{network} {best.loc[(name, network), 'knowledge']:.2f} (unit {best.loc[(name, network), 'unit']})"
            for network in known
        ]
        said += [f"{name}: {', '.join(each)}"] if each else []
    return f"Best units for {len(types)} type{'s' * (len(types) > 1)} of syntax, {kind}: {'; '.join(said)}."
