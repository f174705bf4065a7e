"""How a network learnt, whichever it is."""

from __future__ import annotations

import altair as alt
import pandas as pd

from reading_neurons.charts import style

_LOSSES = {"train_loss": "training", "validation_loss": "validation"}


def training(history: pd.DataFrame, title: str = "What the network learnt, epoch by epoch") -> alt.LayerChart:
    """Loss on training and validation captions against the epoch.

    Parameters
    ----------
    history : DataFrame
        Either ``epoch``, ``train_loss``, ``validation_loss``, as a trained network's ``history`` has it, or one row
        per value: ``epoch``, ``measure``, ``value``. A column ``network`` gives a menu of networks.
    title : str

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> training(pd.DataFrame({"epoch": [1, 2], "train_loss": [2.0, 1.0], "validation_loss": [2.1, 1.5]})).description
    'Loss by epoch, from the first to the last: training 2 to 1, validation 2.1 to 1.5.'
    """
    rows = style.drawable(_losses(history))
    measures = style.in_order(rows["measure"])
    epochs = alt.Axis(values=sorted({int(epoch) for epoch in rows["epoch"]}), format="d", grid=False)
    base = alt.Chart(rows).encode(
        x=alt.X("epoch:Q", title="Epoch", axis=epochs),
        y=alt.Y("value:Q", title="Loss", scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("epoch", title="Epoch"),
            alt.Tooltip("measure", title="Captions"),
            alt.Tooltip("value", title="Loss"),
        ],
    )
    # Not colour but form: a pathway's colour would say that this is about one of them.
    legend = style.legend(symbolFillColor=style.INK, symbolStrokeColor=style.INK, symbolDash=[1, 0])
    dashes = alt.Scale(domain=measures, range=[[5, 4], [1, 0]])
    shapes = alt.Scale(domain=measures, range=["triangle-up", "circle"])
    lines = base.mark_line(strokeWidth=2, color=style.INK).encode(
        strokeDash=alt.StrokeDash("measure:N", scale=dashes, legend=legend)
    )
    points = base.mark_point(filled=True, size=80, opacity=1, color=style.INK).encode(
        shape=alt.Shape("measure:N", scale=shapes, legend=legend)
    )
    chart = alt.layer(lines, points)
    first = rows
    if "network" in rows:
        networks = style.in_order(rows["network"])
        first = rows[rows["network"] == networks[0]]
        chart = chart.transform_filter("datum.network == network_pick").add_params(
            style.menu("network_pick", "Network", {name: name for name in networks}, networks[0])
        )
    return chart.properties(
        title=style.heading(title), description=_learnt(first, measures), width="container", height=260
    )


def _losses(history: pd.DataFrame) -> pd.DataFrame:
    of_network = [column for column in ("network",) if column in history]
    if "measure" in history:
        style.require(history, "epoch", "measure", "value")
        return history[[*of_network, "epoch", "measure", "value"]].replace({"measure": _LOSSES})
    style.require(history, "epoch", *_LOSSES)
    long = history.melt([*of_network, "epoch"], list(_LOSSES), "measure", "value")
    return long.replace({"measure": _LOSSES})


def _learnt(rows: pd.DataFrame, measures: list[str]) -> str:
    ends = {name: rows[rows["measure"] == name].sort_values("epoch")["value"].iloc[[0, -1]] for name in measures}
    said = ", ".join(f"{name} {first:.3g} to {last:.3g}" for name, (first, last) in ends.items())
    return f"Loss by epoch, from the first to the last: {said}."
