"""What a chapter draws of copies that were measured in several ways: tables as charts take them.

Easy to get wrong: which sentences. Ways to ask are compared on the same ones, and so is every network with its null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from reading_neurons.corpora.captions import Captions
from reading_neurons.experiments.autoencoder import aligned, by_step, influences, slopes


def measured(
    maps: Mapping[tuple[str, str], pd.DataFrame],
    captions: Captions,
    right: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, pd.DataFrame]:
    """Alignment and influence of several networks, asked in several ways about the same sentences.

    Parameters
    ----------
    maps : mapping of (method, network) to DataFrame
        Of :func:`~reading_neurons.methods.copy_saliency.copy_saliency` or
        :func:`~reading_neurons.methods.copy_exchange.copy_exchange`, with ``copy="right"``, under the names that charts
        are to show.
    captions : Captions
        The sentences of all of them; those of an image are drawn together for the intervals.
    right : bool array, shape (sentences,), optional
        Which sentences are copied rightly; slopes of these and of the others then have rows of their own.
    seed : int
        Of the bootstraps.

    Returns
    -------
    dict of DataFrame
        ``alignment``, ``steps`` and ``slopes``, as :func:`~reading_neurons.experiments.autoencoder.analyse` has them,
        with the column ``method``.

    Raises
    ------
    ValueError
        If there is no map, or one is of other sentences.
    """
    if not maps:
        raise ValueError("expected at least one map of copies, found none")
    parts: dict[str, list[pd.DataFrame]] = {"alignment": [], "steps": [], "slopes": []}
    for (method, name), table in maps.items():
        if table["sentence"].nunique() != len(captions):
            raise ValueError(
                f"{name} by {method} has copies of {table['sentence'].nunique()} sentences, expected those of all "
                f"{len(captions)}"
            )
        named = table.assign(pathway=name, image=captions.image[table["sentence"]])
        grown = influences(named)
        found = {"alignment": aligned(named, seed), "steps": by_step(grown, seed), "slopes": slopes(grown, right, seed)}
        for kind, rows in found.items():
            parts[kind].append(rows.assign(method=method))
    return {kind: pd.concat(rows, ignore_index=True) for kind, rows in parts.items()}


def of_width(tables: Mapping[str, pd.DataFrame], width: int | None = None) -> dict[str, pd.DataFrame]:
    """Of a record's tables what belongs to one width and to the same network untrained, under the names of charts.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a record of :func:`~reading_neurons.experiments.autoencoder.run`.
    width : int, optional
        By default the widest.

    Returns
    -------
    dict of DataFrame
        The tables with the networks ``autoencoder`` and ``untrained autoencoder``.

    Raises
    ------
    ValueError
        If nothing of that width was recorded.

    Examples
    --------
    >>> tables = {"steps": pd.DataFrame({"pathway": ["width 8", "untrained width 8", "width 16"], "step": 1})}
    >>> of_width(tables, 8)["steps"]["pathway"].tolist()
    ['autoencoder', 'untrained autoencoder']
    >>> of_width(tables)["steps"]["pathway"].tolist()
    ['autoencoder']
    """
    recorded = sorted({name for table in tables.values() for name in table["pathway"]})
    width = max(map(int, re.findall(r"\d+", " ".join(recorded))), default=0) if width is None else width
    names = {f"width {width}": "autoencoder", f"untrained width {width}": "untrained autoencoder"}
    kept = {
        kind: table[table["pathway"].isin(names)].replace({"pathway": names}).reset_index(drop=True)
        for kind, table in tables.items()
    }
    if not any(len(table) for table in kept.values()):
        raise ValueError(f"nothing of width {width} was recorded: found {', '.join(recorded)}")
    return kept
