"""The units that classifiers of words lean on: chosen again on other samples, and where they speak loudest.

Kádár et al. 2017, section 6.3 and table 2, with what they lack: refits, which say whether the units of a label are
those of the network or those of the sample.

Easy to get wrong: the overlap of two lists of five. Refits share words of the corpus and start alike, so their lists
agree more often than those of independent samples would: the figures here are upper bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from reading_neurons import ngrams
from reading_neurons.methods.contexts import TopContexts
from reading_neurons.methods.grammatical_units import TOP, Task
from reading_neurons.methods.probe_measures import sample
from reading_neurons.passes import Window


def refits(
    task: Task,
    states: Float[np.ndarray, "words units"],
    *,
    count: int = 20,
    words: int = 50_000,
    k: int = TOP,
    seed: int = 0,
    **settings,
) -> pd.DataFrame:
    """The units of each label, chosen again on several random samples of the images.

    Parameters
    ----------
    task : Task
    states : float array, shape (words, units)
    count : int
        How many times.
    words : int
        Images are drawn, without replacement and from both halves, until there are so many words.
    k : int
        Units of a label.
    seed : int
    **settings
        Of :meth:`Task.fit`, such as ``width`` and the penalties.

    Returns
    -------
    DataFrame
        One row per refit, label and rank: ``refit``, ``label``, ``rank``, ``unit``, ``weight``.

    Raises
    ------
    ValueError
        If there are fewer than two refits, or no more words than one refit takes.
    """
    if count < 2:
        raise ValueError(f"stability compares at least 2 refits, found {count}")
    if len(states) <= words:
        raise ValueError(f"found {len(states)} words for refits on {words} of them: lower words, or give more text")
    images = task.tokens["image"].to_numpy()
    parts = []
    for number in range(count):
        rows = np.flatnonzero(sample(images, words, seed + number))
        parts.append(task.fit(states, rows=rows, **settings).top_units(k).assign(refit=number))
    return pd.concat(parts, ignore_index=True)[["refit", "label", "rank", "unit", "weight"]]


def stability(chosen: pd.DataFrame, units: int) -> pd.DataFrame:
    """How many of a label's units two refits have in common.

    Parameters
    ----------
    chosen : DataFrame
        As :func:`refits` gives it.
    units : int
        How many units there are to choose from.

    Returns
    -------
    DataFrame
        One row per label: ``label``, ``share`` (of its units, mean over pairs of refits), ``jaccard`` (common over
        different units, mean over pairs), ``first`` (pairs that agree on the heaviest unit), ``chance`` (the share if
        units were drawn at random), ``pairs``.

    Examples
    --------
    >>> chosen = pd.DataFrame({"refit": [0, 0, 1, 1], "label": "pobj", "rank": [0, 1, 0, 1], "unit": [3, 4, 3, 9]})
    >>> stability(chosen, units=10)[["share", "jaccard", "first", "chance"]].round(3).values.tolist()
    [[0.5, 0.333, 1.0, 0.2]]
    """
    rows = []
    for label, part in chosen.sort_values("rank").groupby("label", sort=False):
        lists = [list(units_of) for _, units_of in part.groupby("refit")["unit"]]
        pairs = list(combinations(lists, 2))
        common = np.array([len({*one} & {*other}) for one, other in pairs])
        size = len(lists[0])
        first = np.mean([one[0] == other[0] for one, other in pairs])
        rows.append(
            (label, (common / size).mean(), (common / (2 * size - common)).mean(), first, size / units, len(pairs))
        )
    return pd.DataFrame(rows, columns=["label", "share", "jaccard", "first", "chance", "pairs"])


def unit_contexts(
    chosen: pd.DataFrame,
    states: Float[np.ndarray, "words units"],
    tokens: pd.DataFrame,
    *,
    k: int = 4,
    width: int = 3,
    as_published: bool = False,
) -> pd.DataFrame:
    """Where the units of some labels speak for their label most loudly.

    Parameters
    ----------
    chosen : DataFrame
        ``label``, ``unit``, ``weight``, as
        :meth:`Probe.top_units() <reading_neurons.methods.grammatical_units.Probe.top_units>` gives them.
    states : float array, shape (words, units)
    tokens : DataFrame
        The words of the states.
    k, width : int
        How many different n-grams of each unit, and of how many words (paper: 4 of 3).
    as_published : bool
        The places of largest magnitude, whatever the sign; else the highest states where the weight is positive, and
        the lowest where it is negative.

    Returns
    -------
    DataFrame
        One row per chosen unit and context: the columns of ``chosen``, then ``place`` (0 is the best), ``activation``,
        ``context``, ``found`` (the label of the context's last word).
    """
    codes = ngrams.codes(tokens["word"], tokens["sentence"].to_numpy(), width)
    texts = tokens["word"].to_numpy(), tokens.groupby("sentence").cumcount().to_numpy()
    parts = []
    for lowest in (False, True):
        part = chosen[(chosen["weight"] < 0) == lowest]
        if not len(part):
            continue
        summary = TopContexts(
            k, units=np.unique(part["unit"]), lowest=lowest and not as_published, absolute=as_published, codes=codes
        )
        summary.update(Window(0, torch.from_numpy(states)))
        top = summary.result().rename(columns={"rank": "place", "place": "_row"})
        parts.append(part.reset_index().merge(top, on="unit"))
    found = pd.concat(parts).sort_values(["index", "place"], ignore_index=True).drop(columns="index")
    rows = found.pop("_row").to_numpy()
    return found.assign(context=ngrams.texts(*texts, rows, width), found=tokens["deprel"].to_numpy()[rows])


def units_of(
    task: Task,
    states: Mapping[str, Float[np.ndarray, "words units"]],
    labels: Sequence[str],
    *,
    k: int = TOP,
    **settings,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The units of some labels in several pathways, all their weights, and their contexts.

    Parameters
    ----------
    task : Task
    states : mapping of str to float arrays, shape (words, units)
    labels : sequence of str
    k : int
        Units of a label.
    **settings
        Of :meth:`Task.fit`, such as ``width`` and the penalties.

    Returns
    -------
    units, weights, contexts : DataFrame
        As :meth:`Probe.top_units() <reading_neurons.methods.grammatical_units.Probe.top_units>`,
        :meth:`Probe.weights() <reading_neurons.methods.grammatical_units.Probe.weights>` and :func:`unit_contexts`
        give them, with a column ``pathway``.

    Raises
    ------
    ValueError
        If the task does not learn one of the labels.
    """
    if missing := [label for label in labels if label not in task.names]:
        raise ValueError(f"the task does not learn {', '.join(missing)}; its labels are {', '.join(task.names)}")
    found: list[list[pd.DataFrame]] = [[], [], []]
    for name, of_one in states.items():
        probe = task.fit(of_one, **settings)
        units = probe.top_units(k)
        units = units[units["label"].isin(labels)]
        weights = probe.weights()
        weights = weights[weights["unit"].isin(units["unit"])]
        for parts, table in zip(found, (units, weights, unit_contexts(units, of_one, task.tokens)), strict=True):
            parts.append(table.assign(pathway=name))
    return tuple(pd.concat(parts, ignore_index=True) for parts in found)
