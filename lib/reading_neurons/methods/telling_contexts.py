"""What a unit's mutual information is made of: the contexts in which its activations differ most from its usual ones.

The mutual information of a unit and a kind of context is a sum over contexts,

    I(A; C) = sum over c of p(c) * sum over a of p(a | c) log(p(a | c) / p(a)),

so each context has a share of it: how often it occurs, times how far the bins there are from the bins in general (after
Kádár et al. 2017, section 6.5, who give the sum alone).

Easy to get wrong: a rare context looks far from usual by chance, as its few tokens cannot fill twenty bins. Its share
stays small because it is rare, which is why contexts are ranked by their share and not by their distance.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from reading_neurons.bins import COUNT


def telling_contexts(
    unit: UInt8[np.ndarray, "words"], values: Sequence[Hashable] | pd.Series, top: int = 6, count: int = COUNT
) -> pd.DataFrame:
    """The contexts that contribute most to a unit's mutual information, and its bins in each.

    Parameters
    ----------
    unit : uint8 array, shape (words,)
        The bins of one unit, a column of what :func:`reading_neurons.bins.bins` gives.
    values : sequence, length (words,)
        The context at each token: words, labels, or n-grams of them.
    top : int
        How many contexts, the largest contribution first; among equals the one that comes first in the corpus.
    count : int
        How many bins there are.

    Returns
    -------
    DataFrame
        One row per context and bin: ``context``, ``tokens`` (how often it occurs), ``contribution`` (nats; over all
        contexts they add up to the mutual information), ``bin``, ``share`` (of the context's tokens).

    Raises
    ------
    ValueError
        If there is no token, lengths differ, ``top`` is below 1, or a bin is not below ``count``.

    Examples
    --------
    >>> table = telling_contexts(np.array([0, 0, 1, 1], dtype=np.uint8), ["a", "a", "dog", "cat"], top=2, count=2)
    >>> table.drop_duplicates("context")[["context", "tokens", "contribution"]].round(3).values.tolist()
    [['a', 2, 0.347], ['dog', 1, 0.173]]
    """
    unit = np.asarray(unit)
    if not len(unit) or len(unit) != len(values):
        raise ValueError(f"expected a context for each of at least one token, found {len(values)} for {len(unit)} bins")
    if top < 1:
        raise ValueError(f"expected at least 1 context to show, found {top}")
    if unit.max() >= count:
        raise ValueError(
            f"found bin {unit.max()}, expected bins from 0 to {count - 1}: give the count they were made with"
        )
    codes, names = pd.factorize(np.asarray(values))
    table = np.bincount(codes * count + unit, minlength=len(names) * count).reshape(-1, count)
    tokens = table.sum(axis=1)
    shares = table / tokens[:, None]
    usual = table.sum(axis=0) / len(unit)
    with np.errstate(divide="ignore", invalid="ignore"):
        contributions = np.where(table > 0, shares * np.log(shares / usual), 0).sum(axis=1) * tokens / len(unit)
    chosen = np.argsort(-contributions, kind="stable")[:top]
    return pd.DataFrame(
        {
            "context": np.repeat(np.asarray(names)[chosen], count),
            "tokens": np.repeat(tokens[chosen], count),
            "contribution": np.repeat(contributions[chosen], count),
            "bin": np.tile(np.arange(count), len(chosen)),
            "share": shares[chosen].ravel(),
        }
    )
