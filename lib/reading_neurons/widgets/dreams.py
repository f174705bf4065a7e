"""What a neuron most wants to read: on a page for some neurons, live for any, without a corpus."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reading_neurons import charts
from reading_neurons.display import Explorer
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.input_optimization import InputExplorer


def dream_explorer(
    pathways: Mapping[str, Pathway],
    table: pd.DataFrame,
    title: str = "What a neuron most wants to read",
    first: str | None = None,
) -> Explorer:
    """One cell, two lives: the optimal inputs of some neurons on a page, of any neuron beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    table : DataFrame
        Of the neurons on the page, as :func:`reading_neurons.methods.input_lengths.words_by_length` gives it.
    title : str
        Of the chart on the page.
    first : str, optional
        The neuron that the page shows first, as the table calls it.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If there is no such neuron in the table.
    """
    if first is not None:
        if first not in (known := table["neuron"].unique().tolist()):
            raise ValueError(f"there is no neuron {first!r} among {len(known)}: {', '.join(known[:5])} ..")
        table = table.sort_values("neuron", key=lambda names: names != first, kind="stable")
    return Explorer(lambda: InputExplorer(pathways), charts.written_inputs(table, title))
