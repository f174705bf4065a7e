"""What silences a neuron, and whom the silencer wakes.

``optimize(.., lowest=True)`` writes the n-gram for which a neuron is least active. Here such n-grams are read by other
neurons: z(i, j) is the activation of neuron j on the silencer of neuron i, in standard deviations from j's mean over
n-grams that people wrote. If a neuron is silenced by what its competitors want, z(i, j) is high where i and j seldom
go together, that is, where their activations over those n-grams correlate least.

Easy to get wrong: some neurons are high on every odd n-gram. What is compared is therefore always the same neuron j on
the silencer of i and on those of others: the null gives the silencers to other neurons at random.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.stats import rankdata

from reading_neurons.neurons import Neuron
from reading_neurons.pathway import Pathway
from reading_neurons.reader import Reader


def answers(
    pathway: Pathway, neurons: Sequence[Neuron], ngrams: Int[np.ndarray, "ngrams length"], *, precision: str = "float32"
) -> Float[np.ndarray, "ngrams neurons"]:
    """The activation of each neuron for each n-gram; neurons are read at one place."""
    reader = Reader(pathway, neurons, precision=precision)
    order = np.lexsort(ngrams.T[::-1])
    found = np.concatenate(
        [values.cpu().numpy() for _, values in reader.all_neurons(np.ascontiguousarray(ngrams[order]))]
    )
    result = np.empty_like(found)
    result[order] = found
    return result


def woken(
    pathway: Pathway,
    neurons: Sequence[Neuron],
    silencers: Sequence[str],
    background: Int[np.ndarray, "ngrams length"],
    *,
    precision: str = "float32",
) -> pd.DataFrame:
    """What every neuron does on the silencer of every other.

    Parameters
    ----------
    pathway : Pathway
    neurons : sequence of Neuron
        Read at one place.
    silencers : sequence of str
        The n-gram that silences each.
    background : int array, shape (n-grams, length)
        N-grams that people wrote, as word numbers: what is usual for a neuron, and which neurons go together.
    precision : "float32" or "bfloat16"

    Returns
    -------
    DataFrame
        One row per ordered pair of different neurons: ``silenced``, ``other`` (names), ``words`` (the silencer),
        ``z`` (of ``other`` on it), ``correlation`` (of the two over the background).
    """
    number = pathway.vocabulary.number
    ids = np.array([[number(word) for word in words.split()] for words in silencers], dtype=np.int64)
    usual = answers(pathway, neurons, background, precision=precision)
    scale = usual.std(axis=0)
    z = (answers(pathway, neurons, ids) - usual.mean(axis=0)) / np.where(scale > 0, scale, 1)
    with np.errstate(invalid="ignore"):
        together = np.nan_to_num(np.atleast_2d(np.corrcoef(usual.T)))
    names = np.array([neuron.name for neuron in neurons])
    first, second = np.nonzero(~np.eye(len(neurons), dtype=bool))
    return pd.DataFrame(
        {
            "silenced": names[first],
            "other": names[second],
            "words": np.array(silencers)[first],
            "z": z[first, second],
            "correlation": together[first, second],
        }
    )


def competition(pairs: pd.DataFrame, *, permutations: int = 1000, seed: int = 0) -> dict[str, float]:
    """Are silencers what competitors want: the rank correlation of ``z`` with ``correlation``, neuron by neuron.

    Ranks are taken inside each ``other``, so that a neuron which is high on every silencer counts for nothing.

    Returns
    -------
    dict
        ``correlation`` (below 0 where a silencer wakes those that seldom go with the silenced), ``low`` and ``high``
        (95 % interval over silenced neurons), ``null_low`` and ``null_high`` (95 % of silencers dealt out at random).
    """
    names = list(dict.fromkeys(pairs["silenced"]))
    z = pairs.pivot(index="silenced", columns="other", values="z").reindex(index=names, columns=names).to_numpy()
    together = (
        pairs.pivot(index="silenced", columns="other", values="correlation")
        .reindex(index=names, columns=names)
        .to_numpy()
    )
    own = ~np.eye(len(names), dtype=bool)
    rng = np.random.default_rng(seed)
    ranks = _ranks(together, own)
    found = _by_row(_ranks(z, own), ranks)
    drawn = [found[rng.integers(len(found), size=len(found))].mean() for _ in range(1000)]
    null = []
    for _ in range(permutations):
        dealt = z[rng.permutation(len(names))]
        # A neuron's own silencer may fall to it: that place is left out as all own places are.
        null.append(np.mean(_by_row(_ranks(np.where(np.isnan(dealt), np.nanmean(z), dealt), own), ranks)))
    low, high = np.percentile(drawn, (2.5, 97.5))
    null_low, null_high = np.percentile(null, (2.5, 97.5))
    return {
        "correlation": float(found.mean()), "low": float(low), "high": float(high),
        "null_low": float(null_low), "null_high": float(null_high),
    }  # fmt: skip


def _ranks(values: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Ranks inside each column, from -1 to 1, zero on the diagonal."""
    others = values.T[own.T].reshape(len(values), -1)
    found = rankdata(others, axis=1) - (others.shape[1] + 1) / 2
    ranks = np.zeros(values.shape)
    ranks.T[own.T] = (found / max((others.shape[1] - 1) / 2, 0.5)).reshape(-1)
    return ranks


def _by_row(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The correlation of two tables of centred ranks, row by row."""
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return (first * second).sum(axis=1) / np.where(scale > 0, scale, 1)
