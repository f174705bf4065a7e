"""What a neuron most wants to read: on a page for some neurons, live for any, without a corpus."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from reading_neurons import charts
from reading_neurons.display import Explorer
from reading_neurons.pathway import Pathway
from reading_neurons.widgets.input_optimization import InputExplorer


def dream_explorer(
    pathways: Mapping[str, Pathway], table: pd.DataFrame, title: str = "What a neuron most wants to read"
) -> Explorer:
    """One cell, two lives: the optimal inputs of some neurons on a page, of any neuron beside a kernel.

    Parameters
    ----------
    pathways : mapping of str to Pathway
    table : DataFrame
        Of the neurons on the page, as :func:`reading_neurons.methods.input_lengths.words_by_length` gives it.
    title : str
        Of the chart on the page.

    Returns
    -------
    Explorer
    """
    return Explorer(lambda: InputExplorer(pathways), charts.written_inputs(table, title))
